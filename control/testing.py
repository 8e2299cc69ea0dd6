"""`ioc test`: lint, types, and all tests, on an instance of their own that is made for them and ended by them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from control import environments, machine
from control.demonstration import deliver_demonstration
from control.settings import ROOT, Instance, environment_folder
from control.steps import StepFailed, Steps
from control.supervisor import Supervisor
from control.up import bring_up

TYPED = (
    "datasets",
    "ckan_harvesters",
    "control",
    "plugins/superset_ioc",
    "plugins/ckanext_ioc/ckanext",
    "superset_config.py",
    "bench",
    "docker/apply.py",
    "docker/probe.py",
    "tests/running.py",
)
FIRST_PORT = 18600
BESIDE_ONE_ANOTHER = ("--numprocesses", "auto", "--dist", "loadfile")
"""Tests that need no running instance: on each core the files' tests, with a PostgreSQL of their own."""


def free_port_base() -> int:
    """The first block of ten free ports from FIRST_PORT on."""
    for base in range(FIRST_PORT, 30000, 10):
        if all(machine.port_is_free(base + offset) for offset in range(10)):
            return base
    raise StepFailed("No ten free ports next to each other were found", advice="end programs that hold ports from 18600 on")


def run_tests(console: Console, words: Sequence[str]) -> int:
    """Runs everything, or with `words` only pytest with them (a path below tests/stack or tests/browser needs the instance).

    Returns the exit code: 0 when all passed.
    """
    steps = Steps(console)
    missing = machine.missing_packages()
    folder = Path(tempfile.mkdtemp(prefix="toan-canh-test-"))
    folder.chmod(0o755)
    instance = Instance(var=folder, port_base=free_port_base())
    try:
        if missing:
            with steps.step(f"Debian packages: {', '.join(missing)}"):
                machine.install_packages(instance, missing)
        for name in ("dev", "ckan", "superset"):
            with steps.step(f"Python environment {name}") as notes:
                if not environments.make(name, instance.logs / "environments.log"):
                    notes.append("up to date")
        if words:
            return _pytest(words, instance, steps, needs_instance=any("stack" in word or "browser" in word for word in words))
        return _everything(instance, steps)
    finally:
        Supervisor(instance).shut_down()
        _keep_or_remove(instance, console)


def _everything(instance: Instance, steps: Steps) -> int:
    for name, command in (
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("mypy --strict", ["mypy", *TYPED]),
    ):
        with steps.step(name):
            _tool(command)
    first = _pytest([*BESIDE_ONE_ANOTHER, "tests/unit", "tests/store"], instance, steps, needs_instance=False)
    second = _pytest(["tests/stack", "tests/browser"], instance, steps, needs_instance=True)
    return first or second


def _tool(command: list[str]) -> None:
    program = environment_folder("dev") / "bin" / command[0]
    if subprocess.run([str(program), *command[1:]], cwd=ROOT, check=False).returncode != 0:
        raise StepFailed(f"{' '.join(command)} found something", advice="mend what is listed above")


def _pytest(words: Sequence[str], instance: Instance, steps: Steps, *, needs_instance: bool) -> int:
    if needs_instance:
        bring_up(instance, steps, lambda: deliver_demonstration(instance, steps, show=False))
    environment = {**os.environ, "IOC_VAR": str(instance.var), "IOC_PORT_BASE": str(instance.port_base)}
    program = environment_folder("dev") / "bin" / "python"
    return subprocess.run([str(program), "-m", "pytest", *words], cwd=ROOT, env=environment, check=False).returncode


def _keep_or_remove(instance: Instance, console: Console) -> None:
    """Removes the instance's folders; with IOC_KEEP=1 they stay, to be looked at."""
    if os.environ.get("IOC_KEEP") == "1":
        console.print(f"Kept: {instance.state}", highlight=False)
        return
    for path in {instance.var, instance.state}:
        shutil.rmtree(path, ignore_errors=True)
