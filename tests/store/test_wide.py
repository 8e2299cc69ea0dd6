"""What the wide views give for figures that were worked out by hand. Expected numbers are written here; nothing of the product makes them.

Three communes: A 16681 and B 16690 until 30 June 2025, A and B anew from 1 July 2025.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ckan_harvesters.load import load, withdraw
from datasets.model.formula import formulas
from tests.store.conftest import Store
from tests.store.contracts import INDICATORS, MEASURES, UNITS, delivered, indicator, measured

A, B, C = UNITS
OLD_A, OLD_B = "16681.202412", "16690.202412"


@pytest.fixture
def clinic(store: Store) -> Store:
    store.apply(measured())
    return store


def case(day: str, unit: str, cases: int | None, disease: str = "soi") -> dict[str, Any]:
    return {"day": day, "unit_id": unit, "disease": disease, "cases": cases}


def people(day: str, unit: str, number: int | None) -> dict[str, Any]:
    return {"reference_date": day, "unit_id": unit, "people": number}


def beds(day: str, unit: str, facility: str, number: int | None) -> dict[str, Any]:
    return {"day": day, "unit_id": unit, "facility": facility, "beds": number}


def deliver(store: Store, resource: str, *rows: dict[str, Any], scope: str = "so-y-te|2025-07-01") -> int:
    """Loads the rows as one delivery; its edition."""
    outcome = load(store.loader, delivered(measured(), resource, rows, scope=scope), f"{resource} {scope} {rows}")
    assert outcome.edition is not None
    return outcome.edition


def shown(store: Store, name: str, calendar: str, by: str = "period", where: str = "true", source: str | None = None) -> dict[str, Any]:
    """The indicator by a column of the wide view, as a chart asks for it; `source`: instead of the view."""
    formula = formulas(measured())[name]
    parts = ", ".join(f"'{ref.full}'" for ref in formula.measures)
    query = (
        f"SELECT {by}, {formula.metric} FROM {source or f'clinic.indicators_{calendar}'} WHERE measure IN ({parts}) AND {where} GROUP BY 1"
    )
    return dict(store.ask(query, url=store.audience("aud_official")))


def only(found: dict[str, Any], *periods: str) -> dict[str, float | None]:
    return {p: None if found.get(p) is None else float(found[p]) for p in periods}


def test_a_late_population_changes_what_is_per_head_at_once_and_touches_no_numerator(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-07-07", A, 3), case("2025-07-09", B, 6), case("2025-07-16", A, 4))
    cells = "SELECT * FROM measure.value WHERE measure = 'clinic.new_cases' ORDER BY unit_id, calendar, period"
    numerators = clinic.ask(cells)
    assert only(shown(clinic, "cases-per-head", "week"), "2025-W28", "2025-W29") == {"2025-W28": None, "2025-W29": None}

    deliver(clinic, "population", people("2025-07-01", A, 20_000), people("2025-07-01", B, 10_000))

    # 9 cases among 30,000 people; 4 cases among the same 30,000: B had none, and its people count all the same.
    assert only(shown(clinic, "cases-per-head", "week"), "2025-W28", "2025-W29") == {
        "2025-W28": 30.0,
        "2025-W29": pytest.approx(13.3333333),
    }
    assert only(shown(clinic, "cases-per-head", "week", "unit_code", "period = '2025-W28'"), "16681", "16690") == {
        "16681": 15.0,
        "16690": 60.0,
    }

    deliver(clinic, "population", people("2025-07-01", A, 40_000), people("2025-07-01", B, 10_000))

    assert only(shown(clinic, "cases-per-head", "week"), "2025-W28") == {"2025-W28": 18.0}
    assert clinic.ask(cells) == numerators


def test_a_period_takes_the_last_population_that_begins_before_its_end(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-12-20", A, 5), case("2025-12-30", A, 5), case("2026-01-08", A, 5))
    deliver(clinic, "population", people("2025-07-01", A, 10_000), scope="cuc-thong-ke|2025-01-01")
    deliver(clinic, "population", people("2026-01-31", A, 50_000), scope="cuc-thong-ke|2026-01-01")

    # The week of 29 December ends on 4 January, after the year 2026 began. The administrative month 2026-01A runs to 14 January.
    weeks = only(shown(clinic, "cases-per-head", "week"), "2025-W51", "2026-W01", "2026-W02")
    assert weeks == {"2025-W51": 50.0, "2026-W01": 10.0, "2026-W02": 10.0}
    assert only(shown(clinic, "cases-per-head", "month"), "2025-12", "2026-01") == {"2025-12": 100.0, "2026-01": 10.0}
    assert only(shown(clinic, "cases-per-head", "administrative_month"), "2026-01A") == {"2026-01A": 30.0}


def test_over_a_range_flows_are_added_and_of_stocks_the_last_is_taken(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-07-07", A, 3), case("2025-07-16", B, 5), case("2025-07-25", A, 2))
    deliver(clinic, "population", people("2025-07-01", A, 20_000), people("2025-07-01", B, 30_000))
    deliver(
        clinic,
        "beds",
        beds("2025-07-07", A, "bv1", 100),
        beds("2025-07-13", A, "bv1", 90),
        beds("2025-07-13", B, "bv2", 40),
        beds("2025-07-21", A, "bv1", 80),
    )
    # Weeks W28 (7 to 13 July), W29, W30 (21 to 27 July).
    july = "period_starts BETWEEN '2025-07-07' AND '2025-07-21'"
    assert only(shown(clinic, "cases", "week", "'all'", july), "all") == {"all": 10.0}
    assert only(shown(clinic, "cases-per-head", "week", "'all'", july), "all") == {"all": 20.0}
    assert only(shown(clinic, "beds-there", "week"), "2025-W28", "2025-W29", "2025-W30") == {
        "2025-W28": 130.0,
        "2025-W29": None,
        "2025-W30": 80.0,
    }
    assert only(shown(clinic, "beds-there", "week", "'all'", july), "all") == {"all": 80.0}
    assert only(shown(clinic, "beds-there", "week", "'all'", "period_starts <= '2025-07-14'"), "all") == {"all": 130.0}
    # By facility each has its own last.
    assert only(shown(clinic, "beds-there", "week", "facility", july), "bv1", "bv2") == {"bv1": 80.0, "bv2": 40.0}


def test_missing_is_not_zero(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-07-07", A, 0), case("2025-07-15", A, None), case("2025-07-22", A, 1))
    deliver(clinic, "population", people("2025-07-01", A, 10_000), people("2025-07-01", B, None))

    found = shown(clinic, "cases", "week")
    assert found == {"2025-W28": Decimal(0), "2025-W29": None, "2025-W30": Decimal(1)}
    heads = shown(clinic, "cases-per-head", "week", where="period_starts BETWEEN '2025-07-07' AND '2025-07-28'")
    assert only(heads, "2025-W28", "2025-W29", "2025-W30", "2025-W31") == {
        "2025-W28": 0.0,
        "2025-W29": None,
        "2025-W30": 10.0,
        "2025-W31": None,
    }
    # B's population is not known, so a rate of B is not either, and not one of zero people.
    deliver(clinic, "cases", case("2025-07-22", B, 2), scope="so-y-te|2025-07-02")
    assert only(shown(clinic, "cases-per-head", "week", "unit_code", "period = '2025-W30'"), "16681", "16690") == {
        "16681": 10.0,
        "16690": None,
    }


def test_where_units_changed_old_people_are_not_counted_with_new_ones(clinic: Store) -> None:
    """Two communes of 8,000 and 4,000 became one of 12,000 on 1 July 2025, in the middle of the administrative month 2025-07A."""
    deliver(clinic, "cases", case("2025-06-10", OLD_A, 6), case("2025-06-20", OLD_B, 3), scope="so-y-te|2025-06-01")
    deliver(clinic, "cases", case("2025-07-05", A, 9), case("2025-07-14", A, 6), scope="so-y-te|2025-07-01")
    deliver(clinic, "population", people("2024-12-31", OLD_A, 8_000), people("2024-12-31", OLD_B, 4_000), scope="cuc-thong-ke|2024-01-01")
    deliver(clinic, "population", people("2025-12-31", A, 12_000), scope="cuc-thong-ke|2025-01-01")

    assert only(shown(clinic, "cases-per-head", "month"), "2025-06", "2025-07") == {"2025-06": 75.0, "2025-07": 125.0}
    # 3 + 9 + 6 cases from 15 June to 14 July, and the people of the units that are there on 14 July.
    assert only(shown(clinic, "cases-per-head", "administrative_month"), "2025-06A", "2025-07A") == {"2025-06A": 50.0, "2025-07A": 150.0}
    by_unit = shown(clinic, "cases-per-head", "month", "unit_id", "period = '2025-06'")
    assert only(by_unit, OLD_A, OLD_B) == {OLD_A: 75.0, OLD_B: 75.0}
    assert A not in by_unit


def test_an_administrative_month_begins_on_the_15th(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-08-14", A, 1), case("2025-08-15", A, 10), case("2025-09-14", B, 100), case("2025-09-15", B, 1000))

    assert shown(clinic, "cases", "administrative_month") == {"2025-08A": 1, "2025-09A": 110, "2025-10A": 1000}
    starts = "SELECT DISTINCT period, period_starts::text FROM clinic.indicators_administrative_month ORDER BY 1"
    assert clinic.ask(starts) == [("2025-08A", "2025-07-15"), ("2025-09A", "2025-08-15"), ("2025-10A", "2025-09-15")]


def test_an_edition_shows_for_ever_what_it_showed(clinic: Store) -> None:
    first = deliver(clinic, "cases", case("2025-07-07", A, 3), case("2025-07-08", B, 2))
    second = deliver(clinic, "population", people("2025-07-01", A, 20_000), people("2025-07-01", B, 30_000))
    third = deliver(clinic, "cases", case("2025-07-07", A, 8), case("2025-07-08", B, 2))
    withdraw(clinic.loader, "population of so-y-te|2025-07-01")
    last = clinic.ask("SELECT edition FROM ledger.head")[0][0]

    def at(edition: int, name: str) -> float | None:
        return only(shown(clinic, name, "week", source=f"clinic.indicators_week__as_of({edition})"), "2025-W28")["2025-W28"]

    assert [at(e, "cases") for e in (first - 1, first, second, third, last)] == [None, 5.0, 5.0, 10.0, 10.0]
    assert [at(e, "cases-per-head") for e in (first, second, third, last)] == [None, 10.0, 20.0, None]
    assert only(shown(clinic, "cases", "week"), "2025-W28") == {"2025-W28": 10.0}
    query = "SELECT * FROM clinic.indicators_week{} ORDER BY unit_id, measure, disease, period"
    assert clinic.ask(query.format(f"__as_of({last})")) == clinic.ask(query.format(""))


def test_a_breakdown_is_a_column_and_its_parts_add_up(clinic: Store) -> None:
    deliver(clinic, "cases", case("2025-07-07", A, 3, "soi"), case("2025-07-08", A, 4, "cum"), case("2025-07-08", B, 5, "cum"))

    assert shown(clinic, "cases", "week", "disease") == {"soi": 3, "cum": 9}
    assert shown(clinic, "cases", "week") == {"2025-W28": 12}
    query = "SELECT DISTINCT unit_name, unit_level, agency_title, breadth FROM clinic.indicators_week WHERE unit_id = %s"
    assert clinic.ask(query, A) == [("Phường Thành Vinh", "commune", "Sở Y tế", 31)]


def test_what_does_not_add_is_shown_at_the_broadest_level_asked_for(store: Store) -> None:
    worst = {"of": "cases", "value": "MAX(cases)", "unit": "ca", "calendar": "month", "over_time": "none", "over_units": "none"}
    used = measured(measures={**MEASURES, "worst_day": worst}, indicators={**INDICATORS, "worst": indicator("worst_day", "ca", "month")})
    store.apply(used)
    rows = (case("2025-07-07", A, 3), case("2025-07-09", A, 7), case("2025-07-08", B, 5), case("2025-08-08", B, 1))
    load(store.loader, delivered(used, "cases", rows), "job 1")

    metric = formulas(used)["worst"].metric
    asked = f"SELECT {{}}, {metric} FROM clinic.indicators_month WHERE measure = 'clinic.worst_day' AND {{}} GROUP BY 1"
    assert dict(store.ask(asked.format("period", "true"))) == {"2025-07": 7, "2025-08": 1}
    assert dict(store.ask(asked.format("unit_code", "unit_level = 'commune' AND period = '2025-07'"))) == {"16681": 7, "16690": 5}
    # Two communes have no common greatest value among their own ones that a sum or a mean would give.
    assert dict(store.ask(asked.format("period", "unit_level = 'commune'"))) == {"2025-07": None, "2025-08": 1}


def test_periods_of_a_stock_end_today(clinic: Store) -> None:
    deliver(clinic, "population", people("2025-07-01", A, 20_000))

    query = "SELECT max(period_starts) <= (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, min(period_starts) FROM clinic.indicators_week"
    assert [(ended, str(first)) for ended, first in clinic.ask(query)] == [(True, "2025-06-30")]


def test_a_unit_of_a_delivered_period_that_is_not_in_it_has_zero_where_the_contract_says_so(store: Store) -> None:
    """A has 3 cases on 7 July and B none, as the delivery of that day says by leaving it out; of the next week nothing was delivered."""
    used = measured(measures={**MEASURES, "new_cases": {**MEASURES["new_cases"], "absent": "zero"}})
    store.apply(used)
    load(store.loader, delivered(used, "cases", [case("2025-07-07", A, 3)], scope="so-y-te|2025-07-07"), "cases")
    rows = [people("2025-07-01", A, 10_000), people("2025-07-01", B, 10_000), people("2025-07-01", C, None)]
    load(store.loader, delivered(used, "population", rows), "population")

    def rates(period: str) -> dict[str, float | None]:
        return only(shown(store, "cases-per-head", "week", "unit_code", f"period = '{period}'"), "16681", "16690", "16702")

    assert rates("2025-W28") == {"16681": 30.0, "16690": 0.0, "16702": None}
    assert rates("2025-W29") == {"16681": None, "16690": None, "16702": None}
    assert only(shown(store, "cases-per-head", "week"), "2025-W28", "2025-W29") == {"2025-W28": 15.0, "2025-W29": None}


def test_a_mean_over_a_range_is_that_of_the_periods_that_have_a_value(store: Store) -> None:
    """30 in July (10 and 20), 50 in August (A alone), none in September, a known nothing in October."""
    monthly = {**MEASURES["new_cases"], "calendar": "month", "also": [], "by": [], "over_time": "mean"}
    used = measured(measures={**MEASURES, "monthly": monthly}, indicators={"monthly-mean": indicator("monthly", "ca", "month")})
    store.apply(used)
    rows = [case("2025-07-07", A, 10), case("2025-07-08", B, 20), case("2025-08-08", A, 50), case("2025-10-08", A, 0)]
    load(store.loader, delivered(used, "cases", rows), "cases")
    asked = f"SELECT {formulas(used)['monthly-mean'].metric} FROM clinic.indicators_month WHERE period_starts BETWEEN %s AND %s"

    assert store.ask(asked, "2025-07-01", "2025-08-01") == [(40,)]
    assert store.ask(asked, "2025-07-01", "2025-09-01") == [(40,)]
    assert [round(float(row[0]), 4) for row in store.ask(asked, "2025-07-01", "2025-10-01")] == [26.6667]
    assert store.ask(asked, "2025-09-01", "2025-09-01") == [(None,)]


def test_a_divisor_of_nothing_or_too_little_shows_what_the_contract_says(store: Store) -> None:
    rate = "new_cases / population * 100000"
    unit = "ca/100.000 dân"
    used = measured(
        indicators={
            "or-missing": indicator(rate, unit, "week", when_zero="missing"),
            "or-number": indicator(rate, unit, "week", when_zero=7),
            "of-enough": indicator(rate, unit, "week", when_zero="missing", min_n=10_000),
        }
    )
    store.apply(used)
    deliver(store, "cases", case("2025-07-07", A, 3), case("2025-07-07", B, 3))
    deliver(store, "population", people("2025-07-01", A, 0), people("2025-07-01", B, 9_999))
    asked = "SELECT unit_code, {} FROM clinic.indicators_week WHERE period = '2025-W28' GROUP BY 1"

    def found(name: str) -> dict[str, float | None]:
        return {unit: None if value is None else float(value) for unit, value in store.ask(asked.format(formulas(used)[name].metric))}

    assert found("or-missing") == {"16681": None, "16690": pytest.approx(30.0030003)}
    assert found("or-number") == {"16681": 7.0, "16690": pytest.approx(30.0030003)}
    assert found("of-enough") == {"16681": None, "16690": None}
