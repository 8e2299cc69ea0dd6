"""`ioc_deliver`: one call that hands in a period's file, whether one stands there already or not.

The desk's pages, a program with a token and the declaration of zero all come by here. It replaces the scope's delivery or makes
one; two are never made, because whoever delivers to that scope waits for the one before.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar
from datasets.model.period import HOW_TO_WRITE, bounds

from . import agencies, idempotency, standing
from .delivery import DatasetFacts, same_scope
from .desk import service as desk_service
from .texts import here

DESK = "ioc_from_the_desk"
"""Key of a context: fields that only this action may set on a delivery, never set by a request."""

BLOCK = 1024 * 1024
LOCK = text("SELECT pg_advisory_lock(hashtextextended('ioc_deliver ' || :scope, 0))")
UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('ioc_deliver ' || :scope, 0))")


@dataclass(frozen=True)
class Order:
    """What is to be delivered, checked."""

    package: Any
    facts: DatasetFacts
    agency: str
    period: str
    upload: FileStorage | None
    zero: bool
    description: str | None
    based_on: str | None
    key: str | None
    told: dict[str, str]
    """`simulated` and `delivered_at` of a simulated delivery; the fields' validators decide who may say so."""

    @property
    def scope(self) -> str:
        period = self.period if self.facts.scope == "period" else ""
        return f"{self.package.id} {self.agency} {period}"


