"""Simulated deliveries: the same seed gives the same files, and the harvest takes them as it takes real ones."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest

from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.demonstration import DemonstrationFile, generate, history_of
from datasets.demonstration.generate import makers_of
from datasets.demonstration.habits import PLANTED, Habit
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from datasets.model.obligation import due_at
from datasets.model.period import bounds, period_of
from datasets.model.read import DATASETS, read_all
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def contracts(reference: Reference) -> list[Contract]:
    return read_all(reference=reference)


@pytest.fixture(scope="module")
def files(contracts: list[Contract], reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> list[DemonstrationFile]:
    return generate(contracts, reference, tmp_path_factory.mktemp("demonstration"), seed=1, until=UNTIL)


@pytest.fixture(scope="module")
def loaded(files: list[DemonstrationFile], reference: Reference) -> dict[str, pl.DataFrame]:
    """Rows that the harvest's check accepts, by dataset."""
    tables: dict[str, list[pl.DataFrame]] = {}
    for file in files:
        if file.habit is Habit.ZERO:
            continue
        scope = scope_of(file.resource, file.agency, file.period, "r1")
        decoded = decode(file.path, file.resource)
        result = check(decoded, file.resource, reference.unit_index, reference.agencies, scope, reference.province)
        assert result.rejected_rows == file.bad_rows, f"{file.path.name}: {result.rejected[:3]}"
        assert result.rows.height == file.rows - file.bad_rows
        assert not result.warnings, f"{file.path.name}: {result.warnings[:3]}"
        tables.setdefault(file.contract.dataset_name(file.resource), []).append(result.rows)
    return {dataset: pl.concat(frames) for dataset, frames in tables.items()}


def total(rows: pl.DataFrame, column: str) -> float:
    return float(rows[column].sum())


def test_the_harvest_takes_every_file_but_the_rows_that_are_spoilt_on_purpose(loaded: dict[str, pl.DataFrame]) -> None:
    assert set(loaded) == {
        *(f"health-{name}" for name in ("cases", "tests", "vaccination", "bed-days", "insurance", "population")),
        *(f"public-services-{name}" for name in ("files", "department-files", "satisfaction")),
    }


def test_some_rows_are_spoilt_and_few(files: list[DemonstrationFile]) -> None:
    troubled = [file for file in files if file.bad_rows]
    assert len(troubled) == 1 and troubled[0].habit is Habit.REJECTS
    assert troubled[0].bad_rows / troubled[0].rows < troubled[0].resource.allowed_reject_share / 2


def test_every_resource_of_a_simulated_subsystem_is_simulated(contracts: list[Contract]) -> None:
    for contract in contracts:
        makers = makers_of(contract)
        names = {resource.name for resource in contract.resources}
        assert set(makers) <= names, f"{contract.name} has makers of what is no resource of it"
        assert not makers or set(makers) == names, f"{contract.name} has resources without a maker"
    assert {"health", "public_services"} <= {contract.name for contract in contracts if makers_of(contract)}


def due(file: DemonstrationFile, reference: Reference) -> datetime:
    assert file.resource.delivery.calendar is not None and file.period is not None
    starts, ends = bounds(file.resource.delivery.calendar, file.period)
    return due_at(file.resource.obligation.due, starts, ends, reference.calendar)


def test_most_is_on_time_and_one_is_late(files: list[DemonstrationFile], reference: Reference) -> None:
    late = [file for file in files if file.delivered_at > due(file, reference)]
    assert [(file.habit, file.agency, file.period) for file in late] == [(Habit.LATE, "benh-vien-huu-nghi-da-khoa", "2026-11-17")]
    assert late[0].delivered_at == datetime(2026, 11, 18, 9, 20, tzinfo=ZONE)


def test_nothing_is_delivered_after_the_last_day_or_before_its_rows_can_be_known(files: list[DemonstrationFile]) -> None:
    end = datetime.combine(UNTIL + timedelta(days=1), time(), ZONE)
    for file in files:
        assert file.resource.delivery.calendar is not None and file.period is not None
        last = min(bounds(file.resource.delivery.calendar, file.period)[1] - timedelta(days=1), UNTIL)
        assert datetime.combine(last, time(7), ZONE) <= file.delivered_at < end, file.path.name
        assert file.delivered_at.utcoffset() == timedelta(hours=7)


