"""Which of the store's logins answers a viewer. Who may read what is decided there, by PostgreSQL; this only picks the login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from datasets.model.audience import password

STORE_HOST = "ioc-store"
"""Host that the exported database names; it stands for the store wherever that is installed."""

LEADER, OPERATOR, PUBLIC = "aud_leader", "aud_operator", "aud_public"
# First match wins, so that a person with two roles gets the narrower working one.
AUDIENCE_OF_ROLE = (("ioc_operator", OPERATOR), ("ioc_leader", LEADER), ("Admin", LEADER))


def audience_of_roles(roles: Iterable[str]) -> str:
    """Login role of somebody who has these roles in Superset; without a known one, that of the public."""
    held = set(roles)
    return next((audience for role, audience in AUDIENCE_OF_ROLE if role in held), PUBLIC)


def audience_of(user: Any) -> str:
    """Login role of a user of Superset, of an anonymous one, or of None."""
    if user is None or getattr(user, "is_anonymous", False):
        return PUBLIC
    return audience_of_roles(role.name for role in getattr(user, "roles", ()))


def connect_as_audience(
    uri: Any, params: dict[str, Any], username: str | None, security_manager: Any, source: Any
) -> tuple[Any, dict[str, Any]]:
    """Superset's `DB_CONNECTION_MUTATOR`: point a connection to the store at its address, with the login of the viewer's audience."""
    from flask import current_app

    if uri.host != STORE_HOST:
        return uri, params
    settings = current_app.config["IOC_SETTINGS"]
    audience = audience_of(security_manager.find_user(username=username) if username else None)
    store = settings.store
    uri = uri.set(
        username=audience, password=password(settings.shared_secret, audience), host=store.host, port=store.port, database=store.database
    )
    return uri, params
