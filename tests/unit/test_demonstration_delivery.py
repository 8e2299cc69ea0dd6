"""The demonstration is delivered in the order of the simulated moments, goes on where it stopped, and waits before it replaces a file."""

from __future__ import annotations

import datetime as dt
import socket
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from xlsxwriter.exceptions import FileCreateError

from control.demonstration import deliver, harvested
from control.demonstration.deliver import Portal, Standing
from control.demonstration.last_day import KEY, kept_last_day, last_day
from control.demonstration.own_report import deliver_centre_report
from control.demonstration.run import _chosen, _deliver
from control.secrets import Secrets
from control.services import postgres
from control.settings import Instance
from control.status import subsystem_line, subsystem_states
from control.steps import StepFailed, Steps
from datasets.demonstration import DemonstrationFile
from datasets.demonstration.generate import yesterday
from datasets.demonstration.habits import Habit
from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar, Contract
from datasets.model.read import read_all
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def contracts(reference: Reference) -> list[Contract]:
    return read_all(reference=reference)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(Instance(var=tmp_path / "var", port_base=18_900))


class Recorded:
    """CKAN as the demonstration calls it: what was handed in and waited for, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.made = 0
        monkeypatch.setattr(deliver, "ckan_site", lambda instance, token: token)
        monkeypatch.setattr(deliver, "_hand_in", self._hand_in)
        monkeypatch.setattr(Portal, "_wait_for", lambda portal, there: self.calls.append(("waited", there.resource)))

    def _hand_in(self, site: str, file: DemonstrationFile, *, is_replaced: bool) -> str:
        self.made += 1
        self.calls.append(("replaced" if is_replaced else "made", file.resource.name, file.agency, file.period, site))
        return f"r{self.made}"


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    return Recorded(monkeypatch)


@pytest.fixture
def portal(secrets: Secrets, contracts: list[Contract]) -> Portal:
    for contract in contracts:
        for resource in contract.resources:
            for agency in resource.publishers:
                secrets.put(f"editor_token.{agency}", f"token of {agency}")
    return Portal(Instance(var=secrets.path.parent, port_base=18_900), secrets)


def a_file(contracts: list[Contract], resource: str, period: str, day: int, **other: Any) -> DemonstrationFile:
    health = next(contract for contract in contracts if contract.name == "health")
    made = health.resource(resource)
    moment = dt.datetime(2026, 11, day, 9, tzinfo=ZONE)
    return DemonstrationFile(health, made, made.owner, period, Path("x.csv"), 1, moment, **other)


def quiet(day: dt.date, done: int) -> None:
    pass


def test_deliveries_follow_the_simulated_clock(portal: Portal, recorded: Recorded, contracts: list[Contract]) -> None:
    days = [("bed-days", "2026-11-05", 5), ("cases", "2026-W45", 9), ("bed-days", "2026-11-09", 9), ("bed-days", "2026-11-10", 10)]
    said: list[tuple[dt.date, int]] = []
    made = portal.deliver([a_file(contracts, *one) for one in days], progress=lambda day, done: said.append((day, done)))
    assert len(made) == 4 and portal.made == 4
    assert [call[3] for call in recorded.calls if call[1] == "bed-days"] == ["2026-11-05", "2026-11-09", "2026-11-10"]
    assert {call[3] for call in recorded.calls[1:3]} == {"2026-W45", "2026-11-09"}
    assert said == [(dt.date(2026, 11, 5), 1), (dt.date(2026, 11, 9), 3), (dt.date(2026, 11, 10), 4)]
    assert recorded.calls[0][4] == "token of so-y-te", "each agency delivers with its own editor"


def test_what_is_there_is_left_alone_and_only_by_again_replaced(portal: Portal, recorded: Recorded, contracts: list[Contract]) -> None:
    file = a_file(contracts, "bed-days", "2026-11-05", 5)
    portal.standing["health-bed-days", "so-y-te", "2026-11-05"] = Standing("there", file.delivered_at)
    assert portal.deliver([file], progress=quiet) == ["there"]
    assert recorded.calls == [] and portal.made == 0
    portal.deliver([file], again=True, progress=quiet)
    assert [call[0] for call in recorded.calls] == ["waited", "replaced"]


def test_a_portal_that_does_not_answer_is_named_with_what_to_do(secrets: Secrets, contracts: list[Contract]) -> None:
    secrets.put("ckan_admin_token", "a token")
    secrets.put("editor_token.so-y-te", "a token")
    with socket.socket() as unused:  # a port that nobody listens at
        unused.bind(("127.0.0.1", 0))
        portal = Portal(Instance(var=secrets.path.parent, port_base=unused.getsockname()[1]), secrets)
        with pytest.raises(StepFailed, match=r"CKAN did not do what was asked") as told:
            portal.read(contracts)
        assert "./ioc status" in told.value.advice
        with pytest.raises(StepFailed, match=r"CKAN did not do what was asked"):
            portal.deliver([replace(a_file(contracts, "bed-days", "2026-11-05", 5), habit=Habit.ZERO)], progress=quiet)
    assert portal.made == 0


@pytest.mark.parametrize("full", [OSError(28, "No space left on device"), FileCreateError("No space left on device")])
def test_a_full_disk_is_told_in_words(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, contracts: list[Contract], reference: Reference, full: Exception
) -> None:
    def no_room(*of: object, **named: object) -> list[DemonstrationFile]:
        raise full

    monkeypatch.setattr("control.demonstration.run.generate", no_room)
    with pytest.raises(StepFailed, match=r"could not be written: .*No space left on device") as told:
        _deliver(portal.instance, portal.secrets, Steps(Console(quiet=True)), contracts, reference)
    assert "make room" in told.value.advice


def test_an_own_report_that_is_not_delivered_says_so_with_what_to_do(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:  # a port that nobody listens at
        unused.bind(("127.0.0.1", 0))
        store = f"postgresql://ioc_loader@127.0.0.1:{unused.getsockname()[1]}/ioc"
        settings = SimpleNamespace(store_url=store, ckan_url="http://127.0.0.1:9", ckan_token="")
        monkeypatch.setattr("control.demonstration.own_report.Settings.from_environment", lambda environment: settings)
        monkeypatch.setattr("control.demonstration.own_report.harvest.environment", lambda *of: {})
        monkeypatch.setattr("control.demonstration.own_report.Portal", lambda settings: None)
        last = SimpleNamespace(execute=lambda query: SimpleNamespace(fetchone=lambda: (0,)))
        monkeypatch.setattr("control.demonstration.own_report.postgres.connect", lambda *of: nullcontext(last))
        with pytest.raises(StepFailed, match=r"own report was not delivered: The store did not answer") as told:
            deliver_centre_report(portal.instance, portal.secrets, Steps(Console(quiet=True)))
    assert "./ioc status" in told.value.advice


def test_a_real_delivery_is_never_replaced(portal: Portal, recorded: Recorded, contracts: list[Contract]) -> None:
    portal.standing["health-bed-days", "so-y-te", "2026-11-05"] = Standing("real", None)
    assert portal.deliver([a_file(contracts, "bed-days", "2026-11-05", 5)], again=True, progress=quiet) == ["real"]
    assert recorded.calls == []


def test_a_second_file_of_a_report_waits_for_the_first(portal: Portal, recorded: Recorded, contracts: list[Contract]) -> None:
    first, second = (a_file(contracts, "vaccination", "2026-10", day) for day in (4, 12))
    portal.deliver([first, replace(second, habit=Habit.RESTATED)], progress=quiet)
    assert [call[0] for call in recorded.calls] == ["made", "waited", "replaced"]
    assert recorded.calls[1] == ("waited", "r1")


def test_one_that_stopped_between_the_two_goes_on_with_the_second(portal: Portal, recorded: Recorded, contracts: list[Contract]) -> None:
    first, second = (a_file(contracts, "vaccination", "2026-10", day) for day in (4, 12))
    portal.standing["health-vaccination", first.agency, "2026-10"] = Standing("r1", first.delivered_at)
    portal.deliver([first, second], progress=quiet)
    assert [call[0] for call in recorded.calls] == ["waited", "replaced"]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (dt.datetime(2026, 11, 23, 16, 59, tzinfo=ZONE), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 23, 17, 0, tzinfo=ZONE), dt.date(2026, 11, 23)),
        (dt.datetime(2026, 11, 23, 17, 5, tzinfo=dt.UTC), dt.date(2026, 11, 23)),
        (dt.datetime(2026, 11, 23, 9, 59, tzinfo=dt.UTC), dt.date(2026, 11, 22)),
    ],
)
def test_the_last_day_is_today_once_the_reports_of_today_are_due(
    contracts: list[Contract], reference: Reference, now: dt.datetime, last: dt.date
) -> None:
    health = [contract for contract in contracts if contract.name == "health"]
    assert last_day(now, health, reference) == last


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (dt.datetime(2026, 11, 22, 16, 59, tzinfo=dt.UTC), dt.date(2026, 11, 21)),
        (dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 23, 0, 30, tzinfo=ZONE), dt.date(2026, 11, 22)),
    ],
)
def test_yesterday_is_that_of_the_province_wherever_the_program_runs(now: dt.datetime, day: dt.date) -> None:
    assert yesterday(now) == day


class Ledger:
    """A store whose harvest finishes one delivery, of r1, r2 and so on, at each look but for the idle ones."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, idle_after: int) -> None:
        self.seconds, self.looks, self.idle_after = 0.0, 0, idle_after
        monkeypatch.setattr(harvested, "last_loads", self._last_loads)
        monkeypatch.setattr(harvested, "_finished", lambda connection: min(self.looks, self.idle_after))
        monkeypatch.setattr(postgres, "connect", lambda *of: nullcontext())
        clock = SimpleNamespace(sleep=lambda seconds: None, monotonic=lambda: self.seconds)
        monkeypatch.setattr("control.demonstration.harvested.time", clock)

    def _last_loads(self, connection: None, resources: list[str]) -> dict[str, tuple[int, str]]:
        self.looks, self.seconds = self.looks + 1, self.seconds + 60
        done = min(self.looks, self.idle_after)
        return {name: (number, "done" if number <= done else "loading") for number, name in enumerate(resources, start=1)}


