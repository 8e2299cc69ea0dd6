"""Who can do what in the store: tried as each role."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors

from ckan_harvesters.errors import Rejected
from ckan_harvesters.load import load
from datasets.model.audience import agency_role, audiences, may_read, password
from tests.store.cluster import SECRET
from tests.store.conftest import Store
from tests.store.contracts import FIELDS, UNITS, checked, contract, resource

DAY = "2021-08-01"
A = [(DAY, UNITS[0], "soi", 3), (DAY, UNITS[1], "soi", 5)]
PERSONAL = [*FIELDS, {"name": "ho_ten", "column": "patient", "title": "Họ tên", "type": "string", "personal": "basic"}]


@pytest.fixture
def three(store: Store) -> Store:
    """An open, a shared and a restricted dataset, one row each."""
    used = contract(
        resource("cases", "open"),
        resource("staff", "shared"),
        resource("audits", {"restricted": ["thanh-tra-tinh", "phuong-thanh-vinh"]}),
        version="1.1.0",
    )
    store.apply(used)
    for name in ("cases", "staff", "audits"):
        load(store.loader, checked(A[:1], of=used, resource_name=name, ckan_resource=name), f"job {name}")
    return store


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        ("aud_public", {"cases"}),
        ("aud_official", {"cases", "staff"}),
        ("aud_operator", {"cases", "staff"}),
        ("aud_leader", {"cases", "staff", "audits"}),
        ("aud_agency_so_y_te", {"cases", "staff", "audits"}),
        ("aud_agency_thanh_tra_tinh", {"cases", "staff", "audits"}),
        ("aud_locality_phuong_thanh_vinh", {"cases", "staff", "audits"}),
        ("aud_agency_so_noi_vu", {"cases", "staff"}),
        ("aud_locality_xa_kim_lien", {"cases", "staff"}),
    ],
)
def test_an_audience_reads_its_classes_in_every_way_and_no_other(three: Store, role: str, reads: set[str]) -> None:
    for name in ("cases", "staff", "audits"):
        for source in (f"clinic.{name}", f"clinic.{name}__v1", f"clinic.{name}__as_of(100)"):
            if name in reads:
                assert three.ask(f"SELECT cases FROM {source}", url=three.audience(role)) == [(3,)]
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    three.ask(f"SELECT cases FROM {source}", url=three.audience(role))
    listed = {row[0] for row in three.ask("SELECT view_name FROM ledger.source", url=three.audience(role))}
    assert listed == {f"clinic.{name}" for name in reads}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO clinic.cases__v1 SELECT * FROM clinic.cases__v1",
        "UPDATE clinic.cases__v1 SET closed_by = 1",
        "DELETE FROM clinic.cases__v1",
        "CREATE TABLE public.mine (n int)",
        "CREATE TEMP TABLE mine (n int)",
        "SELECT * FROM ledger.load",
        "SELECT * FROM ledger.rejected_row",
        "SELECT email FROM ref.agency",
        "SELECT ledger.publish(1)",
        "SELECT * FROM pg_authid",
        "SET ROLE ioc_owner",
    ],
)
def test_an_audience_only_reads(store: Store, statement: str) -> None:
    with psycopg.connect(store.audience("aud_leader"), autocommit=True) as conn:
        conn.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute(statement.encode())


def test_audiences_read_only_by_default_and_not_for_ever(store: Store) -> None:
    url = store.audience("aud_public")
    assert store.ask("SHOW default_transaction_read_only", url=url) == [("on",)]
    assert store.ask("SHOW statement_timeout", url=url) == [("15s",)]
    assert store.ask("SELECT count(*) FROM ref.unit", url=url)[0][0] == len(store.reference.units)
    assert store.ask("SELECT ST_AsText(ST_MakePoint(1, 2))", url=url) == [("POINT(1 2)",)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM clinic.cases__v1",
        "TRUNCATE clinic.cases__v1",
        "UPDATE clinic.cases__v1 SET cases = 0",
        "UPDATE clinic.cases__v1 SET load_id = 0",
        "UPDATE ledger.edition SET hash = ''",
        "DELETE FROM ledger.edition",
        "DELETE FROM ledger.load",
        "UPDATE ledger.load SET state = 'done'",
        "UPDATE ledger.rejected_row SET rule = ''",
        "INSERT INTO ledger.contract (sha256, name, major, minor, bytes) VALUES (repeat('0', 64), 'x', 1, 0, '')",
        "INSERT INTO ref.agency (agency, title, kind) VALUES ('x', 'x', 'office')",
        "UPDATE ref.unit SET name = 'x'",
        "ALTER TABLE clinic.cases__v1 ADD COLUMN x int",
        "CREATE TABLE clinic.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE SCHEMA mine",
        "DROP VIEW clinic.cases",
        "CREATE ROLE mine",
    ],
)
def test_the_loader_adds_and_closes_and_nothing_else(store: Store, statement: str) -> None:
    load(store.loader, checked(A), "job 1")
    with pytest.raises(errors.InsufficientPrivilege), psycopg.connect(store.loader) as conn:
        conn.execute(statement.encode())


def test_roles_without_a_grant_cannot_enter(store: Store) -> None:
    with psycopg.connect(store.cluster.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute("DROP ROLE IF EXISTS stranger")
        conn.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(store.cluster.url("stranger", store.database, "x"))


def test_a_narrower_access_class_takes_grants_back(three: Store) -> None:
    narrower: dict[str, Any] = {"restricted": []}
    three.apply(
        contract(resource("cases", narrower), resource("staff"), resource("audits", {"restricted": ["thanh-tra-tinh"]}), version="1.2.0")
    )

    for role, name in (("aud_public", "cases"), ("aud_official", "cases"), ("aud_locality_phuong_thanh_vinh", "audits")):
        for source in (f"clinic.{name}", f"clinic.{name}__v1", f"clinic.{name}__as_of(100)"):
            with pytest.raises(errors.InsufficientPrivilege):
                three.ask(f"SELECT cases FROM {source}", url=three.audience(role))
    assert three.ask("SELECT cases FROM clinic.staff", url=three.audience("aud_public")) == [(3,)]
    assert three.ask("SELECT cases FROM clinic.cases", url=three.audience("aud_agency_so_y_te")) == [(3,)]


@pytest.mark.parametrize(("access", "role"), [("open", "aud_public"), ("shared", "aud_leader")])
def test_personal_columns_reach_no_open_or_shared_reader(store: Store, access: str, role: str) -> None:
    import polars as pl

    used = contract(resource(), resource("patients", access, fields=PERSONAL), version="1.1.0")
    store.apply(used)
    assert not store.apply(used)
    rows = checked(A, of=contract()).rows.with_columns(patient=pl.lit("Nguyễn Thị Hoa"))
    bad = [Rejected(9, "ho_ten", "pattern", "Trần Văn Nam")]
    load(store.loader, checked(rows, of=used, resource_name="patients", rejected=bad), "job 1")
    url = store.audience(role)

    assert "patient" not in [c[0] for c in store.ask("SELECT json_object_keys(to_json(v)) FROM clinic.patients v", url=url)]
    assert store.ask("SELECT DISTINCT patient FROM clinic.patients__as_of(100)", url=url) == [(None,)]
    assert store.ask("SELECT count(cases) FROM clinic.patients__v1", url=url) == [(2,)]
    with pytest.raises(errors.InsufficientPrivilege):
        store.ask("SELECT patient FROM clinic.patients__v1", url=url)
    assert store.ask("SELECT masked_value FROM ledger.rejected_row") == [("•••",)]


def test_a_new_secret_changes_the_passwords(store: Store) -> None:
    from control.compile.store import apply_store

    with psycopg.connect(store.owner) as conn:
        assert apply_store(conn, [contract()], store.reference, "another secret")
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(store.audience("aud_public"))
        url = store.cluster.url("aud_public", store.database, password("another secret", "aud_public"))
        assert store.ask("SELECT 1", url=url) == [(1,)]
    finally:
        with psycopg.connect(store.owner) as conn:
            apply_store(conn, [contract()], store.reference, SECRET)


def test_what_the_model_says_of_an_audience_is_what_the_store_does(three: Store) -> None:
    agencies = three.reference.agencies
    used = contract(
        resource("cases", "open"), resource("staff", "shared"), resource("audits", {"restricted": ["thanh-tra-tinh", "phuong-thanh-vinh"]})
    )
    for audience in audiences(agencies):
        for part in used.resources:
            query = "SELECT has_table_privilege(%s, %s, 'SELECT')"
            assert three.ask(query, audience.role, f"clinic.{part.name}") == [(may_read(audience, part, agencies),)]


def test_a_long_name_of_an_agency_is_no_longer_than_postgresql_allows() -> None:
    long = "trung-tam-" * 7 + "x"
    assert len(agency_role(long)) == 63
    assert agency_role(long) != agency_role(long + "y")
