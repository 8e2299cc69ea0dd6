"""Settings of the desk service, read from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ckan_harvesters.errors import TerminalError
from ckan_harvesters.settings import MEGABYTE

SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class DeskSettings:
    """What the service needs to know."""

    store_url: str
    """IOC_STORE_URL: the store as role `ioc_desk`, which only reads."""
    token: str
    """IOC_DESK_TOKEN: what CKAN shows."""
    max_file_bytes: int
    """IOC_MAX_FILE_BYTES: a larger file is not checked."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> DeskSettings:
        """Raises TerminalError naming the variable that is missing or too short."""
        for name in ("IOC_STORE_URL", "IOC_DESK_TOKEN"):
            if not environ.get(name):
                raise TerminalError(f"{name} is not set.", f"Start the service by `./ioc up`, or set {name} in its environment.")
        if len(environ["IOC_DESK_TOKEN"]) < SHORTEST_TOKEN:
            raise TerminalError("IOC_DESK_TOKEN is too short.", f"Use a random one of at least {SHORTEST_TOKEN} characters.")
        return cls(
            store_url=environ["IOC_STORE_URL"],
            token=environ["IOC_DESK_TOKEN"],
            max_file_bytes=int(environ.get("IOC_MAX_FILE_BYTES") or 200 * MEGABYTE),
        )
