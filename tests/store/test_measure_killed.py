"""A load that is killed leaves rows and measures as they were; the same job again brings both."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ckan_harvesters.load import load
from tests.store.conftest import Store
from tests.store.contracts import UNITS, checked, measured
from tests.store.test_killed import ROWS, run

TOTAL = ROWS * (ROWS - 1) // 2

CELLS = """
SELECT v.calendar, count(*), sum(v.value)::bigint, sum(v.n)::bigint FROM measure.value v
WHERE v.measure = 'clinic.new_cases' AND v.closed_by IS NULL GROUP BY 1 ORDER BY 1
"""


@pytest.mark.faults
@pytest.mark.parametrize("point", ["during-copy", "before-commit", "after-commit"])
def test_kill_9_and_the_same_job_again_leave_each_cell_once(store: Store, tmp_path: Path, point: str) -> None:
    store.apply(measured(access="open"))
    first = load(store.loader, checked([("2021-08-01", UNITS[1], "soi", 7)], ckan_resource="r1"), "job 1")
    kept = [(calendar, 1, 7, 1) for calendar in ("administrative-month", "day", "month", "week")]
    assert store.ask(CELLS) == kept
    once = tmp_path / "once"
    once.touch()

    killed = run(store, point, once)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole = [(calendar, ROWS, TOTAL, ROWS) for calendar in ("administrative-month", "day", "month", "week")]
    assert store.ask(CELLS) == (whole if point == "after-commit" else kept)
    again = run(store, point, once)
    assert (again.returncode, again.stdout) == (0, "done\n"), again.stderr
    assert store.ask(CELLS) == whole
    assert store.ask("SELECT count(DISTINCT load_id) FROM measure.value") == [(2,)]
    assert store.ask("SELECT count(*) FROM measure.value WHERE closed_by < %s", first.load_id) == [(0,)]
