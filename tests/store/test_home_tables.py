"""What apply tells the home page of a contract, and what the page then reads, audience by audience. Figures are worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from ckan_harvesters.load import load
from datasets.model.contract import Contract
from superset_ioc.home_store import Found, read_home
from tests.store.conftest import Store
from tests.store.contracts import INDICATORS, UNITS, contract, delivered, measured

A, B, _ = UNITS


def clinic(access: Any = "shared") -> Contract:
    """A contract whose home page shows cases and cases by head."""
    return measured(access=access, indicators={name: INDICATORS[name] for name in ("cases", "cases-per-head")})


def home(store: Store, role: str = "aud_leader") -> Found:
    """The only applied contract, as an audience's home page has it."""
    with psycopg.connect(store.audience(role), autocommit=True) as conn:

        def ask(query: str, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
            return conn.execute(query.encode(), parameters).fetchall()

        (found,) = read_home(ask, role, psycopg.Error)
    return found


def deliver(store: Store, resource: str, *rows: dict[str, Any], access: Any = "shared") -> None:
    outcome = load(store.loader, delivered(clinic(access), resource, rows), f"{resource} {rows}")
    assert outcome.edition is not None


def case(day: str, unit: str, cases: int) -> dict[str, Any]:
    return {"day": day, "unit_id": unit, "disease": "soi", "cases": cases}


def figures(found: Found) -> list[tuple[str, dt.date | None, Decimal | None]]:
    rounded = [(f.headline.indicator, f.starts, None if f.value is None else round(f.value, 2)) for f in found.figures]
    return [(name.removeprefix("clinic."), starts, value) for name, starts, value in rounded]


def test_an_applied_contract_is_named_once_and_says_since_when(store: Store) -> None:
    (line,) = store.ask("SELECT subsystem, position, title, title_en, title_fr, version, datasets FROM ledger.subsystem")
    assert line == ("clinic", 4, "Phòng khám", "Clinic", "Clinique", "1.0.0", 1)
    before = store.ask("SELECT applied_at FROM ledger.subsystem")
    assert not store.apply()
    store.apply(contract(version="1.1.0"))
    assert store.ask("SELECT version FROM ledger.subsystem") == [("1.1.0",)]
    assert store.ask("SELECT applied_at FROM ledger.subsystem") == before


def test_every_audience_reads_what_the_home_page_is_told(store: Store) -> None:
    for role in ("aud_public", "aud_leader"):
        assert store.ask("SELECT count(*) FROM ledger.subsystem", url=store.audience(role)) == [(1,)]
        assert store.ask("SELECT count(*) FROM indicator.headline", url=store.audience(role)) == [(0,)]


def test_a_contract_without_deliveries_has_figures_without_values(store: Store) -> None:
    store.apply(clinic())
    found = home(store)
    assert (found.datasets, found.visible, found.loaded, found.until) == (3, 3, 0, None)
    assert figures(found) == [("cases", None, None), ("cases-per-head", None, None)]


def test_a_figure_is_that_of_the_last_period_that_has_one(store: Store) -> None:
    store.apply(clinic())
    deliver(store, "cases", case("2025-07-07", A, 3), case("2025-07-09", B, 6), case("2025-07-16", A, 4))
    monday = dt.date(2025, 7, 14)
    assert figures(home(store)) == [("cases", monday, Decimal(4)), ("cases-per-head", None, None)]

    people = [{"reference_date": "2025-07-01", "unit_id": unit, "people": number} for unit, number in ((A, 20_000), (B, 10_000))]
    deliver(store, "population", *people)

    # 4 cases among 30,000 people: 13.33 in 100,000.
    found = home(store)
    assert figures(found) == [("cases", monday, Decimal(4)), ("cases-per-head", monday, Decimal("13.33"))]
    assert (found.loaded, found.until) == (2, ("day", dt.date(2025, 7, 16)))
    assert found.edition == store.ask("SELECT max(edition) FROM ledger.edition")[0][0]


def test_everyone_is_told_of_open_datasets_only(store: Store) -> None:
    store.apply(clinic())
    deliver(store, "cases", case("2025-07-16", A, 4))
    found = home(store, "aud_public")
    assert (found.datasets, found.visible, found.loaded) == (3, 2, 0)
    assert found.figures == []
    assert found.until is None


def test_a_figure_over_a_restricted_dataset_gives_way_for_others(store: Store) -> None:
    access = {"restricted": ["so-y-te"]}
    store.apply(clinic(access))
    deliver(store, "cases", case("2025-07-16", A, 4), access=access)
    assert figures(home(store))[0] == ("cases", dt.date(2025, 7, 14), Decimal(4))
    assert home(store, "aud_official").figures == []


def test_a_view_that_is_not_there_takes_only_its_figures_away(store: Store) -> None:
    store.apply(clinic())
    deliver(store, "cases", case("2025-07-16", A, 4))
    with psycopg.connect(store.owner) as conn:
        conn.execute("DROP VIEW clinic.indicators_week CASCADE")
    found = home(store)
    assert found.loaded == 1
    assert found.figures == []


def test_an_expression_that_fails_takes_the_figures_away_and_not_the_page(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.apply(clinic())
    with psycopg.connect(store.owner) as conn:
        conn.execute("UPDATE indicator.headline SET metric = 'SUM(no_such_column)'")
    assert home(store).visible == 3
    assert "shows no figures" in caplog.text


def judged(store: Store, **more: Any) -> Found:
    """The home page after a week with 4 and a week with 6 cases, of an indicator that is declared with these keys too."""
    store.apply(measured(access="shared", indicators={"cases": {**INDICATORS["cases"], **more}}))
    deliver(store, "cases", case("2025-07-09", A, 4), case("2025-07-16", B, 6))
    return home(store)


def test_a_figure_comes_with_what_its_tile_judges_it_by(store: Store) -> None:
    target = {"value": 5, "from": "2025-01-01", "amber": 4, "basis": {"kind": "proposed"}}
    (figure,) = judged(store, direction="down", targets=[target]).figures
    look = figure.headline.look
    assert (look.direction, look.amber, look.target_proposed, look.is_count) == ("down", 4, True, True)
    assert figure.shown == (dt.date(2025, 7, 14), Decimal(6), 5, None, None, None)


def test_a_share_comes_with_what_it_is_made_of(store: Store) -> None:
    store.apply(clinic())
    deliver(store, "cases", case("2025-07-16", A, 4))
    deliver(store, "population", {"reference_date": "2025-07-01", "unit_id": A, "people": 20_000})
    _, share = home(store).figures
    assert share.shown is not None
    assert (share.shown.numerator, share.shown.denominator, share.headline.look.scale) == (4, 20_000, 100_000)


def test_a_figure_that_was_below_zero_is_written_with_its_sign(store: Store) -> None:
    change = {**INDICATORS["cases"], "value": "new_cases - 5"}
    store.apply(measured(access="shared", indicators={"change": change}))
    deliver(store, "cases", case("2023-07-09", A, 4), case("2025-07-16", B, 6))
    (figure,) = home(store).figures
    assert (figure.value, figure.headline.look.may_sink, figure.is_signed) == (Decimal(1), True, False), (
        "two years ago is not shown by the tile"
    )
    deliver(store, "cases", case("2025-06-04", A, 4), case("2025-07-16", B, 6))
    assert [one.is_signed for one in home(store).figures] == [True]


def test_what_an_indicator_is_judged_by_is_changed_once(store: Store) -> None:
    def contract_(direction: str) -> Contract:
        return measured(access="shared", indicators={"cases": {**INDICATORS["cases"], "direction": direction}})

    store.apply(contract_("up"))
    assert not store.apply(contract_("up"))
    store.apply(contract_("down"))
    assert store.ask("SELECT look ->> 'direction' FROM indicator.headline") == [("down",)]
