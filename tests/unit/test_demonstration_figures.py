"""Simulated figures are plausible: totals of a province of this size, communes that differ, offices closed on days off."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.unit.simulated import UNTIL, simulated

pytestmark = pytest.mark.unit

LAST_MONTH = (date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture(scope="module")
def health() -> dict[str, pl.DataFrame]:
    return simulated().loaded("health")


@pytest.fixture(scope="module")
def services() -> dict[str, pl.DataFrame]:
    return simulated().loaded("public_services")


def total(rows: pl.DataFrame, column: str) -> float:
    return float(rows[column].sum())


def test_all_communes_of_today_are_counted(health: dict[str, pl.DataFrame], services: dict[str, pl.DataFrame]) -> None:
    assert health["population"]["unit_id"].n_unique() == 130
    assert 3_300_000 < total(health["population"], "people") < 3_600_000
    assert services["files"]["unit_id"].n_unique() == 130


def test_totals_are_those_of_such_a_province(health: dict[str, pl.DataFrame], services: dict[str, pl.DataFrame]) -> None:
    beds, files = health["bed-days"], services["files"]
    assert 0.6 < total(beds, "beds_occupied") / total(beds, "beds_available") < 1.0
    month = health["insurance"].filter(pl.col("cutoff_date") == LAST_MONTH[1])
    assert 0.88 < total(month, "insured") / total(health["population"], "people") < 0.99
    assert 0.9 < total(files, "on_time") / (total(files, "on_time") + total(files, "late")) < 1.0
    weeks = health["cases"]["report_date"].dt.truncate("1w").n_unique()
    assert 5 < total(health["cases"], "new_cases") / weeks / 34.5 < 60, "new cases a week per 100,000"


def by_commune(rows: pl.DataFrame, share: pl.Expr) -> list[float]:
    return [float(value) for value in rows.group_by("unit_id").agg(share.alias("share"))["share"].drop_nulls().drop_nans()]


def test_no_commune_has_more_than_all_and_the_map_is_not_of_one_colour(
    health: dict[str, pl.DataFrame], services: dict[str, pl.DataFrame]
) -> None:
    people = health["population"].select("unit_id", "people", "under_one")
    insured = health["insurance"].filter(pl.col("cutoff_date") == LAST_MONTH[1]).join(people, on="unit_id")
    third = (pl.col("vaccine") == "dpt-vgb-hib") & (pl.col("dose") == 3) & pl.col("vaccination_date").is_between(*LAST_MONTH)
    children = health["vaccination"].filter(third).join(people, on="unit_id", suffix="_there")
    files = services["files"].filter(pl.col("day") >= date(2026, 11, 16))
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


def test_cases_and_inhabitants_by_age_add_up_to_those_of_the_communes(health: dict[str, pl.DataFrame]) -> None:
    assert total(health["population-by-age"], "people") == total(health["population"], "people")
    month = health["cases"].filter(pl.col("report_date").is_between(*LAST_MONTH)).group_by("disease").agg(pl.col("new_cases").sum())
    by_age = health["cases-by-age"].filter(pl.col("month_end") == LAST_MONTH[1]).group_by("disease").agg(pl.col("new_cases").sum())
    assert dict(by_age.iter_rows()) == dict(month.iter_rows())
    youngest = (pl.col("disease") == "tay-chan-mieng") & (pl.col("age_group") == "0-4")
    assert total(health["cases-by-age"].filter(youngest), "new_cases") > 300, "hand, foot and mouth disease is one of small children"


def test_every_hospital_that_reports_has_a_name_for_the_chart(health: dict[str, pl.DataFrame]) -> None:
    field = simulated().contracts["health"].resource("bed-days").schema_.field("ma_co_so")
    assert {str(category.value) for category in field.categories or []} == set(health["bed-days"]["facility"])


def test_offices_are_closed_on_days_off_and_what_is_open_adds_up(services: dict[str, pl.DataFrame]) -> None:
    calendar = simulated().reference.calendar
    rows = services["files"].sort("unit_id", "day")
    assert [day for day in rows["day"].unique() if not calendar.is_working_day(day)] == []
    moved = rows.with_columns(
        (pl.col("open_files") - pl.col("open_files").shift(1).over("unit_id")).alias("change"),
        (pl.col("received") - pl.col("on_time") - pl.col("late")).alias("net"),
    ).drop_nulls("change")
    assert (moved["change"] == moved["net"]).all()


def test_there_are_periods_enough_for_a_trend_and_no_part_of_a_week(health: dict[str, pl.DataFrame]) -> None:
    assert health["bed-days"]["day"].n_unique() >= 6
    assert health["insurance"]["cutoff_date"].n_unique() >= 6
    days = health["cases"]["report_date"]
    assert days.dt.truncate("1w").n_unique() >= 6
    assert (days.max(), UNTIL.weekday()) == (UNTIL, 6), "the last week is whole"
