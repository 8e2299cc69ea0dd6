"""Which of the store's logins answers a viewer.

Who belongs to which audience `datasets.model.audience` says, and who may read what PostgreSQL decides; this only picks the login.
"""

from __future__ import annotations

import logging
from typing import Any

from datasets.model.audience import PUBLIC, SeveralAudiences, audience_of_roles, password

log = logging.getLogger(__name__)

STORE_HOST = "ioc-store"
"""Host that the exported database names; it stands for the store wherever that is installed."""


def audience_of(user: Any) -> str:
    """Login role of a user of Superset, of an anonymous one, or of None; the public's for one whose roles name several audiences."""
    if user is None or getattr(user, "is_anonymous", False) or not getattr(user, "is_active", True):
        return PUBLIC
    try:
        return audience_of_roles(role.name for role in getattr(user, "roles", ()))
    except SeveralAudiences as mistake:
        log.error("%s is shown what the public is: %s", getattr(user, "username", "somebody"), mistake)
        return PUBLIC


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
