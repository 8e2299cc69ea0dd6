"""`ioc plan`: what an apply would do in the three hosts, and why it may not; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from control.compile.changes import Change
from control.compile.ckan import CkanPlan, plan_ckan
from control.compile.store import StorePlan, plan_store
from control.compile.store.step import lines as step_lines
from control.compile.superset.plan import plan_exports
from control.contracts import Applied, applied_contracts, gone
from control.exports import Exports, exports_of
from control.hosts import CKAN, ORDER, STORE, SUPERSET, Hosts, asked
from control.refusals import clauses_not_in_force, ended_targets, missing_editors, same_version
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from datasets.model.problem import ContractError, ContractProblem
from datasets.model.reference import Reference

SHARED = ""
"""Stands for the subsystem of what all of them share: agencies, units, audiences."""

Editors = Literal["refuse", "warn"]
"""What it means that an agency of a new or changed contract has no editor: `up` makes the accounts later."""


class PlanRefused(ContractError):
    """A plan that was shown with what is refused in it."""


@dataclass(frozen=True)
class Part:
    """What is done for one subsystem in one host."""

    subsystem: str
    host: str
    changes: tuple[Change, ...]


@dataclass
class Plan:
    """The difference between what the contracts say and what the hosts hold."""

    parts: list[Part] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    """What a person reads above a subsystem's lines."""
    refused: list[ContractProblem] = field(default_factory=list)
    warnings: list[ContractProblem] = field(default_factory=list)

    @property
    def nothing_to_do(self) -> bool:
        return not any(change.kind != "kept" for part in self.parts for change in part.changes)

    def must_be_allowed(self) -> None:
        """Raises PlanRefused with everything that is refused."""
        if self.refused:
            raise PlanRefused(self.refused)

    def as_json(self) -> dict[str, Any]:
        """For machines: {"nothing_to_do", "parts": [{"subsystem", "host", "changes": [{"kind", "text"}]}], "refused", "warnings"}."""
        return {
            "nothing_to_do": self.nothing_to_do,
            "parts": [asdict(part) for part in self.parts],
            "refused": [asdict(problem) for problem in self.refused],
            "warnings": [asdict(problem) for problem in self.warnings],
        }


def refused(error: ContractError) -> Plan:
    """The plan of contracts that cannot be used at all."""
    return Plan(refused=list(error.problems))


def today() -> date:
    """The province's date."""
    return datetime.now(ZONE).date()


def make_plan(
    hosts: Hosts,
    contracts: Sequence[Contract],
    reference: Reference,
    *,
    editors: Editors = "refuse",
    discard_edits: bool = False,
    on: date | None = None,
    exports: Exports | None = None,
) -> Plan:
    """Reads the three hosts and says what an apply would do.

    `discard_edits`: what people changed in Superset and no file holds may be lost. `on`: the day on which targets
    and clauses are judged, today. `exports`: those of the contracts, where they are made already.

    Raises ContractError for what the store refuses (a change that asks for a new major version), StepFailed when a host cannot be asked.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        # CKAN is asked for every agency by itself, which takes as long as what is computed here meanwhile.
        answer = pool.submit(plan_ckan, hosts.ckan(), contracts, reference)
        exports = exports or exports_of(contracts)
        with asked(STORE), hosts.store() as connection:
            applied = applied_contracts(connection)
            connection.rollback()
            store = plan_store(connection, contracts, reference, hosts.secret, hosts.cells(reference))
        with asked(CKAN):
            portal = answer.result()
    with asked(SUPERSET):
        site = hosts.superset()
        dashboards, lost = plan_exports(site, exports.edited, contracts), exports.lost(site)
    plan = Plan(headings=_headings(contracts, applied), warnings=exports.without_effect())
    if lost and discard_edits:
        changes = (Change("dropped", f"changed by hand, and lost: {problem.message}") for problem in lost)
        plan.parts.append(Part(SHARED, SUPERSET, tuple(changes)))
    else:
        (plan.refused if dashboards.changes() else plan.warnings).extend(lost)
    lines: dict[str, Callable[[str], list[Change]]] = {
        STORE: lambda name: _store_lines(store, name, applied),
        CKAN: portal.of_subsystem,
        SUPERSET: dashboards.of_subsystem,
    }
    for name in plan.headings:
        for host in ORDER:
            if found := lines[host](name):
                plan.parts.append(Part(name, host, tuple(found)))
    for contract in contracts:
        _judge(plan, contract, applied.get(contract.name), portal, editors, reference, on or today())
    return plan


def _headings(contracts: Sequence[Contract], applied: Mapping[str, Applied]) -> dict[str, str]:
    headings = {SHARED: "shared by all subsystems"}
    for contract in contracts:
        before = applied.get(contract.name)
        if before is None:
            headings[contract.name] = f"{contract.name} {contract.version}, new"
        elif before.sha256 != contract.sha256:
            headings[contract.name] = f"{contract.name} {contract.version}, {before.version} is applied"
        else:
            headings[contract.name] = f"{contract.name} {contract.version}"
    for left in gone(contracts, applied):
        headings[left.name] = f"{left.name} {left.version}, whose folder is gone"
    return headings


def _store_lines(store: StorePlan, name: str, applied: Mapping[str, Applied]) -> list[Change]:
    if name == SHARED:
        return [*step_lines(store.roles), *step_lines(store.policies), *(Change("changed", text) for text in store.reference)]
    for part in store.contracts:
        if part.contract.name == name:
            return part.changes()
    return [Change("kept", f"its tables and rows stay until ./ioc remove {name}")] if name in applied else []


def _judge(
    plan: Plan, contract: Contract, before: Applied | None, portal: CkanPlan, editors: Editors, reference: Reference, day: date
) -> None:
    """Refusals and warnings. What was applied as it is stays usable: then the same finding is a warning."""
    differs = before is None or before.sha256 != contract.sha256
    by_the_day = plan.refused if differs else plan.warnings
    by_the_day.extend(ended_targets(contract, day))
    by_the_day.extend(clauses_not_in_force(contract, reference, day))
    refuse = differs and editors == "refuse"
    (plan.refused if refuse else plan.warnings).extend(missing_editors(contract, portal.without_editor, portal.organisations))
    if before is not None and differs:
        plan.warnings.extend(same_version(contract, before.version))
