"""Settings of the harvest, read from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ckan_harvesters.errors import TerminalError

BROKER_DATABASE = 4
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Where the harvest finds its services, and its limits."""

    home: Path
    """IOC_HOME: root of the checkout, where `datasets/` is."""
    var: Path
    """IOC_VAR: state of the instance; beat keeps its schedule there."""
    store_url: str
    """IOC_STORE_URL: the store as role `ioc_loader`."""
    redis_url: str
    """IOC_REDIS_URL without database number."""
    ckan_url: str
    """IOC_CKAN_URL: CKAN's origin; the token is sent nowhere else."""
    ckan_token: str
    """IOC_CKAN_TOKEN of the user `ioc-harvest`."""
    files: Path
    """IOC_FILES: delivered files, kept by SHA-256."""
    max_file_bytes: int
    """IOC_MAX_FILE_BYTES: a larger file is refused."""

    @property
    def broker_url(self) -> str:
        return f"{self.redis_url.rstrip('/')}/{BROKER_DATABASE}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings. Raises TerminalError naming the variable that is missing."""
        home = Path(environ.get("IOC_HOME") or Path(__file__).resolve().parents[1])
        var = Path(environ.get("IOC_VAR") or home / "var")
        return cls(
            home=home,
            var=var,
            store_url=_required(environ, "IOC_STORE_URL"),
            redis_url=_required(environ, "IOC_REDIS_URL"),
            ckan_url=_required(environ, "IOC_CKAN_URL").rstrip("/"),
            ckan_token=_required(environ, "IOC_CKAN_TOKEN"),
            files=Path(environ.get("IOC_FILES") or var / "files"),
            max_file_bytes=int(environ.get("IOC_MAX_FILE_BYTES") or 200 * MEGABYTE),
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise TerminalError(f"{name} is not set.", f"Start the worker by `./ioc up`, or set {name} in its environment.")
    return value
