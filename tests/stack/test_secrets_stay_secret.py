"""No secret of an instance is in its logs, and what holds one is closed to others."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.running import Running

pytestmark = pytest.mark.stack

SHORTEST_SECRET = 16


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_password_and_no_token_is_in_a_log(instance: Running) -> None:
    kept = {name: value for name, value in json.loads(instance.secrets.path.read_text()).items() if len(value) >= SHORTEST_SECRET}
    secret = {**kept, **instance.passwords}
    logs = {path.name: path.read_text(errors="replace") for path in instance.instance.logs.iterdir() if path.is_file()}
    assert {"ckan.log", "ckan-commands.log", "superset.log", "superset-provision.log", "worker.log", "postgres.log"} <= set(logs)
    assert {"ckan_admin_token", "editor_token.so-y-te", "shared"} <= set(secret)
    assert [(log, name) for log, text in logs.items() for name, value in secret.items() if value in text] == []


def test_logs_and_files_with_secrets_are_closed_to_others(instance: Running) -> None:
    place = instance.instance
    assert mode(place.logs) == 0o700
    for path in (
        instance.secrets.path,
        place.run / "supervisord.conf",
        place.state / "ckan" / "ckan.ini",
        place.state / "redis" / "redis.conf",
    ):
        assert mode(path) == 0o600, path