def test_one_report_is_missing_one_excused_and_one_a_declaration_of_zero(files: list[DemonstrationFile]) -> None:
    delivered = {(file.contract.dataset_name(file.resource), file.agency, file.period) for file in files}
    days = {period_of("day", UNTIL - timedelta(days=n)) for n in range(14)}
    agencies = next(file for file in files if file.resource.name == "bed-days").resource.publishers
    owed = {("health-bed-days", agency, day) for agency in agencies for day in days}
    assert owed - delivered == {
        ("health-bed-days", "benh-vien-san-nhi", "2026-11-09"),
        ("health-bed-days", "benh-vien-huu-nghi-da-khoa", "2026-11-09"),
    }
    (excuse,) = history_of(files, UNTIL).excuses
    assert (excuse.obligation, excuse.period) == ("health-bed-days@benh-vien-huu-nghi-da-khoa", "2026-11-09")
    assert excuse.until > datetime.combine(UNTIL + timedelta(days=7), time(), ZONE)
    assert "Mô phỏng" in excuse.reason
    (zero,) = [file for file in files if file.habit is Habit.ZERO]
    assert zero.rows == 0 and decode(zero.path, zero.resource).frame.height == 0
    assert {planted.habit for planted in PLANTED} == set(Habit)


@pytest.mark.parametrize("weekday", range(7))
def test_no_gap_is_in_the_last_week_that_is_over(contracts: list[Contract], reference: Reference, tmp_path: Path, weekday: int) -> None:
    last = UNTIL + timedelta(days=weekday)
    made = [c for c in contracts if c.name == "health"]
    files = [f for f in generate(made, reference, tmp_path, seed=1, days=28, until=last) if f.resource.name == "bed-days"]
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    week = {period_of("day", sunday - timedelta(days=n)) for n in range(7)}
    delivered = {(file.agency, file.period) for file in files}
    assert {(agency, day) for agency in files[0].resource.publishers for day in week} <= delivered


def test_what_is_owed_begins_with_what_is_delivered_and_at_most_five_weeks_back(files: list[DemonstrationFile]) -> None:
    since = history_of(files, UNTIL).since
    assert set(since) == {file.contract.dataset_name(file.resource) for file in files}
    assert since["health-bed-days"] == UNTIL - timedelta(days=13)
    assert {day for name, day in since.items() if name != "health-bed-days"} == {UNTIL - timedelta(days=35)}


def test_every_publisher_delivers_and_each_scope_once(files: list[DemonstrationFile]) -> None:
    scopes = Counter((file.contract.dataset_name(file.resource), file.agency, file.period) for file in files)
    assert set(scopes.values()) == {1}
    for file in files:
        assert {f.agency for f in files if f.resource is file.resource} == set(file.resource.publishers)


def test_no_key_is_delivered_twice(files: list[DemonstrationFile], loaded: dict[str, pl.DataFrame]) -> None:
    for file in files:
        rows = loaded[file.contract.dataset_name(file.resource)]
        assert rows.select(file.resource.key_columns).is_duplicated().sum() == 0, file.resource.name


def test_every_file_says_that_it_is_simulated(files: list[DemonstrationFile]) -> None:
    assert all(file.simulated and "mo-phong" in file.path.name and "mô phỏng" in file.title for file in files)


def test_the_demonstration_stays_small(files: list[DemonstrationFile]) -> None:
    assert len(files) <= 110
    assert sum(file.rows for file in files) <= 32_000
    assert {file.path.suffix for file in files} == {".csv", ".xlsx"}


def test_all_communes_of_today_are_counted(loaded: dict[str, pl.DataFrame]) -> None:
    assert loaded["health-population"]["unit_id"].n_unique() == 130
    assert 3_300_000 < total(loaded["health-population"], "people") < 3_600_000
    assert loaded["public-services-files"]["unit_id"].n_unique() == 130


def test_figures_are_plausible(loaded: dict[str, pl.DataFrame]) -> None:
    beds, insurance, files = loaded["health-bed-days"], loaded["health-insurance"], loaded["public-services-files"]
    assert 0.6 < total(beds, "beds_occupied") / total(beds, "beds_available") < 1.0
    month = insurance.filter(pl.col("cutoff_date") == date(2026, 10, 31))
    assert 0.88 < total(month, "insured") / total(loaded["health-population"], "people") < 0.99
    assert 0.9 < total(files, "on_time") / (total(files, "on_time") + total(files, "late")) < 1.0
    weekly = total(loaded["health-cases"], "new_cases") / 16 / 34.5
    assert 5 < weekly < 40, "new cases a week per 100,000"


def by_commune(rows: pl.DataFrame, share: pl.Expr) -> list[float]:
    return [float(value) for value in rows.group_by("unit_id").agg(share.alias("share"))["share"].drop_nulls().drop_nans()]


