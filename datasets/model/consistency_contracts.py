"""What must agree between contracts: each may be right alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datasets.model.consistency_indicator import faults_between
from datasets.model.contract import Contract
from datasets.model.problem import Fault, KeyPath, shown_path


def faults_between_contracts(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, list[Fault]]]:
    """Each contract with what does not agree between it and the others: claimed names first, then measures of others."""
    for number, contract in enumerate(contracts):
        found = [*_claimed_faults(contract, contracts[:number]), *faults_between(contract, contracts)]
        if found:
            yield contract, found


def _claimed_faults(contract: Contract, earlier: Sequence[Contract]) -> Iterator[Fault]:
    """Names that an earlier contract has claimed: the subsystem with its schema in the store, a dataset in CKAN."""
    for other in earlier:
        claimed: list[tuple[KeyPath, str, str, set[str]]] = [(("name",), contract.name, contract.pg_schema, {other.pg_schema})]
        datasets = {other.dataset_name(resource) for resource in other.resources}
        for index, resource in enumerate(contract.resources):
            claimed.append((("resources", index, "name"), resource.name, contract.dataset_name(resource), datasets))
        for key, written, name, taken in claimed:
            if name in taken:
                place = shown_path(other.folder / "datapackage.yaml") if other.folder else other.name
                yield key, written, f'"{name}" is claimed by {place} too; write another name in one of them'
