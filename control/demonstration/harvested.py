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
HARVEST_TIMEOUT = 900.0

LAST_STATES = """
SELECT DISTINCT ON (ckan_resource) ckan_resource, load_id, state
FROM ledger.load
WHERE ckan_resource = ANY (%s)
ORDER BY ckan_resource, load_id DESC
"""


def last_loads(connection: psycopg.Connection, resources: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Number and state of the last load of each of these CKAN resources; one that was never loaded is left out."""
    return {resource: (load, state) for resource, load, state in connection.execute(LAST_STATES, (list(resources),)).fetchall()}


def wait_until_harvested(
    instance: Instance,
    secrets: Secrets,
    resources: Sequence[str],
    *,
    after: Mapping[str, int] | None = None,
    timeout: float = HARVEST_TIMEOUT,
) -> str:
    """Waits until each of these CKAN resources has a finished load; returns the counts by state in words. Raises StepFailed.

    `after`: by resource, the number of a load that does not count: the one before a file was replaced.
    """
    before = after or {}
    deadline = time.monotonic() + timeout
    with postgres.connect(instance, secrets, "ioc") as connection:
        while True:
            loads = last_loads(connection, resources)
            ended = {r: state for r, (load, state) in loads.items() if state in FINAL_STATES and load > before.get(r, 0)}
            waiting = [resource for resource in resources if resource not in ended]
            if not waiting:
                counted = Counter(ended.values())
                return ", ".join(f"{counted[state]} {state.replace('_', ' ')}" for state in FINAL_STATES if counted[state])
            if time.monotonic() > deadline:
                raise StepFailed(
                    f"{len(waiting)} of {len(resources)} deliveries were not harvested in {timeout:.0f} s, the first is {waiting[0]}",
                    log=instance.logs / "worker.log",
                    advice="./ioc logs worker; ./ioc demo goes on where it stopped",
                )
            time.sleep(0.5)
