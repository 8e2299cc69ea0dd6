"""What becomes of a report is written with the load, the refusal or the withdrawal, and with nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ckan_harvesters.load import refuse, withdraw
from tests.store.conftest import Store
from tests.store.contracts import UNITS, frame, rejected
from tests.store.supplied import at, deliver, delivery, events, owed, owing, set_clock, state

ROOT = Path(__file__).resolve().parents[2]
SCOPE = "so-y-te|2026-03-04"
PERIOD = "2026-03-04"
FOLD = "received_at, quality, is_zero, load_id, edition, ckan_resource, rows_accepted, rows_rejected, refused_code, simulated, zero_by"


@pytest.fixture
def owed_store(store: Store) -> Store:
    """A store in which owing-cases is owed each day from 2 March 2026; it is 4 March, 16:00."""
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing())
    set_clock(store, "2026-03-04 16:00")
    return store


def report(store: Store, columns: str, period: str = PERIOD, obligation: str = "owing-cases@so-y-te") -> tuple[Any, ...]:
    return store.ask(f"SELECT {columns} FROM supply.report WHERE obligation = %s AND period = %s", obligation, period)[0]


def test_a_load_says_that_its_report_came(owed_store: Store) -> None:
    done = deliver(owed_store, delivery(owing(), SCOPE, simulated=True), "job 1")

    assert events(owed_store, PERIOD) == ["accepted"]
    expected = (at("2026-03-04 16:00"), "accepted", False, done.load_id, done.edition, f"cases of {SCOPE}", 1, 0, None, True, None)
    assert report(owed_store, FOLD) == expected
    assert state(owed_store, PERIOD) == ("on_time", "accepted")
    line = "SELECT received_at, report_period FROM ledger.load WHERE load_id = %s"
    assert owed_store.ask(line, done.load_id) == [(at("2026-03-04 16:00"), PERIOD)]


def test_without_a_clock_a_delivery_was_received_when_it_was_uploaded_and_never_in_the_future(store: Store) -> None:
    store.apply(owing(since="2026-03-01"))
    deliver(store, delivery(owing(), SCOPE, uploaded_at=at("2026-03-04 16:59")), "job 1")
    deliver(store, delivery(owing(), "so-y-te|2026-03-05", uploaded_at=at("2126-03-05 16:59")), "job 2")

    assert report(store, "received_at") == (at("2026-03-04 16:59"),)
    assert state(store, PERIOD) == ("on_time", "accepted")
    assert store.ask("SELECT received_at <= clock_timestamp() FROM supply.report WHERE period = '2026-03-05' AND last_event > 0") == [
        (True,)
    ]
    assert state(store, "2026-03-05") == ("late", "accepted")


def test_the_same_job_and_the_same_file_add_nothing_and_a_correction_keeps_the_moment_of_the_first(owed_store: Store) -> None:
    first = delivery(owing(), SCOPE)
    deliver(owed_store, first, "job 1")
    set_clock(owed_store, "2026-03-05 09:00")
    deliver(owed_store, first, "job 1")
    deliver(owed_store, first, "job 2")
    assert events(owed_store, PERIOD) == ["accepted"]

    table = frame([("2026-01-01", UNITS[0], "a", 3), ("2026-01-01", UNITS[1], "a", 4)])
    correction = delivery(owing(), SCOPE)
    correction.rows, correction.file_sha256, correction.rejected = table, "c" * 64, [rejected(4)]
    done = deliver(owed_store, correction, "job 3")
    assert events(owed_store, PERIOD) == ["accepted", "accepted"]
    found = report(owed_store, "received_at, quality, load_id, rows_accepted, rows_rejected")
    assert found == (at("2026-03-04 16:00"), "accepted_with_rejects", done.load_id, 2, 1)
    assert state(owed_store, PERIOD) == ("on_time", "accepted_with_rejects")


def test_a_refusal_is_no_report_and_takes_nothing_away(owed_store: Store) -> None:
    contract = owing()
    said: dict[str, Any] = {"ckan_resource": f"cases of {SCOPE}", "scope": SCOPE, "agency": "so-y-te"}
    for _ in range(2):
        refuse(owed_store.loader, contract, contract.resource("cases"), "header", {}, **said, job_id="job 1")
    assert (events(owed_store, PERIOD), report(owed_store, "quality, refused_code, received_at")) == (
        ["refused"],
        ("refused", "header", None),
    )
    assert state(owed_store, PERIOD) == ("due_soon", "refused")

    deliver(owed_store, delivery(contract, SCOPE), "job 2")
    refuse(owed_store.loader, contract, contract.resource("cases"), "header", {}, **said, job_id="job 3")
    refuse(owed_store.loader, contract, contract.resource("cases"), "platform", {}, **said, job_id="job 4", state="failed")
    assert events(owed_store, PERIOD) == ["refused", "accepted", "refused"]
    assert report(owed_store, "quality, refused_code") == ("accepted", None)


def test_a_refusal_by_the_load_itself_is_told_too(owed_store: Store) -> None:
    deliver(owed_store, delivery(owing(), SCOPE), "job 1")
    deliver(owed_store, delivery(owing(), SCOPE, 2, ckan_resource="another"), "job 2")
    assert events(owed_store, PERIOD) == ["accepted", "refused"]
    assert report(owed_store, "quality, ckan_resource") == ("accepted", f"cases of {SCOPE}")


def test_a_withdrawal_takes_the_report_back_and_a_delivery_gives_it_again(owed_store: Store) -> None:
    deliver(owed_store, delivery(owing(), SCOPE), "job 1")
    set_clock(owed_store, "2026-03-05 09:00")
    withdraw(owed_store.loader, f"cases of {SCOPE}")
    withdraw(owed_store.loader, f"cases of {SCOPE}")
    assert events(owed_store, PERIOD) == ["accepted", "withdrawn"]
    assert report(owed_store, "received_at, load_id, edition, rows_accepted") == (None, None, None, None)
    assert state(owed_store, PERIOD) == ("missing", "none")

    deliver(owed_store, delivery(owing(), SCOPE), "job 2")
    assert (events(owed_store, PERIOD), state(owed_store, PERIOD)) == (["accepted", "withdrawn", "accepted"], ("late", "accepted"))


def test_a_delivery_that_moves_to_another_period_leaves_the_first_one_owed(owed_store: Store) -> None:
    deliver(owed_store, delivery(owing(), "so-y-te|2026-03-03", ckan_resource="r1"), "job 1")
    deliver(owed_store, delivery(owing(), SCOPE, ckan_resource="r1"), "job 2")
    assert (events(owed_store, "2026-03-03"), state(owed_store, "2026-03-03")) == (["accepted", "withdrawn"], ("missing", "none"))
    assert (events(owed_store, PERIOD), state(owed_store, PERIOD)) == (["accepted"], ("on_time", "accepted"))


def test_an_empty_report_is_a_report_and_a_declaration_of_zero_says_by_whom(owed_store: Store) -> None:
    declared = delivery(owing(), SCOPE, None, zero_by="Nguyễn Thị Hoa (hoa.nt), 2026-03-04 15:59")
    done = deliver(owed_store, declared, "job 1")
    deliver(owed_store, declared, "job 1")
    assert events(owed_store, PERIOD) == ["zero"]
    found = report(owed_store, "received_at, quality, is_zero, zero_by, load_id")
    assert found == (at("2026-03-04 16:00"), "accepted", True, "Nguyễn Thị Hoa (hoa.nt), 2026-03-04 15:59", done.load_id)
    assert state(owed_store, PERIOD) == ("on_time", "accepted")

    # Cases turn up afterwards: the report stays on time, and is no zero any more.
    set_clock(owed_store, "2026-03-06 09:00")
    deliver(owed_store, delivery(owing(), SCOPE, 4), "job 2")
    assert report(owed_store, "received_at, is_zero, zero_by") == (at("2026-03-04 16:00"), False, None)
    # An empty file over which zero is declared afterwards, and rows that call themselves zero.
    deliver(owed_store, delivery(owing(), "so-y-te|2026-03-05", None), "job 3")
    deliver(owed_store, delivery(owing(), "so-y-te|2026-03-05", None, zero_by="Hoa"), "job 4")
    deliver(owed_store, delivery(owing(), "so-y-te|2026-03-06", 1, zero_by="Hoa"), "job 5")
    assert (events(owed_store, "2026-03-05"), events(owed_store, "2026-03-06")) == (["accepted", "zero"], ["accepted"])


def test_what_nobody_owes_has_no_report(owed_store: Store) -> None:
    before = owed_store.ask("SELECT count(*) FROM supply.report")
    for job, scope in enumerate(("so-y-te|2026-02-27", "so-tai-chinh|2026-03-04")):
        assert deliver(owed_store, delivery(owing(), scope), f"job {job}").state == "done"
    assert owed_store.ask("SELECT count(*) FROM supply.event") == [(0,)]
    assert owed_store.ask("SELECT count(*) FROM supply.report") == before


def test_a_delivery_far_ahead_finds_its_report(owed_store: Store) -> None:
    deliver(owed_store, delivery(owing(), "so-y-te|2026-09-01"), "job 1")
    assert (events(owed_store, "2026-09-01"), state(owed_store, "2026-09-01")) == (["accepted"], ("on_time", "accepted"))
    assert owed_store.ask("SELECT is_expected, is_received FROM supply.state WHERE period = '2026-09-01'") == [(False, False)]


@pytest.mark.faults
@pytest.mark.parametrize(("point", "there"), [("during-copy", 0), ("before-commit", 0), ("after-commit", 1)])
def test_a_killed_worker_leaves_no_event_without_its_load_and_no_load_without_its_event(
    owed_store: Store, tmp_path: Path, point: str, there: int
) -> None:
    once = tmp_path / "once"
    once.touch()

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.store.killed_supply", owed_store.loader, "job 1"],
            cwd=ROOT,
            env={**os.environ, "IOC_FAULT": point, "IOC_FAULT_FILE": str(once)},
            capture_output=True,
            text=True,
        )

    loads = "SELECT count(*) FROM ledger.load WHERE job_id = 'job 1'"
    killed = run()
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (owed_store.ask(loads), len(events(owed_store, PERIOD))) == ([(there,)], there)
    assert run().stdout == "done\n"
    assert (owed_store.ask(loads), events(owed_store, PERIOD)) == ([(1,)], ["accepted"])
    query = "SELECT count(*) FROM supply.event e JOIN ledger.edition l USING (load_id) JOIN supply.report r USING (report, edition)"
    assert owed_store.ask(query) == [(1,)]


def test_a_report_by_localities_says_how_many_of_them_it_holds(store: Store) -> None:
    set_clock(store, "2026-03-02 08:00")
    contract = owing(localities=True)
    store.apply(contract)
    day = delivery(contract, SCOPE)
    # Two communes of today, twice; a commune of before the reform is none that is expected.
    old = store.ask("SELECT unit_id FROM ref.unit WHERE level = 'commune' AND valid_to <= '2025-07-01' ORDER BY 1 LIMIT 1")[0][0]
    day.rows = frame([("2026-03-04", unit, disease, 1) for unit in (*UNITS[:2], old) for disease in "ab"])
    deliver(store, day, "job 1")
    expected = store.ask("SELECT count(*) FROM ref.unit WHERE level = 'commune' AND valid_from <= '2026-03-04' AND valid_to IS NULL")[0][0]
    assert expected > 100
    assert report(store, "units_present, units_expected") == (2, expected)


def whole(scope: str = "whole") -> Any:
    return owing(owed("cases", "month", "+3wd 17:00", scope))


def test_a_whole_delivery_is_for_the_report_that_was_due_and_stays_so(store: Store) -> None:
    contract = whole()
    set_clock(store, "2026-01-05 08:00")
    store.apply(contract)

    def month_of(moment: str, cases: int, job: str, **more: Any) -> str | None:
        set_clock(store, moment)
        done = deliver(store, delivery(contract, "so-y-te", cases, ckan_resource="r1", **more), job)
        line = "SELECT report_period FROM ledger.load WHERE job_id = %s"
        assert done.state == "done"
        month = store.ask(line, job)[0][0]
        assert month is None or isinstance(month, str)
        return month

    assert month_of("2026-01-20 09:00", 1, "early") == "2026-01"
    assert month_of("2026-01-21 09:00", 2, "a correction before the due moment") == "2026-01"
    assert month_of("2026-02-20 09:00", 2, "the same file: nothing has changed since") == "2026-02"
    assert month_of("2026-04-20 09:00", 3, "March was due on 3 April") == "2026-03"
    assert month_of("2026-04-20 10:00", 4, "then the one that is due next") == "2026-04"
    assert month_of("2026-04-20 11:00", 5, "unless it says which", report_period="2026-02") == "2026-02"
    assert month_of("2026-04-20 12:00", 6, "a period that is not owed", report_period="2020-02") is None
    assert month_of("2026-04-20 13:00", 7, "without a name the one that is due next again") == "2026-04"
    assert [events(store, month) for month in ("2026-01", "2026-02", "2026-03", "2026-04")] == [
        ["accepted", "accepted"],
        ["accepted", "accepted"],
        ["accepted"],
        ["accepted", "accepted"],
    ]
    withdraw(store.loader, "r1")
    assert [state(store, month)[0] for month in ("2026-01", "2026-02", "2026-03", "2026-04")] == ["on_time", "on_time", "late", "not_due"]


def test_an_upload_that_is_read_anew_is_for_the_report_it_was_for(store: Store) -> None:
    store.apply(owing(owed("cases", "month", "+3wd 17:00", "whole", since="2026-01-01")))
    given: dict[str, Any] = {"ckan_resource": "r1", "uploaded_at": at("2026-02-02 09:00")}
    deliver(store, delivery(whole(), "so-y-te", 1, **given), "job 1")
    again = delivery(whole(), "so-y-te", 1, **given)
    again.contract_sha256 = "d" * 64
    assert deliver(store, again, "job 2").unchanged is False
    periods = store.ask("SELECT DISTINCT report_period, received_at FROM ledger.load WHERE ckan_resource = 'r1'")
    assert periods == [("2026-01", at("2026-02-02 09:00"))]
    assert events(store, "2026-01") == ["accepted", "accepted"]
    assert state(store, "2026-01") == ("on_time", "accepted")


def test_of_several_additions_the_others_stand_when_one_is_withdrawn(store: Store) -> None:
    contract = whole("addition")
    set_clock(store, "2026-01-05 08:00")
    store.apply(contract)
    for number, moment in enumerate(("2026-02-02 09:00", "2026-02-10 09:00")):
        set_clock(store, moment)
        given: dict[str, Any] = {"ckan_resource": f"r{number}", "report_period": "2026-01"}
        deliver(store, delivery(contract, f"so-y-te|r{number}", number, **given), f"job {number}")
    withdraw(store.loader, "r0")
    assert events(store, "2026-01") == ["accepted", "accepted", "withdrawn", "accepted"]
    assert (report(store, "received_at, ckan_resource", "2026-01"), state(store, "2026-01")[0]) == ((at("2026-02-10 09:00"), "r1"), "late")
    withdraw(store.loader, "r1")
    assert state(store, "2026-01") == ("missing", "none")


def test_several_deliveries_of_one_report_at_once_are_all_told(store: Store) -> None:
    contract = whole("addition")
    set_clock(store, "2026-02-02 09:00")
    store.apply(owing(owed("cases", "month", "+3wd 17:00", "addition", since="2026-01-01")))
    given = [delivery(contract, f"so-y-te|r{n}", n, ckan_resource=f"r{n}", report_period="2026-01", file=f"file {n}") for n in range(6)]
    for number, each in enumerate(given):
        each.rows = frame([("2026-01-01", UNITS[0], f"disease {number}", number)])
    with ThreadPoolExecutor(max_workers=6) as pool:
        outcomes = list(pool.map(lambda n: deliver(store, given[n], f"job {n}"), range(6)))
    assert [outcome.state for outcome in outcomes] == ["done"] * 6
    assert events(store, "2026-01") == ["accepted"] * 6
    last = store.ask("SELECT load_id FROM supply.event ORDER BY event DESC LIMIT 1")
    assert store.ask("SELECT load_id FROM supply.report WHERE last_event IS NOT NULL") == last
