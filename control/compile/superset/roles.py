"""Which roles of Superset read which dashboards, and the roles that name audiences. What a role may do is in `superset_ioc.roles`."""

from __future__ import annotations

from collections.abc import Iterable

from control.compile.superset.site import SupersetSite
from datasets.model.audience import (
    AUDIENCE_PREFIX,
    SUPERSET_LEADER,
    SUPERSET_OFFICIAL,
    SUPERSET_OPERATOR,
    ReferenceLike,
    areas,
    audiences,
    superset_roles,
)

PUBLIC_ROLE = "Public"
INTERNAL_READERS = (SUPERSET_LEADER, SUPERSET_OFFICIAL, SUPERSET_OPERATOR)
OPEN_READERS = (*INTERNAL_READERS, PUBLIC_ROLE)


def dashboard_readers(*, is_open: bool) -> tuple[str, ...]:
    """Roles of a dashboard. Never decided by its slug: only the dashboard compiled from what is open may be the public's."""
    return OPEN_READERS if is_open else INTERNAL_READERS


def audience_role_names(reference: ReferenceLike) -> list[str]:
    """Roles that name an audience: one for each agency and each area."""
    everyone = audiences(reference.agencies, areas(reference))
    return sorted({role for audience in everyone for role in superset_roles(audience.role) if role.startswith(AUDIENCE_PREFIX)})


def ensure_roles(site: SupersetSite, names: Iterable[str]) -> list[str]:
    """Make the roles that Superset does not have, without any permission; returns those made. Raises SupersetError."""
    there = site.role_ids()
    made = [name for name in names if name not in there]
    for name in made:
        site.call("POST", "/api/v1/security/roles/", json={"name": name})
    return made