def test_no_commune_has_more_than_all_and_the_map_is_not_of_one_colour(loaded: dict[str, pl.DataFrame]) -> None:
    people = loaded["health-population"].select("unit_id", "people", "under_one")
    insured = loaded["health-insurance"].filter(pl.col("cutoff_date") == date(2026, 10, 31)).join(people, on="unit_id")
    october = pl.col("vaccination_date").is_between(date(2026, 10, 1), date(2026, 10, 31))
    third = (pl.col("vaccine") == "dpt-vgb-hib") & (pl.col("dose") == 3)
    children = loaded["health-vaccination"].filter(october & third).join(people, on="unit_id", suffix="_there")
    files = loaded["public-services-files"].filter(pl.col("day") >= date(2026, 11, 16))
    closed = pl.col("on_time").sum() + pl.col("late").sum() + pl.col("open_overdue").sort_by("day").last()
    shares = {
        "insured": by_commune(insured, pl.col("insured").sum() / pl.col("people").first()),
        "vaccinated": by_commune(children, pl.col("people").sum() / (pl.col("under_one").first() / 12)),
        "on time": by_commune(files, pl.col("on_time").sum() / closed),
        "online": by_commune(files, pl.col("online").sum() / pl.col("received").sum()),
    }
    for name, values in shares.items():
        assert len(values) == 130 and max(values) <= 1.0 and min(values) > 0.5, name
        assert max(values) - min(values) > 0.08, f"{name}: all communes look alike"


def test_every_hospital_that_reports_has_a_name_for_the_chart(contracts: list[Contract], loaded: dict[str, pl.DataFrame]) -> None:
    field = next(c for c in contracts if c.name == "health").resource("bed-days").schema_.field("ma_co_so")
    assert {str(category.value) for category in field.categories or []} == set(loaded["health-bed-days"]["facility"])


def test_there_are_months_enough_for_a_trend_and_no_part_of_a_week(files: list[DemonstrationFile]) -> None:
    def delivered(resource: str) -> list[str]:
        return sorted({file.period or "" for file in files if file.resource.name == resource})

    assert delivered("vaccination") == delivered("insurance") == [f"2026-{month:02d}" for month in range(5, 11)]
    assert len(delivered("cases")) == 16 and len(delivered("bed-days")) == 14


def test_offices_are_closed_on_days_off_and_what_is_open_adds_up(loaded: dict[str, pl.DataFrame], reference: Reference) -> None:
    rows = loaded["public-services-files"].sort("unit_id", "day")
    assert [day for day in rows["day"].unique() if not reference.calendar.is_working_day(day)] == []
    moved = rows.with_columns(
        (pl.col("open_files") - pl.col("open_files").shift(1).over("unit_id")).alias("change"),
        (pl.col("received") - pl.col("on_time") - pl.col("late")).alias("net"),
    ).drop_nulls("change")
    assert (moved["change"] == moved["net"]).all()


def test_the_same_seed_writes_the_same_bytes(
    files: list[DemonstrationFile], contracts: list[Contract], reference: Reference, tmp_path: Path
) -> None:
    again = generate(contracts, reference, tmp_path, seed=1, until=UNTIL)
    assert [file.path.name for file in again] == [file.path.name for file in files]
    assert all(one.path.read_bytes() == other.path.read_bytes() for one, other in zip(files, again, strict=True))
    assert [file.delivered_at for file in again] == [file.delivered_at for file in files]


def test_another_seed_writes_other_figures(contracts: list[Contract], reference: Reference, tmp_path: Path) -> None:
    one = generate(contracts, reference, tmp_path / "1", seed=1, days=3, until=UNTIL)
    two = generate(contracts, reference, tmp_path / "2", seed=2, days=3, until=UNTIL)
    assert {file.path.read_bytes() for file in one if file.rows}.isdisjoint(file.path.read_bytes() for file in two if file.rows)


def test_a_day_keeps_its_cases_when_the_window_moves(contracts: list[Contract], reference: Reference, tmp_path: Path) -> None:
    def week(folder: str, until: date) -> bytes:
        made = generate(contracts, reference, tmp_path / folder, seed=1, days=21, until=until)
        return next(f.path.read_bytes() for f in made if f.resource.name == "cases" and f.period == "2026-W45")

    assert week("early", UNTIL - timedelta(days=7)) == week("late", UNTIL)


def test_before_the_reform_the_communes_of_that_time_are_counted(contracts: list[Contract], reference: Reference, tmp_path: Path) -> None:
    made = generate(contracts, reference, tmp_path, days=3, until=date(2025, 7, 2))
    insured = next(file for file in made if file.resource.name == "insurance" and file.period == "2025-06")
    assert insured.rows == 412 * 3


def test_no_day_is_no_demonstration(contracts: list[Contract], reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write at least 1"):
        generate(contracts, reference, tmp_path, days=0)


def test_the_command_writes_the_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "datasets.demonstration", str(tmp_path), "--seed", "1", "--days", "2", "--until", "2026-11-22"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=DATASETS.parent, check=True)
    assert "all simulated" in done.stdout.splitlines()[-1]
    assert len(list(tmp_path.iterdir())) == len(done.stdout.splitlines()) - 1
