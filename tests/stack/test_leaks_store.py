"""No restricted row and no unshared total with the login of any audience, straight in PostgreSQL: every agency's against every other's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from control.apply import read_contracts
from datasets.model.audience import Areas, RowRule, areas, audiences, measure_readers, password, row_rules, who_reads
from datasets.model.contract import Contract, Resource
from datasets.model.reference import Reference
from tests.running import Running
from tests.stack.leaks import ALL_MARKS, OTHER, OWNER, SECRETS, SHUT_OUT, TOTALS, delivered, seen

__all__ = ["delivered"]
pytestmark = pytest.mark.stack

EDITION = 2**40
FIGURES = "SELECT DISTINCT facility, tested, positive FROM {source} WHERE facility IN ('97531', '97532')"


class Store:
    """The store as each of its audiences; one connection each."""

    def __init__(self, instance: Running) -> None:
        self._instance = instance
        self._connections: dict[str, psycopg.Connection[Any]] = {}

    def ask(self, role: str, query: str | sql.Composed) -> list[tuple[Any, ...]] | None:
        """Rows, None where the role is refused."""
        if role not in self._connections:
            self._connections[role] = self._instance.store_as(role, password(self._instance.secrets["shared"], role))
        try:
            return self._connections[role].execute(query.encode() if isinstance(query, str) else query).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return None

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


@pytest.fixture(scope="module")
def store(instance: Running) -> Iterator[Store]:
    asked = Store(instance)
    yield asked
    asked.close()


@pytest.fixture(scope="module")
def world() -> tuple[list[Contract], Reference, Areas]:
    contracts, reference = read_contracts()
    return contracts, reference, areas(reference)


def restricted(contracts: list[Contract]) -> Iterator[tuple[Contract, Resource]]:
    for contract in contracts:
        yield from ((contract, r) for r in contract.resources if r.access_class == "restricted")


World = tuple[list[Contract], Reference, Areas]


def test_rows_of_the_two_agencies_for_every_pair_of_audiences(store: Store, world: World, delivered: dict[str, str]) -> None:
    contracts, reference, local = world
    tests = next(r for _, r in restricted(contracts) if r.name == "tests")
    rules = {rule.role: rule for rule in row_rules(tests, reference.agencies, local)}

    def may_see(rule: RowRule | None, agency: str) -> bool:
        return rule is not None and (rule.all_rows or rule.agency == agency)

    for audience in audiences(reference.agencies, local):
        wanted = sorted(SECRETS[agency] for agency in (OWNER, OTHER) if may_see(rules.get(audience.role), agency))
        for source in ("health.tests", "health.tests__v1", f"health.tests__as_of({EDITION})"):
            found = store.ask(audience.role, FIGURES.format(source=source))
            assert sorted(found or []) == wanted, f"{audience.role} {source}"
            assert (found is None) == (audience.role not in rules), f"{audience.role} {source}"


def test_every_row_of_every_restricted_dataset_for_every_audience(store: Store, world: World, instance: Running) -> None:
    contracts, reference, local = world
    for contract, resource in restricted(contracts):
        view = f"{contract.pg_schema}.{contract.view(resource)}"
        with instance.store() as connection:
            rows = connection.execute(sql.SQL(f"SELECT agency, unit_id FROM {view}")).fetchall()
        rules = {rule.role: rule for rule in row_rules(resource, reference.agencies, local)}
        for audience in audiences(reference.agencies, local):
            rule = rules.get(audience.role)
            wanted = [(a, u) for a, u in rows if rule and (rule.all_rows or a == rule.agency or u in rule.units)]
            assert sorted(store.ask(audience.role, f"SELECT agency, unit_id FROM {view}") or []) == sorted(wanted), (
                f"{audience.role} {view}"
            )


def test_totals_for_every_audience(store: Store, world: World, delivered: dict[str, str]) -> None:
    contracts, reference, local = world
    for contract, resource in restricted(contracts):
        whole = measure_readers(resource, reference.agencies)
        names = [f"'{contract.name}.{name}'" for name, measure in contract.measures.items() if measure.of == resource.name]
        count = f"SELECT count(*) FROM measure.value WHERE measure IN ({', '.join(names)})"
        for audience in audiences(reference.agencies, local):
            found = store.ask(audience.role, count)
            assert found is not None
            assert (found[0][0] > 0) is (audience.role in whole), f"{audience.role} {names}"


def test_totals_in_wide_views_now_and_as_of_an_edition(store: Store, world: World, delivered: dict[str, str]) -> None:
    contracts, reference, local = world
    tests = next(r for _, r in restricted(contracts) if r.name == "tests")
    total = "SELECT coalesce(SUM(tested)::text, ''), coalesce(SUM(positive)::text, '') FROM {source} WHERE period_starts = '2019-11-01'"
    for audience in audiences(reference.agencies, local):
        for source in ("health.indicators_month", f"health.indicators_month__as_of({EDITION})"):
            found = store.ask(audience.role, total.format(source=source))
            told = audience.role in measure_readers(tests, reference.agencies)
            assert found == [TOTALS] if told else found in (None, [("", "")]), f"{audience.role} {source}: {found}"


def test_every_relation_that_a_stranger_may_read_holds_none_of_it(store: Store, delivered: dict[str, str]) -> None:
    readable = (
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')"
        " AND has_any_column_privilege(c.oid, 'SELECT')"
    )
    for role in SHUT_OUT:
        relations = store.ask(role, readable)
        assert relations, f"{role} was not told what it may read"
        for (relation,) in relations:
            if relation.startswith(("pg_", "information_schema.", "geo", "raster", "spatial_ref_sys")):
                continue
            found = store.ask(role, f"SELECT string_agg(x.t, ';') FROM (SELECT to_jsonb(r)::text AS t FROM {relation} r) x")
            assert not seen(str(found), ALL_MARKS[1:3] + ALL_MARKS[4:]), f"{role} {relation}"


def test_information_schema_shows_each_audience_what_it_may_read(store: Store, world: World) -> None:
    contracts, reference, local = world
    for audience in audiences(reference.agencies, local):
        shown = {tuple(row) for row in store.ask(audience.role, "SELECT table_schema, table_name FROM information_schema.tables") or []}
        for contract in contracts:
            for resource in contract.resources:
                may = not {audience.role, *audience.groups}.isdisjoint(who_reads(resource, reference.agencies, local))
                for name in (contract.view(resource), contract.table(resource)):
                    assert ((contract.pg_schema, name) in shown) is may, f"{audience.role} {contract.pg_schema}.{name}"


@pytest.mark.parametrize("role", SHUT_OUT)
def test_the_catalogue_holds_no_value_and_no_size(store: Store, delivered: dict[str, str], instance: Running, role: str) -> None:
    with instance.store() as connection:
        connection.execute("ANALYZE health.tests__v1")
    assert store.ask(role, "SELECT count(*) FROM pg_stats WHERE tablename IN ('tests__v1', 'value')") == [(0,)]
    for question in (
        "SELECT reltuples FROM pg_class WHERE relname = 'tests__v1'",
        "SELECT n_live_tup FROM pg_stat_user_tables",
        "SELECT pg_total_relation_size('health.tests__v1'::regclass)",
        "SELECT * FROM pg_statistic",
    ):
        assert store.ask(role, question) is None, question
    rows = store.ask(role, "SELECT rows FROM ledger.source WHERE dataset = 'health-tests'")
    assert rows in ([], [(None,)])


@pytest.mark.parametrize("role", SHUT_OUT)
def test_a_login_cannot_become_another_or_write(store: Store, role: str) -> None:
    for statement in ("SET ROLE aud_leader", "SET ROLE ioc_loader", "SET SESSION AUTHORIZATION aud_leader"):
        assert store.ask(role, statement) is None, statement
    assert store.ask(role, "SELECT current_user::text, session_user::text") == [(role, role)]
