"""A harvest worker that is killed by kill -9 leaves nothing half done: the next one ends its delivery, and each row is there once."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from control.programs import clean_environment
from control.services import harvest
from control.services.service import Service
from control.supervisor import Supervisor, start_and_wait
from tests.running import PATIENCE, Running
from tests.stack.bed_days import BedDays, loads, no_delivery_left, progress

pytestmark = [pytest.mark.stack, pytest.mark.faults]

FACILITIES = 3_000
DAYS = {"during-copy": date(2025, 9, 1), "before-commit": date(2025, 9, 2), "after-commit": date(2025, 9, 3)}
FINAL_SECONDS = 240


def wait_for(what: str, seen: Callable[[], bool], timeout: float = PATIENCE, pause: float = 0.2) -> None:
    deadline = time.monotonic() + timeout
    while not seen():
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}"
        time.sleep(pause)


def worker(instance: Running) -> Service:
    return next(s for s in harvest.services(instance.instance, instance.secrets) if s.name == "worker")


@pytest.fixture
def supervised(instance: Running) -> Iterator[Supervisor]:
    """The instance's supervisor; whatever the test stopped runs again after it."""
    supervisor = Supervisor(instance.instance)
    yield supervisor
    start_and_wait(supervisor, worker(instance))


@pytest.fixture
def once(instance: Running) -> Iterator[Path]:
    """A file that the worker may remove; while it is there, the worker kills itself at the point it is told."""
    folder = Path(tempfile.mkdtemp(prefix="fault-", dir=instance.instance.state))
    instance.instance.give(folder)
    file = folder / "once"
    file.touch()
    instance.instance.give(file)
    yield file
    shutil.rmtree(folder)


@contextlib.contextmanager
def worker_that_dies(instance: Running, point: str, once: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker like the supervised one, with a fault; its whole process group is killed at the end of the block."""
    service = worker(instance)
    user = pwd.getpwnam(service.user) if service.user else None
    with (instance.instance.logs / "worker-of-test.log").open("ab") as log:
        process = subprocess.Popen(
            service.command,
            env=clean_environment({**service.environment, "IOC_FAULT": point, "IOC_FAULT_FILE": str(once)}),
            cwd=instance.instance.state,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)


@pytest.mark.parametrize("point", list(DAYS))
def test_kill_9_of_the_worker_leaves_the_files_rows_once(instance: Running, supervised: Supervisor, once: Path, point: str) -> None:
    file = BedDays(DAYS[point], FACILITIES)
    with no_delivery_left(instance, file):
        supervised.stop("worker")
        with worker_that_dies(instance, point, once) as process:
            wait_for("the test's own worker answers", lambda: worker(instance).health() is None)
            resource_id = file.deliver(instance)
            wait_for("the worker reached the point", lambda: not once.exists(), pause=0.01)
            assert process.poll() is None, "the whole worker was there until it was killed"
        process_group_is_gone(process.pid)

        assert progress(instance, resource_id) == "checking", "the killed worker could not say how it ended"
        assert file.in_store(instance) == (file.rows if point == "after-commit" else [])

        started = time.monotonic()
        start_and_wait(supervised, worker(instance))
        receipt = instance.receipt(resource_id, timeout=FINAL_SECONDS)
        print(f"{point}: final receipt {time.monotonic() - started:.1f} s after the next worker was started")

        assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done", len(file.rows), 0)
        assert file.in_store(instance) == file.rows
        [(state, edition)] = [load for load in loads(instance, resource_id) if load[0] != "unchanged"]
        assert (state, edition) == ("done", receipt["edition"])


def process_group_is_gone(group: int) -> None:
    def gone() -> bool:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for("no process of the killed worker is left", gone, timeout=60)


def test_a_supervised_worker_killed_at_work_is_started_again_and_the_delivery_ends_well(instance: Running, supervised: Supervisor) -> None:
    file = BedDays(date(2025, 9, 4), 20_000)
    with no_delivery_left(instance, file):
        before = supervised.processes()["worker"]["pid"]
        assert os.getpgid(before) == before, "the worker and its children are a process group of their own"
        resource_id = file.deliver(instance)
        wait_for("the worker has begun", lambda: progress(instance, resource_id) == "checking", pause=0.02)
        os.kill(before, signal.SIGKILL)

        wait_for("the supervisor starts another worker", lambda: supervised.processes()["worker"]["pid"] not in (0, before))
        receipt = instance.receipt(resource_id, timeout=FINAL_SECONDS)

        assert (receipt["state"], receipt["rows_accepted"]) == ("done", len(file.rows))
        assert file.in_store(instance) == file.rows
        assert [load for load in loads(instance, resource_id) if load[0] != "unchanged"] == [("done", receipt["edition"])]
        wait_for("the new worker is well", lambda: worker(instance).health() is None)
        process_group_is_gone(before)
