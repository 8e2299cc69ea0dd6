"""The catalogue of indicators, in English and Vietnamese, made from the contracts: `python -m datasets.model.indicator_page` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import typer

from datasets.model.calendar_name import Calendar
from datasets.model.catalogue import FILE, Wanted, faults, read_catalogue
from datasets.model.contract import Contract
from datasets.model.formula import Formula, formulas, measure_of
from datasets.model.indicator import Indicator, Target
from datasets.model.read import DATASETS, read_all
from datasets.model.reference import read_reference
from datasets.model.reference_file import ReferenceProblem
from datasets.model.target import last_target

Lang = Literal["en", "vi"]

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES: Mapping[Lang, Path] = {"en": FOLDER / "indicators.md", "vi": FOLDER / "indicators.vi.md"}

INTRODUCTION: Mapping[Lang, str] = {
    "en": """\
# Indicators

Bản tiếng Việt: [Danh mục chỉ tiêu](indicators.vi.md)

What each subsystem shows, how it is computed, and what of it everyone may see. The numbers are those of the list that leaders asked for;
what stands there and is not shown says why. An indicator without a number is one more that its contract has.

Proposed targets are proposals: nobody has decided them, and tiles say so. “Everyone” sees what is open, “agencies” what is shared among
them too, “named agencies” what is restricted to its owner, the agencies named in the contract, and the province's leaders.

This page is made from the contracts and `datasets/reference/indicators.yaml` (`python -m datasets.model.indicator_page`).
""",
    "vi": """\
# Danh mục chỉ tiêu

In English: [Indicators](indicators.md)

Mỗi phân hệ hiển thị những chỉ tiêu nào, tính ra sao và ai được xem. Số thứ tự theo danh mục lãnh đạo yêu cầu; chỉ tiêu nào chưa hiển thị
thì nêu lý do. Chỉ tiêu không có số thứ tự là chỉ tiêu có thêm trong hợp đồng dữ liệu.

Mức “đề xuất” chưa được cấp có thẩm quyền quyết định; ô số trên bảng điều hành cũng ghi như vậy. “Mọi người” xem được số liệu mở, “các cơ
quan” xem thêm số liệu dùng chung, “cơ quan được nêu” là cơ quan chủ quản, cơ quan nêu trong hợp đồng dữ liệu và lãnh đạo tỉnh.

