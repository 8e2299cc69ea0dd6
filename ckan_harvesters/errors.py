"""What can go wrong in a harvest: who owns it, and whether trying again may help.

A problem of one row is a `Rejected`; a problem of a whole delivery is a `Refused`. Both carry a code and parameters;
the sentences are in `locale/` under `rule.<code>` and `refused.<code>`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MASK = "•••"
VALUE_LIMIT = 200


class Owner(StrEnum):
    """Who has to act on an error."""

    PUBLISHER = "publisher"
    CONTRACT = "contract"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Rejected:
    """One row that breaks its contract, or a warning about one that does not.

    `line` is the physical line of the file (for a workbook the sheet's row), `column` the header as the file writes it,
    `value` at most 200 characters and masked where the field is personal.
    """

    line: int | None
    column: str | None
    rule: str
    value: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


class HarvestError(Exception):
    """Base of the harvest's errors."""

    owner: Owner = Owner.PLATFORM
    next_step: str = "Look at the worker's log."

    def __init__(self, message: str, next_step: str | None = None) -> None:
        super().__init__(message)
        if next_step:
            self.next_step = next_step

    def __str__(self) -> str:
        return f"{super().__str__()} {self.next_step}"


class Refused(HarvestError):
    """A delivery that breaks its contract as a whole; the edition before goes on being served."""

    owner = Owner.PUBLISHER

    def __init__(self, code: str, problems: list[Rejected] | None = None, problems_total: int | None = None, **params: Any) -> None:
        super().__init__(f"refused: {code} {params}", f"The publisher reads what to do in the receipt (refused.{code}).")
        self.code = code
        self.params = params
        self.problems = problems or []
        self.problems_total = len(self.problems) if problems_total is None else problems_total


class HeaderRefused(Refused):
    """A file whose header row is not the contract's. `cells`: that row as it is written, to see whose it is."""

    def __init__(self, code: str, cells: list[str], **params: Any) -> None:
        super().__init__(code, **params)
        self.cells = tuple(cells)


class Unknown(HarvestError):
    """A CKAN resource that is not a delivery under a contract that has been applied."""

    owner = Owner.CONTRACT
    next_step = "Apply the contracts again (`./ioc apply`), or delete the dataset that no contract describes."


class TransientError(HarvestError):
    """A part of the platform did not answer; the same work is tried again later."""

    next_step = "It is tried again by itself; if it lasts, see `./ioc status`."


class TerminalError(HarvestError):
    """A part of the platform answered what no repetition will change."""


class Gone(HarvestError):
    """The resource or its dataset is no longer in CKAN."""

    owner = Owner.PUBLISHER
    next_step = "Its rows are withdrawn."
