"""Who may see what. Nothing else decides it; `control/compile` and Superset's plugin apply it.

An audience is one PostgreSQL login role. It reads through groups: `ioc_reader` (units, agencies, editions), `ioc_open` and `ioc_shared`
(datasets of those classes). A restricted dataset is granted to the audiences themselves, and row rules say which of its rows each reads.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from datasets.model.contract import ContractField, Level, Resource
from datasets.model.unit import CrosswalkPart, GroupMember, Unit

READER = "ioc_reader"
OPEN = "ioc_open"
SHARED = "ioc_shared"
GROUPS = (READER, OPEN, SHARED)
LOADER = "ioc_loader"
DESK = "ioc_desk"
"""The desk service: it reads all rows, to prefill a form and to show what a delivery changed, and no personal column."""

PUBLIC = "aud_public"
OFFICIAL = "aud_official"
LEADER = "aud_leader"
OPERATOR = "aud_operator"

IDENTIFIER_LIMIT = 63
"""Bytes of a PostgreSQL identifier."""

Areas = Mapping[str, tuple[str, ...]]
"""Audiences that answer for an area (role) and the units (unit_id, sorted) it is made of: localities and unit groups."""


class AgencyLike(Protocol):
    """What this module asks of an agency."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class LocalityLike(AgencyLike, Protocol):
    """An agency that may be a locality with a commune's code."""

    @property
    def unit(self) -> str | None: ...


class ReferenceLike(Protocol):
    """What this module asks of the reference."""

    @property
    def agencies(self) -> Mapping[str, LocalityLike]: ...
    @property
    def units(self) -> list[Unit]: ...
    @property
    def crosswalk(self) -> list[CrosswalkPart]: ...
    @property
    def groups(self) -> list[GroupMember]: ...


@dataclass(frozen=True)
class Audience:
    """One login role of the store."""

    role: str
    groups: tuple[str, ...]
    """Groups whose grants it has."""
    statement_seconds: int
    """After so long a query of this audience is ended."""


@dataclass(frozen=True)
class RowRule:
    """Rows of a restricted dataset that one audience reads: all, or those of its agency and those of its units."""

    role: str
    all_rows: bool = False
    agency: str | None = None
    """Rows that this agency delivered."""
    units: tuple[str, ...] = ()
    """Rows of these units (unit_id)."""


def agency_role(agency: str, kind: str | None = None) -> str:
    """Role of an agency's own people: `aud_agency_so_y_te`, for a locality `aud_locality_phuong_thanh_vinh`; at most 63 bytes."""
    role = f"aud_{'locality' if kind == 'locality' else 'agency'}_{agency.replace('-', '_')}"
    if len(role) <= IDENTIFIER_LIMIT:
        return role
    return f"{role[: IDENTIFIER_LIMIT - 9]}_{hashlib.sha256(agency.encode()).hexdigest()[:8]}"


def group_role(group: str) -> str:
    """Role of who answers for a unit group, such as the former city of Vinh: `aud_locality_former_vinh`."""
    return agency_role(group, "locality")


def areas(reference: ReferenceLike) -> Areas:
    """Every area of a province. A unit that went wholly into one of an area's units (weight 1) belongs to it too: it is its past."""
    became: dict[str, list[str]] = {}
    for part in reference.crosswalk:
        if part.weight == 1:
            became.setdefault(part.to_unit, []).append(part.from_unit)
    today = {u.code: u.unit_id for u in reference.units if u.level is Level.COMMUNE and u.valid_to is None}
    own: dict[str, set[str]] = {}
    for agency in reference.agencies.values():
        if agency.kind == "locality" and agency.unit in today:
            own[agency_role(agency.name, agency.kind)] = {today[agency.unit]}
    for member in reference.groups:
        own.setdefault(group_role(member.group_id), set()).add(member.unit_id)
    return {role: tuple(sorted({*units, *(past for u in units for past in became.get(u, ()))})) for role, units in own.items()}


def audiences(agencies: Mapping[str, AgencyLike], areas: Areas | None = None) -> list[Audience]:
    """Every audience of a province with these agencies (by name) and areas, the public first."""
    official = (READER, OPEN, SHARED)
    own = [*(agency_role(a.name, a.kind) for a in agencies.values()), *(areas or {})]
    return [
        Audience(PUBLIC, (READER, OPEN), 15),
        Audience(OFFICIAL, official, 60),
        Audience(LEADER, official, 60),
        Audience(OPERATOR, official, 300),
        *[Audience(role, official, 60) for role in dict.fromkeys(own)],
    ]


def row_rules(resource: Resource, agencies: Mapping[str, AgencyLike] | None = None, areas: Areas | None = None) -> list[RowRule]:
    """Who reads which rows of a restricted dataset, one rule for each audience; empty for an open or shared one, whose rows all are read.

    The leader, the owner and the agencies named read all rows, another publisher those it delivered, and where the contract says
    `localities: true` each locality and each unit group those of its own units.

    `agencies` (by name) tells localities from other agencies; an agency that is not in it is taken for one that is no locality.
    """
    if resource.access_class != "restricted":
        return []
    role_of = _roles(resource, agencies or {})
    rules = {role: RowRule(role, all_rows=True) for role in measure_readers(resource, agencies)}
    for publisher in resource.publishers:
        rules.setdefault(role_of[publisher], RowRule(role_of[publisher], agency=publisher))
    if resource.is_read_by_localities:
        for role, units in (areas or {}).items():
            there = rules.get(role)
            if there is None or not there.all_rows:
                rules[role] = RowRule(role, agency=there.agency if there else None, units=units)
    return list(rules.values())


