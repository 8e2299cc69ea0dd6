"""Simulated deliveries: the same seed gives the same files, and the harvest takes them as it takes real ones."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from datasets.demonstration import DemonstrationFile, generate, history_of
from datasets.demonstration.generate import makers_of
from datasets.demonstration.habits import PLANTED, TWICE, Habit, calendar_of_reports
from datasets.demonstration.world import World, tet
from datasets.model.calendar import ZONE
from datasets.model.contract import Scope
from datasets.model.obligation import Validity, due_at, owed_periods
from datasets.model.period import bounds, period_of
from datasets.model.read import DATASETS
from datasets.model.reference import Reference
from tests.unit.simulated import UNTIL, simulated, simulated_subsystems

pytestmark = pytest.mark.unit

SUBSYSTEMS = simulated_subsystems()
LAST_MOMENT = datetime.combine(UNTIL, time(17), ZONE)
MOST_FILES, MOST_FILES_IN_ALL = 90, 400
MOST_ROWS = 25_000


@pytest.fixture(scope="module")
def reference() -> Reference:
    return simulated().reference


def due(file: DemonstrationFile, reference: Reference) -> datetime:
    starts, ends = bounds(calendar_of_reports(file.resource), file.period)
    return due_at(file.resource.obligation.due, starts, ends, reference.calendar)


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_the_harvest_takes_every_file_but_the_rows_that_are_spoilt_on_purpose(name: str) -> None:
    for file in simulated().files(name):
        if file.habit is Habit.WRONG_FILE and file.number == 1:
            continue
        result = simulated().checked(file)
        assert result.rejected_rows == file.bad_rows, f"{file.path.name}: {result.rejected[:3]}"
        assert result.rows.height <= file.rows - file.bad_rows
        assert (result.rows.height > 0) == (file.habit is not Habit.ZERO), file.path.name
        is_spoilt = file.habit is Habit.THOUSANDFOLD and file.number == 1
        assert bool(result.warnings) == is_spoilt, f"{file.path.name}: {result.warnings[:3]}"


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_every_resource_of_a_simulated_subsystem_is_simulated(name: str) -> None:
    contract = simulated().contracts[name]
    assert set(makers_of(contract)) == {resource.name for resource in contract.resources}
    assert {file.resource.name for file in simulated().files(name)} == set(makers_of(contract))


def test_a_contract_without_a_module_of_its_name_is_not_simulated() -> None:
    assert "administration" not in SUBSYSTEMS
    assert {"health", "public_services"} <= set(SUBSYSTEMS)


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_nothing_is_delivered_after_the_last_day_or_before_its_rows_can_be_known(name: str) -> None:
    for file in simulated().files(name):
        last = min(bounds(calendar_of_reports(file.resource), file.period)[1] - timedelta(days=1), UNTIL)
        assert datetime.combine(last, time(7), ZONE) <= file.delivered_at < LAST_MOMENT, file.path.name
        assert file.delivered_at.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_deliveries_are_in_the_order_of_time_and_those_of_one_scope_apart(name: str) -> None:
    files = simulated().files(name)
    assert [file.delivered_at for file in files] == sorted(file.delivered_at for file in files)
    moments: dict[tuple[str, str, str], datetime] = {}
    for file in files:
        scope = (file.resource.name, file.agency, file.period if file.resource.delivery.scope is Scope.PERIOD else "")
        assert scope not in moments or moments[scope] < file.delivered_at, file.path.name
        moments[scope] = file.delivered_at


@pytest.mark.parametrize("until", [UNTIL, date(2026, 11, 25), date(2026, 12, 4), date(2026, 11, 30)])
@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_no_report_that_is_due_is_missing_but_those_that_are_planted(name: str, until: date, reference: Reference) -> None:
    """At any hour until reports of the day after the last one are due: what is owed by then is there."""
    files = simulated(until).files(name)
    since = history_of(files, until).since
    next_due = datetime.combine(until + timedelta(days=1), time(17), ZONE)
    delivered = {(file.resource.name, file.agency, file.period) for file in files}
    missing = set()
    for resource in simulated(until).contracts[name].resources:
        first = since[simulated(until).contracts[name].dataset_name(resource)]
        for one in owed_periods(resource.obligation.calendar, Validity(first, None), until):
            is_due = due_at(resource.obligation.due, one.starts, one.ends, reference.calendar) < next_due
            for agency in resource.publishers if is_due and one.starts <= until else []:
                if (resource.name, agency, one.text) not in delivered:
                    missing.add((resource.name, agency))
    planted = {(p.resource, p.agency) for p in PLANTED if p.contract == name and p.habit in (Habit.MISSING, Habit.EXCUSED)}
    assert missing <= planted


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_every_publisher_delivers_and_each_scope_once_or_twice_on_purpose(name: str) -> None:
    files = simulated().files(name)
    scopes = Counter((file.resource.name, file.agency, file.period) for file in files)
    twice = {(file.resource.name, file.agency, file.period) for file in files if file.habit in TWICE}
    assert {scope for scope, times in scopes.items() if times > 1} == twice
    for resource in simulated().contracts[name].resources:
        assert {file.agency for file in files if file.resource is resource} == set(resource.publishers), resource.name


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_no_key_is_delivered_twice(name: str) -> None:
    for resource, rows in simulated().loaded(name).items():
        keys = simulated().contracts[name].resource(resource).key_columns
        assert rows.select(keys).is_duplicated().sum() == 0, resource


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_every_file_says_that_it_is_simulated(name: str) -> None:
    assert all(file.simulated and "mo-phong" in file.path.name and "mô phỏng" in file.title for file in simulated().files(name))


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_a_subsystem_stays_small(name: str) -> None:
    files = simulated().files(name)
    assert len(files) <= MOST_FILES
    assert sum(file.rows for file in files) <= MOST_ROWS


def test_the_demonstration_stays_small_and_has_files_as_departments_write_them() -> None:
    files = [file for name in SUBSYSTEMS for file in simulated().files(name)]
    assert len(files) <= MOST_FILES_IN_ALL
    assert {file.path.suffix for file in files} == {".csv", ".xlsx"}


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_the_same_seed_writes_the_same_bytes(name: str, reference: Reference, tmp_path: Path) -> None:
    files = simulated().files(name)
    again = generate([simulated().contracts[name]], reference, tmp_path, seed=1, until=UNTIL)
    assert [file.path.name for file in again] == [file.path.name for file in files]
    assert [file.path.name for one, file in zip(again, files, strict=True) if one.path.read_bytes() != file.path.read_bytes()] == []
    assert [file.delivered_at for file in again] == [file.delivered_at for file in files]


@pytest.mark.parametrize("name", SUBSYSTEMS)
def test_another_seed_writes_other_figures(name: str, reference: Reference, tmp_path: Path) -> None:
    other = generate([simulated().contracts[name]], reference, tmp_path, seed=2, until=UNTIL)
    bytes_of = {file.path.read_bytes() for file in simulated().files(name) if file.rows}
    same = [file.path.name for file in other if file.rows and file.path.read_bytes() in bytes_of]
    assert len(same) <= len(other) / 4, same


def test_what_is_owed_begins_with_what_is_delivered_and_at_most_a_hundred_days_back() -> None:
    files = simulated().files("health")
    since = history_of(files, UNTIL).since
    assert set(since) == {file.contract.dataset_name(file.resource) for file in files}
    days = [file.period for file in files if file.resource.name == "bed-days"]
    assert since["health-bed-days"] == date.fromisoformat(min(days))
    assert since["health-insurance"] == UNTIL - timedelta(days=100)
    assert history_of(files, UNTIL, full=True).since["health-insurance"] < UNTIL - timedelta(days=150)


def test_what_is_replaced_whole_is_not_owed_for_years_in_which_its_file_is_gone() -> None:
    since = history_of(simulated().files("tourism"), UNTIL, full=True).since
    assert since["tourism-plan"] == UNTIL - timedelta(days=100), "of a year's plan the portal keeps the last"
    assert since["tourism-visits"] < UNTIL - timedelta(days=900)


def test_a_day_keeps_its_cases_when_the_window_moves(reference: Reference, tmp_path: Path) -> None:
    def week(folder: str, until: date) -> bytes:
        made = generate([simulated().contracts["health"]], reference, tmp_path / folder, seed=1, until=until)
        return next(f.path.read_bytes() for f in made if f.resource.name == "cases" and f.period == "2026-W45")

    assert week("early", UNTIL - timedelta(days=7)) == week("late", UNTIL)


def test_before_the_reform_the_communes_of_that_time_are_counted(reference: Reference, tmp_path: Path) -> None:
    made = generate([simulated().contracts["health"]], reference, tmp_path, until=date(2025, 7, 2))
    insured = next(file for file in made if file.resource.name == "insurance" and file.period == "2025-06")
    assert insured.rows == 412 * 3


def test_no_day_is_no_demonstration(reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write at least 1"):
        generate([], reference, tmp_path, days=0)


def world(reference: Reference, **other: bool) -> World:
    return World(reference, 1, first=UNTIL - timedelta(days=111), until=UNTIL, **other)


def test_periods_of_the_light_version_are_those_asked_for_and_over(reference: Reference) -> None:
    light = world(reference)
    assert [period.text for period in light.over("quarter", 2)] == ["2026-Q2", "2026-Q3"]
    assert light.days_back(3) == [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    assert (light.weeks_back(2)[0], light.weeks_back(2)[-1]) == (date(2026, 11, 9), date(2026, 11, 22))
    assert light.month_ends(2) == [date(2026, 9, 30), date(2026, 10, 31)]
    assert (light.school_years(1)[0], light.school_years(1)[-1]) == (date(2025, 8, 1), date(2026, 7, 31))
    assert light.ends_of("administrative-month", 1) == [date(2026, 11, 14)]
    with pytest.raises(ValueError, match="write at least 1 period"):
        light.over("month", 0)


def test_the_same_calls_give_36_months_of_the_full_version(reference: Reference) -> None:
    full = world(reference, is_full=True)
    assert (full.months(3)[0], full.months(3)[-1]) == (date(2023, 11, 1), date(2026, 10, 31))
    assert len(full.quarter_ends(2)) == 12 and len(full.over("year", 1)) == 3 and len(full.year_ends(5)) == 5
    assert full.days_back(3)[0] == date(2023, 11, 1) and full.days_back(3)[-1] == UNTIL
    assert full.weeks_back(3)[0] == date(2023, 11, 6) and full.weeks_back(3)[-1] == UNTIL


@pytest.mark.parametrize(("year", "day"), [(2024, date(2024, 2, 10)), (2025, date(2025, 1, 29)), (2026, date(2026, 2, 17))])
def test_the_lunar_new_year_is_known(year: int, day: date) -> None:
    assert tet(year) == day


def test_the_command_writes_the_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "datasets.demonstration", str(tmp_path), "--seed", "1", "--until", "2026-11-22"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=DATASETS.parent, check=True)
    assert "all simulated" in done.stdout.splitlines()[-1]
    assert len(list(tmp_path.iterdir())) == len(done.stdout.splitlines()) - 1
    assert period_of("day", UNTIL) in done.stdout


def test_what_is_delivered_each_day_covers_120_days_of_the_full_version(reference: Reference) -> None:
    assert len(world(reference).daily_deliveries(14)) == 14
    days = world(reference, is_full=True).daily_deliveries(14)
    assert (len(days), days[-1]) == (120, UNTIL)
