"""Writes the accounts that `superset_ioc.provision` is to make: the administrator alone. People are added in Superset."""

from __future__ import annotations

import json
import os
import sys


def wanted(admin_password: str) -> dict[str, list[dict[str, str | list[str]]]]:
    """The administrator; an account that exists keeps its password."""
    account: dict[str, str | list[str]] = {
        "username": "ioc-admin",
        "password": admin_password,
        "first_name": "Quản trị",
        "last_name": "Toàn Cảnh",
        "email": "ioc-admin@localhost.localdomain",
        "roles": ["Admin"],
    }
    return {"accounts": [account]}


if __name__ == "__main__":
    json.dump(wanted(os.environ["SUPERSET_ADMIN_PASSWORD"]), sys.stdout)
