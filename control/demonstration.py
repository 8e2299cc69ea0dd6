"""The demonstration: accounts of some agencies and of a leader, and simulated files delivered by the agencies' own editors."""

from __future__ import annotations

import datetime as dt
import json
import secrets as random_secrets
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckanapi
import psycopg
from rich.console import Console
from rich.table import Table

from control.apply import ckan_site, read_contracts
from control.compile.superset import SupersetSite, ensure_user
from control.secrets import Secrets
from control.services import ckan, postgres, superset
from control.settings import Instance
from control.steps import StepFailed, Steps
from datasets.demonstration import DemonstrationFile, generate
from datasets.model.contract import Contract

SEED = 1
LEADER = "lanh-dao"
FINAL_STATES = ("done", "done_with_rejects", "refused", "failed", "unchanged")
HARVEST_TIMEOUT = 900.0


@dataclass(frozen=True)
class Account:
    """A demonstration account. `password` is None when it was made earlier: it was shown then, once."""

    where: str
    name: str
    who: str
    password: str | None


def editor_name(agency: str) -> str:
    """Name in CKAN of an agency's editor (biên tập)."""
    return f"bien-tap-{agency}"


def publishers(contracts: list[Contract]) -> list[str]:
    """Agencies that deliver to any dataset, in alphabetical order."""
    return sorted({agency for contract in contracts for resource in contract.resources for agency in resource.publishers})


def new_password() -> str:
    return random_secrets.token_urlsafe(12)


def make_editors(instance: Instance, secrets: Secrets, agencies: list[str]) -> list[Account]:
    """An editor for each agency, member of its organisation, with an API token that is kept among the secrets."""
    new = {agency: new_password() for agency in agencies if secrets.get(f"editor_token.{agency}") is None}
    if new:
        wanted = {
            editor_name(agency): {
                "password": password,
                "email": f"{editor_name(agency)}@localhost.localdomain",
                "sysadmin": False,
                "fullname": f"Biên tập viên {agency}",
            }
            for agency, password in new.items()
        }
        printed = ckan.ckan(instance, "ioc", "accounts", what="The editors' accounts could not be made", stdin=json.dumps(wanted))
        tokens = json.loads(printed.strip().splitlines()[-1])
        site = ckan_site(instance, secrets["ckan_admin_token"])
        for agency in new:
            site.call_action("organization_member_create", {"id": agency, "username": editor_name(agency), "role": "editor"})
            secrets.put(f"editor_token.{agency}", tokens[editor_name(agency)])
    return [Account("CKAN", editor_name(agency), f"editor of {agency}", new.get(agency)) for agency in agencies]


def make_leader(instance: Instance, secrets: Secrets) -> Account:
    """The leader's account of Superset, made once."""
    if secrets.get("leader_made") is not None:
        return Account("Superset", LEADER, "leader of the province", None)
    password = new_password()
    site = SupersetSite(instance.url("superset"), superset.ADMIN, secrets["superset_admin_password"])
    ensure_user(site, LEADER, password, "Lãnh đạo", "Tỉnh", f"{LEADER}@localhost.localdomain", ["ioc_leader"])
    secrets.put("leader_made", "yes")
    return Account("Superset", LEADER, "leader of the province", password)


def administrators(secrets: Secrets) -> list[Account]:
    """The administrators; their passwords are in the file of secrets."""
    return [
        Account("CKAN", ckan.SYSADMIN, "administrator; password in secrets.json: ckan_admin_password", None),
        Account("Superset", superset.ADMIN, "administrator; password in secrets.json: superset_admin_password", None),
    ]


def show_accounts(accounts: list[Account], console: Console) -> None:
    table = Table(
        title="Demonstration accounts (passwords are shown this once: ./ioc accounts --reset makes new ones)",
        title_justify="left",
        box=None,
    )
    for heading in ("where", "name", "password", "who"):
        table.add_column(heading, overflow="fold")
    for account in accounts:
        table.add_row(account.where, account.name, account.password or "[dim]as shown before[/dim]", account.who)
    console.print(table)


def make_accounts(instance: Instance, secrets: Secrets, contracts: list[Contract]) -> list[Account]:
    return [*make_editors(instance, secrets, publishers(contracts)), make_leader(instance, secrets)]


def list_accounts(instance: Instance, console: Console) -> None:
    secrets = Secrets(instance)
    contracts, _ = read_contracts()
    show_accounts([*make_accounts(instance, secrets, contracts), *administrators(secrets)], console)


def reset_passwords(instance: Instance) -> list[Account]:
    """New passwords for all demonstration accounts; returns them."""
    secrets = Secrets(instance)
    contracts, _ = read_contracts()
    make_accounts(instance, secrets, contracts)
    site = ckan_site(instance, secrets["ckan_admin_token"])
    accounts = []
    for agency in publishers(contracts):
        password = new_password()
        site.call_action("user_patch", {"id": editor_name(agency), "password": password})
        accounts.append(Account("CKAN", editor_name(agency), f"editor of {agency}", password))
    password = new_password()
    superset_site = SupersetSite(instance.url("superset"), superset.ADMIN, secrets["superset_admin_password"])
    ensure_user(superset_site, LEADER, password, "Lãnh đạo", "Tỉnh", f"{LEADER}@localhost.localdomain", ["ioc_leader"])
    return [*accounts, Account("Superset", LEADER, "leader of the province", password)]


def reset_accounts(instance: Instance, console: Console) -> None:
    show_accounts(reset_passwords(instance), console)


def deliver_one(site: ckanapi.RemoteCKAN, file: DemonstrationFile, present: dict[tuple[str, str], str]) -> str:
    """Delivers one file as its agency's editor; returns the id of the CKAN resource. A delivery that is there is left alone."""
    known = present.get((file.agency, file.period or ""))
    if known is not None:
        return known
    fields: dict[str, Any] = {
        "package_id": file.contract.dataset_name(file.resource),
        "agency": file.agency,
        "simulated": "true",
        "name": file.title,
    }
    if file.period is not None:
        fields["period"] = file.period
    with file.path.open("rb") as stream:
        made = site.call_action("resource_create", fields, files={"upload": (file.path.name, stream)})
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


def deliver_demonstration(instance: Instance, steps: Steps) -> None:
    """Makes the accounts, delivers the simulated files that are not there, and waits until all are harvested."""
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    with steps.step("Demonstration accounts"):
        accounts = make_accounts(instance, secrets, contracts)
    if secrets.get("demonstration_delivered") is None:
        with tempfile.TemporaryDirectory() as folder:
            with steps.step("Simulated files written") as notes:
                files = generate(contracts, reference, Path(folder), seed=SEED, until=dt.date.fromisoformat(_until(secrets)))
                notes.append(f"{len(files)} files")
            with steps.step("Simulated files delivered in CKAN by the agencies' editors") as notes:
                resources = _deliver_all(instance, secrets, contracts, files)
                notes.append(f"{len(resources)} deliveries")
        with steps.step("Deliveries harvested") as notes:
            notes.append(wait_until_harvested(instance, secrets, resources))
        secrets.put("demonstration_delivered", "yes")
    if any(account.password is not None for account in accounts):
        show_accounts([*accounts, *administrators(secrets)], steps.console)


def _until(secrets: Secrets) -> str:
    """Last day of the simulated figures: the day before the first `up`, kept so that a second run writes the same files."""
    kept = secrets.get("demonstration_until")
    if kept is None:
        kept = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
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
