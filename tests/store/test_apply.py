"""What applying contracts does to the store, and what it refuses."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import shapely

from ckan_harvesters.load import load
from control.compile.store import plan_store
from datasets.model.problem import ContractError
from datasets.model.read import read_all
from tests.store.conftest import Store
from tests.store.contracts import FIELDS, UNITS, checked, contract, resource

DAY = "2021-08-01"
A = [(DAY, UNITS[0], "soi", 3), (DAY, UNITS[1], "soi", 5)]
ADDED = {"name": "tu_vong", "column": "deaths", "title": "Tử vong", "type": "integer"}


def columns(store: Store, table: str) -> list[str]:
    query = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    return [row[0] for row in store.ask(query, table)]


def test_a_second_apply_changes_nothing(store: Store) -> None:
    head = store.ask("SELECT edition FROM ledger.head")

    assert store.apply().summary() == "nothing to change"
    assert store.ask("SELECT edition FROM ledger.head") == head


def test_a_table_has_the_keys_that_loads_rely_on(store: Store) -> None:
    indexes = [row[0] for row in store.ask("SELECT indexdef FROM pg_indexes WHERE schemaname = 'clinic' ORDER BY 1")]

    assert columns(store, "clinic.cases__v1") == [
        "unit_id",
        "agency",
        "day",
        "disease",
        "cases",
        "rate",
        "note",
        "load_id",
        "line",
        "closed_by",
    ]
    assert any("UNIQUE" in i and "(unit_id, day, disease) WHERE (closed_by IS NULL)" in i for i in indexes)
    assert any("UNIQUE" in i and "(unit_id, day, disease, load_id)" in i for i in indexes)
    no_key = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('ref', 'ledger', 'measure', 'indicator', 'supply', 'clinic')
      AND c.relname <> 'alembic_version' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
    """
    assert store.ask(no_key) == []


def test_a_plan_says_what_an_apply_would_do_and_changes_nothing(store: Store) -> None:
    with psycopg.connect(store.owner) as conn:
        plan = plan_store(conn, [contract(resource(), resource("beds"), version="1.1.0")], store.reference, "a secret for tests")

    assert "table clinic.beds__v1 is made" in plan.changes().made
    assert store.ask("SELECT to_regclass('clinic.beds__v1')") == [(None,)]


def test_an_added_column_comes_online_and_older_rows_have_none(store: Store) -> None:
    load(store.loader, checked(A), "job 1")
    wider = contract(resource(fields=[ADDED, *FIELDS]), version="1.1.0")
    changes = store.apply(wider)

    assert "column clinic.cases__v1.deaths is added; the 2 rows that are there have no value in it" in changes.made
    assert store.ask("SELECT cases, deaths FROM clinic.cases ORDER BY 1") == [(3, None), (5, None)]
    assert store.ask("SELECT count(deaths), count(*) FROM clinic.cases__as_of((SELECT edition FROM ledger.head))") == [(0, 2)]
    assert store.ask("SELECT deaths FROM clinic.cases LIMIT 1", url=store.audience("aud_public")) == [(None,)]
    assert not store.apply(wider)
    import polars as pl

    rows = checked(A, of=wider).rows.with_columns(deaths=pl.lit(1, pl.Int64))
    outcome = load(store.loader, checked(rows, of=wider), "job 2")
    assert outcome.changed == 2


def test_a_wider_type_comes_online(store: Store) -> None:
    load(store.loader, checked(A), "job 1")
    fields = [{**f, "type": "number"} if f["column"] == "cases" else f for f in FIELDS]
    store.apply(contract(resource(fields=fields), version="1.1.0"))

    assert store.ask("SELECT cases + 0.5 FROM clinic.cases ORDER BY 1 LIMIT 1")[0][0] == 3.5


def without(column: str) -> list[dict[str, Any]]:
    return [f for f in FIELDS if f["column"] != column]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (resource(fields=without("note")), "column note is no longer there"),
        (resource(key=["ngay", "ma_xa"]), "the key was (unit_id, day, disease) and would be (unit_id, day)"),
        (
            resource(fields=[{**f, "type": "string"} if f["column"] == "cases" else f for f in FIELDS]),
            "column cases is bigint and would be text",
        ),
        (resource("other"), "the resource cases is no longer there"),
    ],
)
def test_what_would_break_readers_is_refused_before_anything_changes(store: Store, changed: dict[str, Any], says: str) -> None:
    head = store.ask("SELECT edition FROM ledger.head")
    good = contract(resource(), name="second")
    with pytest.raises(ContractError, match=r"2\.0\.0") as error:
        store.apply(good, contract(changed, version="1.1.0"))

    assert says in str(error.value)
    assert store.ask("SELECT edition FROM ledger.head") == head
    assert store.ask("SELECT to_regnamespace('second')") == [(None,)]


def test_a_new_major_version_is_a_new_table_behind_the_same_view(store: Store) -> None:
    load(store.loader, checked(A), "job 1")
    second = contract(resource(fields=without("note")), version="2.0.0")
    store.apply(second)

    assert store.ask("SELECT count(*) FROM clinic.cases") == [(0,)]
    assert store.ask("SELECT count(*) FROM clinic.cases__v1") == [(2,)]
    load(store.loader, checked(checked(A).rows.drop("note"), of=second), "job 2")
    assert store.ask("SELECT cases FROM clinic.cases ORDER BY 1") == [(3,), (5,)]
    assert store.ask("SELECT table_name, rows FROM ledger.source") == [("clinic.cases__v2", 2)]
    with pytest.raises(ContractError, match="write a major version of at least 2"):
        store.apply(contract())


