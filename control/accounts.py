"""Accounts of the demonstration: an editor for each agency that delivers, and a leader. Passwords are shown once and kept nowhere."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from control.apply import ckan_site, read_contracts
from control.compile.superset import SupersetSite, ensure_user
from control.secrets import Secrets
from control.services import ckan, superset
from control.settings import Instance
from datasets.model.contract import Contract
from datasets.model.reference import Agency, Reference

LEADER = "lanh-dao"


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


def publishers(contracts: list[Contract], reference: Reference) -> list[Agency]:
    """Agencies that deliver to any dataset, by name."""
    names = {agency for contract in contracts for resource in contract.resources for agency in resource.publishers}
    return [reference.agencies[name] for name in sorted(names)]


def new_password() -> str:
    return random_secrets.token_urlsafe(12)


def make_editors(instance: Instance, secrets: Secrets, agencies: list[Agency]) -> list[Account]:
    """An editor for each agency, member of its organisation, with an API token that is kept among the secrets."""
    new = {agency.name: new_password() for agency in agencies if secrets.get(f"editor_token.{agency.name}") is None}
    wanted = {
        editor_name(agency.name): {
            "password": new[agency.name],
            "email": f"{editor_name(agency.name)}@localhost.localdomain",
            "fullname": f"Biên tập viên, {agency.title}",
        }
        for agency in agencies
        if agency.name in new
    }
    if new:
        tokens = ckan.accounts(instance, wanted, "The editors' accounts could not be made")
        site = ckan_site(instance, secrets["ckan_admin_token"])
        for agency, password in new.items():
            # An account that a run which was broken off left behind has a password that nobody was shown.
            site.call_action("user_patch", {"id": editor_name(agency), "password": password})
            site.call_action("organization_member_create", {"id": agency, "username": editor_name(agency), "role": "editor"})
            secrets.put(f"editor_token.{agency}", tokens[editor_name(agency)])
    return [Account("CKAN", editor_name(agency.name), f"editor of {agency.titles.en}", new.get(agency.name)) for agency in agencies]


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
        table.add_row(account.where, account.name, account.password or "[dim]not shown[/dim]", account.who)
    console.print(table)


def make_accounts(instance: Instance, secrets: Secrets, contracts: list[Contract], reference: Reference) -> list[Account]:
    """The editors and the leader, made when they are not there."""
    return [*make_editors(instance, secrets, publishers(contracts, reference)), make_leader(instance, secrets)]


def list_accounts(instance: Instance, console: Console) -> None:
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    show_accounts([*make_accounts(instance, secrets, contracts, reference), *administrators(secrets)], console)


def reset_passwords(instance: Instance) -> list[Account]:
    """New passwords for all demonstration accounts; returns them."""
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    make_accounts(instance, secrets, contracts, reference)
    site = ckan_site(instance, secrets["ckan_admin_token"])
    accounts = []
    for agency in publishers(contracts, reference):
        password = new_password()
        site.call_action("user_patch", {"id": editor_name(agency.name), "password": password})
        accounts.append(Account("CKAN", editor_name(agency.name), f"editor of {agency.titles.en}", password))
    password = new_password()
    superset_site = SupersetSite(instance.url("superset"), superset.ADMIN, secrets["superset_admin_password"])
    ensure_user(superset_site, LEADER, password, "Lãnh đạo", "Tỉnh", f"{LEADER}@localhost.localdomain", ["ioc_leader"])
    return [*accounts, Account("Superset", LEADER, "leader of the province", password)]


def reset_accounts(instance: Instance, console: Console) -> None:
    show_accounts(reset_passwords(instance), console)
