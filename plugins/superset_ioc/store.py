"""Connections of our own pages to the store, each with the login of a viewer's audience: what may be read is decided there.

Superset's charts have connections of their own (see audience); these are for pages that are not made of chart queries.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from datasets.model.audience import password

if TYPE_CHECKING:
    from superset_ioc.settings import Settings

SECONDS_TO_CONNECT = 3
SECONDS_TO_ANSWER = 10
MOST_KEPT = 4
"""Idle connections that a process keeps, of all audiences together: with many audiences the store's places would run out."""


def connect(settings: Settings, audience: str, application: str = "superset-pages", seconds_to_answer: int = SECONDS_TO_ANSWER) -> Any:
    """A psycopg2 connection as this audience: reads only, each statement by itself. Raises psycopg2.OperationalError."""
    import psycopg2

    connection = psycopg2.connect(
        host=settings.store.host,
        port=settings.store.port,
        dbname=settings.store.database,
        user=audience,
        password=password(settings.shared_secret, audience),
        connect_timeout=SECONDS_TO_CONNECT,
        application_name=application,
        options=f"-c statement_timeout={seconds_to_answer * 1000}",
    )
    connection.set_session(readonly=True, autocommit=True)
    return connection


class Store:
    """Connections by audience, kept between requests. `connect_as` makes one of an audience, with a method `close`."""

    def __init__(self, connect_as: Callable[[str], Any], most_kept: int = MOST_KEPT) -> None:
        self._connect_as = connect_as
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._idle: OrderedDict[int, tuple[str, Any]] = OrderedDict()
        self._process = os.getpid()

    @contextmanager
    def connection(self, audience: str) -> Iterator[Any]:
        """A connection of this audience for one request; one that failed is not kept. Raises psycopg2.Error."""
        taken = self._take(audience)
        connection = self._connect_as(audience) if taken is None else taken
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(audience, connection)

    def ask(self, audience: str, query: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Rows of a query. A kept connection that the store has ended meanwhile is replaced once. Raises psycopg2.Error."""
        import psycopg2
        import psycopg2.errors

        try:
            return self._ask(audience, query, parameters)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as problem:
            if isinstance(problem, psycopg2.errors.QueryCanceled):
                raise
            self._forget(audience)
            return self._ask(audience, query, parameters)

    def _ask(self, audience: str, query: Any, parameters: Any) -> list[tuple[Any, ...]]:
        with self.connection(audience) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _take(self, audience: str) -> Any:
        with self._lock:
            if self._process != os.getpid():  # connections opened before a fork belong to the parent
                self._idle.clear()
                self._process = os.getpid()
            for key in reversed(self._idle):
                if self._idle[key][0] == audience:
                    return self._idle.pop(key)[1]
        return None

    def _keep(self, audience: str, connection: Any) -> None:
        with self._lock:
            self._idle[id(connection)] = (audience, connection)
            surplus = [self._idle.popitem(last=False)[1][1] for _ in range(len(self._idle) - self._most_kept)]
        for one in surplus:
            one.close()

    def _forget(self, audience: str) -> None:
        with self._lock:
            mine = [key for key, (whose, _) in self._idle.items() if whose == audience]
            gone = [self._idle.pop(key)[1] for key in mine]
        for one in gone:
            one.close()


def store_of(app: Any) -> Store:
    """The application's store."""
    found: Store = app.extensions["ioc_store"]
    return found


def register(app: Any) -> None:
    """Give the application its store."""
    settings = app.config["IOC_SETTINGS"]
    app.extensions["ioc_store"] = Store(lambda audience: connect(settings, audience))
