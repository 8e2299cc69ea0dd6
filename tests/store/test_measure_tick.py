"""Snapshots that the clock changes, on figures worked by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ckan_harvesters import tasks
from ckan_harvesters.app import app
from ckan_harvesters.clock import now
from ckan_harvesters.errors import TerminalError
from ckan_harvesters.harvest import Services
from ckan_harvesters.measure import tick
from ckan_harvesters.portal import Portal
from ckan_harvesters.queues import Tasks
from ckan_harvesters.settings import Settings
from tests.store.conftest import Store
from tests.store.contracts import UNITS, frame, resource
from tests.store.measured import PROVINCE, Ward, contract, flow

A, B, _ = UNITS

FIELDS = [*resource()["schema"]["fields"], {"name": "han", "column": "due", "title": "Hạn", "type": "datetime"}]
WHOLE = {
    **resource(),
    "delivery": {"scope": "whole"},
    "schema": {"fields": FIELDS, "primaryKey": ["ngay", "ma_xa", "benh"]},
}


def snapshot(**more: Any) -> dict[str, Any]:
    return flow("COUNT(*)", over_time="last", **{"tick": "hour", "where": "due < NOW()", **more})


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def ward_with(store: Store, monkeypatch: pytest.MonkeyPatch, **measures: dict[str, Any]) -> Ward:
    """Two files at A, due at 10:00 and 12:00 of 5 August 2025, and one at B, due the day after; loaded at 09:00."""
    monkeypatch.setenv("IOC_NOW", "2025-08-05T09:00:00+07:00")
    ward = Ward(store, contract(measures, WHOLE))
    rows = frame([("2025-08-01", A, "x", 1), ("2025-08-01", A, "y", 1), ("2025-08-01", B, "z", 1)])
    due = ["2025-08-05T10:00", "2025-08-05T12:00", "2025-08-06T12:00"]
    ward.deliver(rows.with_columns(pl.Series("due", [at(d) for d in due])), "so-y-te")
    return ward


def editions(store: Store) -> int:
    return int(store.ask("SELECT count(*) FROM ledger.edition")[0][0])


def test_what_is_overdue_changes_with_the_hour_and_an_edition_comes_only_with_a_change(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward = ward_with(store, monkeypatch, overdue=snapshot())
    assert ward.values("overdue") == {}
    before = editions(store)
    assert (tick(store.loader, at("2025-08-05T09:30")).edition, editions(store)) == (None, before)

    done = tick(store.loader, at("2025-08-05T10:30"))
    assert (done.cells, done.edition) == (1, before + 1)
    assert ward.values("overdue") == {(A, "2025-08-05"): 1}
    assert store.ask("SELECT kind, state FROM ledger.load JOIN ledger.edition USING (load_id) ORDER BY edition DESC LIMIT 1") == [
        ("tick", "done")
    ]

    assert tick(store.loader, at("2025-08-05T10:30")).edition is None
    assert tick(store.loader, at("2025-08-05T10:45")).edition is None
    tick(store.loader, at("2025-08-05T13:00"))
    assert ward.values("overdue") == {(A, "2025-08-05"): 2}
    tick(store.loader, at("2025-08-06T13:00"))
    assert ward.values("overdue") == {(A, "2025-08-05"): 2, (A, "2025-08-06"): 2, (B, "2025-08-06"): 1}
    assert ward.cells("overdue", "day", done.edition) == [(A, "so-y-te", "2025-08-05", "", 1, 1)]


def test_a_load_brings_todays_snapshot_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ward = ward_with(store, monkeypatch, due_soon=snapshot(where="due < NOW() + INTERVAL '2 hours'", calendar="day", also=["month"]))
    assert ward.values("due_soon") == {(A, "2025-08-05"): 1}
    assert ward.values("due_soon", "month") == {(A, "2025-08"): 1}
    ward.deliver(frame([]).with_columns(due=None), "so-y-te")
    assert ward.values("due_soon") == {}


def test_a_snapshot_of_the_day_is_taken_on_the_first_tick_of_a_day_in_viet_nam(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ward = ward_with(store, monkeypatch, late=snapshot(tick="day"), old=snapshot(where="day < TODAY() - 4"))
    tick(store.loader, at("2025-08-05T09:10"))
    tick(store.loader, at("2025-08-05T23:50"))
    assert (ward.values("late"), ward.values("old")) == ({}, {})
    tick(store.loader, at("2025-08-06T00:10"))  # 17:10 of the day before in UTC
    assert ward.values("late") == {(A, "2025-08-06"): 2}
    assert ward.values("old") == {(A, "2025-08-06"): 2, (B, "2025-08-06"): 1}


def test_a_snapshot_of_what_does_not_add_has_the_province_and_one_that_counts_none_is_zero(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue = flow("COUNT(*) FILTER (WHERE due < NOW())", over_time="last", tick="hour")
    kinds = {**snapshot(), "value": "COUNT(DISTINCT disease)", "over_time": "none", "over_units": "none"}
    ward = ward_with(store, monkeypatch, overdue=overdue, kinds=kinds)
    tick(store.loader, at("2025-08-05T13:00"))
    assert ward.values("overdue") == {(A, "2025-08-05"): 2, (B, "2025-08-05"): 0}
    assert ward.values("kinds") == {(A, "2025-08-05"): 2, (PROVINCE, "2025-08-05"): 2}


def test_a_tick_without_measures_does_nothing(store: Store) -> None:
    before = editions(store)
    assert tick(store.loader, at("2025-08-05T13:00")).edition is None
    assert editions(store) == before


def test_beat_asks_for_a_tick_each_hour_and_the_task_takes_one(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ward = ward_with(store, monkeypatch, overdue=snapshot())
    asked = app.conf.beat_schedule["tick"]
    assert (asked["task"], len(asked["schedule"].minute), len(asked["schedule"].hour)) == (Tasks.TICK, 1, 24)

    settings = Settings(tmp_path, tmp_path, store.loader, "", "http://127.0.0.1:1", "", tmp_path, 1)
    monkeypatch.setattr(tasks, "_services", [Services(settings, Portal(settings))])
    monkeypatch.setenv("IOC_NOW", "2025-08-05T13:00:00+07:00")
    for _ in range(2):
        assert tasks.tick.apply().successful()
    assert ward.values("overdue") == {(A, "2025-08-05"): 2}
    assert store.ask("SELECT count(*) FROM ledger.load WHERE kind = 'tick'") == [(1,)]
    assert store.ask("SELECT value, at > now() - interval '1 minute' FROM ledger.cursor WHERE name = 'tick by day'") == [
        ("2025-08-05", True)
    ]


def test_a_clock_that_is_no_moment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("noon", "2025-08-05T09:00"):
        with pytest.raises(TerminalError, match="IOC_NOW"):
            now({"IOC_NOW": wrong})
