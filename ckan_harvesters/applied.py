"""What `ioc apply` last put into the store: contracts, units, agencies. The harvest reads nothing else about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg

from datasets.model.contract import Contract, Level, Resource
from datasets.model.read import read_applied
from datasets.model.reference import read_reference
from datasets.model.unit import Unit, UnitIndex

CONTRACTS = "SELECT name, sha256 FROM ledger.current_contract"
BYTES = "SELECT bytes FROM ledger.contract WHERE sha256 = %s"
UNITS = "SELECT unit_id, code, valid_from, valid_to, level, parent, name, name_en, lon, lat FROM ref.unit ORDER BY code, valid_from"
AGENCIES = "SELECT agency FROM ref.agency"


@dataclass(frozen=True)
class Terms:
    """The contract of one delivery and its resource in it."""

    contract: Contract
    resource: Resource

    @property
    def is_open(self) -> bool:
        return self.resource.access_class == "open"


@dataclass(frozen=True)
class Places:
    """What codes and names of a file may refer to."""

    units: UnitIndex
    agencies: frozenset[str]
    province: str
    """Code of the province that is installed."""


class Applied:
    """The contracts as of one moment."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._shas: dict[str, str] = dict(conn.execute(CONTRACTS).fetchall())

    def terms(self, contract_resource: str) -> Terms | None:
        """Contract and resource of "health/bed-days"; None when no applied contract has it."""
        name, _, resource = contract_resource.partition("/")
        sha256 = self._shas.get(name)
        if sha256 is None or not resource:
            return None
        contract = _contract(self._conn, sha256)
        try:
            return Terms(contract, contract.resource(resource))
        except KeyError:
            return None


_parsed: dict[str, Contract] = {}


def contracts_of(conn: psycopg.Connection[Any], names: Collection[str]) -> dict[str, Contract]:
    """The applied contracts of these names."""
    return {name: _contract(conn, sha256) for name, sha256 in conn.execute(CONTRACTS).fetchall() if name in names}


def parsed(source: bytes, sha256: str) -> Contract:
    """A contract of the ledger, read once. Raises ContractError for one in keys that are no longer known."""
    if sha256 not in _parsed:
        _parsed[sha256] = read_applied(source, f"ledger.contract {sha256[:12]}")
    return _parsed[sha256]


def _contract(conn: psycopg.Connection[Any], sha256: str) -> Contract:
    if sha256 in _parsed:
        return _parsed[sha256]
    row = conn.execute(BYTES, (sha256,)).fetchone()
    return parsed(bytes(row[0]) if row else b"", sha256)


def places(conn: psycopg.Connection[Any]) -> Places:
    """Units and agencies of the store."""
    units = UnitIndex(
        Unit(unit_id, code, since, until, Level(level), parent, name, name_en or "", lon, lat)
        for unit_id, code, since, until, level, parent, name, name_en, lon, lat in conn.execute(UNITS)
    )
    return Places(units, frozenset(row[0] for row in conn.execute(AGENCIES)), _province())


@lru_cache(maxsize=1)
def _province() -> str:
    return read_reference().province
