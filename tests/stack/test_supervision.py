"""Services that die come back, a lost Redis loses nothing, and `ioc` speaks clearly of the machine it is on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from control import machine
from control.settings import ROOT
from control.steps import StepFailed
from control.supervisor import Supervisor, start_and_wait
from control.up import all_services
from tests.running import PATIENCE, Running
from tests.stack.bed_days import BedDays, loads, no_delivery_left

pytestmark = pytest.mark.stack

GIBIBYTE = 1024**3
KILLED = ("redis", "ckan", "superset", "solr", "beat", "desk", "postgres")


def environment(var: Path, port_base: int) -> dict[str, str]:
    return {**os.environ, "IOC_VAR": str(var), "IOC_PORT_BASE": str(port_base)}


@pytest.fixture
def supervisor(instance: Running) -> Iterator[Supervisor]:
    """The instance's supervisor; after the test every service runs and is well."""
    supervisor = Supervisor(instance.instance)
    yield supervisor
    for service in all_services(instance.instance, instance.secrets):
        start_and_wait(supervisor, service)


@pytest.mark.faults
@pytest.mark.parametrize("name", KILLED)
def test_a_service_killed_by_kill_9_is_started_again_and_well(instance: Running, supervisor: Supervisor, name: str) -> None:
    service = next(s for s in all_services(instance.instance, instance.secrets) if s.name == name)
    before = supervisor.processes()[name]["pid"]
    os.kill(before, signal.SIGKILL)
    started, wrong = time.monotonic(), "it has not been started"
    while wrong:
        assert time.monotonic() - started < PATIENCE, f"{name} is not well again: {wrong}"
        time.sleep(0.3)
        process = supervisor.processes()[name]
        runs = process["statename"] == "RUNNING" and process["pid"] != before
        wrong = (service.health() or "") if runs else f"the supervisor says {process['statename']}"
    print(f"{name}: well again after {time.monotonic() - started:.1f} s")


@pytest.mark.faults
def test_what_is_published_while_redis_is_down_is_harvested_when_it_is_back(instance: Running, supervisor: Supervisor) -> None:
    file = BedDays(date(2025, 9, 10), 5)
    with no_delivery_left(instance, file):
        supervisor.stop("redis")
        try:
            started = time.monotonic()
            resource_id = file.deliver(instance)
            print(f"published without Redis in {time.monotonic() - started:.1f} s")
            assert time.monotonic() - started < 60
            assert instance.receipt(resource_id, until_final=False)["state"] == "received"
        finally:
            start_and_wait(supervisor, next(s for s in all_services(instance.instance, instance.secrets) if s.name == "redis"))
        started = time.monotonic()
        receipt = instance.receipt(resource_id, timeout=PATIENCE)
        print(f"harvested {time.monotonic() - started:.1f} s after Redis came back")
        assert (receipt["state"], receipt["rows_accepted"]) == ("done", len(file.rows))
        assert file.in_store(instance) == file.rows
        assert loads(instance, resource_id) == [("done", receipt["edition"])]


def status(instance: Running) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "control", "status", "--json"],
        cwd=ROOT,
        env=environment(instance.instance.var, instance.instance.port_base),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_status_tells_machines_that_all_is_well_in_4_gb(instance: Running) -> None:
    found = status(instance)
    services = found["services"]
    assert isinstance(services, list)
    assert [s["name"] for s in services] == ["postgres", "redis", "solr", "ckan", "superset", "desk", "worker", "beat"]
    assert all(s["running"] and s["healthy"] and s["memory_bytes"] > 0 for s in services)
    assert found["healthy"] is True
    memory = found["memory_bytes"]
    assert isinstance(memory, int)
    print(f"memory of all services together: {memory / GIBIBYTE:.2f} GiB")
    assert memory <= 4 * GIBIBYTE


def test_up_on_a_running_system_restarts_nothing(instance: Running) -> None:
    supervisor = Supervisor(instance.instance)
    before = {name: process["pid"] for name, process in supervisor.processes().items()}
    started = time.monotonic()
    done = subprocess.run(
        [str(ROOT / "ioc"), "up"],
        cwd=ROOT,
        env=environment(instance.instance.var, instance.instance.port_base),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    print(f"./ioc up on the running system took {time.monotonic() - started:.0f} s")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert {name: process["pid"] for name, process in supervisor.processes().items()} == before
    assert "password" not in done.stdout.replace("as shown before", ""), "nobody's password is shown a second time"


def test_a_port_in_use_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with ExitStack() as held:
        base = free_block()
        taken = held.enter_context(socket.socket())
        taken.bind(("127.0.0.1", base + 2))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "control", "up"],
            cwd=ROOT,
            env=environment(tmp_path / "var", base),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, said
    assert f"{base + 2} (postgres)" in said
    assert "IOC_PORT_BASE=" in said, "what to do is said"
    assert not (tmp_path / "var").exists()


def free_block() -> int:
    """First of six ports next to each other that nobody holds now."""
    return next(base for base in range(21500, 30000, 10) if all(machine.port_is_free(base + n) for n in range(6)))


def test_a_disk_too_small_is_named_with_its_size_and_what_to_do(instance: Running) -> None:
    with pytest.raises(StepFailed) as failure:
        machine.check_disk(instance.instance, needed=10**18)
    assert f"{10**18 / GIBIBYTE:.1f} GiB are needed" in str(failure.value)
    assert "IOC_VAR=" in failure.value.advice
