"""What the publisher reads on the delivery's page in CKAN: made here as codes, put into words there."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ckan_harvesters import progress
from ckan_harvesters.errors import Gone, HarvestError, Refused, Rejected
from ckan_harvesters.portal import Portal

log = logging.getLogger(__name__)

LISTED = 1000


def receipt(
    ckan_resource: str,
    state: str,
    *,
    edition: int | None = None,
    load_id: int | None = None,
    file_sha256: str | None = None,
    rows_accepted: int | None = None,
    rows_rejected: int | None = None,
    problems: Iterable[Rejected] = (),
    problems_total: int | None = None,
    refused_code: str | None = None,
    params: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A receipt as `ioc_receipt_update` takes it, with the first 1,000 problems."""
    listed = list(problems)
    return {
        "resource_id": ckan_resource,
        "state": state,
        "edition": edition,
        "load_id": load_id,
        "file_sha256": file_sha256,
        "rows_accepted": rows_accepted,
        "rows_rejected": rows_rejected,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "problems": [_plain(p) for p in listed[:LISTED]],
        "problems_total": len(listed) if problems_total is None else problems_total,
        "refused_code": refused_code,
        "params": params or {},
    }


def refusal(ckan_resource: str, refused: Refused, load_id: int | None, file_sha256: str | None) -> dict[str, Any]:
    """The receipt of a delivery that was refused."""
    return receipt(
        ckan_resource,
        "refused",
        load_id=load_id,
        file_sha256=file_sha256,
        rows_accepted=0,
        rows_rejected=refused.params.get("rejected"),
        problems=refused.problems,
        problems_total=refused.problems_total,
        refused_code=refused.code,
        params=refused.params,
    )


def send(portal: Portal, conn: progress.Connection, payload: dict[str, Any]) -> bool:
    """Put a final receipt on its page; one that CKAN does not take now is sent again by the poll. Gives whether it was taken."""
    ckan_resource = str(payload["resource_id"])
    try:
        portal.send_receipt(payload)
    except Gone:
        log.info("the resource %s is gone, its receipt has no page", ckan_resource)
    except HarvestError as error:
        log.warning("the receipt of %s was not taken and is sent again: %s", ckan_resource, error)
        return False
    progress.sent(conn, ckan_resource)
    return True


def announce(portal: Portal, ckan_resource: str) -> None:
    """Say that the check has begun; only a courtesy, so a failure is logged and no more."""
    try:
        portal.send_receipt(receipt(ckan_resource, "checking"))
    except HarvestError as error:
        log.info("CKAN was not told that %s is being checked: %s", ckan_resource, error)


def _plain(problem: Rejected) -> dict[str, Any]:
    value = problem.value.replace("\x00", "␀") if problem.value is not None else None
    return {"line": problem.line, "column": problem.column, "rule": problem.rule, "value": value, "params": problem.params}
