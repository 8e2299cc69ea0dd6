"""Superset as it is usually set up, for comparison: answers are kept for a time, whatever happens in the store."""

import os
from typing import Any

from superset_config import *  # noqa: F403
from superset_config import DATA_CACHE_CONFIG as OURS

DATA_CACHE_CONFIG = {
    **OURS,
    "CACHE_KEY_PREFIX": "plain_",
    "CACHE_DEFAULT_TIMEOUT": int(os.environ["IOC_PLAIN_CACHE_SECONDS"]),
}
CACHE_CONFIG = DATA_CACHE_CONFIG
STORE_CACHE_KEYS_IN_METADATA_DB = False


def _without_edition(app: Any) -> None:
    """Our pages and texts, but not the edition in the cache's key."""
    from superset_ioc import home, language, pages

    for part in (pages, language, home):
        part.register(app)


FLASK_APP_MUTATOR = _without_edition
