"""The catalogue of indicators: every row that was asked for is answered or explained, and the pages are those of the contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.model.catalogue import faults, read_catalogue
from datasets.model.contract import Contract
from datasets.model.indicator_page import DIVIDER, PAGES, Lang, page_text
from datasets.model.read import DATASETS, read_all
from datasets.model.reference import read_reference
from datasets.model.reference_file import ReferenceProblem

pytestmark = pytest.mark.unit

ASKED = {
    "data_supply": 6,
    "documents": 9,
    "public_services": 9,
    "socioeconomic": 10,
    "health": 12,
    "education": 10,
    "feedback": 9,
    "tourism": 7,
    "infosec": 8,
    "public_safety": 8,
}
"""How many rows leaders asked for, by subsystem, in the order of the home page."""


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    return read_all(DATASETS)


def test_every_row_that_was_asked_for_is_there_in_its_order() -> None:
    catalogue = read_catalogue()
    wanted = {name: [f"{order}.{row}" for row in range(1, rows + 1)] for order, (name, rows) in enumerate(ASKED.items())}
    assert {name: [row.number for row in rows] for name, rows in catalogue.items()} == wanted
    assert list(ASKED) == [subsystem.name for subsystem in sorted(read_reference().subsystems.values(), key=lambda s: s.order)]


def test_every_row_is_answered_by_indicators_that_are_there_or_says_why_not(contracts: list[Contract]) -> None:
    assert faults(read_catalogue(), contracts) == []


def test_a_row_that_names_no_indicator_or_one_that_is_not_there_is_refused(tmp_path: Path, contracts: list[Contract]) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_text('health:\n  - {number: "4.1", title: Giường, en: Beds, live: [beds-per-10k, beds-per-head]}\n', encoding="utf-8")
    assert faults(read_catalogue(path), contracts) == ["4.1: health has no indicator beds-per-head"]
    path.write_text('health:\n  - {number: "4.1", title: Giường, en: Beds}\n', encoding="utf-8")
    with pytest.raises(ReferenceProblem, match="nothing answers it and no reason is written"):
        read_catalogue(path)


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_is_made_from_the_contracts(lang: Lang, contracts: list[Contract]) -> None:
    assert PAGES[lang].read_text(encoding="utf-8") == page_text(lang, contracts, read_catalogue()), (
        "run: python -m datasets.model.indicator_page"
    )


@pytest.mark.parametrize("lang", PAGES)
def test_every_indicator_stands_on_the_page_once_in_a_row_of_its_table(lang: Lang, contracts: list[Contract]) -> None:
    lines = page_text(lang, contracts, read_catalogue()).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count(" | ") for line in rows if line != DIVIDER} == {DIVIDER.count("|") - 2}
    for contract in contracts:
        if contract.indicators:
            start = next(n for n, line in enumerate(lines) if line.startswith(f"## {contract.subsystem.order}."))
            end = next((n for n, line in enumerate(lines) if n > start and line.startswith("## ")), len(lines))
            for name in contract.indicators:
                assert sum(f"<br>`{name}` |" in line for line in lines[start:end]) == 1, name
