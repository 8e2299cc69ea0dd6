"""Stack tests share one running instance."""

from __future__ import annotations

import pytest

from tests.running import Running
from tests.stack.ckan_portal import portal as portal
from tests.stack.deliveries import editor_accounts as editor_accounts
from tests.stack.deliveries import editors as editors
from tests.stack.deliveries import trials as trials


@pytest.fixture(scope="session")
def instance() -> Running:
    return Running.from_environment()
