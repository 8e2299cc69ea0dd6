"""Editions: what one shows never changes, whatever runs at once; and the chain can be checked by anyone."""

from __future__ import annotations

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import Any

import polars as pl
import psycopg
import pytest
from psycopg import errors

from ckan_harvesters.edition import verify
from ckan_harvesters.load import load, withdraw
from tests.store.conftest import Store
from tests.store.contracts import UNITS, Row, checked, contract, rejected, resource

DAY = "2021-08-01"
BIG: list[Row] = [(DAY, UNITS[0], f"d{n:05d}", n) for n in range(20_000)]


def as_of(store: Store, edition: int) -> list[tuple[Any, ...]]:
    return store.ask("SELECT * FROM clinic.cases__as_of(%s) ORDER BY unit_id, day, disease", edition)


def test_two_loads_at_once_the_bigger_begun_first_and_committed_last_leave_every_earlier_edition_as_it_was(store: Store) -> None:
    start = load(store.loader, checked([(DAY, UNITS[0], "soi", 1)], scope="so-y-te|1", ckan_resource="r1"), "job 0")
    assert start.edition is not None
    big_has_begun, small_is_done = threading.Event(), threading.Event()

    def hold(conn: psycopg.Connection[Any], load_id: int) -> None:
        big_has_begun.set()
        assert small_is_done.wait(30)

    with ThreadPoolExecutor(2) as pool:
        big = pool.submit(load, store.loader, checked(BIG, scope="so-y-te|2", ckan_resource="r2"), "big", hold)
        assert big_has_begun.wait(30)
        small = load(store.loader, checked([(DAY, UNITS[1], "soi", 2)], scope="so-y-te|1", ckan_resource="r1"), "small")
        assert small.edition is not None
        before = {edition: as_of(store, edition) for edition in range(small.edition + 1)}
        small_is_done.set()
        last = big.result(60)

    assert (small.edition, last.edition) == (start.edition + 1, start.edition + 2)
    assert last.load_id < small.load_id
    assert {edition: as_of(store, edition) for edition in before} == before
    assert len(before[small.edition]) == 1
    assert len(as_of(store, small.edition + 1)) == 20_001


def test_two_loads_that_open_the_same_key_at_once_keep_it_once(store: Store) -> None:
    first_has_begun, second_waits = threading.Event(), threading.Event()

    def hold(conn: psycopg.Connection[Any], load_id: int) -> None:
        first_has_begun.set()
        assert second_waits.wait(30)

    rows: list[Row] = [(DAY, UNITS[0], "soi", 1), (DAY, UNITS[1], "soi", 2)]
    other: list[Row] = [(DAY, UNITS[1], "soi", 7), (DAY, UNITS[2], "soi", 3)]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load, store.loader, checked(rows, scope="so-y-te|1", ckan_resource="r1"), "one", hold)
        assert first_has_begun.wait(30)
        second = pool.submit(load, store.loader, checked(other, scope="benh-vien-san-nhi|1", ckan_resource="r2"), "two")
        _wait_for_a_lock(store)
        second_waits.set()
        outcome = second.result(60)
        assert first.result(60).state == "done"

    assert (outcome.state, [r.params["delivery"] for r in outcome.elsewhere]) == ("done_with_rejects", ["r1"])
    assert store.ask("SELECT cases FROM clinic.cases ORDER BY 1") == [(1,), (2,), (3,)]


def test_a_key_without_unit_is_kept_once_though_its_rows_are_in_two_units(store: Store) -> None:
    used = contract(resource(key=["ngay", "benh"]), name="keyed")
    store.apply(used)
    first_has_begun, second_waits = threading.Event(), threading.Event()

    def hold(conn: psycopg.Connection[Any], load_id: int) -> None:
        first_has_begun.set()
        assert second_waits.wait(30)

    one = checked([(DAY, UNITS[0], "soi", 1)], scope="so-y-te|1", ckan_resource="r1", of=used)
    two = checked([(DAY, UNITS[1], "soi", 2), (DAY, UNITS[1], "cum", 3)], scope="benh-vien-san-nhi|1", ckan_resource="r2", of=used)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(load, store.loader, one, "one", hold)
        assert first_has_begun.wait(30)
        second = pool.submit(load, store.loader, two, "two")
        _wait_for_a_lock(store)
        second_waits.set()
        outcomes = [first.result(60), second.result(60)]

    assert [(o.accepted, o.rejected) for o in outcomes] == [(1, 0), (1, 1)]
    assert store.ask("SELECT disease, cases FROM keyed.cases ORDER BY 2") == [("soi", 1), ("cum", 3)]


def _wait_for_a_lock(store: Store) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    pause = threading.Event()
    for _ in range(200):
        if store.ask(query)[0][0]:
            return
        pause.wait(0.05)
    raise AssertionError("no load came to wait for another")


def test_deliveries_of_one_scope_at_once_come_one_after_the_other(store: Store) -> None:
    files = [[(DAY, UNITS[0], "soi", n), (DAY, UNITS[1], f"d{n}", n)] for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda n: load(store.loader, checked(files[n]), f"job {n}"), range(8)))

    last = max(range(8), key=lambda n: outcomes[n].edition or 0)
    assert store.ask("SELECT disease, cases FROM clinic.cases ORDER BY 1") == [(f"d{last}", last), ("soi", last)]
    for n, outcome in enumerate(outcomes):
        assert sorted(row[4] for row in as_of(store, outcome.edition or 0)) == [n, n]


