"""Roles of the audiences, and grants as the difference between what is wanted and what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql

from control.compile.store.step import Step, names
from datasets.model.audience import DESK, LOADER, AgencyLike, Areas, Audience, audiences, password, readable_fields, who_reads
from datasets.model.contract import STORE_COLUMNS, Resource

AUDIENCES_THERE = """
SELECT r.rolname, coalesce(r.rolconfig, '{}'), r.rolcanlogin, coalesce(shobj_description(r.oid, 'pg_authid'), ''),
    array(SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)
FROM pg_roles r WHERE r.rolname LIKE 'aud\\_%'
"""

# A chart's query is short: PostgreSQL compiles it, or starts workers for it, for longer than it then runs.
SETTINGS = (("default_transaction_read_only", "on"), ("jit", "off"), ("max_parallel_workers_per_gather", "0"))

Kind = Literal["TABLE", "FUNCTION", "SCHEMA"]


@dataclass(frozen=True, order=True)
class Grant:
    """One privilege of one role, on the whole object or on one column."""

    role: str
    privilege: str
    column: str = ""


GRANTS_THERE: dict[Kind, str] = {
    "TABLE": """
SELECT coalesce(g.rolname, 'PUBLIC'), x.privilege_type, '' FROM pg_class c CROSS JOIN aclexplode(c.relacl) x
LEFT JOIN pg_roles g ON g.oid = x.grantee WHERE c.oid = to_regclass(%(name)s) AND x.grantee <> c.relowner
UNION ALL
SELECT coalesce(g.rolname, 'PUBLIC'), x.privilege_type, a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN aclexplode(a.attacl) x
LEFT JOIN pg_roles g ON g.oid = x.grantee WHERE c.oid = to_regclass(%(name)s) AND x.grantee <> c.relowner
""",
    "FUNCTION": """
SELECT coalesce(g.rolname, 'PUBLIC'), x.privilege_type, ''
FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
LEFT JOIN pg_roles g ON g.oid = x.grantee WHERE p.oid = to_regprocedure(%(name)s) AND x.grantee <> p.proowner
""",
    "SCHEMA": """
SELECT coalesce(g.rolname, 'PUBLIC'), x.privilege_type, '' FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) x
LEFT JOIN pg_roles g ON g.oid = x.grantee WHERE n.oid = to_regnamespace(%(name)s) AND x.grantee <> n.nspowner
""",
}


def table_grants(resource: Resource, columns: Iterable[str], agencies: Mapping[str, AgencyLike], areas: Areas) -> set[Grant]:
    """Grants on a contract table: the loader reads, inserts and closes; the desk reads what is not personal; readers see what they may, by
    column where some are personal."""
    wanted = {Grant(LOADER, "SELECT"), Grant(LOADER, "INSERT"), Grant(LOADER, "UPDATE", "closed_by")}
    impersonal = {*STORE_COLUMNS, *(f.column for f in resource.value_fields if f.personal == "none")}
    wanted |= {Grant(DESK, "SELECT", c) for c in columns if c in impersonal}
    seen = {*STORE_COLUMNS, *(f.column for f in readable_fields(resource))}
    hidden = set(columns) - seen
    for role in who_reads(resource, agencies, areas):
        wanted |= {Grant(role, "SELECT", c) for c in columns if c in seen} if hidden else {Grant(role, "SELECT")}
    return wanted


def grant_steps(
    conn: psycopg.Connection[Any], kind: Kind, name: str, target: sql.Composable, wanted: set[Grant], fresh: bool
) -> list[Step]:
    """GRANT and REVOKE that lead from the grants that are there to those wanted; `fresh`: the object is about to be made."""
    there = set() if fresh else {Grant(*row) for row in conn.execute(GRANTS_THERE[kind], {"name": name})}
    steps = [_step("REVOKE", "FROM", kind, name, target, g) for g in sorted(there - wanted)]
    steps += [_step("GRANT", "TO", kind, name, target, g) for g in sorted(wanted - there)]
    return steps


def _step(verb: str, word: str, kind: Kind, name: str, target: sql.Composable, grant: Grant) -> Step:
    column = sql.SQL(" ({})").format(names([grant.column])) if grant.column else sql.SQL("")
    role = sql.SQL("PUBLIC") if grant.role == "PUBLIC" else sql.Identifier(grant.role)
    statement = sql.SQL("{} {}{} ON {} {} {} {}").format(
        sql.SQL(verb), sql.SQL(grant.privilege), column, sql.SQL(kind), target, sql.SQL(word), role
    )
    about = f"{verb.lower()} {grant.privilege} on {name.replace(chr(34), '')} {word.lower()} {grant.role}"
    return Step("" if grant.column else about, statement, kind="made" if verb == "GRANT" else "dropped")


def audience_steps(conn: psycopg.Connection[Any], agencies: Mapping[str, AgencyLike], areas: Areas, secret: str) -> list[Step]:
    """Steps that make the audiences' login roles, their groups, limits and passwords; an agency or area that is gone loses its login.

    A role's comment keeps a fingerprint of its password, so that a new IOC_SECRET is noticed.
    """
    there = {row[0]: row[1:] for row in conn.execute(AUDIENCES_THERE)}
    steps: list[Step] = []
    for audience in audiences(agencies, areas):
        steps.extend(_audience(audience, there.pop(audience.role, None), password(secret, audience.role)))
    for role, (_, can_login, _, _) in there.items():
        if can_login:
            steps.append(
                Step(f"role {role} loses its login", sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)), kind="changed")
            )
    return steps


def _audience(audience: Audience, there: tuple[Any, ...] | None, secret: str) -> list[Step]:
    role = sql.Identifier(audience.role)
    config, can_login, comment, groups = there or ([], False, "", [])
    steps: list[Step] = []
    mark = f"audience; password {hashlib.sha256(secret.encode()).hexdigest()[:16]}"
    if there is None:
        steps.append(Step(f"role {audience.role} is made", sql.SQL("CREATE ROLE {}").format(role)))
    if not can_login or comment != mark:
        login = sql.SQL("ALTER ROLE {} LOGIN NOCREATEROLE NOCREATEDB PASSWORD {}").format(role, sql.Literal(secret))
        steps.append(Step(f"the password of {audience.role} is changed" if there else "", login, kind="changed"))
        steps.append(Step("", sql.SQL("COMMENT ON ROLE {} IS {}").format(role, sql.Literal(mark))))
    for name, value in (("statement_timeout", f"{audience.statement_seconds}s"), *SETTINGS):
        if f"{name}={value}" not in config:
            limit = sql.SQL("ALTER ROLE {} SET {} = {}").format(role, sql.Identifier(name), sql.Literal(value))
            steps.append(Step(f"{name} of {audience.role} is set to {value}" if there else "", limit, kind="changed"))
    for verb, word, changed in (
        ("GRANT", "TO", [g for g in audience.groups if g not in groups]),
        ("REVOKE", "FROM", [g for g in groups if g not in audience.groups]),
    ):
        for group in changed:
            member = sql.SQL("{} {} {} {}").format(sql.SQL(verb), sql.Identifier(group), sql.SQL(word), role)
            steps.append(Step(f"{verb.lower()} {group} {word.lower()} {audience.role}" if there else "", member))
    return steps
