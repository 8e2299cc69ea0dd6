"""What leaders asked to see, row by row, and which indicators of the contracts answer it: `datasets/reference/indicators.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, RootModel, model_validator

from datasets.model.contract import Contract
from datasets.model.reference_file import FOLDER, load_yaml
from datasets.model.table_schema import Slug, Strict

FILE = FOLDER / "indicators.yaml"


class Reason(Strict):
    """Why something that was asked for is not shown, or only in part."""

    vi: str
    """In Vietnamese."""
    en: str
    """In English."""


class Wanted(Strict):
    """One row of what was asked for."""

    number: str = Field(pattern=r"^\d\.\d{1,2}$")
    """Subsystem and row: "7.3"."""
    title: str
    """In Vietnamese."""
    en: str
    """In English."""
    live: list[Slug] = Field(default_factory=list)
    """Indicators of the subsystem's contract that answer it."""
    reason: Reason | None = None
    """Why nothing answers it, or what of it is missing."""

    @model_validator(mode="after")
    def _answered_or_explained(self) -> Wanted:
        if not self.live and self.reason is None:
            raise ValueError("nothing answers it and no reason is written; write live: [indicator], or reason: {vi: …, en: …}")
        return self


class Catalogue(RootModel[dict[str, list[Wanted]]]):
    """Rows by the subsystem's name, in the order of the home page."""


def read_catalogue(path: Path = FILE) -> dict[str, list[Wanted]]:
    """The rows of each subsystem. Raises ReferenceProblem with every one that is not written as it should be."""
    return load_yaml(path, Catalogue).root


def faults(catalogue: dict[str, list[Wanted]], contracts: Sequence[Contract]) -> list[str]:
    """Rows that name an indicator which no contract has, numbers that stand twice, and subsystems of the catalogue without a contract."""
    known = {contract.name: contract for contract in contracts}
    found = [f"{name}: no contract is called so" for name in catalogue if name not in known]
    numbers = [wanted.number for rows in catalogue.values() for wanted in rows]
    found += [f"{number} stands twice" for number in dict.fromkeys(numbers) if numbers.count(number) > 1]
    for name, rows in catalogue.items():
        there = known[name].indicators if name in known else {}
        found += [f"{wanted.number}: {name} has no indicator {one}" for wanted in rows for one in wanted.live if one not in there]
    return found
