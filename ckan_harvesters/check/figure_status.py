"""The status of figures: the file's words to the three that are stored, and the mark of a year parted from its year."""

from __future__ import annotations

import re

import polars as pl

from ckan_harvesters.check.findings import LINE, VALUE, Findings
from ckan_harvesters.check.types import BLANKS
from datasets.model.contract import ContractField, Resource
from datasets.model.figure_status import STATUSES, StatusColumn, plain_word

MARKED_YEAR = re.compile(r"\s*(?P<before>[^\d]*?)\s*(?P<year>\d{4})\s*(?P<after>[^\d]*?)\s*")
OFFICIAL = "official"


def with_status(text: pl.DataFrame, resource: Resource, findings: Findings) -> pl.DataFrame:
    """The frame with a column of stored words (estimate, preliminary, official) for the status field.

    `text`: String columns by field name, and `line`. A row without a word is official, unless the field is required; one with a word that
    the contract does not know is rejected (`status_unknown`).
    """
    status, field = resource.status, resource.status_field
    if not isinstance(status, StatusColumn) or field is None:
        return text
    if field.within is not None:
        text = _parted(text, field, resource.schema_.field(field.within))
    absent = None if field.constraints.required else OFFICIAL
    missing = {*(value.strip(BLANKS) for value in resource.schema_.missingValues), ""}
    words = text[field.name].fill_null("").str.strip_chars(BLANKS)
    stored: dict[str, str | None] = {word: absent if word in missing else status.meanings.get(plain_word(word)) for word in words.unique()}
    unknown = [word for word, meaning in stored.items() if meaning is None and word not in missing]
    allowed = ", ".join(word for listed in (status.words or {}).values() for word in listed) or ", ".join(map(status.written, STATUSES))
    wrong = text.select(LINE, words.alias(VALUE)).filter(pl.col(VALUE).is_in(unknown))
    findings.reject(wrong, field, "status_unknown", {"allowed": allowed})
    kept = {word: word if word in unknown else meaning for word, meaning in stored.items()}
    return text.with_columns(pl.Series(field.name, [kept[word] for word in words], dtype=pl.String))


def _parted(text: pl.DataFrame, field: ContractField, year: ContractField) -> pl.DataFrame:
    """Part "Prel. 2016" into the year and its mark; what is no such thing stays, and is no year."""
    parts: dict[str, tuple[str, str]] = {}
    for written in text[year.name].drop_nulls().unique():
        found = MARKED_YEAR.fullmatch(written)
        is_one = found is not None and not (found["before"] and found["after"])
        parts[written] = (found["year"], found["before"] or found["after"]) if found is not None and is_one else (written, "")
    years = [parts[cell][0] if cell is not None else None for cell in text[year.name]]
    marks = [parts[cell][1] if cell is not None else "" for cell in text[year.name]]
    return text.with_columns(pl.Series(year.name, years, dtype=pl.String), pl.Series(field.name, marks, dtype=pl.String))
