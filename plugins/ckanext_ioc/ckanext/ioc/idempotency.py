"""A call that is sent twice under one key counts once: the key keeps the answer that was given.

A program that lost the connection cannot know whether its delivery arrived; it sends the same call again with the same key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy import text

from .texts import here

LONGEST_KEY = 200
KEPT_DAYS = 90

LOCK = text("SELECT pg_advisory_lock(hashtextextended('ioc_idempotency ' || :user || ' ' || :key, 0))")
UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended('ioc_idempotency ' || :user || ' ' || :key, 0))")
FORGET = text("DELETE FROM ioc_idempotency WHERE at < now() - make_interval(days => :days)")
FIND = text("SELECT fingerprint, answer FROM ioc_idempotency WHERE user_id = :user AND key = :key")
BEGIN = text("""
    INSERT INTO ioc_idempotency (user_id, key, fingerprint, at) VALUES (:user, :key, :fingerprint, now())
    ON CONFLICT (user_id, key) DO NOTHING
""")
KEEP = text("UPDATE ioc_idempotency SET answer = CAST(:answer AS jsonb), at = now() WHERE user_id = :user AND key = :key")
DROP = text("DELETE FROM ioc_idempotency WHERE user_id = :user AND key = :key AND answer IS NULL")


@dataclass
class Kept:
    """What is known of a key while its call runs."""

    answer: dict[str, Any] | None
    """The answer given before under this key, None when there is work to do."""
    given: dict[str, Any] | None = field(default=None, init=False)

    def keep(self, answer: dict[str, Any]) -> None:
        """Says what the call is answered, now and whenever it comes again."""
        self.given = answer


@contextmanager
def once(user: str, key: str, fingerprint: str) -> Iterator[Kept]:
    """Holds the user's key while the block does the work; a second call under it waits and then finds the first one's answer.

    `fingerprint` tells the calls apart (SHA-256 of all that is delivered). It is written on a connection of its own, so that CKAN's
    commits inside the block do not let go of the lock. A block that raises leaves nothing: the same key may be tried again.
    Raises ValidationError, which CKAN answers with 409, for a key that is no key or that stands for another delivery.
    """
    if not key.isprintable() or not 0 < len(key.strip()) <= LONGEST_KEY:
        raise tk.ValidationError({"idempotency_key": [here("desk_call.key_wrong", longest=LONGEST_KEY)]})
    names = {"user": user, "key": key}
    with model.meta.engine.connect() as connection:
        connection.execute(LOCK, names)
        try:
            connection.execute(FORGET, {"days": KEPT_DAYS})
            row = connection.execute(FIND, names).one_or_none()
            if row is not None and row.fingerprint != fingerprint and row.answer is not None:
                raise tk.ValidationError({"idempotency_key": [here("desk_call.key_used", key=key)]})
            if row is not None and row.fingerprint != fingerprint:  # begun and never ended: nothing is known to have been delivered
                connection.execute(DROP, names)
                row = None
            connection.execute(BEGIN, {**names, "fingerprint": fingerprint})
            connection.commit()
            kept = Kept(row.answer if row is not None else None)
            try:
                yield kept
            finally:
                if kept.given is not None:
                    connection.execute(KEEP, {**names, "answer": json.dumps(kept.given)})
                else:
                    connection.execute(DROP, names)
                connection.commit()
        finally:
            connection.rollback()
            connection.execute(UNLOCK, names)
            connection.commit()
