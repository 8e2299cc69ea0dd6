"""One cluster for the session; a migrated store with a small contract for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql

from control.compile.changes import Changes
from control.compile.store import apply_store
from datasets.model.audience import password
from datasets.model.contract import Contract
from datasets.model.reference import Reference, read_reference
from tests.store.cluster import SECRET, Cluster
from tests.store.contracts import contract

TEMPLATE = "template_store"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.rsplit("/", 1)[0]):
            item.add_marker(pytest.mark.store)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def reference() -> Reference:
    return read_reference()


@dataclass
class Store:
    """One database of the cluster."""

    cluster: Cluster
    database: str
    reference: Reference

    @property
    def owner(self) -> str:
        return self.cluster.url("ioc_owner", self.database)

    @property
    def loader(self) -> str:
        """What the harvest connects with."""
        return self.cluster.url("ioc_loader", self.database)

    @property
    def desk(self) -> str:
        """What the desk service connects with."""
        return self.cluster.url("ioc_desk", self.database)

    def audience(self, role: str) -> str:
        return self.cluster.url(role, self.database, password(SECRET, role))

    def apply(self, *contracts: Contract, **more: Any) -> Changes:
        with psycopg.connect(self.owner) as conn:
            return apply_store(conn, list(contracts) or [contract()], self.reference, SECRET, **more)

    def ask(self, query: str, *parameters: Any, url: str | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query, as the owner unless another address is given."""
        with psycopg.connect(url or self.owner) as conn:
            return conn.execute(query.encode(), parameters or None).fetchall()


@pytest.fixture(scope="session")
def template(cluster: Cluster, reference: Reference) -> Store:
    """Migrated, and the small contract applied."""
    cluster.make_store(TEMPLATE)
    done = cluster.migrate(TEMPLATE)
    assert done.returncode == 0, done.stderr
    store = Store(cluster, TEMPLATE, reference)
    store.apply()
    return store


@contextmanager
def copied(template: Store) -> Iterator[Store]:
    """A copy of the template, dropped at the end."""
    name = f"store_{next(_numbers)}"
    with psycopg.connect(template.cluster.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER ioc_owner").format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        # Grants on the database itself are not copied with it.
        conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        conn.execute(
            sql.SQL(
                "GRANT CONNECT ON DATABASE {0} TO ioc_reader, ioc_loader, ioc_desk; GRANT TEMPORARY ON DATABASE {0} TO ioc_loader"
            ).format(sql.Identifier(name))
        )
    yield Store(template.cluster, name, template.reference)
    with psycopg.connect(template.cluster.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def store(template: Store) -> Iterator[Store]:
    """A copy of the template, of this test alone."""
    with copied(template) as store:
        yield store
