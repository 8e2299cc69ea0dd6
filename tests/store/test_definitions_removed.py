"""A contract that is taken out of the store: nothing of it is left but its lines in the ledger, whose chain stays whole."""

from __future__ import annotations

import psycopg
import pytest

from ckan_harvesters.edition import verify
from ckan_harvesters.load import load, withdraw
from control.compile.store.removal import Removed, plan_removal, remove_contract
from datasets.model.problem import ContractError
from tests.store.conftest import Store
from tests.store.contracts import BEDS, UNITS, Row, checked, contract, delivered, indicator, measured, rejected, resource

A, B, _ = UNITS
DAY = "2021-08-01"
ROWS: list[Row] = [(DAY, A, "soi", 3), (DAY, B, "soi", 5)]

# Whatever names the contract or holds something of it, by the place where it is.
LEFT = """
SELECT 'schema' FROM pg_namespace WHERE nspname = 'clinic'
UNION ALL SELECT 'relation ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'clinic'
UNION ALL SELECT 'function ' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'clinic'
UNION ALL SELECT 'policy ' || policyname FROM pg_policies WHERE qual LIKE '%%clinic%%'
UNION ALL SELECT 'value' FROM measure.value WHERE measure LIKE 'clinic.%%' OR dataset LIKE 'clinic-%%'
UNION ALL SELECT 'measure' FROM measure.definition WHERE measure LIKE 'clinic.%%'
UNION ALL SELECT 'indicator' FROM indicator.definition WHERE indicator LIKE 'clinic.%%'
UNION ALL SELECT 'target' FROM indicator.target WHERE indicator LIKE 'clinic.%%'
UNION ALL SELECT 'headline' FROM indicator.headline WHERE subsystem = 'clinic'
UNION ALL SELECT 'subsystem' FROM ledger.subsystem WHERE subsystem = 'clinic'
UNION ALL SELECT 'dataset' FROM ledger.dataset WHERE contract = 'clinic'
UNION ALL SELECT 'delivery' FROM ledger.delivery WHERE contract_resource LIKE 'clinic/%%'
UNION ALL SELECT 'current contract' FROM ledger.current_contract WHERE name = 'clinic'
UNION ALL SELECT 'source' FROM ledger.source WHERE subsystem = 'clinic'
UNION ALL SELECT 'standing delivery' FROM ledger.current_load WHERE table_name LIKE 'clinic.%%' AND kind = 'file'
UNION ALL SELECT 'rejected row' FROM ledger.rejected_row
UNION ALL SELECT 'staging ' || tablename FROM pg_tables WHERE schemaname = 'staging'
"""


def remove(store: Store, name: str = "clinic") -> Removed:
    with psycopg.connect(store.owner) as conn:
        return remove_contract(conn, name)


def broken(store: Store) -> list[str]:
    with psycopg.connect(store.owner) as conn:
        return [found.what for found in verify(conn, rows=True)]


@pytest.fixture
def clinic(store: Store) -> Store:
    """Two major versions, restricted cases, measures with values, a target, a rejected row, a delivery that the harvest knows."""
    load(store.loader, checked(ROWS, ckan_resource="r1"), "job 1")
    target = {"value": 85, "from": "2021-01-01", "basis": {"kind": "proposed"}}
    shown = {"cases": indicator("new_cases", "ca", "week", targets=[target])}
    used = measured(version="2.0.0", access={"restricted": ["so-tai-chinh"]}, indicators=shown)
    store.apply(used)
    load(store.loader, checked(ROWS, ckan_resource="r2", of=used, rejected=[rejected(9)]), "job 2")
    rows = [{"reference_date": DAY, "unit_id": A, "people": 10_000}]
    load(store.loader, delivered(used, "population", rows), "job 3")
    with psycopg.connect(store.loader) as conn:
        known = "INSERT INTO ledger.delivery (ckan_resource, dataset, dataset_id, contract_resource, agency, fingerprint, state) VALUES "
        conn.execute(known + "('r2', 'clinic-cases', 'd', 'clinic/cases', 'so-y-te', 'f', 'done')")
    return store


def test_nothing_is_left_but_the_ledger_and_its_chain_is_whole(clinic: Store) -> None:
    before = clinic.ask("SELECT edition, hash FROM ledger.edition ORDER BY 1")
    assert {row[0].split(" ")[0] for row in clinic.ask(LEFT)} >= {
        "schema",
        "relation",
        "function",
        "policy",
        "value",
        "target",
        "headline",
        "delivery",
    }
    remove(clinic)

    assert clinic.ask(LEFT) == []
    after = clinic.ask("SELECT edition, hash FROM ledger.edition ORDER BY 1")
    assert after[: len(before)] == before
    # Three deliveries stood; then the contract itself.
    query = "SELECT kind, scope FROM ledger.edition JOIN ledger.load USING (load_id) ORDER BY edition DESC LIMIT 4"
    assert clinic.ask(query)[0] == ("contract", "clinic")
    assert [row[0] for row in clinic.ask(query)[1:]] == ["withdrawal"] * 3
    assert broken(clinic) == []


