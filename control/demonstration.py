"""The demonstration: simulated files, delivered in CKAN by the agencies' own editors, and waited for."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ckanapi
import psycopg

from ckan_harvesters.supply.excuse import excuse
from ckan_harvesters.supply.oblige import oblige_since
from control.accounts import administrators, make_accounts, show_accounts
from control.apply import ckan_site, read_contracts
from control.secrets import Secrets
from control.services import postgres
from control.settings import Instance
from control.steps import StepFailed, Steps
from datasets.demonstration import DemonstrationFile, History, generate, history_of
from datasets.demonstration.habits import Habit
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from datasets.model.reference import Reference

SEED = 1
FINAL_STATES = ("done", "done_with_rejects", "refused", "failed", "unchanged")
HARVEST_TIMEOUT = 900.0


def deliver_one(site: ckanapi.RemoteCKAN, file: DemonstrationFile, present: dict[tuple[str, str], str]) -> str:
    """Delivers one file as its agency's editor; returns the id of the CKAN resource. A delivery that is there is left alone."""
    known = present.get((file.agency, file.period or ""))
    if known is not None:
        return known
    dataset = file.contract.dataset_name(file.resource)
    fields: dict[str, Any] = {"agency": file.agency, "simulated": "true", "delivered_at": file.delivered_at.isoformat()}
    if file.period is not None:
        fields["period"] = file.period
    if file.habit is Habit.ZERO:
        declared = site.call_action("ioc_deliver", {"dataset": dataset, "zero": "true", **fields})
        return str(declared["resource_id"])
    with file.path.open("rb") as stream:
        upload = {"upload": (file.path.name, stream)}
        made = site.call_action("resource_create", {"package_id": dataset, "name": file.title, **fields}, files=upload)
    return str(made["id"])


def deliveries_present(site: ckanapi.RemoteCKAN, contracts: list[Contract]) -> dict[str, dict[tuple[str, str], str]]:
    """Deliveries that CKAN has: dataset → (agency, period) → id of the resource."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for contract in contracts:
        for resource in contract.resources:
            name = contract.dataset_name(resource)
            shown = site.call_action("package_show", {"id": name})
            found[name] = {(r.get("agency") or "", r.get("period") or ""): r["id"] for r in shown["resources"]}
    return found


def deliver_demonstration(instance: Instance, steps: Steps, *, show: bool = True) -> None:
    """Makes the accounts, delivers the simulated files that are not there, and waits until all are harvested.

    `show`: print the passwords that were made; otherwise nobody learns them.
    """
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    with steps.step("Demonstration accounts"):
        accounts = make_accounts(instance, secrets, contracts, reference)
    try:
        deliver_files(instance, secrets, steps, contracts, reference)
    finally:
        if show and any(account.password is not None for account in accounts):
            show_accounts([*accounts, *administrators(secrets)], steps.console)


def deliver_files(instance: Instance, secrets: Secrets, steps: Steps, contracts: list[Contract], reference: Reference) -> None:
    """Delivers what is not there, once for an instance, with the obligations and the excuse that go with it."""
    if secrets.get("demonstration_delivered") is not None:
        return
    until = dt.date.fromisoformat(_until(secrets))
    with tempfile.TemporaryDirectory() as folder:
        with steps.step("Simulated files written") as notes:
            files = generate(contracts, reference, Path(folder), seed=SEED, until=until)
            notes.append(f"{len(files)} files")
        history = history_of(files, until)
        with steps.step("The demonstration's obligations in force") as notes:
            oblige(instance, secrets, history, contracts, reference)
            notes.append(f"since {min(history.since.values()):%Y-%m-%d}")
        with steps.step("Simulated files delivered in CKAN by the agencies' editors") as notes:
            resources = _deliver_all(instance, secrets, contracts, files)
            notes.append(f"{len(resources)} deliveries")
    with steps.step("Deliveries harvested") as notes:
        notes.append(wait_until_harvested(instance, secrets, resources))
    with steps.step("An agency excused") as notes:
        excuse_planted(instance, secrets, history, reference)
        notes.append(", ".join(f"{planted.obligation} of {planted.period}" for planted in history.excuses))
    secrets.put("demonstration_delivered", "yes")


def oblige(instance: Instance, secrets: Secrets, history: History, contracts: list[Contract], reference: Reference) -> None:
    """Brings the demonstration's obligations into force before its deliveries come, so that each finds the report it answers."""
    with _owner(instance, secrets) as connection:
        oblige_since(connection, history.since, contracts, reference)


