"""What all tests share: the folder of real data, which may be missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("IOC_SHARED") or ROOT.parent / "shared") / "data"
NOT_RUN = "toan_canh_not_run"
_not_run: list[str] = []


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real boundaries, real statistics and hard files; tests that use it are marked `real`."""
    return SHARED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the folder of real data its tests are not run, and are listed at the end."""
    if SHARED.is_dir():
        return
    real = [item for item in items if item.get_closest_marker("real") is not None]
    _not_run.extend(item.nodeid for item in real)
    items[:] = [item for item in items if item not in real]
    config.hook.pytest_deselected(items=real)
    if hasattr(config, "workeroutput"):  # a worker of pytest-xdist: its parent writes the list
        config.workeroutput[NOT_RUN] = _not_run


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(FromWorkers())


class FromWorkers:
    """Takes the lists of the workers, which all collected the same tests."""

    def pytest_testnodedown(self, node: Any) -> None:
        _not_run[:] = node.workeroutput.get(NOT_RUN, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _not_run:
        terminalreporter.section("tests on real data, not run: the folder is not there")
        for name in _not_run:
            terminalreporter.line(name)
