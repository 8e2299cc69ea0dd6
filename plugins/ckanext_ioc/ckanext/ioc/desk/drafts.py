"""Drafts of the form: one of a dataset, agency and period, shared by the agency's editors, and the versions beside it.

A save says which version it was made from. Where another has saved meanwhile it is kept beside the current one and nobody's work is
overwritten; so is what is replaced on purpose. Both can be looked at and taken up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from ..receipt import Receipt

KEPT_VERSIONS = 20
KEPT_FOR = timedelta(days=120)

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('ioc_draft ' || :scope, 0))")

Rows = list[list[str]]


@dataclass(frozen=True)
class Scope:
    """What a draft is of."""

    dataset: str
    agency: str
    period: str


class Draft(tk.BaseModel):  # type: ignore[misc]
    """Row of `ioc_draft`."""

    __tablename__ = "ioc_draft"
    __allow_unmapped__ = True

    id: Any = Column(BigInteger, primary_key=True)
    dataset: Any = Column(Text, nullable=False)
    agency: Any = Column(Text, nullable=False)
    period: Any = Column(Text, nullable=False)
    is_current: Any = Column(Boolean, nullable=False)
    version: Any = Column(BigInteger, nullable=False)
    fields: Any = Column(JSONB, nullable=False)
    """The contract's fields when it was saved, in the order of the rows' cells."""
    rows: Any = Column(JSONB, nullable=False)
    contract_version: Any = Column(Text)
    based_on: Any = Column(Text, nullable=False)
    """SHA-256 of the file that stood when the draft was begun, "" for none."""
    user_id: Any = Column(Text, nullable=False)
    user_name: Any = Column(Text, nullable=False)
    begun_at: Any = Column(DateTime(timezone=True), nullable=False)
    saved_at: Any = Column(DateTime(timezone=True), nullable=False)
    sent_version: Any = Column(BigInteger)
    sent_sha256: Any = Column(Text)
    sent_resource: Any = Column(Text)
    sent_at: Any = Column(DateTime(timezone=True))


@dataclass(frozen=True)
class Work:
    """What an editor saves."""

    rows: Rows
    fields: list[dict[str, Any]]
    contract_version: str | None
    based_on: str
    made_from: int
    """Version that the editor's page showed, 0 for none."""
    keeps: bool = False
    """Whether what is replaced is kept beside, though it is the same person's."""


class Overtaken(Exception):
    """Another has saved meanwhile; what was to be saved is kept as the version `kept`."""

    def __init__(self, current: Draft, kept: Draft) -> None:
        super().__init__(f"version {current.version} was saved meanwhile")
        self.current = current
        self.kept = kept


def _of(scope: Scope) -> Any:
    return model.Session.query(Draft).filter_by(dataset=scope.dataset, agency=scope.agency, period=scope.period)


def _lock(scope: Scope) -> None:
    """Held until the transaction ends."""
    model.Session.execute(LOCK, {"scope": f"{scope.dataset} {scope.agency} {scope.period}"})


def current(scope: Scope) -> Draft | None:
    """The draft as it stands; one whose delivery was accepted whole, and that nobody has changed since, is done and gone."""
    found: Draft | None = _of(scope).filter_by(is_current=True).populate_existing().one_or_none()
    if found is None or found.sent_version != found.version:
        return found
    receipt = model.Session.get(Receipt, found.sent_resource, populate_existing=True)
    if receipt is None or receipt.state != "done" or receipt.file_sha256 != found.sent_sha256:
        return found
    model.Session.delete(found)
    model.Session.commit()
    return None


def kept_beside(scope: Scope) -> list[Draft]:
    """Versions kept beside the current draft, the last first."""
    return list(_of(scope).filter_by(is_current=False).order_by(Draft.saved_at.desc()).limit(KEPT_VERSIONS))


def version(scope: Scope, id: int) -> Draft | None:
    """One version, the current draft too."""
    found: Draft | None = _of(scope).filter_by(id=id).one_or_none()
    return found


