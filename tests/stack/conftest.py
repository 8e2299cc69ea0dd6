"""Stack tests share one running instance."""

from __future__ import annotations

import pytest

from tests.running import Running


@pytest.fixture(scope="session")
def instance() -> Running:
    return Running.from_environment()
