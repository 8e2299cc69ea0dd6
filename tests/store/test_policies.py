"""Which rows of a restricted dataset each audience reads, and who reads measures over it: tried as each role."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from psycopg import errors

from ckan_harvesters.load import load
from datasets.model.audience import RowRule, agency_role, areas, audiences, group_role, row_rules
from datasets.model.contract import Contract
from tests.store.conftest import Store
from tests.store.contracts import checked, contract, resource

DAY = "2025-08-01"
VINH, KIM_LIEN = "16681.202507", "17971.202507"
OWNER, OTHER = "so-y-te", "benh-vien-san-nhi"
NAMED = "thanh-tra-tinh"
STRANGERS = ("aud_public", "aud_official", "aud_operator", "aud_agency_so_noi_vu")

Cell = tuple[str, str, str, int]
"""Dataset, unit, agency, value."""


def of_access(access: Any, version: str = "1.1.0") -> Contract:
    return contract(resource("cases", access), version=version)


@pytest.fixture
def audits() -> Contract:
    """One restricted dataset, which localities read too."""
    return of_access({"restricted": [NAMED], "localities": True})


@pytest.fixture
def rows(store: Store, audits: Contract) -> Store:
    """Two agencies deliver for two communes: values 1 (owner, Vinh), 2 (owner, Kim Lien), 4 (other, Vinh), 8 (other, Kim Lien)."""
    store.apply(audits)
    for agency, values in ((OWNER, (1, 2)), (OTHER, (4, 8))):
        scope = f"{agency}|{DAY}"
        delivered = [(DAY, unit, f"soi của {agency}", value) for unit, value in zip((VINH, KIM_LIEN), values, strict=True)]
        load(store.loader, checked(delivered, scope, of=audits), f"job {agency}")
    return store


def cells(store: Store, *wanted: Cell, access: str) -> None:
    """Writes cells of measures as a load does."""
    with psycopg.connect(store.loader) as conn:
        for dataset, unit, agency, value in wanted:
            conn.execute(
                "INSERT INTO measure.value (unit_id, measure, agency, calendar, period, starts, value, n, access, dataset, load_id)"
                " VALUES (%s, %s, %s, 'day', %s, %s, %s, 1, %s, %s, 1)",
                (unit, f"{dataset}.total", agency, DAY, DAY, value, access, dataset),
            )


def total(store: Store, source: str, column: str, role: str) -> int | None:
    """Sum of what a role reads, None where it may read nothing at all."""
    try:
        return store.ask(f"SELECT coalesce(sum({column}), 0)::int FROM {source}", url=store.audience(role))[0][0]  # type: ignore[no-any-return]
    except errors.InsufficientPrivilege:
        return None


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        ("aud_leader", 15),
        ("aud_agency_so_y_te", 15),
        ("aud_agency_thanh_tra_tinh", 15),
        ("aud_agency_benh_vien_san_nhi", 12),
        ("aud_locality_phuong_thanh_vinh", 5),
        ("aud_locality_former_vinh", 5),
        ("aud_locality_xa_kim_lien", 10),
        ("aud_locality_phuong_cua_lo", 0),
        ("aud_locality_former_ky_son", 0),
        *[(role, None) for role in STRANGERS],
    ],
)
def test_an_audience_reads_its_rows_of_a_restricted_dataset_in_every_way(rows: Store, role: str, reads: int | None) -> None:
    for source in ("clinic.cases", "clinic.cases__v1", "clinic.cases__as_of(100)"):
        assert total(rows, source, "cases", role) == reads, source


def test_every_pair_of_agencies_reads_only_what_the_rules_say(rows: Store, audits: Contract) -> None:
    agencies, local = rows.reference.agencies, areas(rows.reference)
    values = {(OWNER, VINH): 1, (OWNER, KIM_LIEN): 2, (OTHER, VINH): 4, (OTHER, KIM_LIEN): 8}
    rules = {rule.role: rule for rule in row_rules(audits.resources[0], agencies, local)}

    def seen(rule: RowRule) -> int:
        return sum(v for (agency, unit), v in values.items() if rule.all_rows or agency == rule.agency or unit in rule.units)

    asked = audiences(agencies, local)
    assert len(asked) == 4 + len(agencies) + len({member.group_id for member in rows.reference.groups})
    for audience in asked:
        wanted = seen(rules[audience.role]) if audience.role in rules else None
        assert total(rows, "clinic.cases", "cases", audience.role) == wanted, audience.role


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        ("aud_leader", 15),
        ("aud_agency_so_y_te", 15),
        ("aud_agency_thanh_tra_tinh", 15),
        ("aud_agency_benh_vien_san_nhi", 0),
        ("aud_locality_phuong_thanh_vinh", 0),
        ("aud_locality_former_vinh", 0),
        *[(role, 0) for role in STRANGERS],
    ],
)
def test_measures_over_a_restricted_dataset_are_read_whole_or_not_at_all(rows: Store, role: str, reads: int) -> None:
    cells(rows, ("clinic-cases", VINH, OWNER, 5), ("clinic-cases", KIM_LIEN, OTHER, 10), access="restricted")
    assert total(rows, "measure.value", "value", role) == reads


@pytest.mark.parametrize(("access", "readers"), [("open", {"aud_public", "aud_official"}), ("shared", {"aud_official"})])
def test_measures_over_open_and_shared_datasets_are_read_by_their_class(store: Store, access: str, readers: set[str]) -> None:
    store.apply(of_access(access))
    cells(store, ("clinic-cases", VINH, OWNER, 5), access=access)
    for role in ("aud_public", "aud_official"):
        assert total(store, "measure.value", "value", role) == (5 if role in readers else 0)


def test_a_second_apply_changes_no_rule(rows: Store, audits: Contract) -> None:
    before = policies(rows)
    assert not rows.apply(audits)
    assert policies(rows) == before
    assert len(before) > 30


def policies(store: Store) -> list[tuple[Any, ...]]:
    return store.ask("SELECT oid, polrelid::regclass::text, polname, polroles FROM pg_policy ORDER BY oid")


def test_a_rule_that_somebody_changed_is_put_right(rows: Store, audits: Contract) -> None:
    with psycopg.connect(rows.owner) as conn:
        conn.execute("ALTER POLICY aud_agency_benh_vien_san_nhi ON clinic.cases__v1 USING (true)")
        conn.execute("DROP POLICY readers ON clinic.cases__v1")
        conn.execute("CREATE POLICY more ON clinic.cases__v1 FOR SELECT TO aud_locality_xa_kim_lien USING (true)")
        conn.execute("ALTER POLICY shared ON measure.value USING (true)")
    assert total(rows, "clinic.cases", "cases", "aud_agency_benh_vien_san_nhi") == 15
    done = rows.apply(audits).made
    assert len(done) == 4, done
    for role, reads in (("aud_agency_benh_vien_san_nhi", 12), ("aud_leader", 15), ("aud_locality_xa_kim_lien", 10)):
        assert total(rows, "clinic.cases", "cases", role) == reads


def test_a_dataset_that_is_restricted_later_closes_its_past_too(store: Store) -> None:
    store.apply(of_access("open"))
    load(store.loader, checked([(DAY, VINH, "soi", 1)], f"{OWNER}|{DAY}", of=of_access("open")), "job")
    cells(store, ("clinic-cases", VINH, OWNER, 5), access="open")
    store.apply(of_access({"restricted": []}, "1.2.0"))
    # A load that had read the contract before writes a cell of the class of before.
    cells(store, ("clinic-cases", KIM_LIEN, OWNER, 7), access="open")
    for role in STRANGERS:
        assert total(store, "clinic.cases", "cases", role) is None
        assert total(store, "clinic.cases__as_of(100)", "cases", role) is None
        assert total(store, "measure.value", "value", role) == 0
    assert total(store, "measure.value", "value", "aud_leader") == 12


def test_a_dataset_that_is_opened_again_has_no_rules_left(rows: Store) -> None:
    cells(rows, ("clinic-cases", VINH, OWNER, 5), access="restricted")
    used = of_access("open", "1.2.0")
    rows.apply(used)
    assert not rows.apply(used)
    assert rows.ask("SELECT relrowsecurity FROM pg_class WHERE oid = 'clinic.cases__v1'::regclass") == [(False,)]
    assert rows.ask("SELECT count(*) FROM pg_policy WHERE polrelid = 'clinic.cases__v1'::regclass") == [(0,)]
    assert rows.ask("SELECT count(*) FROM pg_policy WHERE polname LIKE 'restricted %'") == [(0,)]
    for role in ("aud_public", "aud_locality_xa_kim_lien"):
        assert total(rows, "clinic.cases", "cases", role) == 15
        assert total(rows, "measure.value", "value", role) == 5


def test_another_contracts_apply_leaves_the_rules_of_a_dataset(rows: Store) -> None:
    cells(rows, ("clinic-cases", VINH, OWNER, 5), access="restricted")
    rows.apply(contract(resource("visits"), name="other"))
    assert total(rows, "measure.value", "value", "aud_leader") == 5
    assert total(rows, "measure.value", "value", "aud_official") == 0


def test_the_loader_still_replaces_rows_under_rules(rows: Store, audits: Contract) -> None:
    load(rows.loader, checked([(DAY, VINH, "soi", 16)], f"{OTHER}|{DAY}", of=audits), "job again")
    assert total(rows, "clinic.cases", "cases", "aud_leader") == 19
    assert total(rows, "clinic.cases", "cases", "aud_agency_benh_vien_san_nhi") == 16


def test_rules_name_columns_and_literals_only(rows: Store) -> None:
    rules = rows.ask("SELECT polrelid::regclass::text, pg_get_expr(polqual, polrelid) FROM pg_policy")
    assert rules, "no table has a rule"
    for relation, rule in rules:
        assert "SELECT" not in rule.upper(), relation
        assert re.search(r"\w\(", rule) is None, f"{relation}: {rule} calls a function"


@pytest.mark.parametrize("role", STRANGERS)
def test_the_catalogue_tells_a_stranger_nothing_of_what_is_inside(rows: Store, role: str) -> None:
    with psycopg.connect(rows.owner, autocommit=True) as conn:
        conn.execute("ANALYZE clinic.cases__v1")
    url = rows.audience(role)
    assert rows.ask("SELECT count(*) FROM pg_stats WHERE schemaname = 'clinic'", url=url) == [(0,)]
    for table in ("tables", "columns", "table_privileges", "column_privileges", "views", "routines"):
        column = {"routines": "routine_name"}.get(table, "table_name")
        found = rows.ask(f"SELECT {column} FROM information_schema.{table} WHERE {column} LIKE 'cases%'", url=url)
        assert found == [], table


@pytest.mark.parametrize("role", ["aud_leader", "aud_agency_benh_vien_san_nhi", "aud_locality_former_vinh"])
def test_statistics_of_columns_are_closed_to_those_with_row_rules(rows: Store, role: str) -> None:
    with psycopg.connect(rows.owner, autocommit=True) as conn:
        conn.execute("ANALYZE clinic.cases__v1")
        conn.execute("ANALYZE measure.value")
    assert rows.ask("SELECT count(*) FROM pg_stats WHERE tablename IN ('cases__v1', 'value')") != [(0,)]
    assert rows.ask("SELECT count(*) FROM pg_stats WHERE tablename IN ('cases__v1', 'value')", url=rows.audience(role)) == [(0,)]


def test_the_past_of_an_area_belongs_to_it(store: Store) -> None:
    units = areas(store.reference)[group_role("former-vinh")]
    assert {"16681.202507", "16732.202507", "16663.202412"} <= set(units)
    assert set(areas(store.reference)[agency_role("phuong-thanh-vinh", "locality")]) <= set(units)


@pytest.mark.parametrize(
    ("role", "said"),
    [("aud_leader", 4), ("aud_agency_so_y_te", 4), ("aud_agency_benh_vien_san_nhi", None), ("aud_locality_phuong_thanh_vinh", None)],
)
def test_who_reads_some_rows_is_not_told_how_many_there_are(rows: Store, role: str, said: int | None) -> None:
    listed = "SELECT rows::int, note FROM ledger.source WHERE view_name = 'clinic.cases'"
    assert rows.ask(listed, url=rows.audience(role)) == [(said, "Số liệu thật")]
    assert rows.ask(listed) == [(4, "Số liệu thật")]


@pytest.mark.parametrize("role", ["aud_public", "aud_official", "aud_locality_former_vinh"])
@pytest.mark.parametrize(
    "question",
    [
        "SELECT reltuples FROM pg_class WHERE relname = 'cases__v1'",
        "SELECT relpages FROM pg_class WHERE relname = 'cases__v1'",
        "SELECT * FROM pg_class",
        "SELECT n_live_tup FROM pg_stat_user_tables",
        "SELECT pg_stat_get_live_tuples(c.oid) FROM pg_class c WHERE relname = 'cases__v1'",
        "SELECT pg_relation_size(c.oid) FROM pg_class c WHERE relname = 'cases__v1'",
        "SELECT pg_total_relation_size(c.oid) FROM pg_class c WHERE relname = 'cases__v1'",
        "SELECT pg_advisory_xact_lock(7402011)",
        "SELECT pg_notify('ioc_edition', '{}')",
        "SELECT pg_sleep(1)",
        "SELECT query_to_xml('SELECT 1', true, false, '')",
    ],
)
def test_neither_sizes_nor_other_logins_are_within_reach(rows: Store, role: str, question: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        rows.ask(question, url=rows.audience(role))


def test_the_catalogue_still_says_what_programs_ask(rows: Store) -> None:
    """What SQLAlchemy asks of a table, for who may read it."""
    url = rows.audience("aud_official")
    columns = "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = 'cases' AND a.attnum > 0"
    assert ("unit_id",) in rows.ask(columns, url=url)
    assert rows.ask("SELECT count(*) > 0 FROM information_schema.tables", url=url) == [(True,)]
    assert rows.ask("SELECT count(*) > 0 FROM geometry_columns", url=url) == [(True,)]
