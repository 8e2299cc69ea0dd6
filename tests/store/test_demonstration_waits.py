"""Whether the harvest has come to the very file that stands in the portal, as `ioc demo` asks when it goes on after it was stopped."""

from __future__ import annotations

import psycopg

from control.demonstration.harvested import read_uploads
from tests.store.conftest import Store

BEGUN = """
INSERT INTO ledger.delivery (ckan_resource, dataset, dataset_id, contract_resource, agency, fingerprint, state, attempts, ended_at)
VALUES (%s, 'health-cases', 'id', 'health/cases', 'so-y-te', %s, %s, 1, %s)
"""


def test_only_what_was_harvested_as_it_stands_was_read(store: Store) -> None:
    with psycopg.connect(store.owner) as conn:
        conn.execute(BEGUN, ("as it stands", "a.csv|2026-11-23T08:00:00|so-y-te", "done", "2026-11-23 08:01+07"))
        conn.execute(BEGUN, ("replaced since", "a.csv|2026-11-23T08:00:00|so-y-te", "done", "2026-11-23 08:01+07"))
        conn.execute(BEGUN, ("at work", "a.csv|2026-11-23T08:00:00|so-y-te", "checking", None))

        uploads = {
            "as it stands": "2026-11-23T08:00:00",
            "replaced since": "2026-11-23T08:05:00",
            "at work": "2026-11-23T08:00:00",
            "never begun": "2026-11-23T08:00:00",
        }
        assert read_uploads(conn, uploads) == {"as it stands"}
