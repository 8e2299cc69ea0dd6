"""The worker with a real Redis: events in, rows out, and `kill -9` at any moment loads the file exactly once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from ckan_harvesters.app import app
from ckan_harvesters.queues import Queues, Tasks
from tests.small_portal import TOKEN, SmallPortal, small_portal
from tests.store.conftest import Store
from tests.store.test_harvest import DAY, A

pytestmark = [pytest.mark.faults, pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait for something to hold. Fails when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Address of a Redis of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    client = redis.Redis(port=port)
    try:
        until(lambda: _answers(client))
        yield f"redis://127.0.0.1:{port}"
    finally:
        client.close()
        process.terminate()
        process.wait(10)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


class Workers:
    """Starts workers and tells them of changes."""

    def __init__(self, broker: str, portal: SmallPortal, store: Store, folder: Path) -> None:
        self.broker, self.portal, self.store, self.folder = broker, portal, store, folder
        self.dataset = portal.dataset("clinic/cases")

    @contextmanager
    def running(self, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker that is ready; whatever of it still lives afterwards is ended by its id."""
        environment = {
            **os.environ, "IOC_HOME": str(ROOT), "IOC_VAR": str(self.folder), "IOC_STORE_URL": self.store.loader,
            "IOC_REDIS_URL": self.broker, "IOC_CKAN_URL": self.portal.url, "IOC_CKAN_TOKEN": TOKEN,
            "IOC_FILES": str(self.folder / "files"), **more,
        }  # fmt: skip
        log = self.folder / f"worker-{time.monotonic_ns()}.log"
        with log.open("wb") as out:
            command = [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "ckan_harvesters.app",
                "worker",
                "-Q",
                Queues.HARVEST,
                "--pool",
                "prefork",
                "-c",
                "2",
            ]
            process = subprocess.Popen([*command, "--loglevel", "INFO"], stdout=out, stderr=out, cwd=ROOT, env=environment)
        try:
            until(lambda: b" ready." in log.read_bytes())
            yield process
        finally:
            end_all(process.pid)
            process.wait(10)

    def tell(self, delivery: str) -> None:
        """Say that a delivery changed, as CKAN's plugin does."""
        with app.connection_for_write(f"{self.broker}/4") as connection:
            event = {"kind": "resource_update", "dataset": self.dataset, "resource": delivery}
            app.send_task(Tasks.CHANGED, (event,), connection=connection, queue=Queues.HARVEST)

    def rows(self) -> list[tuple[Any, ...]]:
        return self.store.ask("SELECT unit_id, cases FROM clinic.cases__v1 WHERE closed_by IS NULL ORDER BY unit_id")

    def is_told(self, delivery: str, state: str = "done") -> bool:
        return any(r["resource_id"] == delivery and r["state"] == state for r in list(self.portal.receipts))


def end_all(pid: int) -> None:
    """End a process we started and its children, each by its id."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


@pytest.fixture
def workers(broker: str, store: Store, tmp_path: Path) -> Iterator[Workers]:
    with small_portal() as portal:
        yield Workers(broker, portal, store, tmp_path)


def test_an_event_brings_a_file_into_the_store_within_seconds(workers: Workers) -> None:
    with workers.running():
        delivery = workers.portal.deliver(workers.dataset, A, "so-y-te", DAY)
        workers.tell(delivery)
        until(lambda: workers.is_told(delivery), 20)
        assert workers.rows() == [("16681.202507", 3), ("16690.202507", 4)]


@pytest.mark.parametrize("point", ["during-copy", "before-commit", "after-commit"])
def test_a_child_killed_while_it_loads_is_followed_by_one_that_loads_once(workers: Workers, point: str) -> None:
    once = workers.folder / "once"
    once.touch()
    with workers.running(IOC_FAULT=point, IOC_FAULT_FILE=str(once)):
        delivery = workers.portal.deliver(workers.dataset, A, "so-y-te", DAY)
        workers.tell(delivery)
        until(lambda: workers.is_told(delivery))
    assert not once.exists()
    assert workers.rows() == [("16681.202507", 3), ("16690.202507", 4)]
    assert workers.store.ask("SELECT count(*) FROM ledger.load WHERE kind = 'file' AND state = 'done'") == [(1,)]


def test_a_whole_worker_killed_while_it_loads_is_followed_by_one_that_loads_once(workers: Workers) -> None:
    delivery = workers.portal.deliver(workers.dataset, A, "so-y-te", DAY)
    with psycopg.connect(workers.store.owner, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"delivery {delivery}",))
        with workers.running() as first:
            workers.tell(delivery)
            until(lambda: conn.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone() == (1,))
            end_all(first.pid)
            assert first.wait(10) == -signal.SIGKILL
    assert workers.rows() == []
    begun = time.monotonic()
    with workers.running():
        until(lambda: workers.is_told(delivery))
    assert time.monotonic() - begun < 30
    assert workers.rows() == [("16681.202507", 3), ("16690.202507", 4)]
    assert workers.store.ask("SELECT count(*) FROM ledger.load WHERE kind = 'file' AND state = 'done'") == [(1,)]
