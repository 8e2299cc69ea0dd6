"""Accounts of Superset brought to what the installation's file of accounts and CKAN's organisations say.

Run by `./ioc accounts sync`, and by every `./ioc up` and `./ioc apply`. Whoever is not in the file, or has left CKAN's organisations, keeps
an account that sees what the public sees; administrators of Superset are left alone.
"""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ckanapi

from control.accounts.assignments import Assignment, position_named
from control.compile.changes import Changes
from control.compile.superset.roles import PUBLIC_ROLE, audience_role_names, ensure_roles
from control.compile.superset.site import SupersetSite
from datasets.model.audience import (
    AUDIENCE_PREFIX,
    PUBLIC,
    SUPERSET_ADMINISTRATOR,
    SUPERSET_LEADER,
    SUPERSET_OFFICIAL,
    SUPERSET_OPERATOR,
    member_audience,
    position_audience,
    superset_roles,
)
from datasets.model.reference import Reference

WORKING_ROLES = {SUPERSET_OFFICIAL, SUPERSET_LEADER, SUPERSET_OPERATOR}
NAME_LIMIT = 64
"""Letters of a name in Superset."""
PAGE = 100


def new_password() -> str:
    return random_secrets.token_urlsafe(12)


def organisations(portal: ckanapi.RemoteCKAN, username: str) -> list[str]:
    """Organisations of CKAN that a person is a member of; none for one whom CKAN does not know or has deleted."""
    try:
        person = portal.call_action("user_show", {"id": username})
        if person.get("state") != "active":
            return []
        return [found["name"] for found in portal.call_action("organization_list_for_user", {"id": username, "permission": "read"})]
    except ckanapi.NotFound:
        return []


def audience_of(assignment: Assignment, portal: ckanapi.RemoteCKAN, reference: Reference) -> str:
    """Audience (login role of the store) of an account. Raises AssignmentError for a position that is none, CKANAPIError."""
    if assignment.position is not None:
        return position_audience(position_named(assignment.position, reference), reference.agencies)
    return member_audience(organisations(portal, assignment.username), reference.agencies)


def roles_of(audience: str) -> list[str]:
    """Roles of Superset of who belongs to an audience; Superset wants at least one, so the public's is that of who has none."""
    return superset_roles(audience) if audience != PUBLIC else [PUBLIC_ROLE]


def accounts_there(site: SupersetSite) -> Iterator[dict[str, Any]]:
    """Accounts of Superset: id, username, active, roles."""
    page = 0
    while True:
        columns = "columns:!(id,username,active,roles.id,roles.name),order_column:username,order_direction:asc"
        answer = site.call("GET", f"/api/v1/security/users/?q=({columns},page:{page},page_size:{PAGE})")
        yield from answer["result"]
        page += 1
        if page * PAGE >= answer["count"]:
            return


def sync(site: SupersetSite, portal: ckanapi.RemoteCKAN, assignments: Iterable[Assignment], reference: Reference) -> Changes:
    """Gives every account the roles of its audience, and makes the roles that name audiences. Accounts are made by `give` only.

    Raises SupersetError, CKANAPIError, AssignmentError.
    """
    changes = Changes()
    made = ensure_roles(site, audience_role_names(reference))
    if made:
        changes.add(f"{len(made)} roles that name an audience are made in Superset")
    wanted = {a.username: roles_of(audience_of(a, portal, reference)) for a in assignments}
    ids = site.role_ids()
    for account in accounts_there(site):
        held = {role["name"] for role in account["roles"]}
        roles = _wanted_roles(account["username"], held, wanted)
        if roles != held:
            site.call("PUT", f"/api/v1/security/users/{account['id']}", json={"roles": sorted(ids[role] for role in roles)})
            changes.add(f"account {account['username']} has the roles {', '.join(sorted(roles))}", kind="changed")
    return changes


def _wanted_roles(username: str, held: set[str], wanted: Mapping[str, list[str]]) -> set[str]:
    if SUPERSET_ADMINISTRATOR in held:
        return held
    if username in wanted:
        return set(wanted[username])
    # Made by somebody in Superset itself: what is not ours stays, but an audience comes from the file only.
    return {role for role in held if role not in WORKING_ROLES and not role.startswith(AUDIENCE_PREFIX)} or {PUBLIC_ROLE}


def ensure_person(
    site: SupersetSite, portal: ckanapi.RemoteCKAN, assignment: Assignment, reference: Reference, *, reset: bool = False
) -> tuple[str, str | None]:
    """Makes a person's account, or gives the one that is there its roles and, with `reset`, a new password.

    Returns the audience and the password, None when it stayed. Raises as `sync`.
    """
    audience = audience_of(assignment, portal, reference)
    ensure_roles(site, audience_role_names(reference))
    ids = site.role_ids()
    fields: dict[str, Any] = {"roles": sorted(ids[role] for role in roles_of(audience)), "active": True}
    there = next((a for a in accounts_there(site) if a["username"] == assignment.username), None)
    password = new_password() if there is None or reset else None
    if password is not None:
        fields["password"] = password
    if there is not None:
        site.call("PUT", f"/api/v1/security/users/{there['id']}", json=fields)
        return audience, password
    first, _, last = assignment.name.partition(", ")
    person = {"username": assignment.username, "email": assignment.email, "first_name": first[:NAME_LIMIT], "last_name": last[:NAME_LIMIT]}
    site.call("POST", "/api/v1/security/users/", json={**person, **fields})
    return audience, password


def take_away(site: SupersetSite, username: str) -> bool:
    """Closes an account: it sees what the public sees and cannot log in. Returns whether there was one."""
    there = next((a for a in accounts_there(site) if a["username"] == username), None)
    if there is None:
        return False
    public = site.role_ids()[PUBLIC_ROLE]
    site.call("PUT", f"/api/v1/security/users/{there['id']}", json={"roles": [public], "active": False})
    return True
