"""The form of a report as an editor's browser speaks with it, and a second editor of the same agency."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import requests

from control.services import postgres
from datasets.model.contract import Contract
from tests.running import Account, Running
from tests.stack.deliveries import BED_DAYS, OPEN, Editor

AGENCY = "so-y-te"


def portal_database(running: Running) -> psycopg.Connection[Any]:
    """CKAN's own database."""
    return postgres.connect(running.instance, running.secrets, "ckan")


@dataclass
class Form:
    """One report's form, opened by one editor."""

    editor: Editor
    period: str

    @property
    def page(self) -> str:
        return f"{self.editor.running.ckan_url}/ioc/desk/{self.editor.dataset}/{self.editor.agency}/{self.period}"

    def get(self, path: str) -> requests.Response:
        return self.editor.browser.get(f"{self.page}/{path}", headers={"Accept": "application/json"}, timeout=60)

    def post(self, path: str, body: Any) -> requests.Response:
        """What a script of the page sends."""
        headers = {"Accept": "application/json", "X-CSRFToken": self.token, "Referer": self.page}
        return self.editor.browser.post(f"{self.page}/{path}", json=body, headers=headers, timeout=60)

    @property
    def token(self) -> str:
        """The token of the portal's pages against forged requests."""
        source = self.editor.browser.get(self.editor.running.ckan_url, timeout=60).text
        found = re.search(r'name="_csrf_token" (?:content|value)="([^"]+)"', source)
        assert found is not None, "the page has no token"
        return found[1]

    def declare_zero(self) -> requests.Response:
        """The dialog's button, of a page on which nothing stood yet."""
        data = {"based_on": "", "_csrf_token": self.token}
        headers = {"Referer": self.page, "Accept": "application/json"}
        return self.editor.browser.post(f"{self.page}/zero", data=data, headers=headers, allow_redirects=False, timeout=60)

    def begin(self) -> dict[str, Any]:
        """What the page begins with."""
        answer = self.get("form.json")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def work(self, begun: dict[str, Any], rows: list[list[str]], version: int | None = None) -> dict[str, Any]:
        """What the page's script sends of these rows."""
        return {
            "version": begun["version"] if version is None else version,
            "based_on": begun["based_on"],
            "fields": begun["kept_fields"],
            "rows": rows,
        }

    def save(self, rows: list[list[str]], version: int | None = None) -> int:
        """Saves the rows as the draft; gives its version."""
        answer = self.post("form/draft", self.work(self.begin(), rows, version))
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])

    def text(self, way: str = "form") -> str:
        """What the report's page says."""
        source = self.editor.browser.get(f"{self.page}?way={way}", timeout=60).text
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", source)).split())


@pytest.fixture(scope="module")
def second_editor(instance: Running, trials: Contract) -> Iterator[Editor]:
    """Another editor of the health department, with a name of her own."""
    site, name, password = instance.ckan(instance.sysadmin_token), f"test-second-{secrets.token_hex(3)}", secrets.token_urlsafe(16)
    made = {"name": name, "password": password, "email": f"{name}@localhost.localdomain", "fullname": "Trần Thị Bình"}
    site.call_action("user_create", made)
    token = site.call_action("api_token_create", {"user": name, "name": "test"})["token"]
    site.call_action("organization_member_create", {"id": AGENCY, "username": name, "role": "editor"})
    yield Editor(instance, AGENCY, OPEN, Account(name, password, token))
    site.call_action("organization_member_delete", {"id": AGENCY, "username": name})
    site.call_action("user_delete", {"id": name})


@pytest.fixture
def form(instance: Running, editors: Callable[[str, str], Editor]) -> Iterator[Form]:
    """The form of August 2020 of the trial contract, with no draft and no delivery before and after."""
    opened = Form(editors(AGENCY, OPEN), "2020-08")
    forget(instance)
    yield opened
    opened.editor.clear()
    forget(instance)


def forget(running: Running) -> None:
    """Takes away the drafts of the tests' periods."""
    with portal_database(running) as connection:
        connection.execute("DELETE FROM ioc_draft WHERE dataset = ANY(%s) AND period ~ '^20(19|20)'", ([OPEN, BED_DAYS],))