def save(scope: Scope, user: Any, work: Work) -> Draft:
    """Saves the work of a user (CKAN's). Raises Overtaken when another version was saved since the one it was made from."""
    _lock(scope)
    before: Draft | None = _of(scope).filter_by(is_current=True).populate_existing().one_or_none()
    now = datetime.now(UTC)
    if before is not None and before.version != work.made_from and before.rows != work.rows:
        kept = _keep_work(scope, user, work, now)
        _forget(scope, now)
        model.Session.commit()
        raise Overtaken(before, kept)
    if before is None:
        before = _new(scope, user, work, now, is_current=True)
        before.version = _next(scope)
        model.Session.add(before)
    elif before.rows != work.rows or before.fields != work.fields or before.based_on != work.based_on:
        if work.keeps or before.user_id != user.id or _names(before.fields) != _names(work.fields):
            model.Session.add(_copy(before))
        before.version = _next(scope)
        before.rows, before.fields, before.contract_version = work.rows, work.fields, work.contract_version
        before.based_on, before.saved_at = work.based_on, now
        before.user_id, before.user_name = user.id, _name(user)
    _forget(scope, now)
    model.Session.commit()
    return before


def discard(scope: Scope) -> None:
    """Puts the draft aside; it stays among the versions kept."""
    _lock(scope)
    found = _of(scope).filter_by(is_current=True).one_or_none()
    if found is not None:
        found.is_current = False
        _forget(scope, datetime.now(UTC))
    model.Session.commit()


def sent(draft: Draft, sha256: str, resource: str) -> None:
    """Notes that the draft was handed in; it stays until that file is accepted."""
    draft.sent_version, draft.sent_sha256, draft.sent_resource, draft.sent_at = draft.version, sha256, resource, datetime.now(UTC)
    draft.based_on = sha256
    model.Session.commit()


def _keep_work(scope: Scope, user: Any, work: Work, now: datetime) -> Draft:
    """What came too late, as a version beside; sent again as it is, the same one."""
    for kept in _of(scope).filter_by(is_current=False, user_id=user.id):
        if kept.rows == work.rows and kept.fields == work.fields:
            return cast(Draft, kept)
    made = _new(scope, user, work, now, is_current=False)
    made.version = work.made_from
    model.Session.add(made)
    return made


def _new(scope: Scope, user: Any, work: Work, now: datetime, *, is_current: bool) -> Draft:
    return Draft(
        dataset=scope.dataset, agency=scope.agency, period=scope.period, is_current=is_current, version=0, fields=work.fields,
        rows=work.rows, contract_version=work.contract_version, based_on=work.based_on, user_id=user.id, user_name=_name(user),
        begun_at=now, saved_at=now,
    )  # fmt: skip


def _copy(draft: Draft) -> Draft:
    """The draft as it is, as a version beside it."""
    names = [column.name for column in Draft.__table__.columns if column.name not in ("id", "is_current")]
    return Draft(**{name: getattr(draft, name) for name in names}, is_current=False)


def _forget(scope: Scope, now: datetime) -> None:
    """Lets go of versions older than KEPT_FOR and beyond KEPT_VERSIONS."""
    model.Session.flush()
    beside = _of(scope).filter_by(is_current=False)
    beside.filter(Draft.saved_at < now - KEPT_FOR).delete(synchronize_session=False)
    old = [row.id for row in beside.order_by(Draft.saved_at.desc()).offset(KEPT_VERSIONS)]
    if old:
        model.Session.query(Draft).filter(Draft.id.in_(old)).delete(synchronize_session=False)


def _next(scope: Scope) -> int:
    """A version that this scope has never had."""
    last = _of(scope).with_entities(func.max(Draft.version)).scalar()
    return int(last or 0) + 1


def _names(fields: list[dict[str, Any]]) -> list[str]:
    return [field["name"] for field in fields]


def _name(user: Any) -> str:
    return str(user.fullname or user.display_name or user.name)