def measure_readers(resource: Resource, agencies: Mapping[str, AgencyLike] | None = None) -> list[str]:
    """Roles, groups included, that read measures over a dataset: of a restricted one only who reads all its rows.

    A sum under row rules would be a partial total that looks like the whole.
    """
    if resource.access_class == "open":
        return [OPEN]
    if resource.access_class == "shared":
        return [SHARED]
    role_of = _roles(resource, agencies or {})
    return list(dict.fromkeys([LEADER, role_of[resource.owner], *(role_of[name] for name in resource.named_agencies)]))


def who_reads(resource: Resource, agencies: Mapping[str, AgencyLike] | None = None, areas: Areas | None = None) -> list[str]:
    """Roles, groups included, that are granted a dataset's rows; which of them, `row_rules` says."""
    if resource.access_class == "restricted":
        return [rule.role for rule in row_rules(resource, agencies, areas)]
    return measure_readers(resource, agencies)


def may_read(audience: Audience, resource: Resource, agencies: Mapping[str, AgencyLike] | None = None, areas: Areas | None = None) -> bool:
    """Whether an audience reads any row of a dataset, itself or by its groups."""
    return not {audience.role, *audience.groups}.isdisjoint(who_reads(resource, agencies, areas))


def readable_fields(resource: Resource) -> list[ContractField]:
    """Fields that audiences see. Personal ones are in restricted datasets only, where every reader is named."""
    if resource.access_class == "restricted":
        return resource.value_fields
    return [f for f in resource.value_fields if f.personal == "none"]


def password(secret: str, role: str) -> str:
    """Password of an audience's role: hexadecimal HMAC-SHA256 of the role's name under IOC_SECRET. Raises ValueError without a secret."""
    if not secret:
        raise ValueError("IOC_SECRET is empty; audiences' passwords are derived from it")
    return hmac.new(secret.encode(), role.encode(), hashlib.sha256).hexdigest()


def _roles(resource: Resource, agencies: Mapping[str, AgencyLike]) -> dict[str, str]:
    """Role of each agency that the dataset speaks of, by the agency's name."""
    names = dict.fromkeys([*resource.publishers, *resource.named_agencies])
    return {name: agency_role(name, agencies[name].kind if name in agencies else None) for name in names}


# People --------------------------------------------------------------------------------------------------------------------


class PositionLike(Protocol):
    """What this module asks of a position."""

    @property
    def agency(self) -> str: ...
    @property
    def audience(self) -> str | None: ...
    @property
    def group(self) -> str | None: ...


def position_audience(position: PositionLike, agencies: Mapping[str, AgencyLike]) -> str:
    """Audience of who holds a position: what the position says (leader, operator, official, a unit group), else its agency's."""
    if position.group is not None:
        return group_role(position.group)
    if position.audience is not None:
        return {"leader": LEADER, "operator": OPERATOR, "official": OFFICIAL}[position.audience]
    return agency_role(position.agency, agencies[position.agency].kind)


def member_audience(organisations: Iterable[str], agencies: Mapping[str, AgencyLike]) -> str:
    """Audience of a member of these organisations of CKAN: one agency's own, an official's for several, the public for none."""
    known = sorted({name for name in organisations if name in agencies})
    if not known:
        return PUBLIC
    return agency_role(known[0], agencies[known[0]].kind) if len(known) == 1 else OFFICIAL


# Superset ------------------------------------------------------------------------------------------------------------------
# A person of Superset holds a role that says what they may do there (ioc_official, ioc_leader, ioc_operator) and, when they belong to an
# agency or an area, a role named like its audience, which holds no permission.
SUPERSET_OFFICIAL, SUPERSET_LEADER, SUPERSET_OPERATOR, SUPERSET_ADMINISTRATOR = "ioc_official", "ioc_leader", "ioc_operator", "Admin"
_NAMED_BY = {SUPERSET_LEADER: LEADER, SUPERSET_ADMINISTRATOR: LEADER, SUPERSET_OPERATOR: OPERATOR}
AUDIENCE_PREFIX = "aud_"


class SeveralAudiences(ValueError):
    """Roles that name more than one audience: nobody may belong to two."""


def audience_of_roles(roles: Iterable[str]) -> str:
    """Audience (login role) of somebody with these roles of Superset; without one that says it, the public.

    Raises SeveralAudiences when they name more than one; such a person is shown what the public is.
    """
    held = set(roles)
    named = {_NAMED_BY.get(role, role) for role in held if role in _NAMED_BY or role.startswith(AUDIENCE_PREFIX)}
    if len(named) > 1:
        raise SeveralAudiences(f"the roles {', '.join(sorted(held))} name {', '.join(sorted(named))}; a person belongs to one audience")
    if named:
        return named.pop()
    return OFFICIAL if SUPERSET_OFFICIAL in held else PUBLIC


def superset_roles(audience: str) -> list[str]:
    """Roles of Superset of a person who belongs to an audience; none for the public."""
    if audience == PUBLIC:
        return []
    working = {LEADER: SUPERSET_LEADER, OPERATOR: SUPERSET_OPERATOR}.get(audience, SUPERSET_OFFICIAL)
    own = [] if audience in (LEADER, OPERATOR, OFFICIAL) else [audience]
    return [working, *own]
