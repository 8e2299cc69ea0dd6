"""Secrets of an instance: made at its first start, random, in one file of mode 600."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from control.settings import Instance

NAMES = (
    "postgres",  # superuser of the private cluster
    "ckan_database",
    "superset_database",
    "ioc_owner",
    "ioc_loader",
    "ioc_desk",
    "desk_token",  # what CKAN shows the desk service
    "redis",
    "ckan_secret_key",
    "superset_secret_key",
    "superset_guest_secret",
    "shared",  # IOC_SECRET, from which the audiences' passwords are derived
    "ckan_admin_password",
    "superset_admin_password",
)


class Secrets:
    """The secrets of one instance, by name. Reading an unknown name raises KeyError."""

    def __init__(self, instance: Instance) -> None:
        self.path: Path = instance.var / "secrets.json"
        self._values: dict[str, str] = self._read()

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def make_missing(self) -> int:
        """Makes the secrets that are not there yet and returns how many they were."""
        missing = [name for name in NAMES if name not in self._values]
        for name in missing:
            self._values[name] = secrets.token_hex(24)
        if missing:
            self._write()
        return len(missing)

    def put(self, name: str, value: str) -> None:
        # Another command may have put something since this one began.
        self._values = {**self._values, **self._read(), name: value}
        self._write()

    def _read(self) -> dict[str, str]:
        values: dict[str, str] = json.loads(self.path.read_text()) if self.path.exists() else {}
        return values

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self._values, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