def test_a_long_harvest_is_waited_for_as_long_as_it_goes_on(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(monkeypatch, idle_after=1_000)
    waited = [f"r{number}" for number in range(1, 101)]
    assert harvested.wait_until_harvested(portal.instance, portal.secrets, waited) == "100 done", "a minute each, ten times the limit"


def test_a_file_of_an_earlier_run_is_waited_for_although_the_one_before_it_is_loaded(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, contracts: list[Contract]
) -> None:
    first, second = (a_file(contracts, "vaccination", "2026-10", day) for day in (4, 12))
    portal.standing["health-vaccination", first.agency, "2026-10"] = Standing("r1", first.delivered_at, "2026-11-23T08:00:00")
    ledger = Ledger(monkeypatch, idle_after=1_000)
    looks_before: list[int] = []

    def read(connection: None, uploads: dict[str, str]) -> set[str]:
        assert uploads == {"r1": "2026-11-23T08:00:00"}
        return {"r1"} if ledger.looks >= 5 else set()

    monkeypatch.setattr(harvested, "read_uploads", read)

    def hand_in(site: str, file: DemonstrationFile, *, is_replaced: bool) -> str:
        looks_before.append(ledger.looks)
        return "r1"

    monkeypatch.setattr(deliver, "last_loads", lambda connection, resources: {"r1": (7, "done")})
    monkeypatch.setattr(deliver, "ckan_site", lambda instance, token: token)
    monkeypatch.setattr(deliver, "_hand_in", hand_in)
    portal.deliver([second], progress=quiet)

    assert looks_before == [5], "handed in only when the harvest had come to the first file"
    assert portal.earlier_uploads == {} and portal.waited_for == {"r1": 7}


def test_a_harvest_that_stands_still_is_given_up(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(monkeypatch, idle_after=3)
    with pytest.raises(StepFailed, match=r"nothing was harvested for 600 s; 2 of 5 deliveries wait, as r4"):
        harvested.wait_until_harvested(portal.instance, portal.secrets, ["r1", "r2", "r3", "r4", "r5"])
    assert ledger.seconds <= 60 * 3 + 600 + 2 * 60


def test_all_daily_reports_are_due_at_five_in_the_afternoon(contracts: list[Contract]) -> None:
    daily = {c.dataset_name(r): r.obligation.due for c in contracts for r in c.resources if r.obligation.calendar is Calendar.DAY}
    assert set(daily.values()) == {"17:00"}, f"the demonstration has one last day for all, and a new instance would lack one of {daily}"


def test_the_last_day_is_kept(secrets: Secrets, contracts: list[Contract], reference: Reference) -> None:
    first = kept_last_day(secrets, contracts, reference)
    assert kept_last_day(Secrets(Instance(var=secrets.path.parent, port_base=18_900)), contracts, reference) == first
    secrets.put(KEY, "2026-01-31")
    assert kept_last_day(secrets, contracts, reference) == dt.date(2026, 1, 31)


def test_what_another_command_put_among_the_secrets_stays(secrets: Secrets) -> None:
    other = Secrets(Instance(var=secrets.path.parent, port_base=18_900))
    secrets.put("editor_token.so-y-te", "one")
    other.put("editor_token.so-tu-phap", "two")
    secrets.put("demonstration_delivered", "yes")
    assert Secrets(Instance(var=secrets.path.parent, port_base=18_900)).get("editor_token.so-tu-phap") == "two"


def test_a_subsystem_that_does_not_exist_is_named(contracts: list[Contract]) -> None:
    assert [contract.name for contract in _chosen(contracts, ["health"])] == ["health"]
    assert _chosen(contracts, []) == contracts
    with pytest.raises(StepFailed, match="'helth' is no subsystem") as failure:
        _chosen(contracts, ["helth"])
    assert "health" in failure.value.advice


def test_status_says_how_many_of_the_nine_live() -> None:
    states = subsystem_states({"health": True, "public_services": False, "data_supply": True, "water": True})
    assert len(states) == 9 and "data_supply" not in states
    assert (states["health"], states["public_services"], states["tourism"]) == ("live", "waiting", "no contract")
    line = subsystem_line({"subsystems": states})
    assert line.startswith("subsystems: 1 of 9 live; not yet documents (no contract), public_services (waiting)")
    assert subsystem_line({"subsystems": dict.fromkeys(states, "live")}) == "subsystems: 9 of 9 live"
