"""Accounts: editors in CKAN for the agencies that deliver, and people in Superset. Passwords are shown once and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from control.accounts.assignments import Assignment, Assignments, position_named
from control.accounts.people import audience_of, ensure_person, new_password, sync, take_away
from control.apply import ckan_site, read_contracts
from control.compile.changes import Changes
from control.hosts import SUPERSET, Hosts, asked
from control.secrets import Secrets
from control.services import ckan, superset
from control.settings import Instance
from control.steps import Steps
from datasets.model.contract import Contract
from datasets.model.reference import Agency, Reference, read_reference

LEADER = "lanh-dao"
PEOPLE = {
    LEADER: "van-phong-ubnd-tinh/ban-chi-dao-truong-ban",
    "can-bo-so-y-te": "so-y-te/truong-phong-nghiep-vu-y",
    "can-bo-hanh-chinh-cong": "trung-tam-phuc-vu-hanh-chinh-cong/giam-doc",
    "phu-trach-vinh-cu": "phuong-thanh-vinh/phu-trach-dia-ban-thanh-pho-vinh-cu",
    "truc-van-hanh": "so-khoa-hoc-va-cong-nghe/truc-van-hanh",
}
"""People of the demonstration in Superset, by the positions they hold."""


@dataclass(frozen=True)
class Account:
    """An account. `password` is None when it was made earlier: it was shown then, once."""

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


def demonstration_people(reference: Reference) -> list[Assignment]:
    """The demonstration's people, named after their positions."""
    people = []
    for username, position in PEOPLE.items():
        held = position_named(position, reference)
        name = f"{held.title}, {reference.agencies[held.agency].title}"
        people.append(Assignment(username=username, name=name, email=f"{username}@localhost.localdomain", position=position))
    return people


def make_people(instance: Instance, secrets: Secrets, reference: Reference, *, reset: bool = False) -> list[Account]:
    """The demonstration's people, written into the file of accounts and made in Superset; with `reset` with new passwords."""
    hosts, people = Hosts.of(instance, secrets), demonstration_people(reference)
    Assignments(instance.var).put(*people)
    site, portal = hosts.superset(), hosts.ckan()
    made = []
    for person in people:
        # An account that a run which was broken off left behind has a password that nobody was shown.
        is_known = secrets.get(f"person_made.{person.username}") is not None
        audience, password = ensure_person(site, portal, person, reference, reset=reset or not is_known)
        secrets.put(f"person_made.{person.username}", "yes")
        held = reference.positions[str(person.position)]
        who = f"{held.titles.en}, {reference.agencies[held.agency].titles.en}: {audience}"
        made.append(Account("Superset", person.username, who, password))
    return made


def administrators(secrets: Secrets) -> list[Account]:
    """The administrators; their passwords are in the file of secrets."""
    return [
        Account("CKAN", ckan.SYSADMIN, "administrator; password in secrets.json: ckan_admin_password", None),
        Account("Superset", superset.ADMIN, "administrator; password in secrets.json: superset_admin_password", None),
    ]


def given_people(instance: Instance, secrets: Secrets, reference: Reference) -> list[Account]:
    """People whom the installation gave accounts, beside those of the demonstration."""
    portal = Hosts.of(instance, secrets).ckan()
    return [
        Account("Superset", a.username, f"{a.name}, {a.position or 'by CKAN'}: {audience_of(a, portal, reference)}", None)
        for a in Assignments(instance.var).read()
        if a.username not in PEOPLE
    ]


def show_accounts(accounts: list[Account], console: Console) -> None:
    table = Table(
        title="Accounts (passwords of the demonstration's are shown this once: ./ioc accounts --reset makes new ones)",
        title_justify="left",
        box=None,
    )
    for heading in ("where", "name", "password", "who"):
        table.add_column(heading, overflow="fold")
    for account in accounts:
        table.add_row(account.where, account.name, account.password or "[dim]not shown[/dim]", account.who)
    console.print(table)


def make_accounts(instance: Instance, secrets: Secrets, contracts: list[Contract], reference: Reference) -> list[Account]:
    """The demonstration's editors and people, made when they are not there."""
    return [*make_editors(instance, secrets, publishers(contracts, reference)), *make_people(instance, secrets, reference)]


def list_accounts(instance: Instance, console: Console) -> None:
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    demonstration = make_accounts(instance, secrets, contracts, reference)
    show_accounts([*demonstration, *given_people(instance, secrets, reference), *administrators(secrets)], console)


def reset_passwords(instance: Instance) -> list[Account]:
    """New passwords for all demonstration accounts; returns them."""
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    editors = publishers(contracts, reference)
    make_editors(instance, secrets, editors)
    site = ckan_site(instance, secrets["ckan_admin_token"])
    accounts = []
    for agency in editors:
        password = new_password()
        site.call_action("user_patch", {"id": editor_name(agency.name), "password": password})
        accounts.append(Account("CKAN", editor_name(agency.name), f"editor of {agency.titles.en}", password))
    return [*accounts, *make_people(instance, secrets, reference, reset=True)]


def reset_accounts(instance: Instance, console: Console) -> None:
    show_accounts(reset_passwords(instance), console)


def give_account(instance: Instance, given: Assignment) -> tuple[str, str | None]:
    """Makes a person's account and writes it into the file of accounts; returns the audience and the password of a new one.

    Raises AssignmentError for a position that is none, SupersetError, CKANAPIError.
    """
    secrets, reference = Secrets(instance), read_reference()
    hosts = Hosts.of(instance, secrets)
    portal = hosts.ckan()
    made = ensure_person(hosts.superset(), portal, given, reference)
    Assignments(instance.var).put(given)
    return made


def take_account(instance: Instance, username: str) -> None:
    """Takes a person out of the file and closes the account. Raises AssignmentError for one that is not in the file."""
    Assignments(instance.var).remove(username)
    take_away(Hosts.of(instance, Secrets(instance)).superset(), username)


def sync_accounts(instance: Instance, secrets: Secrets, reference: Reference) -> Changes:
    """Brings Superset's accounts to the file of accounts and CKAN's organisations. Raises SupersetError, CKANAPIError."""
    hosts = Hosts.of(instance, secrets)
    return sync(hosts.superset(), hosts.ckan(), Assignments(instance.var).read(), reference)


def bring_to_audiences(instance: Instance, secrets: Secrets, steps: Steps, reference: Reference) -> None:
    """The step of `up` and `apply` that brings the accounts to their audiences. Raises StepFailed."""
    with steps.step("Accounts brought to their audiences") as notes, asked(SUPERSET):
        notes.append(sync_accounts(instance, secrets, reference).summary())
