"""The rejected rows as a workbook: wrong cells coloured and commented, to be corrected and sent again.

A delivery replaces the whole of its scope, so the good rows follow the rejected ones and the workbook can be sent as it is. Of a file with
more rows than a workbook is good for, it has the rejected ones alone, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import polars as pl
from xlsxwriter.worksheet import Worksheet

from ckan_harvesters.check.findings import LINE
from ckan_harvesters.desk.book import Book, comment, write_header
from ckan_harvesters.desk.examine import Examined
from ckan_harvesters.desk.laid import laid_long
from ckan_harvesters.errors import Rejected
from datasets.model.contract import Contract, Resource
from datasets.model.messages import in_language, say

MOST_ROWS = 20_000
MOST_COMMENTS = 5_000
MOST_REASONS = 20_000


def write_rejected(path: Path, found: Examined, contract: Contract, resource: Resource, language: str) -> bool:
    """Writes the workbook; False when the file has no row to be corrected, or could not be read at all, or is no table of such rows."""
    if found.decoded is None or not found.problems or not resource.has_form:
        return False
    frame = found.decoded.frame
    wrong: dict[int, list[Rejected]] = defaultdict(list)
    for problem in found.problems:
        if problem.line is not None:
            wrong[problem.line].append(problem)
    rejected = frame.filter(pl.col(LINE).is_in(list(wrong)))
    whole = frame.height <= MOST_ROWS
    rest = frame.filter(~pl.col(LINE).is_in(list(wrong))) if whole else frame.clear()
    book = Book.begin(path, contract, contract.dataset_name(resource))
    book.mark_part(not whole)
    sheet = book.sheet(resource.dialect.sheet or say("book.data", language))
    head = resource.dialect.header_row - 1
    write_header(book, sheet, laid_long(resource).columns, resource, head, language)
    columns = {found.decoded.headers.get(f.name, f.name): place for place, f in enumerate(resource.schema_.fields)}
    shown = pl.concat([_torn(frame, found.problems), rejected.head(MOST_ROWS), rest])
    _rows(book, sheet, shown, resource, wrong, columns, head + 1, language)
    _reasons(book, found.problems, whole, language)
    sheet.activate()
    book.file.close()
    return True


def _torn(frame: pl.DataFrame, problems: list[Rejected]) -> pl.DataFrame:
    """Rows that could not be cut into cells, each as a text in its first cell: they must not be missing when the file is sent again."""
    known = set(frame[LINE])
    torn = {p.line: p.value or "?" for p in problems if p.line is not None and p.line not in known}
    first = next(name for name in frame.columns if name != LINE)
    rows = pl.DataFrame({LINE: list(torn), first: list(torn.values())}, schema={LINE: frame.schema[LINE], first: pl.String})
    return pl.concat([frame.clear(), rows], how="diagonal").select(frame.columns)


def _rows(
    book: Book,
    sheet: Worksheet,
    frame: pl.DataFrame,
    resource: Resource,
    wrong: dict[int, list[Rejected]],
    columns: dict[str, int],
    row: int,
    language: str,
) -> None:
    """Rows as texts, in the order given; the cells of `wrong` lines coloured and commented."""
    commented = 0
    for line, *cells in frame.select(LINE, *[f.name for f in resource.schema_.fields]).iter_rows():
        problems = wrong.get(line, [])
        places: dict[int, list[Rejected]] = defaultdict(list)
        for problem in problems:
            places[columns.get(problem.column or "", 0)].append(problem)
        for column, cell in enumerate(cells):
            look = book.wrong if column in places else book.bad_row if problems else book.text
            if cell:
                sheet.write_string(row, column, cell, look)
            elif problems:
                sheet.write_blank(row, column, None, look)
        for column, here in places.items():
            if commented < MOST_COMMENTS:
                comment(sheet, row, column, "\n".join([f"{say('book.line', language)}: {line}", *(reason(p, language) for p in here)]))
                commented += 1
        row += 1


def _reasons(book: Book, problems: list[Rejected], whole: bool, language: str) -> None:
    sheet = book.sheet(say("book.reasons", language))
    for column, width in enumerate((12, 24, 30, 90)):
        sheet.set_column(column, column, width, book.wrapped)
    sheet.merge_range(
        0, 0, 0, 3, say("book.rejected_whole" if whole else "book.rejected_how", language, sheet=sheet.get_name()), book.wrapped
    )
    sheet.set_row(0, 48)
    for column, code in enumerate(("line", "column", "value", "reasons")):
        sheet.write_string(2, column, say(f"book.{code}", language), book.header)
    for row, problem in enumerate(problems[:MOST_REASONS], start=3):
        cells = (str(problem.line or ""), problem.column or "", problem.value or "", reason(problem, language))
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, book.wrapped)
    sheet.freeze_panes(3, 0)


def reason(problem: Rejected, language: str) -> str:
    """Why a row was rejected, in words."""
    params = {name: in_language(value, language) for name, value in problem.params.items()}
    return say(f"rule.{problem.rule}", language, **{"line": problem.line, "column": problem.column, "value": problem.value, **params})