def test_a_resource_that_a_new_major_version_drops_is_read_no_more(store: Store) -> None:
    store.apply(contract(resource(), resource("beds"), version="1.1.0"))
    store.apply(contract(resource(), version="2.0.0"))

    assert store.ask("SELECT to_regclass('clinic.beds')") == [(None,)]
    assert store.ask("SELECT to_regclass('clinic.beds__v1') IS NOT NULL") == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        store.ask("SELECT * FROM clinic.beds__v1", url=store.audience("aud_public"))


def test_a_plan_says_what_happens_to_the_rows_of_the_version_before(store: Store) -> None:
    load(store.loader, checked(A), "job 1")
    with psycopg.connect(store.owner) as conn:
        lines = plan_store(conn, [contract(resource("beds"), version="2.0.0")], store.reference, "a secret for tests").changes().lines
        kept = [line.text for line in lines if line.kind == "kept"]
        gone = [line.text for line in lines if line.kind == "dropped" and not line.text.startswith("revoke")]
        again = plan_store(conn, [contract(version="2.0.0")], store.reference, "a secret for tests").changes().lines

    assert (kept, gone) == (["table clinic.cases__v1 keeps its 2 rows, which nobody reads any more"], ["view clinic.cases goes"])
    said = "table clinic.cases__v1 keeps its 2 rows; clinic.cases shows those of clinic.cases__v2 from now on"
    assert [line.text for line in again if line.kind == "kept"] == [said]


def test_a_plan_names_what_changes_of_a_dataset(store: Store) -> None:
    with psycopg.connect(store.owner) as conn:
        renamed = {**resource(access="shared"), "title": "Ca bệnh"}
        changes = plan_store(conn, [contract(renamed, version="1.1.0")], store.reference, "a secret for tests").changes()

    assert "dataset clinic-cases is changed in the ledger: title, access" in [line.text for line in changes.lines if line.kind == "changed"]
    assert "revoke SELECT on clinic.cases from ioc_open" in [line.text for line in changes.lines if line.kind == "dropped"]


def test_an_applied_contract_is_in_the_ledger_with_its_bytes(store: Store) -> None:
    used = contract()
    kept = store.ask("SELECT name, sha256, bytes FROM ledger.current_contract")

    assert kept == [("clinic", used.sha256, used.source)]
    assert store.ask("SELECT count(*) FROM ledger.load JOIN ledger.edition USING (load_id) WHERE kind = 'contract'") == [(1,)]


def test_units_agencies_and_periods_are_those_of_the_reference(store: Store) -> None:
    assert store.ask("SELECT count(*) FROM ref.unit") == [(len(store.reference.units),)]
    assert store.ask("SELECT title FROM ref.agency WHERE agency = 'so-y-te'") == [("Sở Y tế",)]
    assert store.ask("SELECT starts::text, ends::text FROM ref.period WHERE period = '2021-08A'") == [("2021-07-15", "2021-08-15")]
    spans = store.ask("SELECT calendar, min(starts)::text, max(ends)::text FROM ref.period GROUP BY 1 ORDER BY 1")
    assert len(spans) == 9
    assert all(starts <= "2015-01-01" and ends >= "2036-01-01" for _, starts, ends in spans)


def test_a_delivered_boundary_outlives_the_schematic_cells_of_a_later_apply(store: Store) -> None:
    cells = {unit: shapely.to_wkb(shapely.box(105 + n, 19, 105.5 + n, 19.5)) for n, unit in enumerate(UNITS)}
    changes = store.apply(cells=cells)
    assert "ref.unit: 3 schematic cells" in changes.made
    assert not store.apply(cells=cells)
    with psycopg.connect(store.loader) as conn:
        conn.execute(
            "UPDATE ref.unit SET geom = ST_MakeEnvelope(1, 1, 2, 2, 4326), geom_source = 'boundaries' WHERE unit_id = %s",
            (UNITS[0],),
        )
    moved = {unit: shapely.to_wkb(shapely.box(106, 19, 106.5, 19.5)) for unit in UNITS}
    store.apply(cells=moved)

    drawn = store.ask("SELECT geom_source, ST_XMin(geom) FROM ref.unit WHERE geom IS NOT NULL ORDER BY unit_id")
    assert drawn == [("boundaries", 1.0), ("schematic", 106.0), ("schematic", 106.0)]


def test_migrations_say_what_is_missing_beforehand(store: Store) -> None:
    with psycopg.connect(store.cluster.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute("CREATE DATABASE bare OWNER ioc_owner")
    done = store.cluster.migrate("bare")

    assert done.returncode != 0
    assert "CREATE EXTENSION postgis" in done.stderr


def test_migrations_are_one_numbered_line() -> None:
    from pathlib import Path

    from alembic.script import ScriptDirectory

    folder = Path(__file__).resolve().parents[2] / "migrations"
    script = ScriptDirectory(str(folder))
    revisions = [s.revision for s in script.walk_revisions()][::-1]
    assert revisions == [f"{n:04d}" for n in range(1, len(revisions) + 1)]
    assert script.get_heads() == [revisions[-1]]


def test_the_shipped_contracts_apply_and_apply_again(store: Store) -> None:
    shipped = read_all(reference=store.reference)
    changes = store.apply(*shipped)

    assert {f"contract {c.name} {c.version} becomes the next edition of the ledger" for c in shipped} <= set(changes.made)
    assert not store.apply(*shipped)
    for used in shipped:
        for part in used.resources:
            assert store.ask(f"SELECT count(*) FROM {used.pg_schema}.{used.view(part)}", url=store.audience("aud_leader")) == [(0,)]