def test_the_chain_can_be_recomputed_from_the_ledger_alone(store: Store) -> None:
    load(store.loader, checked(BIG[:50], ckan_resource="r1", rejected=[rejected(99)]), "job 1")
    load(store.loader, checked(BIG[10:60], ckan_resource="r1"), "job 2")
    withdraw(store.loader, "r1")
    editions = store.ask(
        "SELECT e.edition, e.prev_hash, e.hash, e.committed_at, l.load_id, l.kind, l.table_name, l.scope, l.file_sha256, "
        "l.contract_sha256, l.decoder, l.accepted, l.rejected, l.added, l.changed, l.removed, l.row_digest "
        "FROM ledger.edition e JOIN ledger.load l USING (load_id) ORDER BY 1"
    )
    prev = ""
    for number, row in enumerate(editions, start=1):
        edition, prev_hash, found, at, load_id, kind, table, scope, file, used, decoder, *counts, digest = row
        text = (
            f"edition={number}\nprev={prev}\nload={load_id}\nkind={kind}\ntable={table or ''}\nscope={scope}\nfile={file or ''}\n"
            f"contract={used or ''}\ndecoder={decoder or ''}\ncounts={','.join(map(str, counts))}\nrows={digest or ''}\n"
            f"at={at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"
        )
        assert (edition, prev_hash) == (number, prev)
        assert found == hashlib.sha256(text.encode()).hexdigest()
        prev = found
    assert [row[5] for row in editions] == ["units", "contract", "file", "file", "withdrawal"]
    with psycopg.connect(store.owner) as conn:
        assert verify(conn, rows=True) == []


def test_the_digest_of_rows_is_that_of_their_text(store: Store) -> None:
    load(store.loader, checked([(DAY, UNITS[0], "soi", 1), (DAY, UNITS[1], "é", None)]), "job 1")
    second = load(store.loader, checked([(DAY, UNITS[0], "soi", 2)]), "job 2")

    first_load = second.load_id - 1
    added = f"so-y-te\t{UNITS[0]}\t2021-08-01\tsoi\t2\t1.50\t\t2\n"
    closed = (
        f"{first_load}\tso-y-te\t{UNITS[0]}\t2021-08-01\tsoi\t1\t1.50\t\t2\n"
        f"{first_load}\tso-y-te\t{UNITS[1]}\t2021-08-01\té\t\\N\t1.50\t\\N\t3\n"
    )
    expected = hashlib.sha256((added + "\\.\n" + closed).encode()).hexdigest()
    assert store.ask("SELECT row_digest FROM ledger.load WHERE load_id = %s", second.load_id) == [(expected,)]


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("UPDATE clinic.cases__v1 SET cases = 99 WHERE line = 2", "rows that load"),
        ("DELETE FROM clinic.cases__v1 WHERE line = 3", "rows that load"),
        ("UPDATE ledger.load SET accepted = 7 WHERE kind = 'file'", "hash is not that of its line"),
        ("UPDATE ledger.edition SET hash = repeat('a', 64) WHERE edition = 2", "does not follow"),
    ],
)
def test_what_was_changed_behind_the_ledger_is_found(store: Store, tampering: str, says: str) -> None:
    load(store.loader, checked(BIG[:5]), "job 1")
    with psycopg.connect(store.owner) as conn:
        conn.execute(tampering.encode())
    with psycopg.connect(store.owner) as conn:
        assert any(says in broken.what for broken in verify(conn, rows=True))


def test_an_edition_is_announced_when_it_is_there(store: Store) -> None:
    with psycopg.connect(store.audience("aud_public"), autocommit=True) as listener:
        listener.execute("LISTEN ioc_edition")
        outcome = load(store.loader, checked(BIG[:5]), "job 1")
        heard = next(iter(listener.notifies(timeout=10, stop_after=1)))

    assert json.loads(heard.payload) == {"edition": outcome.edition, "table": "clinic.cases__v1"}


def test_work_within_a_load_is_undone_with_it(store: Store) -> None:
    def fail(conn: psycopg.Connection[Any], load_id: int) -> None:
        conn.execute("SELECT 1 / 0")

    with pytest.raises(Exception, match="division by zero") as error:
        load(store.loader, checked(BIG[:5]), "job 1", fail)
    assert not isinstance(error.value, errors.Error)
    assert store.ask("SELECT count(*) FROM clinic.cases__v1") == [(0,)]
    assert load(store.loader, checked(BIG[:5]), "job 1").added == 5


def test_a_hundred_thousand_rows_load_and_load_again_by_their_difference(store: Store) -> None:
    numbers = pl.arange(0, 100_000, eager=True)
    rows = pl.DataFrame({"line": (numbers + 2).cast(pl.Int32), "cases": numbers}).with_columns(
        unit_id=pl.lit(UNITS[0]),
        day=pl.date(2021, 8, 1),
        disease=pl.format("d{}", pl.col("cases")),
        rate=pl.lit(None, pl.Decimal(38, 2)),
        note=pl.lit("ghi chú, \"có dấu phẩy\"\nvà xuống dòng \\N"),
    )  # fmt: skip
    first = load(store.loader, checked(rows, ckan_resource="r1"), "job 1")
    changed = rows.with_columns(cases=pl.when(pl.col("line") % 100 == 0).then(pl.col("cases") + 1).otherwise(pl.col("cases"))).sample(
        fraction=1, shuffle=True, seed=1
    )
    second = load(store.loader, checked(changed, ckan_resource="r1"), "job 2")

    assert (first.added, second.added, second.changed, second.removed) == (100_000, 0, 1_000, 0)
    assert store.ask("SELECT count(*), sum(cases) FROM clinic.cases") == [(100_000, 4_999_950_000 + 1_000)]
    assert store.ask("SELECT DISTINCT note FROM clinic.cases") == [('ghi chú, "có dấu phẩy"\nvà xuống dòng \\N',)]
