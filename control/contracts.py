"""The contracts that are written and those that are applied: what `plan`, `apply` and `remove` compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from control.settings import ROOT
from datasets.model.contract import Contract
from datasets.model.problem import ContractError, ContractProblem, KeyPath
from datasets.model.read import DATASETS, FILE_NAME, read_all, read_applied
from datasets.model.reference import Reference, read_reference
from datasets.model.yaml_document import read_yaml

EXPORTS = "dashboards_export"

APPLIED = "SELECT name, sha256, bytes, edition FROM ledger.current_contract ORDER BY name"


@dataclass(frozen=True)
class Applied:
    """A contract as `ioc apply` brought it last."""

    name: str
    sha256: str
    source: bytes
    edition: int

    @property
    def version(self) -> str:
        """Its version as it is written: 1.0.0."""
        return str(read_yaml(self.source, self.name).data["version"])

    def contract(self) -> Contract | None:
        """The contract itself; None when it is written in keys that are no longer known."""
        try:
            return read_applied(self.source, f"the applied {self.name}")
        except ContractError:
            return None


def read_contracts() -> tuple[list[Contract], Reference]:
    """All contracts of `datasets/` and IOC_CONTRACTS, and the reference lists. Raises ContractError before anything is changed."""
    reference = read_reference()
    return read_all(reference=reference), reference


def applied_contracts(conn: psycopg.Connection[Any]) -> dict[str, Applied]:
    """The applied contracts by name."""
    return {row[0]: Applied(row[0], row[1], bytes(row[2]), row[3]) for row in conn.execute(APPLIED)}


def gone(contracts: Iterable[Contract], applied: Mapping[str, Applied]) -> list[Applied]:
    """Contracts that are applied and whose folder is no longer there."""
    there = {contract.name for contract in contracts}
    return [found for name, found in applied.items() if name not in there]


def export_folder(contract: Contract) -> Path:
    """Where its dashboards are kept: `dashboards_export/<name>` beside `datasets/`, or in the folder of IOC_CONTRACTS."""
    root = contract.folder.parent if contract.folder is not None else DATASETS
    return (ROOT if root == DATASETS else root) / EXPORTS / contract.name


def file_of(contract: Contract) -> str:
    """Its file as messages name it: from the checkout where it lies there."""
    if contract.folder is None:
        return contract.name
    path = contract.folder / FILE_NAME
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def problem_at(contract: Contract, path: KeyPath, value: Any, message: str) -> ContractProblem:
    """A problem at that place of the contract's file, with its line."""
    if not contract.source:
        return ContractProblem(file_of(contract), ".".join(map(str, path)), value, message)
    return read_yaml(contract.source, file_of(contract)).problem(path, value, message)
