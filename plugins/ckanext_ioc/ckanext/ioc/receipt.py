"""The receipt of a delivery: what the harvest found in its file. One row for each resource, in CKAN's own database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy import BigInteger, Column, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB

STATES = ("received", "checking", "done", "done_with_rejects", "refused", "failed", "withdrawn")
ACCEPTED = ("done", "done_with_rejects")
PENDING = ("received", "checking")


class Receipt(tk.BaseModel):  # type: ignore[misc]
    """Row of `ioc_receipt`; a resource without one has been received and not yet looked at."""

    __tablename__ = "ioc_receipt"

    resource_id = Column(Text, primary_key=True)
    state = Column(Text, nullable=False)
    edition = Column(BigInteger)
    load_id = Column(BigInteger)
    file_sha256 = Column(Text)
    rows_accepted = Column(BigInteger)
    rows_rejected = Column(BigInteger)
    refused_code = Column(Text)
    params = Column(JSONB, nullable=False, default=dict)
    problems = Column(JSONB, nullable=False, default=list)
    problems_total = Column(BigInteger, nullable=False, default=0)
    at = Column(DateTime(timezone=True), nullable=False)

    @property
    def accepted(self) -> bool:
        """Whether the file now attached has been loaded."""
        return self.state in ACCEPTED

    def as_dict(self) -> dict[str, Any]:
        """Everything that the receipt holds, ready for JSON."""
        found = {column.name: getattr(self, column.name) for column in self.__table__.columns}
        return {**found, "at": self.at.isoformat()}


def received(resource_id: str) -> Receipt:
    """The receipt of a delivery that nobody has looked at yet (not stored)."""
    return Receipt(resource_id=resource_id, state="received", params={}, problems=[], problems_total=0, at=datetime.now(UTC))


def receipts_of(resource_ids: Iterable[str]) -> dict[str, Receipt]:
    """Stored receipts by resource id."""
    wanted = list(resource_ids)
    if not wanted:
        return {}
    rows = model.Session.query(Receipt).filter(Receipt.resource_id.in_(wanted))
    return {row.resource_id: row for row in rows}


LOCK = text("SELECT pg_advisory_lock(hashtextextended('ioc_receipt ' || :id, 0))")
UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('ioc_receipt ' || :id, 0))")
LOCK_IN_TRANSACTION = text("SELECT pg_advisory_xact_lock(hashtextextended('ioc_receipt ' || :id, 0))")
RESET = text("""
    INSERT INTO ioc_receipt (resource_id, state, params, problems, problems_total, at)
    VALUES (:id, 'received', '{}', '[]', 0, now())
    ON CONFLICT (resource_id) DO UPDATE SET
        state = 'received', edition = NULL, load_id = NULL, file_sha256 = NULL, rows_accepted = NULL, rows_rejected = NULL,
        refused_code = NULL, params = '{}', problems = '[]', problems_total = 0, at = now()
""")


@contextmanager
def replacing_file(resource_id: str) -> Iterator[None]:
    """Says "received" for everyone to see before the block puts another file in place of the delivery's.

    It is committed on a connection of its own, because CKAN writes the file before it commits: otherwise the new bytes could be
    downloaded under the acceptance of the old ones. Until the block ends the harvest's word on the delivery waits.
    """
    with model.meta.engine.connect() as connection:
        connection.execute(LOCK, {"id": resource_id})
        try:
            connection.execute(RESET, {"id": resource_id})
            connection.commit()
            yield
        finally:
            connection.execute(UNLOCK, {"id": resource_id})
            connection.commit()
