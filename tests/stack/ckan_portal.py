"""Three agencies, their people and three datasets of their own in a running CKAN, gone after the tests.

No contract names these datasets, so the harvest leaves them alone and the tests write the receipts themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import ckanapi
import pytest
import requests

from tests.running import Account, Running

CSV = "ngay;giuong\n01/08/2021;12\n"


@dataclass
class Portal:
    """A CKAN with agencies a and b, which publish, and c, which is named or just another one; and an agency d that is nobody's."""

    instance: Running
    mark: str
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.instance.ckan_url

    def agency(self, letter: str) -> str:
        return f"test-agency-{letter}-{self.mark}"

    def dataset(self, kind: str) -> str:
        return f"test-{kind}-{self.mark}"

    def as_(self, name: str | None) -> ckanapi.RemoteCKAN:
        """CKAN's API as "sysadmin", "harvest", one of the accounts ("editor-a", "member-c"), or None for anonymous."""
        tokens = {"sysadmin": self.instance.sysadmin_token, "harvest": self.instance.harvest_token}
        return self.instance.ckan(None if name is None else tokens.get(name) or self.accounts[name].token)

    def session(self, name: str | None) -> requests.Session:
        """A browser's session, logged in through the form."""
        session = requests.Session()
        if name is not None:
            account = self.accounts[name]
            answer = self.submit(session, "/user/login", {"login": account.name, "password": account.password})
            assert "/user/login" not in answer.url, "the login failed"
        return session

    def submit(self, session: requests.Session, path: str, data: dict[str, str], files: dict[str, Any] | None = None) -> requests.Response:
        """Fills in the form of a page and sends it, with the token that the page carries."""
        page = session.get(self.url + path, timeout=60)
        token = re.search(r'name="_csrf_token" (?:content|value)="([^"]+)"', page.text)
        assert token is not None, f"{path} has no form: {page.status_code}"
        return session.post(
            self.url + path, data={**data, "_csrf_token": token.group(1)}, files=files, headers={"Referer": self.url + path}, timeout=60
        )

    def deliver(
        self, kind: str, letter: str, *, by: str | None = None, text: str = CSV, name: str = "giuong.csv", **fields: str
    ) -> dict[str, Any]:
        """A delivery of an agency to the dataset of that kind. Raises what CKAN answers."""
        site = self.as_(by or f"editor-{letter}")
        data = {"package_id": self.dataset(kind), "agency": self.agency(letter), **fields}
        made: dict[str, Any] = site.call_action("resource_create", data, files={"upload": (name, io.BytesIO(text.encode()))})
        return made

    def receipt(self, resource_id: str, state: str, text: str = CSV, **fields: Any) -> dict[str, Any]:
        """The receipt that the harvest writes."""
        payload = {
            "resource_id": resource_id, "state": state, "file_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "at": "2026-11-22T17:00:00+07:00", "problems": [], "problems_total": 0, "params": {}, "refused_code": None,
            "edition": None, "load_id": None, "rows_accepted": None, "rows_rejected": None, **fields,
        }  # fmt: skip
        answer: dict[str, Any] = self.as_("harvest").call_action("ioc_receipt_update", payload)
        return answer

    def accepted(self, kind: str, letter: str, **fields: Any) -> dict[str, Any]:
        """An accepted delivery."""
        made = self.deliver(kind, letter, **fields)
        assert self.receipt(made["id"], "done", edition=7, load_id=3, rows_accepted=1, rows_rejected=0)["current"]
        return made

    def download(self, resource: dict[str, Any], name: str | None, file: str = "giuong.csv") -> requests.Response:
        """The delivery's file, asked for as somebody, by its address."""
        token = self.as_(name).apikey
        headers = {"Authorization": token} if token else {}
        path = f"/dataset/{resource['package_id']}/resource/{resource['id']}/download/{file}"
        return requests.get(self.url + path, headers=headers, timeout=60)


def _datasets(portal: Portal) -> Iterator[dict[str, Any]]:
    publishers = f"{portal.agency('a')} {portal.agency('b')}"
    classes = {"open": ("open", ""), "shared": ("shared", ""), "restricted": ("restricted", portal.agency("c"))}
    for kind, (access, named) in classes.items():
        yield {
            "name": portal.dataset(kind), "title": f"Thử nghiệm {kind}", "title_en": f"Test {kind}", "owner_org": portal.agency("a"),
            "private": access != "open", "access_class": access, "restricted_to": named, "importance": "other", "personal": "none",
            "frequency": "day", "delivery_scope": "period", "delivery_calendar": "day", "publishers": publishers,
            "license_id": "odc-by", "subsystem": "test",
            "table_schema": '{"fields": [{"name": "ngay", "type": "date"}, {"name": "giuong", "type": "integer"}]}',
            "file_layout": '{"delimiter": ";"}',
        }  # fmt: skip


def _people(portal: Portal, sysadmin: ckanapi.RemoteCKAN) -> None:
    for name in ("editor-a", "editor-b", "member-a", "member-c", "member-d", "outsider"):
        role, _, letter = name.partition("-")
        account = f"test-{name}-{portal.mark}"
        password = secrets.token_urlsafe(16)
        sysadmin.call_action("user_create", {"name": account, "password": password, "email": f"{account}@localhost.localdomain"})
        token = sysadmin.call_action("api_token_create", {"user": account, "name": "test"})["token"]
        portal.accounts[name] = Account(account, password, token)
        if letter:
            sysadmin.call_action("organization_member_create", {"id": portal.agency(letter), "username": account, "role": role})


@pytest.fixture(scope="module")
def portal(instance: Running) -> Iterator[Portal]:
    made = Portal(instance, secrets.token_hex(3))
    sysadmin = made.as_("sysadmin")
    try:
        for letter in "abcd":
            sysadmin.call_action("organization_create", {"name": made.agency(letter), "title": f"Cơ quan {letter.upper()}"})
        _people(made, sysadmin)
        for dataset in _datasets(made):
            sysadmin.call_action("package_create", dataset)
        yield made
    finally:
        with contextlib.suppress(ckanapi.NotFound):
            for kind in ("open", "shared", "restricted"):
                sysadmin.call_action("dataset_purge", {"id": made.dataset(kind)})
            for letter in "abcd":
                sysadmin.call_action("organization_purge", {"id": made.agency(letter)})
            for account in made.accounts.values():
                sysadmin.call_action("user_delete", {"id": account.name})