def test_a_plan_of_a_removal_counts_what_goes_and_changes_nothing(clinic: Store) -> None:
    before = clinic.ask(LEFT)
    with psycopg.connect(clinic.owner) as conn:
        changes = plan_removal(conn, "clinic")

    assert "table clinic.cases__v1 goes with its 2 rows and all that they were before" in changes.made
    assert "table clinic.cases__v2 goes with its 2 rows and all that they were before" in changes.made
    assert "3 deliveries are withdrawn, each as an edition" in changes.made
    assert [line.kind for line in changes.lines if line.text.startswith("the ledger keeps")] == ["kept"]
    assert clinic.ask(LEFT) == before


def test_a_second_removal_has_nothing_to_do_and_names_the_files_again(clinic: Store) -> None:
    first = remove(clinic)
    head = clinic.ask("SELECT edition FROM ledger.head")
    second = remove(clinic)

    assert not second.changes
    assert second.files == first.files
    assert clinic.ask("SELECT edition FROM ledger.head") == head
    assert not remove(clinic, "never-there").changes


def test_files_that_another_dataset_has_too_are_kept(clinic: Store) -> None:
    other = contract(resource(), name="other")
    clinic.apply(other)
    load(clinic.loader, checked(ROWS, of=other, ckan_resource="r9", file="the same bytes"), "job 9")
    own = checked([("2021-08-02", A, "soi", 1)], "so-y-te|2021-08-02", "r8", file="the same bytes", of=measured(version="2.0.0"))
    assert load(clinic.loader, own, "job 8").accepted == 1
    done = remove(clinic)

    erased = clinic.ask("SELECT path, erased_why FROM ledger.file WHERE erased_at IS NOT NULL ORDER BY 1")
    assert erased == [(path, "contract clinic was removed") for path in sorted(done.files)]
    assert clinic.ask("SELECT erased_at FROM ledger.file WHERE sha256 = %s", own.file_sha256) == [(None,)]
    assert len(erased) == 2
    assert clinic.ask("SELECT count(*) FROM other.cases") == [(2,)]
    assert broken(clinic) == []


def test_a_contract_that_another_one_needs_is_not_removed(clinic: Store) -> None:
    asks = indicator("clinic.new_cases", "ca", "week")
    safety = contract(resource("calls", fields=BEDS, key=["ngay", "ma_xa", "co_so"]), name="safety", indicators={"ca-benh": asks})
    clinic.apply(safety, measured(version="2.0.0"))
    before = clinic.ask(LEFT)
    with pytest.raises(ContractError, match=r"safety: indicators\.ca-benh: it uses clinic\.new_cases; remove it first"):
        remove(clinic)

    assert clinic.ask(LEFT) == before
    remove(clinic, "safety")
    remove(clinic)
    assert clinic.ask(LEFT) == []


def test_what_no_contract_made_is_not_dropped_with_it(clinic: Store) -> None:
    with psycopg.connect(clinic.owner) as conn:
        conn.execute("CREATE TABLE clinic.of_somebody (n integer)")
    with pytest.raises(ContractError, match=r"holds clinic\.of_somebody, which no contract made"):
        remove(clinic)
    assert clinic.ask("SELECT count(*) FROM clinic.of_somebody") == [(0,)]


def test_a_contract_that_comes_back_begins_anew(clinic: Store) -> None:
    used = measured(version="2.0.0")
    remove(clinic)
    clinic.apply(used)
    assert clinic.ask("SELECT count(*) FROM clinic.cases") == [(0,)]
    again = load(clinic.loader, checked(ROWS, ckan_resource="r5", of=used), "job 5")

    assert (again.state, again.added) == ("done", 2)
    assert clinic.ask("SELECT rows FROM ledger.source WHERE view_name = 'clinic.cases'") == [(2,)]
    erased = "SELECT erased_at FROM ledger.file WHERE sha256 = %s"
    assert clinic.ask(erased, checked(ROWS).file_sha256) == [(None,)]
    assert broken(clinic) == []


def test_a_withdrawal_that_comes_after_the_removal_changes_nothing(clinic: Store) -> None:
    remove(clinic)
    head = clinic.ask("SELECT edition FROM ledger.head")

    assert withdraw(clinic.loader, "r2") is None
    assert clinic.ask("SELECT edition FROM ledger.head") == head


SAYS_OTHERWISE = "UPDATE ledger.load SET params = '{}' WHERE scope = 'clinic' AND contract_sha256 IS NULL"


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        (SAYS_OTHERWISE, "the tables it removed are not those of its digest"),
        (SAYS_OTHERWISE.replace("{}", '{"removed_tables": ["other.cases__v1"]}'), "the tables it removed are not those of its digest"),
        ("DROP SCHEMA other CASCADE", "the table other.cases__v1 is not there, and no edition removed it"),
    ],
)
def test_what_no_edition_removed_is_missed(clinic: Store, tampering: str, says: str) -> None:
    other = contract(resource(), name="other")
    clinic.apply(other)
    load(clinic.loader, checked(ROWS, of=other, ckan_resource="r9"), "job 9")
    remove(clinic)
    with psycopg.connect(clinic.owner) as conn:
        conn.execute(tampering.encode())

    found = broken(clinic)
    assert any(says in what for what in found), found
