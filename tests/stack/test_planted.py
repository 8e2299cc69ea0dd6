"""The troubles that are planted in the demonstration come out where they should: at tiles, receipts, editions and the supply board."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from control.contracts import read_contracts
from datasets.demonstration.habits import PLANTED, Habit, Planted
from datasets.demonstration.trouble import FIRST_SAID, THOUSAND
from datasets.demonstration.write import write_table
from datasets.model.contract import Contract
from datasets.model.tile_state import TileFacts, tile_state
from tests.running import Running
from tests.stack.deliveries import wait_withdrawn

pytestmark = pytest.mark.stack

LOADS = """
SELECT l.load_id, e.edition, l.state, l.refused_code, l.params ->> 'dataset'
FROM ledger.load l JOIN ledger.dataset d USING (table_name) LEFT JOIN ledger.edition e USING (load_id)
WHERE l.kind = 'file' AND d.dataset = %s AND l.scope = %s ORDER BY l.load_id
"""
REPORTS = """
SELECT period, punctuality, quality, is_zero, rows_rejected FROM supply.state
WHERE dataset = %s AND agency = %s AND starts <= %s ORDER BY starts DESC
"""
PERIODS = """
SELECT DISTINCT split_part(l.scope, '|', 2) AS period FROM ledger.load l JOIN ledger.dataset d USING (table_name)
WHERE l.kind = 'file' AND l.simulated AND d.dataset = %s ORDER BY 1 DESC
"""
EVENTS = "SELECT e.kind FROM supply.event e JOIN supply.report r USING (report) WHERE r.obligation = %s AND r.period = %s ORDER BY e.event"


@dataclass(frozen=True)
class Load:
    """One load of a delivery."""

    load: int
    edition: int | None
    state: str
    refused_code: str | None
    other: str | None
    """The dataset whose file it was, of a refused one."""


def planted(habit: Habit) -> Planted:
    return next(one for one in PLANTED if one.habit is habit)


def dataset_of(one: Planted) -> str:
    return f"{one.contract}-{one.resource}".replace("_", "-")


@pytest.fixture(scope="module")
def until(instance: Running) -> dt.date:
    """The last day of this instance's demonstration."""
    kept = instance.secrets.get("demonstration_until")
    assert kept is not None, "the instance has no demonstration"
    return dt.date.fromisoformat(kept)


def period_of(instance: Running, one: Planted) -> str:
    """The n-th last period that is delivered to the planted one's dataset."""
    with instance.store() as store:
        return str(store.execute(PERIODS, (dataset_of(one),)).fetchall()[one.nth_last][0])


def loads(instance: Running, one: Planted, period: str) -> list[Load]:
    with instance.store() as store:
        return [Load(*row) for row in store.execute(LOADS, (dataset_of(one), f"{one.agency}|{period}")).fetchall()]


def reports(instance: Running, one: Planted, until: dt.date) -> list[tuple[Any, ...]]:
    """The reports of the planted one's obligation, the last first."""
    with instance.store() as store:
        return store.execute(REPORTS, (dataset_of(one), one.agency, until)).fetchall()


def events(instance: Running, one: Planted, period: str) -> list[str]:
    with instance.store() as store:
        return [kind for (kind,) in store.execute(EVENTS, (f"{dataset_of(one)}@{one.agency}", period))]


def test_the_silent_agencys_tile_is_grey_and_the_others_are_not(instance: Running) -> None:
    leader = instance.superset(instance.leader)
    told = leader.get(f"{instance.superset_url}/ioc/supply/indicators.json", params={"subsystem": "public_safety"}, timeout=30).json()
    silent = told["datasets"]["public-safety-cameras"]
    assert silent["supply"] == "missing" and silent["missing"] == 1
    assert silent["last"][0]["agency"]["vi"] == "Công an tỉnh"
    rests_on = {name: [dataset for dataset, _ in datasets] for name, datasets in told["indicators"].items()}
    grey = {name for name, datasets in rests_on.items() if "public-safety-cameras" in datasets}
    assert grey == {"public_safety.cameras-online-rate"}
    assert tile_state(TileFacts(value=97, target=95, direction="up", supply=silent["supply"])).state == "grey"
    assert (
        tile_state(TileFacts(value=97, target=95, direction="up", supply=told["datasets"]["public-safety-accidents"]["supply"])).state
        == "good"
    )


def test_the_restated_month_has_its_first_figures_until_its_edition(instance: Running) -> None:
    one = planted(Habit.RESTATED)
    period = period_of(instance, one)
    first, second = [load for load in loads(instance, one, period) if load.state == "done"][-2:]
    assert first.edition is not None and second.edition is not None
    asked = "SELECT sum(insured) FROM {} WHERE agency = %s AND to_char(cutoff_date, 'YYYY-MM') = %s"

    def insured(source: str) -> Any:
        with instance.store() as store:
            row = store.execute(asked.format(source), (one.agency, period)).fetchone()
        assert row is not None
        return row[0]

    assert insured(f"health.insurance__as_of({first.edition - 1})") is None
    said_at_first = insured(f"health.insurance__as_of({first.edition})")
    assert insured(f"health.insurance__as_of({second.edition - 1})") == said_at_first
    holds = insured(f"health.insurance__as_of({second.edition})")
    assert insured("health.insurance") == holds
    assert round(float(said_at_first / holds), 2) == FIRST_SAID

    def measured(edition: int) -> Any:
        with instance.store() as store:
            row = store.execute(
                "SELECT sum(insured) FROM health.indicators_month__as_of(%s) WHERE measure = 'health.insured' AND period = %s",
                (edition, period),
            ).fetchone()
        assert row is not None
        return row[0]

    assert (measured(second.edition - 1), measured(second.edition)) == (said_at_first, holds)


