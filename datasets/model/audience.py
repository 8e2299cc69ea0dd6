"""Who may see what. Nothing else decides it; `control/compile` and Superset's plugin apply it.

An audience is one PostgreSQL login role. It reads through groups: `ioc_reader` (units, agencies, editions), `ioc_open` and `ioc_shared`
(datasets of those classes). A restricted dataset is granted to the audiences themselves.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from datasets.model.contract import ContractField, Resource

READER = "ioc_reader"
OPEN = "ioc_open"
SHARED = "ioc_shared"
GROUPS = (READER, OPEN, SHARED)
LOADER = "ioc_loader"

PUBLIC = "aud_public"
OFFICIAL = "aud_official"
LEADER = "aud_leader"
OPERATOR = "aud_operator"

IDENTIFIER_LIMIT = 63
"""Bytes of a PostgreSQL identifier."""


class AgencyLike(Protocol):
    """What this module asks of an agency."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class Audience:
    """One login role of the store."""

    role: str
    groups: tuple[str, ...]
    """Groups whose grants it has."""
    statement_seconds: int
    """After so long a query of this audience is ended."""


def agency_role(agency: str, kind: str | None = None) -> str:
    """Role of an agency's own people: `aud_agency_so_y_te`, for a locality `aud_locality_phuong_thanh_vinh`; at most 63 bytes."""
    role = f"aud_{'locality' if kind == 'locality' else 'agency'}_{agency.replace('-', '_')}"
    if len(role) <= IDENTIFIER_LIMIT:
        return role
    return f"{role[: IDENTIFIER_LIMIT - 9]}_{hashlib.sha256(agency.encode()).hexdigest()[:8]}"


def audiences(agencies: Mapping[str, AgencyLike]) -> list[Audience]:
    """Every audience of a province with these agencies (by name), the public first."""
    official = (READER, OPEN, SHARED)
    return [
        Audience(PUBLIC, (READER, OPEN), 15),
        Audience(OFFICIAL, official, 60),
        Audience(LEADER, official, 60),
        Audience(OPERATOR, official, 300),
        *[Audience(agency_role(a.name, a.kind), official, 60) for a in agencies.values()],
    ]


def who_reads(resource: Resource, agencies: Mapping[str, AgencyLike] | None = None) -> list[str]:
    """Roles, groups included, that are granted a dataset's rows.

    `agencies` (by name) tells localities from other agencies; an agency that is not in it is taken for one that is no locality.
    """
    if resource.access_class == "open":
        return [OPEN]
    if resource.access_class == "shared":
        return [SHARED]
    known = agencies or {}
    named = dict.fromkeys([*resource.publishers, *resource.named_agencies])
    return [LEADER, *[agency_role(n, known[n].kind if n in known else None) for n in named]]


def may_read(audience: Audience, resource: Resource, agencies: Mapping[str, AgencyLike] | None = None) -> bool:
    """Whether an audience reads a dataset, itself or by its groups."""
    return not {audience.role, *audience.groups}.isdisjoint(who_reads(resource, agencies))


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