def excuse_planted(instance: Instance, secrets: Secrets, history: History, reference: Reference) -> None:
    """Excuses what the demonstration excuses, as the working group would."""
    with _owner(instance, secrets) as connection:
        for planted in history.excuses:
            excuse(
                connection,
                planted.obligation,
                planted.period,
                until=planted.until,
                by=planted.by,
                reason=planted.reason,
                reference=reference,
            )


def _owner(instance: Instance, secrets: Secrets) -> psycopg.Connection[Any]:
    return psycopg.connect(postgres.owner_environment(instance, secrets)["IOC_STORE_OWNER_URL"], autocommit=True)


def _until(secrets: Secrets) -> str:
    """Last day of the simulated figures: the day before the first `up` in the province, kept so that a second run writes the same files."""
    kept = secrets.get("demonstration_until")
    if kept is None:
        kept = (dt.datetime.now(ZONE).date() - dt.timedelta(days=1)).isoformat()
        secrets.put("demonstration_until", kept)
    return kept


def _deliver_all(instance: Instance, secrets: Secrets, contracts: list[Contract], files: list[DemonstrationFile]) -> list[str]:
    present = deliveries_present(ckan_site(instance, secrets["ckan_admin_token"]), contracts)

    # Deliveries to one dataset follow one another (CKAN rewrites the dataset's list of resources); datasets go side by side.
    batches: dict[str, list[DemonstrationFile]] = {}
    for file in files:
        batches.setdefault(file.contract.dataset_name(file.resource), []).append(file)

    def deliver_dataset(batch: list[DemonstrationFile]) -> list[str]:
        return [
            deliver_one(
                ckan_site(instance, secrets[f"editor_token.{file.agency}"]), file, present[file.contract.dataset_name(file.resource)]
            )
            for file in batch
        ]

    with ThreadPoolExecutor(max_workers=2) as pool:
        return [resource for resources in pool.map(deliver_dataset, batches.values()) for resource in resources]


def wait_until_harvested(instance: Instance, secrets: Secrets, resources: list[str], timeout: float = HARVEST_TIMEOUT) -> str:
    """Waits until each of these CKAN resources has a finished load; returns the counts by state in words. Raises StepFailed."""
    deadline = time.monotonic() + timeout
    with postgres.connect(instance, secrets, "ioc") as connection:
        while True:
            states = _last_states(connection, resources)
            waiting = [resource for resource in resources if states.get(resource) not in FINAL_STATES]
            if not waiting:
                counted = {state: sum(1 for s in states.values() if s == state) for state in FINAL_STATES}
                return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counted.items() if count)
            if time.monotonic() > deadline:
                raise StepFailed(
                    f"{len(waiting)} of {len(resources)} deliveries were not harvested in {timeout:.0f} s, the first is {waiting[0]}",
                    log=instance.logs / "worker.log",
                    advice="./ioc logs worker; ./ioc up goes on where it stopped",
                )
            time.sleep(0.5)


LAST_STATES = """
SELECT DISTINCT ON (ckan_resource) ckan_resource, state
FROM ledger.load
WHERE ckan_resource = ANY(%s)
ORDER BY ckan_resource, load_id DESC
"""


def _last_states(connection: psycopg.Connection, resources: list[str]) -> dict[str, str]:
    return dict(connection.execute(LAST_STATES, (resources,)).fetchall())
