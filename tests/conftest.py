"""What all tests share: the folder of real data, which may be missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("IOC_SHARED") or ROOT.parent / "shared") / "data"
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _not_run:
        terminalreporter.section("tests on real data, not run: the folder is not there")
        for name in _not_run:
            terminalreporter.line(name)
