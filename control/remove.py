"""`ioc remove`: a subsystem whose folder is gone is taken out of Superset, CKAN and the store, in this order, and its files are erased."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from control.compile.changes import Change, Changes
from control.compile.ckan import removal as ckan_removal
from control.compile.store import removal as store_removal
from control.compile.superset import removal as superset_removal
from control.compile.superset import schema as superset_schema
from control.contracts import EXPORTS, file_of
from control.hosts import CKAN, ORDER, STORE, SUPERSET, Hosts, asked
from control.plan import Part, Plan
from control.settings import ROOT
from control.steps import StepFailed, Steps
from datasets.model.contract import Contract
from datasets.model.read import FILE_NAME, contract_folders

KNOWN_DATASETS = "SELECT DISTINCT dataset FROM ledger.dataset WHERE contract = %s ORDER BY 1"
UNSETTLED = "SELECT count(*) FROM ledger.delivery WHERE starts_with(contract_resource, %s) AND state <> 'withdrawn'"
SETTLE_SECONDS = 60.0
"""So long the harvest is given to hear of the purge; what it has not withdrawn then, the store withdraws itself."""


def must_be_gone(name: str, contracts: Sequence[Contract]) -> None:
    """Raises StepFailed while the contract is still written: the next apply would make everything anew."""
    written = [file_of(contract) for contract in contracts if contract.name == name]
    written += [str(root / name / FILE_NAME) for root in contract_folders() if not written and (root / name / FILE_NAME).exists()]
    if written:
        advice = f"remove or move the folder {Path(written[0]).parent}, look at ./ioc plan, then run this again"
        raise StepFailed(f"{name} is still written in {written[0]}", advice=advice)


def plan_removal(hosts: Hosts, name: str) -> Plan:
    """What goes, host by host; changes nothing.

    Raises ContractError when another contract's indicators use its measures, StepFailed when a host cannot be asked.
    """
    with asked(STORE), hosts.store() as connection:
        known = [row[0] for row in connection.execute(KNOWN_DATASETS, (name,))]
        connection.rollback()
        store = store_removal.plan_removal(connection, name)
    with asked(CKAN):
        portal = ckan_removal.plan_removal(hosts.ckan(), name, known)
    with asked(SUPERSET):
        dashboards = superset_removal.plan_removal(hosts.superset(), name)
    found = {STORE: store, CKAN: portal, SUPERSET: dashboards}
    plan = Plan(headings={name: f"{name} is taken away, and this cannot be undone"})
    plan.parts = [Part(name, host, tuple(found[host].lines)) for host in reversed(ORDER) if found[host].lines]
    kept = [folder for folder in exports_left(name) if plan.parts]
    plan.parts += [
        Part(name, "files", (Change("kept", f"{folder} stays, with what was changed by hand; delete it yourself"),)) for folder in kept
    ]
    return plan


def exports_left(name: str) -> list[Path]:
    """Folders in which dashboards of the subsystem are still kept."""
    roots = [ROOT, *contract_folders()[1:]]
    return [root / EXPORTS / name for root in roots if (root / EXPORTS / name).is_dir()]


def remove(hosts: Hosts, steps: Steps, name: str, confirm: Callable[[Plan], bool]) -> Plan | None:
    """Takes the subsystem away when `confirm`, which is shown the plan, agrees; it can stop anywhere and be run again.

    Gives the plan that was carried out, None when it was not agreed to. Raises as `plan_removal`.
    """
    with asked(STORE), hosts.alone(steps.say):
        plan = plan_removal(hosts, name)
        if not confirm(plan):
            return None
        with hosts.store() as connection:
            known = [row[0] for row in connection.execute(KNOWN_DATASETS, (name,))]
        works: dict[str, Callable[[], Changes]] = {
            SUPERSET: lambda: _out_of_superset(hosts, name),
            CKAN: lambda: ckan_removal.remove_ckan(hosts.ckan(), name, known),
            STORE: lambda: _out_of_store(hosts, name),
        }
        for host, work in works.items():
            with steps.step(f"{name} taken out of {host}") as notes, asked(host):
                notes.append(work().summary())
                if host == CKAN:
                    notes.append(_let_settle(hosts, name))
        return plan


def _out_of_superset(hosts: Hosts, name: str) -> Changes:
    site = hosts.superset()
    changes = superset_removal.remove_superset(site, name)
    superset_schema.remove_schema(site, name.replace("-", "_"))
    return changes


def _let_settle(hosts: Hosts, name: str) -> str:
    """Waits until the harvest has withdrawn what was purged, so that it does not come to tables that are gone."""
    deadline = time.monotonic() + SETTLE_SECONDS
    with hosts.store() as connection:
        connection.autocommit = True
        while True:
            row = connection.execute(UNSETTLED, (f"{name}/",)).fetchone()
            left = int(row[0]) if row else 0
            if not left:
                return "the harvest has withdrawn them"
            if time.monotonic() > deadline:
                return f"the harvest has not withdrawn {left} of them, the store does it"
            time.sleep(0.5)


def _out_of_store(hosts: Hosts, name: str) -> Changes:
    with hosts.store() as connection:
        removed = store_removal.remove_contract(connection, name)
    for path in removed.files:
        erase(hosts.files / path)
    return removed.changes


def erase(file: Path) -> None:
    """Deletes a stored file, and its folder when it was the last in it."""
    file.unlink(missing_ok=True)
    if file.parent.is_dir() and not any(file.parent.iterdir()):
        file.parent.rmdir()
