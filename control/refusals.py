"""What a plan refuses beside what a contract's own check finds: it depends on today's date, on CKAN, and on what is applied."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from control.contracts import problem_at
from datasets.model import consistency_indicator, consistency_obligation
from datasets.model.contract import Contract
from datasets.model.problem import ContractProblem
from datasets.model.reference import Reference


def ended_targets(contract: Contract, today: date) -> Iterator[ContractProblem]:
    """Indicators whose last target, of a unit or of the province, is no longer valid: nothing would be held against it any more."""
    for fault in consistency_indicator.ended_targets(contract, today):
        yield problem_at(contract, *fault)


def clauses_not_in_force(contract: Contract, reference: Reference, today: date) -> Iterator[ContractProblem]:
    """Datasets whose legal basis obliges nobody on that day, so that nothing is owed."""
    for fault in consistency_obligation.clauses_not_in_force(contract, reference, today):
        yield problem_at(contract, *fault)


def missing_editors(contract: Contract, without_editor: Collection[str], known: Collection[str]) -> Iterator[ContractProblem]:
    """Publishers for which nobody in CKAN may hand in a file; `known` are the agencies that have an organisation there."""
    for number, resource in enumerate(contract.resources):
        for index, agency in enumerate(resource.publishers):
            if agency not in without_editor:
                continue
            how = (
                f"add one in CKAN at /organization/manage_members/{agency}, or for a demonstration run ./ioc accounts"
                if agency in known
                else "it has no organisation in CKAN yet: ./ioc up makes it; then add an editor there"
            )
            message = f'the agency "{agency}" has no editor in CKAN, so nobody could deliver; {how}'
            yield problem_at(contract, ("resources", number, "publishers", index), agency, message)


def same_version(contract: Contract, applied_version: str) -> Iterator[ContractProblem]:
    """A contract that says something else under the version that is applied."""
    if contract.version == applied_version:
        message = f"{applied_version} is applied with other content; raise it, so that both can be told apart"
        yield problem_at(contract, ("version",), contract.version, message)
