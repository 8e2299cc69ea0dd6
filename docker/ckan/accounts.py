"""Makes CKAN's administrator and the harvest's user, and keeps each token where its reader alone sees it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

TOKENS = {"ioc-admin": Path("/run/token-admin/ioc-admin"), "ioc-harvest": Path("/run/token-harvest/ioc-harvest")}


def wanted(admin_password: str) -> dict[str, dict[str, str | bool]]:
    """The accounts; nobody logs in as the harvest, so its password is random and forgotten."""
    return {
        "ioc-admin": {"password": admin_password, "email": "ioc-admin@localhost.localdomain", "sysadmin": True},
        "ioc-harvest": {"password": secrets.token_hex(24), "email": "ioc-harvest@localhost.localdomain", "sysadmin": False},
    }


def make() -> None:
    """Raises CalledProcessError when CKAN refuses."""
    done = subprocess.run(
        ["ckan", "-c", os.environ["CKAN_INI"], "ioc", "accounts"],
        input=json.dumps(wanted(os.environ["CKAN_ADMIN_PASSWORD"])),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    tokens: dict[str, str] = json.loads(done.stdout.strip().splitlines()[-1])
    for name, path in TOKENS.items():
        path.touch(mode=0o600)
        path.write_text(tokens[name])


if __name__ == "__main__":
    make()
