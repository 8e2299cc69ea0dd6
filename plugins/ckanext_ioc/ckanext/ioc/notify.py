"""Tells the harvest, after the commit, that a dataset or a delivery changed.

CKAN's hooks run before the commit, when others still see the old row, so they only collect. SQLAlchemy's `after_commit` fires for
savepoints too; the messages leave with the outermost one. Redis being down never fails a publish: the harvest's poll finds the change.
"""

from __future__ import annotations

import base64
import json
import logging
import uuid
from typing import Any

import ckan.plugins.toolkit as tk
import redis
from ckan import model
from sqlalchemy import event

log = logging.getLogger(__name__)

QUEUE = "harvest"
TASK = "harvest.changed"
COLLECTED = "ioc_changes"
TIMEOUT_SECONDS = 1.0

Change = dict[str, str | None]


def change(kind: str, dataset: str | None, resource: str | None = None) -> Change:
    return {"kind": kind, "dataset": dataset, "resource": resource}


def collect(kind: str, dataset: str | None, resource: str | None = None) -> None:
    """Keeps a change until the commit of the session it happened in."""
    model.Session().info.setdefault(COLLECTED, []).append(change(kind, dataset, resource))


def listen() -> None:
    """Hears of commits and rollbacks of CKAN's sessions, once in a process."""
    if not event.contains(model.Session, "after_commit", _after_commit):
        event.listen(model.Session, "after_commit", _after_commit)
        event.listen(model.Session, "after_rollback", _after_rollback)


def _after_commit(session: Any) -> None:
    if not session.in_nested_transaction():
        send(worth_sending(session.info.pop(COLLECTED, [])))


def _after_rollback(session: Any) -> None:
    session.info.pop(COLLECTED, None)


def worth_sending(changes: list[Change]) -> list[Change]:
    """Each change once; a dataset's own update is left out where a change of one of its deliveries says more."""
    with_delivery = {c["dataset"] for c in changes if c["resource"]}
    kept: list[Change] = []
    for found in changes:
        told = found["kind"] == "dataset_update" and found["dataset"] in with_delivery
        if not told and found not in kept:
            kept.append(found)
    return kept


def message(found: Change) -> str:
    """A Celery message (protocol 2, as kombu puts it into a Redis list) that runs `harvest.changed(change)`."""
    task_id = str(uuid.uuid4())
    embedded = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    body = base64.b64encode(json.dumps([[found], {}, embedded]).encode()).decode()
    return json.dumps({
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py", "task": TASK, "id": task_id, "root_id": task_id, "parent_id": None, "group": None,
            "argsrepr": repr((found,)), "kwargsrepr": "{}", "retries": 0, "timelimit": [None, None],
            "eta": None, "expires": None, "origin": "ckan", "ignore_result": True,
        },
        "properties": {
            "correlation_id": task_id, "reply_to": task_id, "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": QUEUE}, "delivery_tag": str(uuid.uuid4()),
        },
    })  # fmt: skip


_connection: Any = None


def connection() -> Any:
    """Client of the broker's Redis, None when no address is set. Its calls end within a second."""
    global _connection
    address = tk.config.get("ckanext.ioc.redis_url")
    if _connection is None and address:
        _connection = redis.Redis.from_url(address, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
    return _connection


def send(changes: list[Change]) -> None:
    """Puts a message for each change into the harvest's queue."""
    client = connection()
    if client is None or not changes:
        return
    try:
        client.lpush(QUEUE, *(message(found) for found in changes))
    except redis.RedisError as error:
        log.error("the harvest was not told of %s, its poll will find it: %s", changes, error)


def purged(sender: str, **told: Any) -> None:
    """CKAN tells of a purge only after it, by a signal."""
    data = told.get("data_dict") or {}
    send([change("dataset_purge", data.get("id"))])


def in_bulk(sender: str, **told: Any) -> None:
    """Many datasets made private, public or deleted at once, of which no hook tells."""
    data = told.get("data_dict") or {}
    kind = "dataset_delete" if sender == "bulk_update_delete" else "dataset_update"
    send([change(kind, name) for name in data.get("datasets", [])])


def subscriptions() -> dict[Any, Any]:
    bulk = ("bulk_update_private", "bulk_update_public", "bulk_update_delete")
    receivers = [{"sender": "dataset_purge", "receiver": purged}, *({"sender": name, "receiver": in_bulk} for name in bulk)]
    return {tk.signals.action_succeeded: receivers}
