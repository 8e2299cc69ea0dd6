"""Which agencies a user belongs to. An agency is an organisation of CKAN; its name is the agency's slug."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

DELIVERING = ("editor", "admin")
TITLE_LANGUAGES = ("en", "fr")


def service_user() -> str:
    """Name of the user that the harvest works as."""
    return str(tk.config.get("ckanext.ioc.service_user") or "ioc-harvest")


def user_of(context: dict[str, Any]) -> Any:
    """The user of an action's context, None for an anonymous one."""
    found = context.get("auth_user_obj")
    if found is not None:
        return None if getattr(found, "is_anonymous", False) else found
    name = context.get("user")
    return model.User.get(name) if name else None


def sees_everything(user: Any) -> bool:
    """Whether the user is a sysadmin or the harvest."""
    return user is not None and (authz.is_sysadmin(user.name) or user.name == service_user())


def memberships(user: Any) -> dict[str, str]:
    """Capacity ("member", "editor", "admin") of the user by agency slug; empty for an anonymous one."""
    if user is None or getattr(user, "is_anonymous", False):
        return {}
    rows = (
        model.Session.query(model.Group.name, model.Member.capacity)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .filter(
            model.Member.table_name == "user",
            model.Member.table_id == user.id,
            model.Member.state == "active",
            model.Group.state == "active",
            model.Group.is_organization.is_(True),
        )
    )
    return dict(tuple(row) for row in rows)


def roles(user_id: str) -> list[dict[str, str]]:
    """What the user is in which agency, for the page of a user: [{"agency", "role"}] by slug."""
    found = memberships(model.User.get(user_id))
    return [{"agency": slug, "role": found[slug]} for slug in sorted(found)]


def delivers_for(user: Any) -> list[str]:
    """Slugs of the agencies for which the user may deliver, sorted."""
    return sorted(name for name, capacity in memberships(user).items() if capacity in DELIVERING)


def titles(slugs: Iterable[str], lang: str = "vi") -> dict[str, str]:
    """Titles of these agencies by slug, by one query: in that language, else in Vietnamese, else the slug itself."""
    asked = {slug for slug in slugs if slug}
    rows = model.Session.query(model.Group.name, model.Group.title, model.Group.extras).filter(model.Group.name.in_(asked)) if asked else ()
    found = {name: (extras or {}).get(f"title_{lang}" if lang in TITLE_LANGUAGES else "") or own for name, own, extras in rows}
    return {slug: str(found.get(slug) or slug) for slug in asked}


def title(slug: str, lang: str = "vi") -> str:
    """Title of one agency, as `titles` gives it."""
    return titles([slug], lang).get(slug, slug)
