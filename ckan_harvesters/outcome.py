"""What goes into a load and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
import psycopg

from ckan_harvesters import ledger
from ckan_harvesters.errors import Rejected
from datasets.model.contract import Contract, Resource

Within = Callable[[psycopg.Connection[Any], int], None]
"""Work that belongs to the same transaction, given the connection and the load_id; it runs before the edition is given."""


@dataclass
class Checked:
    """A delivery that kept its contract, ready to be loaded."""

    contract: Contract
    resource: Resource
    scope: str
    """What it replaces: `so-y-te|2026-11-22`."""
    agency: str
    ckan_resource: str
    file_sha256: str
    file_size: int
    contract_sha256: str
    decoder: str
    simulated: bool
    rows: pl.DataFrame
    """The store's columns, typed: unit_id, the fields' columns, line. Accepted rows only, keys unique and not null."""
    rejected: list[Rejected] = field(default_factory=list)
    """Every problem of the rejected rows."""
    rejected_rows: int | None = None
    """How many rows were rejected; None counts the lines of `rejected`."""
    uploaded_at: datetime | None = None
    """When the publisher uploaded it; None: now."""
    report_period: str | None = None
    """Period of the report that it says it is for, when it is no delivery by period."""
    zero_by: str | None = None
    """Who declared that there is nothing to deliver."""

    @property
    def rejected_count(self) -> int:
        return len({r.line for r in self.rejected}) if self.rejected_rows is None else self.rejected_rows


@dataclass(frozen=True)
class Outcome:
    """How a load ended. A refusal keeps what was served before."""

    state: ledger.State
    """done, done_with_rejects, refused or failed; for an unchanged delivery the state of the load that stays current."""
    edition: int | None
    """The edition it made, or the one that stays current; None for refused and failed."""
    load_id: int
    accepted: int = 0
    rejected: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: bool = False
    """Whether nothing was done because the scope's current load already has this very file."""
    code: str | None = None
    """Why it was refused."""
    params: dict[str, Any] = field(default_factory=dict)
    elsewhere: list[Rejected] = field(default_factory=list)
    """Rows that the load itself rejected; counted in `rejected`, kept with the others."""

    @classmethod
    def of(cls, entry: ledger.Entry, unchanged: bool = False) -> Outcome:
        return cls(
            state=entry.state,
            edition=entry.edition,
            load_id=entry.load_id,
            accepted=entry.accepted,
            rejected=entry.rejected,
            added=entry.added,
            changed=entry.changed,
            removed=entry.removed,
            unchanged=unchanged,
            code=entry.refused_code,
            params=entry.params,
        )