def deliver(context: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Hands in a file for one report.

    :param dataset: name of the dataset
    :param agency: the agency that delivers; may be left out by who delivers for one only
    :param period: the report's period, as its calendar writes it
    :param upload: the file; none for a declaration of zero
    :param zero: true declares that there is nothing to report for that period
    :param description: a note
    :param based_on: SHA-256 of the file that the sender saw standing ("" for none); another one standing now is a conflict
    :param simulated: "true" for data that is made up, shown as such everywhere
    :param delivered_at: when a simulated delivery is said to have come
    :param idempotency_key: the same key with the same content answers what was answered before and delivers nothing

    Returns {resource_id, dataset, agency, period, replaced, state, receipt_url}. Raises NotFound, NotAuthorized, ValidationError.
    """
    order = _checked(context, data)
    if order.key is None:
        return _handed_in(context, order)
    with idempotency.once(_user(context).id, order.key, _fingerprint(order)) as kept:
        if kept.answer is not None:
            return dict(kept.answer)
        answer = _handed_in(context, order)
        kept.keep(answer)
        return answer


def may_deliver(context: Any, data: Any) -> dict[str, Any]:
    """Editors of the agency, where it publishes to the dataset; sysadmins are not asked."""
    package = _package(data)
    allowed = DatasetFacts.of(package).may_deliver(agencies.user_of(context))
    agency = data.get("agency")
    if agency in allowed or (allowed and not agency):
        return {"success": True}
    if not allowed:
        return {"success": False, "msg": here("portal.not_a_publisher")}
    return {"success": False, "msg": here("portal.agency_not_yours", agency=agencies.title(str(agency)))}


def _package(data: dict[str, Any]) -> Any:
    name = data.get("dataset")
    package = model.Package.get(name) if isinstance(name, str) and name else None
    if package is None or package.state != "active":
        raise tk.ObjectNotFound(here("portal.dataset_not_found"))
    return package


def _user(context: dict[str, Any]) -> Any:
    return agencies.user_of(context)


def _checked(context: dict[str, Any], data: dict[str, Any]) -> Order:
    """The order. Raises NotFound, NotAuthorized, ValidationError."""
    package = _package(data)
    tk.check_access("ioc_deliver", context, data)
    facts = DatasetFacts.of(package)
    allowed = facts.may_deliver(_user(context))
    agency = data.get("agency") or (allowed[0] if len(allowed) == 1 else "")
    errors: dict[str, list[str]] = {}
    if not agency:
        errors["agency"] = [here("portal.agency_missing", agencies=", ".join(allowed))]
    elif agency not in facts.publishers:
        errors["agency"] = [here("portal.agency_not_yours", agency=agencies.title(agency))]
    period = str(data.get("period") or "").strip()
    wrong = period_problem(facts, package, period)
    if wrong:
        errors["period"] = [wrong]
    zero = str(data.get("zero") or "").lower() in ("true", "1", "yes", "on")
    upload = data.get("upload")
    if not isinstance(upload, FileStorage) or not upload.filename:
        upload = None
    if zero and upload is not None:
        errors["upload"] = [here("desk.zero_with_file")]
    elif zero and facts.scope != "period":
        errors["zero"] = [here("desk.zero_not_here")]
    elif not zero and upload is None:
        errors["upload"] = [here("portal.file_missing")]
    if errors:
        raise tk.ValidationError(errors)
    description = data.get("description")
    based_on = data.get("based_on")
    return Order(
        package, facts, agency, period, upload, zero,
        None if description is None else str(description), None if based_on is None else str(based_on), _key(data),
        {name: str(data[name]) for name in ("simulated", "delivered_at") if data.get(name)},
    )  # fmt: skip


def _key(data: dict[str, Any]) -> str | None:
    """The idempotency key, of the call or of its header."""
    given = data.get("idempotency_key")
    if not given and tk.request:
        given = tk.request.headers.get("Idempotency-Key")
    return str(given) if given else None


def period_problem(facts: DatasetFacts, package: Any, period: str) -> str | None:
    """What is wrong with the period of a report, in words; None when nothing is."""
    calendar = facts.calendar if facts.scope == "period" else package.extras.get("frequency")
    if not calendar:
        return None
    example = HOW_TO_WRITE[Calendar(calendar)]
    if not period:
        return here("portal.period_missing", example=example)
    try:
        bounds(calendar, period)
    except ValueError:
        return here("portal.period_wrong", period=period, example=example)
    return None


def _fingerprint(order: Order) -> str:
    """SHA-256 over what is asked for; the file by its bytes, read in blocks."""
    digest = hashlib.sha256()
    for part in (order.package.id, order.agency, order.period, str(order.zero), order.description or "", *order.told.values()):
        digest.update(part.encode() + b"\0")
    if order.upload is not None:
        order.upload.stream.seek(0)
        while block := order.upload.stream.read(BLOCK):
            digest.update(block)
        order.upload.stream.seek(0)
    return digest.hexdigest()


@contextmanager
def _alone(scope: str) -> Iterator[None]:
    """Nobody else delivers to that scope while the block runs, in whatever process."""
    with model.meta.engine.connect() as connection:
        connection.execute(LOCK, {"scope": scope})
        try:
            yield
        finally:
            connection.execute(UNLOCK, {"scope": scope})
            connection.commit()


def _handed_in(context: dict[str, Any], order: Order) -> dict[str, Any]:
    """Writes the delivery. Raises ValidationError where another file stands than the sender saw."""
    with _alone(order.scope):
        model.Session.expire_all()  # what was read before the lock may be old
        package = model.Package.get(order.package.id)
        there = same_scope(order.facts, package, order.agency, order.period, None)
        if order.based_on is not None and order.facts.scope != "addition":
            _refuse_conflict(order.based_on, there)
        written = _write(context, order, there.id if there is not None else None)
    name = str(package.name)
    return {
        "resource_id": written["id"],
        "dataset": name,
        "agency": order.agency,
        "period": order.period,
        "replaced": there is not None,
        "state": "received",
        "receipt_url": tk.url_for("dataset_resource.read", id=name, resource_id=written["id"], qualified=True),
    }


def _refuse_conflict(based_on: str, there: Any) -> None:
    if based_on == standing.sha256(there):
        return
    if there is None:
        raise tk.ValidationError({"based_on": [here("desk.conflict_withdrawn")]})
    who, when = standing.published_by(there)
    raise tk.ValidationError({"based_on": [here("desk.conflict", who=who, when=when)]})


def _write(context: dict[str, Any], order: Order, resource_id: str | None) -> dict[str, Any]:
    """Makes or replaces the resource. What a person delivers is theirs; only programs that make demonstration data say otherwise."""
    period_is_scope = order.facts.scope == "period"
    own = {"report_period": "" if period_is_scope else order.period, "zero_by": _signature(context) if order.zero else ""}
    fields = {
        "upload": order.upload or _empty_file(order),
        "simulated": "false",
        "delivered_at": "",
        "name": "",
        **own,
        **order.told,
        **({"description": order.description} if order.description is not None else {}),
    }
    inner = {"user": context["user"], "auth_user_obj": context.get("auth_user_obj"), DESK: own}
    if resource_id is not None:
        changed: dict[str, Any] = tk.get_action("resource_patch")(inner, {"id": resource_id, **fields})
        return changed
    fields |= {"package_id": order.package.id, "agency": order.agency, "period": order.period if period_is_scope else ""}
    made: dict[str, Any] = tk.get_action("resource_create")(inner, fields)
    return made


def _signature(context: dict[str, Any]) -> str:
    """Who declares, and when: full name (account), moment."""
    user = _user(context)
    return f"{user.display_name} ({user.name}), {datetime.now(ZONE).isoformat(timespec='seconds')}"


def _columns(package: Any) -> list[str]:
    """Names of the contract's columns."""
    schema = json.loads(package.extras.get("table_schema") or "{}")
    return [str(field["name"]) for field in schema.get("fields", [])]


def _empty_file(order: Order) -> FileStorage:
    """The contract's header without rows, for a declaration of zero. Raises ValidationError when the service is down."""
    try:
        content = desk_service.file_of_rows(order.package.name, order.agency, order.period, _columns(order.package), [])
    except (desk_service.ServiceDown, desk_service.ServiceRefused) as error:
        raise tk.ValidationError({"zero": [here("desk.service_down")]}) from error
    return FileStorage(io.BytesIO(content), filename=f"{order.period}-khong-phat-sinh.csv", name="upload")
