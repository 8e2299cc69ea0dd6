"""What there is to do: from an event, from a poll with overlap, from the nightly comparison of everything.

Messages only carry. Whatever they lose is found again here, by comparing CKAN with `ledger.delivery`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan_harvesters import progress
from ckan_harvesters import receipt as receipts
from ckan_harvesters.applied import Applied
from ckan_harvesters.delivery import Delivery
from ckan_harvesters.errors import Gone, HarvestError
from ckan_harvesters.fetch import sweep
from ckan_harvesters.harvest import Services
from ckan_harvesters.progress import Connection, Known

log = logging.getLogger(__name__)

POLL = "poll"
RECONCILE = "reconcile"
OVERLAP = timedelta(minutes=10)
RECEIVED = "received"


def changed(event: dict[str, Any], services: Services) -> list[str]:
    """Resources to harvest after an event of CKAN's plugin, `{"kind", "dataset", "resource"}`."""
    if event.get("resource"):
        return [str(event["resource"])]
    dataset_id = event.get("dataset")
    if not dataset_id:
        return []
    with closing(progress.connect(services.settings.store_url)) as conn:
        applied, known = Applied(conn), _of_dataset(progress.find_all(conn), str(dataset_id))
        try:
            deliveries = services.portal.deliveries_of(str(dataset_id))
        except Gone:
            return [k.ckan_resource for k in known.values() if k.state != "withdrawn"]
        return _to_do(deliveries, known, applied, conn)


def poll(services: Services) -> list[str]:
    """Resources to harvest: of datasets that changed since the last poll, and whatever was begun and has not ended.

    Receipts that CKAN did not take are sent again on the way. Raises TransientError, TerminalError.
    """
    with closing(progress.connect(services.settings.store_url)) as conn:
        applied, known = Applied(conn), {k.ckan_resource: k for k in progress.find_all(conn)}
        since = progress.read_cursor(conn, POLL)
        latest, found = since, list[str]()
        for dataset in services.portal.datasets(_earlier(since)):
            latest = max(latest or "", str(dataset["metadata_modified"]))
            of_dataset = _of_dataset(known.values(), dataset["id"])
            found += _to_do([Delivery.from_ckan(dataset, r) for r in dataset.get("resources", [])], of_dataset, applied, conn)
        found += [k.ckan_resource for k in known.values() if _is_unfinished(k) and _is_free(conn, k.ckan_resource)]
        _send_again(conn, known.values(), services)
        progress.write_cursor(conn, POLL, latest or "")
    return list(dict.fromkeys(found))


def reconcile(services: Services) -> list[str]:
    """Resources to harvest when everything is compared: also those that were deleted or whose dataset is no longer seen.

    What is missing from CKAN's search is only asked about again by its id, so that an empty index withdraws nothing. What failed for
    good is tried once more; receipts that CKAN lost are sent again; files of interrupted downloads are removed.
    """
    with closing(progress.connect(services.settings.store_url)) as conn:
        progress.retry_failed(conn)
        applied, known = Applied(conn), {k.ckan_resource: k for k in progress.find_all(conn)}
        deliveries = [Delivery.from_ckan(d, r) for d in services.portal.datasets() for r in d.get("resources", [])]
        found = _to_do(deliveries, known, applied, conn)
        found += [k.ckan_resource for k in known.values() if _is_unfinished(k) and _is_free(conn, k.ckan_resource)]
        _find_lost_receipts(conn, deliveries, known, services)
        _send_again(conn, progress.find_all(conn), services)
        progress.write_cursor(conn, RECONCILE, datetime.now(UTC).isoformat(timespec="seconds"))
    removed = sweep(services.settings.files)
    log.info("reconcile: %d deliveries in CKAN, %d to harvest, %d leftovers removed", len(deliveries), len(found), removed)
    return list(dict.fromkeys(found))


def needs_work(delivery: Delivery, known: Known | None, applied: Applied, now: datetime) -> bool:
    """Whether a delivery that CKAN has is not yet in the state it should be in."""
    terms = applied.terms(delivery.contract_resource)
    if terms is None:
        return False
    if delivery.private and terms.is_open:
        return known is not None and known.state != "withdrawn"
    if known is None:
        return True
    return not known.has_ended(delivery.fingerprint, terms.contract.sha256) and (
        known.fingerprint != delivery.fingerprint or known.may_begin(now)
    )


def _to_do(deliveries: list[Delivery], known: dict[str, Known], applied: Applied, conn: Connection) -> list[str]:
    """Those that need work and that no worker has in hand, and those we know and CKAN has no longer."""
    now, present = datetime.now(UTC), {d.ckan_resource for d in deliveries}
    wanted = [d.ckan_resource for d in deliveries if needs_work(d, known.get(d.ckan_resource), applied, now)]
    vanished = [k.ckan_resource for k in known.values() if k.ckan_resource not in present and k.state != "withdrawn"]
    return [r for r in (*wanted, *vanished) if _is_free(conn, r)]


def _of_dataset(known: Iterable[Known], dataset: str) -> dict[str, Known]:
    return {k.ckan_resource: k for k in known if dataset in (k.dataset_id, k.dataset)}


def _earlier(since: str | None) -> str | None:
    """The moment from which the poll asks: some minutes before the last change it saw, as CKAN's index may lag behind."""
    return f"{(datetime.fromisoformat(since) - OVERLAP).isoformat()}Z" if since else None


def _is_unfinished(known: Known) -> bool:
    """Begun by a worker that never said how it ended, or failed and due for its next try."""
    return known.state == "checking" or (known.state == "failed" and known.next_try_at is not None and known.may_begin(datetime.now(UTC)))


def _is_free(conn: Connection, ckan_resource: str) -> bool:
    with progress.alone(conn, ckan_resource) as held:
        return held


def _send_again(conn: Connection, known: Iterable[Known], services: Services) -> None:
    for delivery in known:
        if delivery.receipt is None or delivery.receipt_sent_at is not None or delivery.ended_at is None:
            continue
        with progress.alone(conn, delivery.ckan_resource) as held:
            latest = progress.find(conn, delivery.ckan_resource) if held else None
            if latest and latest.receipt and latest.receipt_sent_at is None and not receipts.send(services.portal, conn, latest.receipt):
                return


def _find_lost_receipts(conn: Connection, deliveries: list[Delivery], known: dict[str, Known], services: Services) -> None:
    """CKAN says "received" for a delivery whose check has ended: an upload that failed half way, or a restored database."""
    for delivery in deliveries:
        here = known.get(delivery.ckan_resource)
        if here is None or here.receipt is None or here.ended_at is None or here.fingerprint != delivery.fingerprint:
            continue
        try:
            shown = services.portal.call("ioc_receipt_show", id=delivery.ckan_resource)
        except HarvestError as error:
            log.warning("the receipt of %s could not be read: %s", delivery.ckan_resource, error)
            continue
        if shown.get("state") == RECEIVED:
            progress.unsent(conn, delivery.ckan_resource)
