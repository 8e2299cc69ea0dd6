"""A pause after ten wrong passwords: CKAN itself never stops counting."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

import flask
import redis

from . import notify
from .texts import here

log = logging.getLogger(__name__)

FAILURES = 10
SECONDS = 15 * 60


def _key() -> str | None:
    """Redis key of this attempt's account and address, None when the request is no login."""
    if flask.request.method != "POST" or flask.request.endpoint != "user.login":
        return None
    account = flask.request.form.get("login", "").strip().lower()
    digest = hashlib.sha256(f"{account}|{flask.request.remote_addr}".encode()).hexdigest()
    return f"ioc:login:{digest}"


def refuse_after_failures() -> Any:
    """Before a request: answers 429 while the account and address are paused."""
    key, client = _key(), notify.connection()
    if key is None or client is None:
        return None
    try:
        failures = int(client.get(key) or 0)
    except redis.RedisError as error:
        log.error("failed logins are not counted now: %s", error)
        return None
    if failures >= FAILURES:
        flask.abort(429, here("portal.too_many_logins", minutes=SECONDS // 60))
    return None


def count(response: Any) -> Any:
    """After a request: a login that was not answered by a redirect has failed."""
    key, client = _key(), notify.connection()
    if key is None or client is None or response.status_code == 429:
        return response
    try:
        if response.status_code in (302, 303):
            client.delete(key)
        else:
            client.incr(key)
            client.expire(key, SECONDS)
    except redis.RedisError as error:
        log.error("failed logins are not counted now: %s", error)
    return response
