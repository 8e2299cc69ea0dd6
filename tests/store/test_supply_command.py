"""`ioc supply`: rates, what someone should look at, excuses."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from control import supply as command
from control.status import supply_lines
from control.steps import StepFailed
from tests.store.conftest import Store
from tests.store.supplied import at, deliver, delivery, events, owing, set_clock, state

BY = "so-khoa-hoc-va-cong-nghe/to-giup-viec-to-truong"
WHO = ["owing-cases", "so-y-te", "2026-03-03"]
GIVEN = ["excuse", *WHO, "--by", BY, "--reason", "Mưa lũ"]


@pytest.fixture
def week(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """4 March 2026, 18:00: Monday came on time, Tuesday not at all, Wednesday late, Thursday is due within 24 hours."""
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing())
    deliver(store, delivery(owing(), "so-y-te|2026-03-02"), "job 1")
    set_clock(store, "2026-03-04 18:00")
    deliver(store, delivery(owing(), "so-y-te|2026-03-04"), "job 2")
    monkeypatch.setattr(command, "_store", lambda: psycopg.connect(store.owner))
    return store


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command.commands, [*arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def listed(*arguments: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return said


def test_it_lists_both_rates_and_what_someone_should_look_at(week: Store) -> None:
    said = listed("--agency", "so-y-te")
    rates = said["agencies"][0]
    counted = {key: rates[key] for key in ("expected", "received", "on_time", "missing", "due_soon", "excused")}
    assert counted == {"expected": 3, "received": 2, "on_time": 1, "missing": 1, "due_soon": 1, "excused": 0}
    assert [(r["period"], r["punctuality"]) for r in said["reports"]] == [
        ("2026-03-03", "missing"),
        ("2026-03-04", "late"),
        ("2026-03-05", "due_soon"),
    ]
    assert [r["agency"] for r in listed()["agencies"]] == ["benh-vien-san-nhi", "so-y-te"]
    shown = run()
    assert "so-y-te" in shown and "2 (67%)" in shown and "missing" in shown
    assert supply_lines({"supply": said["agencies"]}) == ["supply, 35 days: so-y-te: 2 of 3 received, 1 on time (33%)"]


def test_an_excuse_is_given_and_ended_and_both_stay(week: Store) -> None:
    assert "excused until 2026-03-06 17:00" in run(*GIVEN, "--until", "2026-03-06 17:00")
    assert state(week, "2026-03-03") == ("excused", "none")
    assert listed("--agency", "so-y-te")["agencies"][0]["expected"] == 2
    kept = week.ask("SELECT excused_until, excused_by, excuse_reason FROM supply.state WHERE period = '2026-03-03' AND agency = 'so-y-te'")
    assert kept == [(at("2026-03-06 17:00"), BY, "Mưa lũ")]

    run(*GIVEN, "--until", "2026-03-05T17:00:00+07:00")
    run("excuse", *WHO, "--end", "--by", BY, "--reason", "Đã có số liệu")
    assert (state(week, "2026-03-03"), events(week, "2026-03-03")) == (("missing", "none"), ["excused", "excused", "excuse_ended"])
    assert week.ask("SELECT punctuality FROM supply.states_at(%s) WHERE period = '2026-03-03'", at("2026-03-04 18:00")) != []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([*GIVEN, "--until", "2026-03-03 12:00"], "write a moment after"),
        ([*GIVEN, "--until", "ngày mai"], "is no moment"),
        (GIVEN, "An excuse has an end, or is ended"),
        ([*GIVEN, "--end"], "there is nothing to end"),
        (
            ["excuse", "owing-case", *WHO[1:], "--by", BY, "--reason", "x", "--until", "2026-03-06 17:00"],
            "did you mean 'owing-cases@so-y-te'?",
        ),
        (
            ["excuse", *WHO[:2], "2026-02-01", "--by", BY, "--reason", "x", "--until", "2026-03-06 17:00"],
            "expects no report of '2026-02-01'",
        ),
        (
            ["excuse", *WHO, "--by", "so-y-te/thu-truong", "--reason", "x", "--until", "2026-03-06 17:00"],
            "is no position of the steering committee",
        ),
        (["excuse", *WHO, "--by", BY, "--reason", " ", "--until", "2026-03-06 17:00"], "an excuse has a reason"),
    ],
)
def test_an_excuse_that_cannot_be_given_says_what_to_write(week: Store, arguments: list[str], says: str) -> None:
    with pytest.raises(StepFailed) as failed:
        run(*arguments)
    assert says in f"{failed.value.what} {failed.value.advice}"
    assert events(week, "2026-03-03") == []
