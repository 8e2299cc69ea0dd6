"""Stack tests share one running instance."""

from __future__ import annotations

import pytest

from tests.running import Running
from tests.stack.ckan_portal import portal as portal


@pytest.fixture(scope="session")
def instance() -> Running:
    return Running.from_environment()
