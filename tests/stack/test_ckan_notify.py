"""The harvest is told of a change after the commit, once, and a publish does not wait for it."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from tests.stack.ckan_portal import CSV, Portal

pytestmark = pytest.mark.stack
SECONDS = 60
"""Until what is told has to be there; it is there at once on a machine that does nothing else."""


@contextmanager
def changes(portal: Portal, wanted: int) -> Iterator[list[dict[str, Any]]]:
    """Collects the messages about the portal's datasets that CKAN pushes while the block runs; a worker may take them meanwhile."""
    seen: list[dict[str, Any]] = []
    client = redis.Redis.from_url(f"{portal.instance.redis_url}/4", socket_timeout=SECONDS)
    with client.monitor() as monitor:  # type: ignore[no-untyped-call]
        yield seen
        ids = {
            portal.as_("sysadmin").call_action("package_show", {"id": portal.dataset(k)})["id"] for k in ("open", "shared", "restricted")
        }
        deadline = time.monotonic() + SECONDS
        while len(seen) < wanted and time.monotonic() < deadline:
            try:
                command = monitor.next_command()["command"]
            except redis.TimeoutError:  # nothing more is pushed
                break
            seen.extend(found for found in _pushed(command) if found["dataset"] in ids)
    client.close()


def _pushed(command: str) -> Iterator[dict[str, Any]]:
    """Changes in an LPUSH to the harvest's queue as MONITOR prints it, the later pushed first."""
    words = command.split(" ", 2)
    if words[0].upper() != "LPUSH" or words[1] != "harvest":
        return
    decoder = json.JSONDecoder()
    text = words[2].encode().decode("unicode_escape") if "\\x" in words[2] or '\\"' in words[2] else words[2]
    place = text.find("{")
    while place >= 0:
        message, end = decoder.raw_decode(text, place)
        if message["headers"]["task"] == "harvest.changed":  # the harvest puts its own tasks there too
            assert message["properties"]["delivery_info"]["routing_key"] == "harvest"
            args, _, _ = json.loads(base64.b64decode(message["body"]))
            yield args[0]
        place = text.find("{", end)


def test_each_change_of_a_delivery_is_told_once(portal: Portal) -> None:
    with changes(portal, 1) as seen:
        made = portal.deliver("open", "a", period="2025-01-01")
    assert seen == [{"kind": "resource_create", "dataset": made["package_id"], "resource": made["id"]}]
    with changes(portal, 1) as seen:
        portal.as_("editor-a").call_action("resource_patch", {"id": made["id"]}, files={"upload": ("x.csv", io.BytesIO(CSV.encode()))})
    assert seen == [{"kind": "resource_update", "dataset": made["package_id"], "resource": made["id"]}]
    with changes(portal, 1) as seen:
        portal.as_("editor-a").call_action("resource_delete", {"id": made["id"]})
    assert seen == [{"kind": "resource_delete", "dataset": made["package_id"], "resource": made["id"]}]


def test_a_refused_delivery_is_not_told(portal: Portal) -> None:
    with changes(portal, 1) as seen:  # the first that is told: of the refused delivery it would be before the other
        with pytest.raises(Exception, match="2021-08-01"):
            portal.deliver("open", "a", period="nonsense")
        portal.as_("sysadmin").call_action("package_patch", {"id": portal.dataset("open"), "notes": "đổi mô tả"})
    assert [found["kind"] for found in seen] == ["dataset_update"]


def test_a_dataset_made_private_is_told(portal: Portal) -> None:
    sysadmin = portal.as_("sysadmin")
    whole = sysadmin.call_action("package_show", {"id": portal.dataset("open")})
    with changes(portal, 2) as seen:
        sysadmin.call_action("package_patch", {"id": whole["id"], "private": True})
        sysadmin.call_action("package_patch", {"id": whole["id"], "private": False})
    assert [(found["kind"], found["dataset"]) for found in seen] == [("dataset_update", whole["id"])] * 2
