"""What PostgreSQL's own catalogue tells every login by default, and the store's does not: sizes of tables that one may not read."""

from __future__ import annotations

from pathlib import Path

STATEMENTS = Path(__file__).parent / "templates" / "closed_catalogue.sql"


def closed_catalogue() -> bytes:
    """Statements for a superuser in the store's database; run again they change nothing."""
    return STATEMENTS.read_bytes()