def test_the_file_of_another_dataset_is_refused_by_its_name_and_the_right_one_accepted(instance: Running) -> None:
    one = planted(Habit.WRONG_FILE)
    period = period_of(instance, one)
    wrong, right = loads(instance, one, period)[-2:]
    assert (wrong.state, wrong.refused_code, wrong.edition) == ("refused", "other_dataset", None)
    assert wrong.other is not None and wrong.other.startswith("health-") and wrong.other != dataset_of(one)
    assert right.state == "done" and right.edition is not None
    assert events(instance, one, period)[-2:] == ["refused", "accepted"]


def test_the_thousandfold_month_was_accepted_and_corrected(instance: Running) -> None:
    one = planted(Habit.THOUSANDFOLD)
    period = period_of(instance, one)
    first, second = [load for load in loads(instance, one, period) if load.state == "done"][-2:]
    asked = "SELECT sum(paid) FROM socioeconomic.public_investment__as_of(%s) WHERE to_char(month_end, 'YYYY-MM') = %s"
    with instance.store() as store:
        before, after = (store.execute(asked, (load.edition, period)).fetchone() for load in (first, second))
    assert before is not None and after is not None
    assert round(before[0] / after[0]) == THOUSAND


@pytest.fixture
def investment(instance: Running) -> Iterator[list[str]]:
    """Ids of deliveries that the test makes; they are taken away again."""
    made: list[str] = []
    yield made
    editor = instance.ckan(instance.editor("so-tai-chinh").token)
    for delivery in made:
        editor.call_action("resource_delete", {"id": delivery})
    wait_withdrawn(instance, made)


def test_a_thousandfold_month_is_warned_about(instance: Running, investment: list[str], tmp_path: Path) -> None:
    contract = next(contract for contract in read_contracts()[0] if contract.name == "socioeconomic")

    def deliver(paid: float) -> dict[str, Any]:
        path = month_of_2019(contract, paid, tmp_path)
        token = instance.editor("so-tai-chinh").token
        data = {"dataset": "socioeconomic-public-investment", "agency": "so-tai-chinh", "period": "2019-03"}
        made = instance.ckan(token).call_action("ioc_deliver", data, files={"upload": (path.name, io.BytesIO(path.read_bytes()))})
        investment.append(made["resource_id"])
        return instance.receipt(made["resource_id"], token)

    thousandfold = deliver(52.5 * THOUSAND)
    assert (thousandfold["state"], thousandfold["rows_accepted"]) == ("done", 1), "it is loaded, and said"
    assert [(problem["rule"], problem["params"]["check"]) for problem in thousandfold["problems"]] == [("row_warning", "paid-within-plan")]
    assert "đơn vị tính" in str(thousandfold["problems"]), "the agency reads what to look at"


def month_of_2019(contract: Contract, paid: float, folder: Path) -> Path:
    """A file of one investing agency with a plan of 100 billion VND."""
    values = {"month_end": dt.date(2019, 3, 31), "investor": "so-xay-dung", "plan_government": 100.0, "plan_province": 100.0}
    path = folder / "giai-ngan.xlsx"
    write_table(path, contract.resource("public-investment"), [{**values, "carried_over": 5.0, "paid": paid, "paid_carried_over": 1.0}])
    return path


def test_swapped_columns_still_pass(instance: Running) -> None:
    """Nothing compares columns yet; whoever reads the receipt sees an accepted file."""
    one = planted(Habit.SWAPPED)
    with instance.store() as store:
        row = store.execute(
            "SELECT count(*), sum(online), sum(digitised) FROM public_services.files WHERE agency = %s AND to_char(day, 'YYYY-MM') = %s",
            (one.agency, period_of(instance, one)),
        ).fetchone()
    assert row is not None and row[0] > 0
    assert row[1] > row[2], "more was online than digitised, which is never so elsewhere"


def test_late_missing_excused_zero_and_rejected_are_seen_as_such(instance: Running, until: dt.date) -> None:
    def state(habit: Habit) -> tuple[Any, ...]:
        one = planted(habit)
        return reports(instance, one, until)[one.nth_last]

    assert state(Habit.LATE)[1] == "late"
    missing = next(one for one in PLANTED if one.habit is Habit.MISSING and one.resource == "bed-days")
    assert reports(instance, missing, until)[missing.nth_last][1] == "missing"
    assert state(Habit.EXCUSED)[1] in ("excused", "missing"), "an excuse of two weeks, afterwards missing"
    zero, rejects = (reports_over(instance, planted(habit), until)[0] for habit in (Habit.ZERO, Habit.REJECTS))
    assert zero[3] is True
    assert (rejects[2], rejects[4]) == ("accepted_with_rejects", 2)


def reports_over(instance: Running, one: Planted, until: dt.date) -> list[tuple[Any, ...]]:
    """The reports of periods that were over by the last day."""
    with instance.store() as store:
        asked = REPORTS.replace("starts <= %s", "ends <= %s")
        return store.execute(asked, (dataset_of(one), one.agency, until + dt.timedelta(days=1))).fetchall()


def test_status_says_nine_of_nine_and_what_each_agency_owed(instance: Running) -> None:
    data = instance.status()["data"]
    assert set(data["subsystems"].values()) == {"live"} and len(data["subsystems"]) == 9
    rates = {one["agency"]: one for one in data["supply"]}
    assert len(rates) >= 25
    assert rates["cong-an-tinh"]["received"] < rates["cong-an-tinh"]["expected"]
    assert sum(one["received"] for one in rates.values()) >= 0.9 * sum(one["expected"] for one in rates.values())


def test_the_home_page_shows_nine_live_subsystems(instance: Running) -> None:
    page = requests.get(f"{instance.superset_url}/ioc/home/", timeout=30).text
    assert "9/9" in page
