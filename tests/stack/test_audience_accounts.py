"""Accounts of Superset: by position, by CKAN's organisations, and what is left when these end."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import ckanapi
import pytest

from control.accounts import PEOPLE, sync_accounts
from control.accounts.assignments import Assignment, Assignments
from control.accounts.people import accounts_there, ensure_person, sync, take_away
from control.compile.superset.site import SupersetSite
from control.settings import ROOT
from datasets.model.audience import audience_of_roles
from datasets.model.reference import Reference, read_reference
from tests.running import Account, Running
from tests.stack.leaks import superset_site

__all__ = ["superset_site"]
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def portal(instance: Running) -> ckanapi.RemoteCKAN:
    return instance.ckan(instance.sysadmin_token)


def audience_there(site: SupersetSite, username: str) -> str | None:
    """Audience of an account as Superset has it; None for an account that is not there or closed."""
    for account in accounts_there(site):
        if account["username"] == username:
            return audience_of_roles(role["name"] for role in account["roles"]) if account["active"] else None
    return None


@pytest.mark.parametrize(
    ("username", "audience"),
    [
        ("lanh-dao", "aud_leader"),
        ("can-bo-so-y-te", "aud_agency_so_y_te"),
        ("can-bo-hanh-chinh-cong", "aud_agency_trung_tam_phuc_vu_hanh_chinh_cong"),
        ("phu-trach-vinh-cu", "aud_locality_former_vinh"),
        ("truc-van-hanh", "aud_operator"),
        ("ioc-admin", "aud_leader"),
    ],
)
def test_the_demonstrations_people_have_their_audiences(superset_site: SupersetSite, username: str, audience: str) -> None:
    assert username in PEOPLE or username == "ioc-admin"
    assert audience_there(superset_site, username) == audience


@pytest.fixture
def deliverer(instance: Running, portal: ckanapi.RemoteCKAN, superset_site: SupersetSite) -> Iterator[Callable[[], Assignment]]:
    """Makes a user of CKAN who has an account of Superset by membership; gone afterwards."""
    made: list[str] = []
    given = Assignments(instance.instance.var)

    def make() -> Assignment:
        name = f"test-member-{secrets.token_hex(3)}"
        portal.call_action("user_create", {"name": name, "password": secrets.token_urlsafe(16), "email": f"{name}@localhost.localdomain"})
        person = Assignment(username=name, name="Người nộp, Thử", email=f"{name}@localhost.localdomain")
        given.put(person)
        made.append(name)
        return person

    yield make
    for name in made:
        given.remove(name)
        take_away(superset_site, name)
        portal.call_action("user_delete", {"id": name})


def test_membership_of_ckans_organisations_gives_the_audience_and_its_end_takes_it(
    instance: Running,
    portal: ckanapi.RemoteCKAN,
    superset_site: SupersetSite,
    reference: Reference,
    deliverer: Callable[[], Assignment],
) -> None:
    person = deliverer()
    member: dict[str, Any] = {"username": person.username, "role": "member"}
    assert ensure_person(superset_site, portal, person, reference)[0] == "aud_public"
    steps = (
        ("organization_member_create", "so-y-te", "aud_agency_so_y_te"),
        ("organization_member_create", "benh-vien-san-nhi", "aud_official"),
        ("organization_member_delete", "so-y-te", "aud_agency_benh_vien_san_nhi"),
        ("organization_member_delete", "benh-vien-san-nhi", "aud_public"),
    )
    for action, organisation, audience in steps:
        portal.call_action(action, {"id": organisation, **member})
        sync_accounts(instance.instance, instance.secrets, reference)
        assert audience_there(superset_site, person.username) == audience, f"{action} {organisation}"
    assert not sync_accounts(instance.instance, instance.secrets, reference), "a second sync changes nothing"


def test_a_user_whom_ckan_deleted_loses_the_audience(
    instance: Running,
    portal: ckanapi.RemoteCKAN,
    superset_site: SupersetSite,
    reference: Reference,
    deliverer: Callable[[], Assignment],
) -> None:
    person = deliverer()
    portal.call_action("organization_member_create", {"id": "so-y-te", "username": person.username, "role": "editor"})
    assert ensure_person(superset_site, portal, person, reference)[0] == "aud_agency_so_y_te"
    portal.call_action("user_delete", {"id": person.username})
    sync_accounts(instance.instance, instance.secrets, reference)
    assert audience_there(superset_site, person.username) == "aud_public"


def test_roles_that_somebody_gave_by_hand_go_with_the_next_sync(
    instance: Running, portal: ckanapi.RemoteCKAN, superset_site: SupersetSite, reference: Reference, deliverer: Callable[[], Assignment]
) -> None:
    person = deliverer()
    ensure_person(superset_site, portal, person, reference)
    ids = superset_site.role_ids()
    number = next(a["id"] for a in accounts_there(superset_site) if a["username"] == person.username)
    superset_site.call("PUT", f"/api/v1/security/users/{number}", json={"roles": [ids["ioc_leader"]]})
    assert audience_there(superset_site, person.username) == "aud_leader"
    done = sync(superset_site, portal, Assignments(instance.instance.var).read(), reference)
    assert person.username in " ".join(done.made)
    assert audience_there(superset_site, person.username) == "aud_public"


def ioc(instance: Running, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "IOC_VAR": str(instance.instance.var)}
    return subprocess.run([ROOT / "ioc", "accounts", *words], env=environment, capture_output=True, text=True, timeout=300)


def test_the_command_gives_an_account_and_takes_it(instance: Running, superset_site: SupersetSite) -> None:
    name = f"test-given-{secrets.token_hex(3)}"
    given = ioc(instance, "give", name, "so-noi-vu/thu-truong", "--name", "Trần Thị B")
    try:
        assert given.returncode == 0, given.stdout + given.stderr
        assert "aud_agency_so_noi_vu" in given.stdout
        assert audience_there(superset_site, name) == "aud_agency_so_noi_vu"
        password = given.stdout.split("shown this once: ")[1].split()[0]
        assert instance.superset(Account(name, password)).get(f"{instance.superset_url}/api/v1/me/", timeout=60).status_code == 200
        assert (instance.instance.var / "accounts.yaml").stat().st_mode & 0o077 == 0
        again = ioc(instance, "give", name, "van-phong-ubnd-tinh/ban-chi-dao-truong-ban", "--name", "Trần Thị B")
        assert (again.returncode, "Password" in again.stdout) == (0, False)
        assert audience_there(superset_site, name) == "aud_leader"
    finally:
        taken = ioc(instance, "take", name)
    assert taken.returncode == 0, taken.stdout
    assert audience_there(superset_site, name) is None
    assert name not in (instance.instance.var / "accounts.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("give", "test-nobody", "so-y-te/vua"), "is no position"),
        (("give", "test-nobody", "so-la/thu-truong"), "is no agency"),
        (("give", "Tên có dấu", "so-y-te/thu-truong"), "username"),
        (("take", "test-nobody"), "is no account"),
    ],
)
def test_the_command_says_what_is_wrong_and_does_nothing(instance: Running, words: tuple[str, ...], says: str) -> None:
    before = (instance.instance.var / "accounts.yaml").read_text()
    done = ioc(instance, *words)
    assert (done.returncode, says in done.stdout + done.stderr) == (1, True), done.stdout + done.stderr
    assert (instance.instance.var / "accounts.yaml").read_text() == before
