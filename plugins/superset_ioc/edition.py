"""Answers that follow the store: the current edition is part of the key under which Superset caches a chart's data.

After a load has committed, the next question has another key, is therefore asked of the store, and an answer begun before the load can
never be served after it. Nobody has to tell Superset that something changed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from datasets.model.audience import LEADER
from superset_ioc.audience import audience_of

log = logging.getLogger(__name__)

SECONDS_KEPT = 0.2
SECONDS_TO_ANSWER = 3
CURRENT_EDITION = "SELECT coalesce(max(edition), 0) FROM ledger.edition"


class CurrentEdition:
    """The store's latest edition, asked at most once in `seconds_kept` by a process.

    `ask` gives the edition or raises. When the store does not answer, the last one known stands: whatever has to be read will fail
    by itself, and what was cached is still the last that was seen.
    """

    def __init__(self, ask: Callable[[], int], seconds_kept: float = SECONDS_KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._seconds_kept = seconds_kept
        self._clock = clock
        self._lock = threading.Lock()
        self._edition = 0
        self._asked_at: float | None = None

    def read(self) -> int:
        """The edition, at most `seconds_kept` old."""
        with self._lock:
            now = self._clock()
            if self._asked_at is None or now - self._asked_at >= self._seconds_kept:
                try:
                    self._edition = self._ask()
                except Exception as problem:  # noqa: BLE001 - any failure of the store means the same here
                    log.warning("The store's edition cannot be read: %s", problem)
                # Taken before the question: an edition committed while it was asked is seen at most seconds_kept later.
                self._asked_at = now
            return self._edition


class StoreConnection:
    """One connection to the store, made again after a fork or a failure."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._process = 0

    def ask(self) -> int:
        """Ask for the edition. Raises psycopg2.Error when the store does not answer twice."""
        if self._process != os.getpid():  # a connection opened before a fork belongs to the parent
            self._connection, self._process = None, os.getpid()
        if self._connection is not None:
            try:
                return self._query()
            except Exception as problem:  # noqa: BLE001 - the connection may be stale; the second try is not caught
                log.info("Connecting to the store again: %s", problem)
                self._connection = None
        self._connection = self._connect()
        self._connection.autocommit = True
        return self._query()

    def _query(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(CURRENT_EDITION)
            return int(cursor.fetchone()[0])


def current_edition(app: Any) -> CurrentEdition:
    """The application's."""
    found: CurrentEdition = app.extensions["ioc_edition"]
    return found


def register(app: Any) -> None:
    """Put audience and edition into the key of cached answers (with the feature flag CACHE_QUERY_BY_USER)."""
    from superset.db_engine_specs.postgres import PostgresEngineSpec

    from superset_ioc.store import connect

    settings = app.config["IOC_SETTINGS"]
    connection = StoreConnection(lambda: connect(settings, LEADER, "superset-edition", SECONDS_TO_ANSWER))
    current = CurrentEdition(connection.ask)
    app.extensions["ioc_edition"] = current
    PostgresEngineSpec.get_impersonation_key = classmethod(lambda cls, user: f"{audience_of(user)}@{current.read()}")
