"""What a load does to the rows that are served."""

from __future__ import annotations

from ckan_harvesters.load import current_load, load, refuse, withdraw
from tests.store.conftest import Store
from tests.store.contracts import UNITS, checked, contract, rejected

DAY = "2021-08-01"
A = [(DAY, UNITS[0], "soi", 3), (DAY, UNITS[1], "soi", 5)]
B = [(DAY, UNITS[0], "soi", 4), (DAY, UNITS[2], "soi", 1)]


def rows(store: Store, edition: int | None = None) -> list[tuple[object, ...]]:
    source = "clinic.cases" if edition is None else f"clinic.cases__as_of({edition})"
    return store.ask(f"SELECT unit_id, disease, cases FROM {source} ORDER BY 1, 2")


def test_a_delivery_becomes_rows_with_an_edition(store: Store) -> None:
    outcome = load(store.loader, checked(A), "job 1")

    assert (outcome.state, outcome.accepted, outcome.added, outcome.changed, outcome.removed) == ("done", 2, 2, 0, 0)
    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]
    assert store.ask("SELECT max(edition) FROM ledger.head") == [(outcome.edition,)]
    view = store.ask(
        "SELECT unit_code, unit_name, unit_level, agency, agency_title, period_starts::text, rate::text, note, line "
        "FROM clinic.cases ORDER BY line"
    )
    assert view[0] == ("16681", "Phường Thành Vinh", "commune", "so-y-te", "Sở Y tế", DAY, "1.50", "", 2)
    assert view[1][7] is None


def test_a_corrected_file_replaces_rows_and_the_edition_before_stays_readable(store: Store) -> None:
    first = load(store.loader, checked(A), "job 1")
    second = load(store.loader, checked(B), "job 2")

    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    assert rows(store) == [(UNITS[0], "soi", 4), (UNITS[2], "soi", 1)]
    assert first.edition is not None
    assert rows(store, first.edition) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]
    assert rows(store, first.edition - 1) == []


def test_unchanged_rows_keep_the_load_they_came_with(store: Store) -> None:
    first = load(store.loader, checked(A), "job 1")
    second = load(store.loader, checked([*A, (DAY, UNITS[2], "soi", 9)]), "job 2")

    assert (second.added, second.changed, second.removed) == (1, 0, 0)
    assert store.ask("SELECT load_id, count(*) FROM clinic.cases GROUP BY 1 ORDER BY 1") == [(first.load_id, 2), (second.load_id, 1)]


def test_the_same_file_again_is_no_new_edition(store: Store) -> None:
    first = load(store.loader, checked(A), "job 1")
    again = load(store.loader, checked(A), "job 2")

    assert again.unchanged
    assert (again.state, again.edition, again.load_id) == ("done", first.edition, first.load_id)
    assert store.ask("SELECT state FROM ledger.load WHERE job_id = 'job 2'") == [("unchanged",)]
    assert load(store.loader, checked(A), "job 2") == again


def test_a_redelivered_message_gives_the_outcome_it_had(store: Store) -> None:
    first = load(store.loader, checked(A), "job 1")
    load(store.loader, checked(B), "job 2")

    assert load(store.loader, checked(A), "job 1") == first
    assert rows(store) == [(UNITS[0], "soi", 4), (UNITS[2], "soi", 1)]


def test_a_then_b_then_a_loads_a_again(store: Store) -> None:
    editions = [load(store.loader, checked(part), f"job {n}").edition for n, part in enumerate((A, B, A))]

    assert len(set(editions)) == 3
    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]


def test_a_withdrawn_delivery_shows_no_rows_and_may_come_back(store: Store) -> None:
    first = load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    gone = withdraw(store.loader, "r1")

    assert gone is not None
    assert gone.removed == 2
    assert rows(store) == []
    assert first.edition is not None
    assert len(rows(store, first.edition)) == 2
    assert withdraw(store.loader, "r1") is None
    assert current_load(store.loader, "r1") is None
    back = load(store.loader, checked(A, ckan_resource="r1"), "job 2")
    assert (back.unchanged, back.added) == (False, 2)


def test_a_key_that_is_open_from_another_delivery_is_rejected_naming_it(store: Store) -> None:
    load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    other = checked([(DAY, UNITS[0], "soi", 7), (DAY, UNITS[2], "soi", 8)], scope="benh-vien-san-nhi|2021-08-01", ckan_resource="r2")
    outcome = load(store.loader, other, "job 2")

    assert (outcome.state, outcome.accepted, outcome.rejected) == ("done_with_rejects", 1, 1)
    assert [(r.line, r.rule, r.params["delivery"]) for r in outcome.elsewhere] == [(2, "key_open_elsewhere", "r1")]
    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5), (UNITS[2], "soi", 8)]
    assert store.ask("SELECT line, rule, params->>'delivery' FROM ledger.rejected_row") == [(2, "key_open_elsewhere", "r1")]


