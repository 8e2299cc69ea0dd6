"""`ioc apply`: what the contracts say is made so in the store, in CKAN and in Superset."""

from __future__ import annotations

from collections.abc import Callable

import ckanapi
from rich.markup import escape

from control.compile.changes import Changes
from control.compile.ckan import apply_ckan, plan_ckan
from control.compile.schematic import reference_cells
from control.compile.store import apply_store
from control.contracts import read_contracts
from control.exports import Exports, exports_of
from control.hosts import CKAN, OUTLINES, STORE, SUPERSET, Hosts, asked
from control.plan import Plan, make_plan, today
from control.programs import run
from control.refusals import clauses_not_in_force, ended_targets, missing_editors
from control.secrets import Secrets
from control.services import postgres
from control.settings import ROOT, Instance, python_of
from control.steps import Steps
from datasets.model.contract import Contract
from datasets.model.reference import Reference

__all__ = ["apply_all", "apply_planned", "ckan_site", "migrate_store", "read_contracts", "schematic_map"]


def migrate_store(instance: Instance, secrets: Secrets) -> None:
    """Brings the store's fixed schemas to the current version (Alembic, as ioc_owner)."""
    run(
        instance,
        [python_of("harvest"), "-m", "alembic", "-c", str(ROOT / "migrations" / "alembic.ini"), "upgrade", "head"],
        log="migrations",
        environment=postgres.owner_environment(instance, secrets),
        what="The store's migrations did not run",
    )


def ckan_site(instance: Instance, token: str) -> ckanapi.RemoteCKAN:
    return ckanapi.RemoteCKAN(instance.url("ckan"), apikey=token, user_agent="toan-canh")


def schematic_map(reference: Reference) -> dict[str, bytes]:
    """The province's units as cells by unit_id (WKB, EPSG:4326), drawn until boundaries are delivered."""
    return reference_cells(reference, OUTLINES)[0]


def apply_planned(
    hosts: Hosts,
    steps: Steps,
    contracts: list[Contract],
    reference: Reference,
    show: Callable[[Plan], None] | None = None,
    *,
    discard_edits: bool = False,
) -> Plan:
    """Plans, shows the plan, and does it when nothing of it is refused; another apply at the same time waits.

    `discard_edits`: what people changed in Superset and no file holds is lost. Raises ContractError for what is refused, before anything
    is changed, and StepFailed.
    """
    with asked(STORE), hosts.alone(steps.say):
        exports = exports_of(contracts)
        plan = make_plan(hosts, contracts, reference, discard_edits=discard_edits, exports=exports)
        if show is not None:
            show(plan)
        plan.must_be_allowed()
        if not plan.nothing_to_do:
            _apply(hosts, steps, contracts, reference, exports, discard_edits=discard_edits)
        return plan


def apply_all(instance: Instance, secrets: Secrets, steps: Steps, contracts: list[Contract], reference: Reference) -> None:
    """Applies the contracts to store, CKAN and Superset, in this order; each part may be run again. Editors need not be there yet.

    Where people changed dashboards and nobody exported that, Superset is left as it is, and it is said.
    """
    hosts = Hosts.of(instance, secrets)
    with asked(STORE), hosts.alone(steps.say):
        exports = exports_of(contracts)
        with asked(SUPERSET):
            lost = exports.lost(hosts.superset())
        for problem in lost:
            steps.say(f"[yellow]Warning[/yellow] the dashboards are left as they are: {escape(str(problem))}")
        _apply(hosts, steps, contracts, reference, exports, dashboards=not lost)


def _apply(
    hosts: Hosts,
    steps: Steps,
    contracts: list[Contract],
    reference: Reference,
    exports: Exports,
    *,
    dashboards: bool = True,
    discard_edits: bool = False,
) -> None:
    def store() -> Changes:
        with hosts.store() as connection:
            return apply_store(connection, contracts, reference, hosts.secret, hosts.cells(reference))

    def portal() -> Changes:
        return apply_ckan(hosts.ckan(), contracts, reference)

    def show() -> Changes:
        return exports.bring(hosts.superset(), contracts, discard_edits=discard_edits)

    works = {STORE: store, CKAN: portal, **({SUPERSET: show} if dashboards else {})}
    for name, work in works.items():
        with steps.step(f"Contracts applied to {name}") as notes, asked(name):
            notes.append(work().summary())


def say_warnings(instance: Instance, secrets: Secrets, steps: Steps, contracts: list[Contract], reference: Reference) -> None:
    """Says what `./ioc plan` would warn of, at the end of `./ioc up`: agencies without an editor, targets and clauses that have ended."""
    with asked(CKAN):
        portal = plan_ckan(Hosts.of(instance, secrets).ckan(), contracts, reference)
    agencies: set[str] = set()
    for contract in contracts:
        for problem in missing_editors(contract, portal.without_editor, portal.organisations):
            if problem.value not in agencies:
                agencies.add(problem.value)
                steps.say(f"[yellow]Warning[/yellow] {escape(str(problem))}")
        for problem in (*ended_targets(contract, today()), *clauses_not_in_force(contract, reference, today())):
            steps.say(f"[yellow]Warning[/yellow] {escape(str(problem))}")
