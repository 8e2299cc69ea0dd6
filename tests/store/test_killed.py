"""A worker that is killed leaves nothing half done, and the same job again ends as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ckan_harvesters.load import load
from tests.store.conftest import Store
from tests.store.contracts import UNITS, checked

ROOT = Path(__file__).resolve().parents[2]
ROWS = 5_000


def run(store: Store, point: str, once: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.store.killed_load", store.loader, "job 2", str(ROWS)],
        cwd=ROOT,
        env={**os.environ, "IOC_FAULT": point, "IOC_FAULT_FILE": str(once)},
        capture_output=True,
        text=True,
    )


@pytest.mark.faults
@pytest.mark.parametrize(("point", "rows_after_kill"), [("during-copy", 1), ("before-commit", 1), ("after-commit", ROWS)])
def test_kill_9_and_the_same_job_again_leave_the_files_rows_once(store: Store, tmp_path: Path, point: str, rows_after_kill: int) -> None:
    first = load(store.loader, checked([("2021-08-01", UNITS[1], "soi", 1)], ckan_resource="r1"), "job 1")
    assert first.edition is not None
    once = tmp_path / "once"
    once.touch()

    killed = run(store, point, once)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert store.ask("SELECT count(*) FROM clinic.cases") == [(rows_after_kill,)]
    again = run(store, point, once)
    assert (again.returncode, again.stdout) == (0, "done\n"), again.stderr

    assert store.ask("SELECT count(*), count(DISTINCT disease), sum(cases) FROM clinic.cases") == [(ROWS, ROWS, ROWS * (ROWS - 1) // 2)]
    assert store.ask("SELECT count(*) FROM clinic.cases__v1") == [(ROWS + 1,)]
    assert store.ask("SELECT count(*) FROM ledger.load WHERE job_id = 'job 2'") == [(1,)]
    assert store.ask("SELECT max(edition) FROM ledger.head") == [(first.edition + 1,)]
    assert store.ask("SELECT count(*) FROM clinic.cases__as_of(%s)", first.edition) == [(1,)]
    assert store.ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace") == [(0,)]
