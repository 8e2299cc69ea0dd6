"""The store as the desk service reads it: one connection for each thread, read only, and what seldom changes kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ckan_harvesters.applied import Places, places
from ckan_harvesters.errors import TransientError

OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=20s -c jit=off -c timezone=UTC"
UNITS_EDITION = """
SELECT coalesce((SELECT max(load_id) FROM ledger.load WHERE kind = 'units'), 0), (SELECT count(*) FROM ref.unit),
    (SELECT md5(string_agg(agency, ',' ORDER BY agency)) FROM ref.agency)
"""

Connection = psycopg.Connection[Any]


class Store:
    """Connections to the store, and its units and agencies as they are now."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = threading.local()
        self._lock = threading.Lock()
        self._places: tuple[str, Places] | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """This thread's connection, in one snapshot. Raises TransientError when the store does not answer."""
        try:
            conn = self._connection()
            with conn.transaction():
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                yield conn
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._forget()
            raise TransientError(f"The store did not answer: {error}") from error

    def places(self, conn: Connection) -> tuple[str, Places]:
        """Units and agencies, and a text that changes when they do."""
        row = conn.execute(UNITS_EDITION).fetchone()
        version = "|".join(map(str, row or ()))
        with self._lock:
            if self._places is None or self._places[0] != version:
                self._places = (version, places(conn))
            return self._places

    def _connection(self) -> Connection:
        conn: Connection | None = getattr(self._own, "conn", None)
        if conn is not None and not conn.closed:
            try:
                conn.execute("SELECT")
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._forget()
            else:
                return conn
        fresh = psycopg.connect(self._url, autocommit=True, options=OPTIONS, application_name="ioc desk", connect_timeout=5)
        self._own.conn = fresh
        return fresh

    def _forget(self) -> None:
        conn: Connection | None = getattr(self._own, "conn", None)
        self._own.conn = None
        if conn is not None:
            conn.close()
