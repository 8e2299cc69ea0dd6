"""Waiting until what was delivered is harvested."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

import psycopg

from control.secrets import Secrets
from control.services import postgres
from control.settings import Instance
from control.steps import StepFailed

FINAL_STATES = ("done", "done_with_rejects", "refused", "failed", "unchanged")
HARVEST_TIMEOUT = 600.0
"""Seconds in which the harvest finishes no delivery of anybody. How long it may take altogether depends on how many wait."""

LAST_STATES = """
SELECT DISTINCT ON (ckan_resource) ckan_resource, load_id, state
FROM ledger.load
WHERE ckan_resource = ANY (%s)
ORDER BY ckan_resource, load_id DESC
"""
READ = """
SELECT d.ckan_resource FROM ledger.delivery d JOIN unnest(%s::text[], %s::text[]) u (ckan_resource, upload) USING (ckan_resource)
WHERE d.ended_at IS NOT NULL AND position(u.upload IN d.fingerprint) > 0
"""
FINISHED = "SELECT count(*) FROM ledger.load WHERE state = ANY (%s)"


def last_loads(connection: psycopg.Connection, resources: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Number and state of the last load of each of these CKAN resources; one that was never loaded is left out."""
    return {resource: (load, state) for resource, load, state in connection.execute(LAST_STATES, (list(resources),)).fetchall()}


def read_uploads(connection: psycopg.Connection, uploads: Mapping[str, str]) -> set[str]:
    """Which of these CKAN resources were harvested as they stand; `uploads`: by resource, CKAN's `last_modified`."""
    return {resource for (resource,) in connection.execute(READ, (list(uploads), list(uploads.values()))).fetchall()}


def wait_until_harvested(
    instance: Instance,
    secrets: Secrets,
    resources: Sequence[str],
    *,
    after: Mapping[str, int] | None = None,
    uploads: Mapping[str, str] | None = None,
    timeout: float = HARVEST_TIMEOUT,
) -> str:
    """Waits until each of these CKAN resources has a finished load; returns the counts by state in words. Raises StepFailed.

    `after`: by resource, the number of a load that does not count: the one before a file was replaced. `uploads`: by resource, CKAN's
    `last_modified` of a file of which it is not known whether the last load is its own: the harvest must have come to that file.
    `timeout`: seconds in which the harvest may finish no delivery, of these or of others that wait before them.
    """
    before, waited = after or {}, set(resources)
    unread = {resource: upload for resource, upload in (uploads or {}).items() if resource in waited}
    finished, deadline = -1, 0.0
    with postgres.connect(instance, secrets, "ioc") as connection:
        while True:
            loads = last_loads(connection, resources)
            for resource in read_uploads(connection, unread) if unread else ():
                del unread[resource]
            final = {r: state for r, (load, state) in loads.items() if state in FINAL_STATES and load > before.get(r, 0)}
            ended = {r: state for r, state in final.items() if r not in unread}
            waiting = [resource for resource in resources if resource not in ended]
            if not waiting:
                counted = Counter(ended.values())
                return ", ".join(f"{counted[state]} {state.replace('_', ' ')}" for state in FINAL_STATES if counted[state])
            now_finished = _finished(connection)
            if now_finished != finished:
                finished, deadline = now_finished, time.monotonic() + timeout
            if time.monotonic() > deadline:
                raise StepFailed(
                    f"nothing was harvested for {timeout:.0f} s; {len(waiting)} of {len(resources)} deliveries wait, as {waiting[0]}",
                    log=instance.logs / "worker.log",
                    advice="./ioc logs worker; ./ioc demo goes on where it stopped",
                )
            time.sleep(0.5)


def _finished(connection: psycopg.Connection) -> int:
    """How many loads of the store are finished, whoever delivered them."""
    row = connection.execute(FINISHED, (list(FINAL_STATES),)).fetchone()
    return int(row[0]) if row else 0