Trang này được tạo từ các hợp đồng dữ liệu và `datasets/reference/indicators.yaml` (`python -m datasets.model.indicator_page`).
""",
}
# A word in English and in Vietnamese.
SAID: Mapping[str, tuple[str, str]] = {
    "header": (
        "| | indicator | how it is computed | unit | by | held against | seen by | from |",
        "| | chỉ tiêu | cách tính | đơn vị | kỳ | mức so sánh | ai xem được | từ bộ dữ liệu |",
    ),
    "up": ("higher is better", "cao hơn là tốt"),
    "down": ("lower is better", "thấp hơn là tốt"),
    "none": ("context, no colour", "số tham khảo, không tô màu"),
    "open": ("everyone", "mọi người"),
    "shared": ("agencies", "các cơ quan"),
    "restricted": ("named agencies", "cơ quan được nêu"),
    "law": ("by law", "theo luật định"),
    "plan": ("plan", "kế hoạch"),
    "proposed": ("proposed", "đề xuất"),
    "paced": ("of the year, by the days that have passed", "cả năm, tính theo số ngày đã qua"),
    "not_live": ("not shown", "chưa hiển thị"),
    "in_part": ("in part", "một phần"),
    "count": (
        "{live} of {all} rows of the list are shown; {more} indicators in all.",
        "{live}/{all} dòng của danh mục đã hiển thị; tất cả {more} chỉ tiêu.",
    ),
    Calendar.DAY: ("day", "ngày"),
    Calendar.WEEK: ("week", "tuần"),
    Calendar.MONTH: ("month", "tháng"),
    Calendar.QUARTER: ("quarter", "quý"),
    Calendar.YEAR: ("year", "năm"),
    Calendar.SCHOOL_YEAR: ("school year", "năm học"),
    Calendar.ADMINISTRATIVE_MONTH: ("administrative month", "tháng hành chính"),
    Calendar.ADMINISTRATIVE_QUARTER: ("administrative quarter", "quý hành chính"),
    Calendar.ADMINISTRATIVE_YEAR: ("administrative year", "năm hành chính"),
}
WORDS: Mapping[Lang, Mapping[str, str]] = {
    "en": {word: english for word, (english, _) in SAID.items()},
    "vi": {word: vietnamese for word, (_, vietnamese) in SAID.items()},
}
DIVIDER = "|---|---|---|---|---|---|---|---|"


def page_text(lang: Lang, contracts: Sequence[Contract], catalogue: Mapping[str, list[Wanted]]) -> str:
    """The page in one language. Raises ContractError for an indicator that cannot be computed."""
    parts = [INTRODUCTION[lang]]
    for contract in contracts:
        if contract.indicators:
            rows = catalogue.get(contract.name, [])
            parts.append("\n".join(_section(lang, contract, contracts, rows)) + "\n")
    return "\n".join(parts)


def _section(lang: Lang, contract: Contract, contracts: Sequence[Contract], rows: Sequence[Wanted]) -> Iterator[str]:
    words = WORDS[lang]
    title = contract.title if lang == "vi" else contract.titles.en
    found = formulas(contract, contracts)
    live = sum(1 for wanted in rows if wanted.live)
    yield f"## {contract.subsystem.order}. {title}\n"
    yield words["count"].format(live=live, all=len(rows), more=len(contract.indicators)) + "\n"
    yield words["header"]
    yield DIVIDER
    for wanted in rows:
        yield from _answers(lang, wanted, contract, contracts, found)
    named = {name for wanted in rows for name in wanted.live}
    for name in contract.indicators:
        if name not in named:
            yield _row(lang, "", name, contract, contracts, found[name])


def _answers(lang: Lang, wanted: Wanted, contract: Contract, contracts: Sequence[Contract], found: Mapping[str, Formula]) -> Iterator[str]:
    for index, name in enumerate(wanted.live):
        yield _row(lang, wanted.number if index == 0 else "", name, contract, contracts, found[name])
    if wanted.reason is not None:
        asked = wanted.title if lang == "vi" else wanted.en
        how = WORDS[lang]["in_part" if wanted.live else "not_live"]
        cells = ["" if wanted.live else wanted.number, f"*{asked}*", f"**{how}**: {getattr(wanted.reason, lang)}", "", "", "", "", ""]
        yield _line(cells)


def _row(lang: Lang, number: str, name: str, contract: Contract, contracts: Sequence[Contract], formula: Formula) -> str:
    indicator, words = contract.indicators[name], WORDS[lang]
    title = indicator.title if lang == "vi" else indicator.titles.en
    method = indicator.method.get(lang) or indicator.method["vi"]
    sources = dict.fromkeys(_dataset(other, resource) for other, resource in _sources(formula, contracts))
    cells = [
        number,
        f"**{title}**<br>`{name}`",
        method,
        indicator.unit,
        ", ".join(words[Calendar(calendar)] for calendar in formula.calendars),
        _held_against(lang, indicator),
        words[formula.access],
        ", ".join(sources),
    ]
    return _line(cells)


def _sources(formula: Formula, contracts: Sequence[Contract]) -> Iterator[tuple[Contract, str]]:
    for ref in formula.measures:
        contract, measure, _ = measure_of(ref, contracts)
        yield contract, measure.of


def _dataset(contract: Contract, resource: str) -> str:
    return f"`{contract.dataset_name(contract.resource(resource))}`"


def _held_against(lang: Lang, indicator: Indicator) -> str:
    words = WORDS[lang]
    last = last_target(indicator)
    if last is None:
        return words[indicator.direction]
    return f"{_target(lang, indicator, last)}<br>{words[indicator.direction]}"


def _target(lang: Lang, indicator: Indicator, target: Target) -> str:
    words = WORDS[lang]
    sign = "≥" if indicator.direction == "up" else "≤"
    value = f"{target.value:,.10g}"
    shown = value.translate(str.maketrans(",.", ".,")) if lang == "vi" else value
    paced = f"; {words['paced']}" if target.paced else ""
    kind = f"{words[target.basis.kind]}{f', {target.basis.clause}' if target.basis.clause else ''}"
    return f"{sign} {shown} ({kind}{paced})"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Write the page's two files."""
    contracts = read_all(DATASETS, reference=read_reference())
    catalogue = read_catalogue()
    if problems := faults(catalogue, contracts):
        raise ReferenceProblem([f"{FILE}: {problem}" for problem in problems])
    for lang, path in PAGES.items():
        path.write_text(page_text(lang, contracts, catalogue), encoding="utf-8")
        typer.echo(f"written: {path}")


if __name__ == "__main__":
    typer.run(main)
