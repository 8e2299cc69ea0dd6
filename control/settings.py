"""One instance: where its checkout, its state and its ports are."""

from __future__ import annotations

import hashlib
import os
import pwd
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT_BASE = 8500
PORT_FILE = "port-base"
SERVICE_USER = "toan-canh"
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")


class SettingError(Exception):
    """A setting of the environment cannot be used; the message says what to write."""


def reachable_by_others(path: Path) -> bool:
    """Whether every folder down to `path` lets other users pass (their mode has x for others)."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.exists())


@dataclass(frozen=True)
class Instance:
    """An instance is one folder of state and six ports next to each other."""

    var: Path
    port_base: int

    @classmethod
    def from_environment(cls) -> Instance:
        """Reads IOC_VAR and IOC_PORT_BASE; without the second, the ports that this instance had before. Raises SettingError."""
        var = Path(os.environ.get("IOC_VAR") or ROOT / "var").expanduser().absolute()
        kept = var / PORT_FILE
        before = kept.read_text().strip() if kept.exists() else str(DEFAULT_PORT_BASE)
        text = os.environ.get("IOC_PORT_BASE") or before
        if not text.isdigit() or not 1024 <= int(text) <= 65000:
            raise SettingError(f'IOC_PORT_BASE is "{text}"; write a number from 1024 to 65000, like {DEFAULT_PORT_BASE}')
        return cls(var=var, port_base=int(text))

    def remember_ports(self) -> None:
        """Keeps the ports with the state, so that later commands need only IOC_VAR."""
        (self.var / PORT_FILE).write_text(f"{self.port_base}\n")

    @property
    def ports(self) -> dict[str, int]:
        names = ("ckan", "superset", "postgres", "redis", "solr", "desk")
        return {name: self.port_base + offset for offset, name in enumerate(names)}

    @cached_property
    def is_root(self) -> bool:
        return os.geteuid() == 0

    @cached_property
    def state(self) -> Path:
        """Folder of the services' data. `var`, unless user postgres could not reach it there."""
        if not self.is_root or reachable_by_others(self.var):
            return self.var
        return Path("/var/lib/toan-canh") / hashlib.sha256(str(self.var).encode()).hexdigest()[:12]

    @cached_property
    def service_user(self) -> str | None:
        """Unprivileged user of the services; None: the user who called (not root, or the checkout is closed to others)."""
        return SERVICE_USER if self.is_root and reachable_by_others(ROOT) else None

    @property
    def postgres_user(self) -> str | None:
        """PostgreSQL refuses root: its own user there."""
        return "postgres" if self.is_root else None

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def folder(self, name: str, user: str | None = None) -> Path:
        """A folder of the state that belongs to `user` (default: the services' user), made when missing, mode 700."""
        path = self.state / name
        if not path.exists():
            path.mkdir(parents=True, mode=0o700)
            self.give(path, user)
        return path

    def give(self, path: Path, user: str | None = None) -> None:
        """Hands a file or folder to the services' user, when there is one."""
        owner = user or self.service_user
        if owner is not None:
            entry = pwd.getpwnam(owner)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def run(self) -> Path:
        return self.state / "run"


def environment_folder(name: str) -> Path:
    """Folder of a Python environment: `boot`, `harvest`, `ckan`, `superset` or `dev`."""
    return ROOT / ".envs" / name


def python_of(name: str) -> str:
    return str(environment_folder(name) / "bin" / "python")
