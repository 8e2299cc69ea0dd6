"""One delivery from CKAN to the store and back: fetch, decode, check, load, receipt. Knows nothing of Celery."""

from __future__ import annotations

import hashlib
import logging
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ckan_harvesters import ledger, progress
from ckan_harvesters import receipt as receipts
from ckan_harvesters.applied import Applied, Terms, places
from ckan_harvesters.delivery import SEPARATOR, Delivery, DeliveryScope, scope_of
from ckan_harvesters.difference import Target
from ckan_harvesters.errors import Gone, HarvestError, Refused, TransientError
from ckan_harvesters.fetch import Fetched, fetch
from ckan_harvesters.load import Checked, Outcome, load, refuse, withdraw
from ckan_harvesters.mistaken import read_as_meant
from ckan_harvesters.portal import Portal
from ckan_harvesters.progress import Connection, Known
from ckan_harvesters.reading import Reading, as_warning, unit_geometry
from ckan_harvesters.settings import Settings

log = logging.getLogger(__name__)

MAX_DEATHS = 3
FIRST_RETRY_SECONDS = 10
LAST_RETRY_SECONDS = 3600


@dataclass(frozen=True)
class Services:
    """What a harvest works with."""

    settings: Settings
    portal: Portal

    @classmethod
    def from_environment(cls) -> Services:
        """Raises TerminalError naming a setting that is missing."""
        settings = Settings.from_environment()
        return cls(settings, Portal(settings))


@dataclass(frozen=True)
class Result:
    """How a harvest ended.

    `state`: done, done_with_rejects, refused, failed or withdrawn; `unchanged` when nothing was left to do; `busy` when another
    worker has the delivery; `not_a_delivery` for a resource under no applied contract. `retry_seconds`: when to try again.
    """

    state: str
    receipt: dict[str, Any] | None = None
    retry_seconds: int | None = None


@dataclass
class _Attempt:
    """What is known while one delivery is worked on, so that a refusal can say how far it came."""

    delivery: Delivery
    terms: Terms
    scope: DeliveryScope | None = None
    fetched: Fetched | None = None
    reading: Reading | None = None
    generation: int = 0
    known: Known | None = field(default=None)

    @property
    def job_id(self) -> str:
        """The same for a message that comes twice, another for another upload, file, contract, scope, or return after a withdrawal."""
        parts = (
            self.delivery.ckan_resource,
            self.delivery.fingerprint,
            self.fetched.sha256 if self.fetched else "",
            self.terms.contract.sha256,
            self.scope.key if self.scope else "",
            str(self.generation),
        )
        return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:40]


def harvest_delivery(ckan_resource: str, services: Services) -> Result:
    """Bring one delivery into the state that CKAN and its contract ask for; again and again gives the same.

    Raises TransientError or TerminalError only when CKAN or the store cannot even be asked about the delivery; whatever goes wrong
    later ends in a row of `ledger.delivery` and a receipt.
    """
    with closing(progress.connect(services.settings.store_url)) as conn, progress.alone(conn, ckan_resource) as held:
        if not held:
            return Result("busy")
        return _harvest(conn, ckan_resource, services)


def _harvest(conn: Connection, ckan_resource: str, services: Services) -> Result:
    known = progress.find(conn, ckan_resource)
    try:
        delivery = services.portal.delivery(ckan_resource)
    except Gone:
        return _withdraw(conn, ckan_resource, known, services)
    terms = Applied(conn).terms(delivery.contract_resource)
    if terms is None:
        log.info("%s of dataset %s is under no applied contract", ckan_resource, delivery.dataset)
        return Result("not_a_delivery")
    if delivery.private and terms.is_open:
        return _withdraw(conn, ckan_resource, known, services)
    if known and known.has_ended(delivery.fingerprint, terms.contract.sha256):
        if known.receipt and known.receipt_sent_at is None:
            receipts.send(services.portal, conn, known.receipt)
        return Result("unchanged", known.receipt)
    attempts = progress.begin(conn, delivery, terms.contract.sha256)
    attempt = _Attempt(delivery, terms, generation=known.generation if known else 0, known=known)
    if known and known.state == "checking" and attempts > MAX_DEATHS:
        return _failed(conn, attempt, services, "worker_lost", "the worker ended while it worked on this delivery", LAST_RETRY_SECONDS)
    receipts.announce(services.portal, ckan_resource)
    return _end_of(conn, attempt, services, attempts)


def _end_of(conn: Connection, attempt: _Attempt, services: Services, attempts: int) -> Result:
    """Every way in which work on a delivery can end, each with its row and its receipt."""
    try:
        outcome = _deliver(conn, attempt, services)
    except Refused as refused:
        return _refused(conn, attempt, services, refused)
    except TransientError as error:
        seconds = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 10))
        return _failed(conn, attempt, services, "platform_for_now", str(error), seconds)
    except HarvestError as error:
        return _failed(conn, attempt, services, "platform", str(error), None)
    except Exception as error:
        log.exception("unexpected error in the delivery %s", attempt.delivery.ckan_resource)
        return _failed(conn, attempt, services, "platform", f"{type(error).__name__}: {error}", None)
    if outcome.state == "refused":
        by_load = Refused(outcome.code or "duplicate_scope", outcome.elsewhere, **outcome.params)
        return _tell(conn, attempt, services, receipts.refusal(_id(attempt), by_load, outcome.load_id, _sha(attempt)))
    return _accepted(conn, attempt, services, outcome)