def test_a_row_rejected_elsewhere_comes_in_when_the_same_file_is_delivered_after_the_other_was_withdrawn(store: Store) -> None:
    load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    other = checked([A[0], (DAY, UNITS[2], "soi", 8)], scope="benh-vien-san-nhi|2021-08-01", ckan_resource="r2")
    load(store.loader, other, "job 2")
    withdraw(store.loader, "r1")
    outcome = load(store.loader, other, "job 3")

    assert (outcome.state, outcome.added, outcome.unchanged) == ("done", 1, False)


def test_a_delivery_of_which_too_much_is_open_elsewhere_is_refused(store: Store) -> None:
    load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    outcome = load(store.loader, checked(A, scope="benh-vien-san-nhi|2021-08-01", ckan_resource="r2"), "job 2")

    assert (outcome.state, outcome.code, outcome.edition) == ("refused", "too_many_bad", None)
    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]
    assert store.ask("SELECT count(*) FROM ledger.rejected_row") == [(2,)]
    assert store.ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace") == [(0,)]


def test_the_same_scope_from_a_second_delivery_is_refused(store: Store) -> None:
    load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    outcome = load(store.loader, checked(B, ckan_resource="r2"), "job 2")

    assert (outcome.state, outcome.code, outcome.params["delivery"]) == ("refused", "duplicate_scope", "r1")
    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]


def test_a_delivery_that_changes_its_scope_leaves_the_one_before(store: Store) -> None:
    load(store.loader, checked(A, scope="so-y-te|2021-08-02", ckan_resource="r1"), "job 1")
    load(store.loader, checked(A, scope="so-y-te|2021-08-01", ckan_resource="r1"), "job 2")

    assert rows(store) == [(UNITS[0], "soi", 3), (UNITS[1], "soi", 5)]
    current = store.ask("SELECT scope, kind FROM ledger.current_load ORDER BY scope")
    assert current == [("so-y-te|2021-08-01", "file"), ("so-y-te|2021-08-02", "withdrawal")]
    assert load(store.loader, checked(B, scope="so-y-te|2021-08-02", ckan_resource="r9"), "job 3").state == "done_with_rejects"


def test_a_refused_delivery_is_in_the_ledger_and_what_was_served_stays(store: Store) -> None:
    load(store.loader, checked(A, ckan_resource="r1"), "job 1")
    used = contract()
    head = store.ask("SELECT edition FROM ledger.head")
    load_id = refuse(
        store.loader, used, used.resource("cases"), "html", {"head": "<html>"}, ckan_resource="r1", scope="so-y-te|2021-08-01",
        file_sha256="0" * 64, file_size=6, job_id="job 2", rejected=[rejected(3)],
    )  # fmt: skip

    assert store.ask("SELECT state, refused_code, params->>'head' FROM ledger.load WHERE load_id = %s", load_id) == [
        ("refused", "html", "<html>")
    ]
    assert store.ask("SELECT edition FROM ledger.head") == head
    assert len(rows(store)) == 2
    again = refuse(store.loader, used, used.resource("cases"), "html", {}, ckan_resource="r1", job_id="job 2")
    assert again == load_id
    entry = current_load(store.loader, "r1")
    assert entry is not None
    assert entry.state == "done"


def test_rejected_rows_are_kept_and_counted_by_row(store: Store) -> None:
    outcome = load(store.loader, checked(A, rejected=[rejected(9), rejected(9, "ti_le"), rejected(10, value="a\x00b")]), "job 1")

    assert (outcome.state, outcome.rejected) == ("done_with_rejects", 2)
    kept = store.ask("SELECT n, line, column_name, masked_value FROM ledger.rejected_row ORDER BY n")
    assert kept == [(1, 9, "so_ca", "x"), (2, 9, "ti_le", "x"), (3, 10, "so_ca", "a\ufffdb")]


def test_simulated_rows_are_told_by_the_source(store: Store) -> None:
    note = "SELECT note, simulated, rows, title FROM ledger.source"
    assert store.ask(note, url=store.audience("aud_public")) == [("Chưa có số liệu", False, 0, "Số liệu cases")]
    load(store.loader, checked(A, simulated=True), "job 1")
    assert store.ask(note, url=store.audience("aud_public"))[0][:3] == ("Số liệu mô phỏng", True, 2)
    load(store.loader, checked(A), "job 2")
    assert store.ask(note, url=store.audience("aud_public"))[0][:3] == ("Số liệu thật", False, 2)
