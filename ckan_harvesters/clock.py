"""The moments that measures are computed for, and that states of reports are told for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg

from ckan_harvesters.errors import TerminalError


def now(environ: Mapping[str, str] = os.environ) -> datetime:
    """The system's clock, or IOC_NOW when it is set. Raises TerminalError when that is no moment with its offset."""
    chosen = environ.get("IOC_NOW", "")
    if not chosen:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(chosen)
    except ValueError as error:
        raise _wrong(chosen) from error
    if moment.tzinfo is None:
        raise _wrong(chosen)
    return moment


def store_now(conn: psycopg.Connection[Any]) -> datetime:
    """The moment of supply: that of `supply.clock` when it is set, else the time of day."""
    row = conn.execute("SELECT supply.now()").fetchone()
    if row is None:
        raise AssertionError("supply.now gave no row")
    moment: datetime = row[0]
    return moment


def _wrong(chosen: str) -> TerminalError:
    return TerminalError(f"IOC_NOW is {chosen!r}.", "Write a moment with its offset, like 2026-11-22T08:00:00+07:00, or unset it.")