def _deliver(conn: Connection, attempt: _Attempt, services: Services) -> Outcome:
    """The stages in their order. Raises Refused, TransientError, TerminalError."""
    delivery, terms, known = attempt.delivery, attempt.terms, attempt.known
    attempt.scope = scope_of(terms.resource, delivery.agency, delivery.period, delivery.ckan_resource)
    attempt.fetched = fetch(delivery, services.settings, known.file_sha256 if known else None, known.etag if known else None)
    progress.remember_file(conn, delivery.ckan_resource, attempt.fetched.etag, attempt.fetched.sha256)
    attempt.reading = read_as_meant(conn, attempt.fetched.path, terms, attempt.scope, places(conn), attempt.fetched.sha256)
    _free_scope(conn, attempt, services)
    checked = Checked(
        contract=terms.contract,
        resource=terms.resource,
        scope=attempt.scope.key,
        agency=delivery.agency,
        ckan_resource=delivery.ckan_resource,
        file_sha256=attempt.fetched.sha256,
        file_size=attempt.fetched.size,
        contract_sha256=terms.contract.sha256,
        decoder=attempt.reading.decoder,
        simulated=delivery.simulated,
        rows=attempt.reading.rows,
        rejected=attempt.reading.rejected,
        rejected_rows=attempt.reading.rejected_rows,
        uploaded_at=delivery.uploaded_at,
        report_period=delivery.report_period,
        zero_by=delivery.zero_by,
    )
    return load(services.settings.store_url, checked, attempt.job_id, unit_geometry(terms.resource))


def _free_scope(conn: Connection, attempt: _Attempt, services: Services) -> None:
    """A scope that still shows a delivery which CKAN no longer has is freed first: its editor made a new one in its place."""
    if attempt.scope is None:
        return
    current = ledger.current_of_scope(conn, Target.of(attempt.terms.contract, attempt.terms.resource).text, attempt.scope.key)
    if current is None or current.kind != "file" or current.ckan_resource in (None, _id(attempt)):
        return
    holder = str(current.ckan_resource)
    try:
        services.portal.delivery(holder)
    except Gone:
        with progress.alone(conn, holder) as held:
            if held:
                _withdraw(conn, holder, progress.find(conn, holder), services)


def _accepted(conn: Connection, attempt: _Attempt, services: Services, outcome: Outcome) -> Result:
    reading = attempt.reading
    warnings = [as_warning(w) for w in reading.warnings] if reading else []
    problems = [*(reading.rejected if reading else []), *outcome.elsewhere]
    payload = receipts.receipt(
        _id(attempt),
        outcome.state,
        edition=outcome.edition,
        load_id=outcome.load_id,
        file_sha256=_sha(attempt),
        rows_accepted=outcome.accepted,
        rows_rejected=outcome.rejected,
        problems=[*problems, *warnings],
    )
    return _tell(conn, attempt, services, payload)


def _refused(conn: Connection, attempt: _Attempt, services: Services, refused: Refused) -> Result:
    try:
        load_id = _record(attempt, services, refused.code, refused.params, refused)
    except TransientError as error:
        return _failed(conn, attempt, services, "platform_for_now", str(error), FIRST_RETRY_SECONDS)
    return _tell(conn, attempt, services, receipts.refusal(_id(attempt), refused, load_id, _sha(attempt)))


def _failed(conn: Connection, attempt: _Attempt, services: Services, code: str, error: str, retry_seconds: int | None) -> Result:
    """Our platform could not: nothing is asked of the publisher, and the row says when it is tried again."""
    log.error("delivery %s failed (%s): %s", _id(attempt), code, error)
    payload = receipts.receipt(_id(attempt), "failed", file_sha256=_sha(attempt), refused_code=code)
    progress.end(conn, _id(attempt), "failed", payload, error[:2000], retry_seconds)
    receipts.send(services.portal, conn, payload)
    return Result("failed", payload, retry_seconds)


def _record(attempt: _Attempt, services: Services, code: str, params: dict[str, Any], refused: Refused) -> int:
    return refuse(
        services.settings.store_url,
        attempt.terms.contract,
        attempt.terms.resource,
        code,
        params,
        ckan_resource=_id(attempt),
        scope=attempt.scope.key if attempt.scope else "",
        agency=attempt.delivery.agency,
        file_sha256=_sha(attempt),
        file_size=attempt.fetched.size if attempt.fetched else 0,
        decoder=attempt.reading.decoder if attempt.reading else None,
        simulated=attempt.delivery.simulated,
        job_id=attempt.job_id,
        rejected=refused.problems,
        uploaded_at=attempt.delivery.uploaded_at,
        report_period=attempt.delivery.report_period,
    )


def _tell(conn: Connection, attempt: _Attempt, services: Services, payload: dict[str, Any]) -> Result:
    """Note the end, then tell CKAN; the order matters, because what is noted is sent again and what is only sent is lost."""
    progress.end(conn, _id(attempt), payload["state"], payload)
    receipts.send(services.portal, conn, payload)
    return Result(payload["state"], payload)


def _withdraw(conn: Connection, ckan_resource: str, known: Known | None, services: Services) -> Result:
    """Close the rows of a delivery that CKAN no longer has, or no longer shows to the public as its contract promises."""
    if known is None or known.state == "withdrawn":
        return Result("unchanged")
    terms = Applied(conn).terms(known.contract_resource)
    outcome = withdraw(services.settings.store_url, ckan_resource, unit_geometry(terms.resource) if terms else None)
    payload = receipts.receipt(
        ckan_resource, "withdrawn", edition=outcome.edition if outcome else None, load_id=outcome.load_id if outcome else None
    )
    progress.end(conn, ckan_resource, "withdrawn", payload)
    progress.reopen(conn, known.dataset_id)
    receipts.send(services.portal, conn, payload)
    return Result("withdrawn", payload)


def _id(attempt: _Attempt) -> str:
    return attempt.delivery.ckan_resource


def _sha(attempt: _Attempt) -> str | None:
    return attempt.fetched.sha256 if attempt.fetched else None
