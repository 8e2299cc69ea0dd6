"""What an agency's editor does with a delivery: write the file, hand it in, replace it, delete it, read its page.

The periods are days and months of 2019 and 2020, which no demonstration has; what was handed in is deleted at the end and looked for
at the beginning, so that the tests can be run again on one instance.
"""

from __future__ import annotations

import html
import io
import re
import secrets
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from control.apply import ckan_site, read_contracts, schematic_map
from control.compile.ckan import apply_ckan
from control.compile.store import apply_store
from control.services import postgres
from datasets.model.contract import Contract
from datasets.model.read import read_contract
from tests.running import PATIENCE, Account, Running

YEARS = ("2019", "2020")
COMMUNE = "16663"
UNIT = "16663.200401"
BED_DAYS = "health-bed-days"
BED_HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

RESOURCE = """\
  - name: {name}
    path: examples/{name}.csv
    title: Số đếm để kiểm thử, {encoding}
    titles: {{en: "Counts of a test, {encoding}", fr: "Comptages d'un test, {encoding}"}}
    publishers: [so-y-te, benh-vien-san-nhi]
    steward: so-y-te/thu-truong
    access: {access}
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    encoding: {encoding}
    delivery: {{scope: period, calendar: month, column: ngay}}
    obligation: {{calendar: month, due: "+5d 17:00"}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, type: string, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: so_luong, column: amount, title: Số lượng, type: integer, constraints: {{required: true, minimum: 0}}}}
        - {{name: ghi_chu, column: note, title: Ghi chú, type: string}}
      primaryKey: [ngay, ma_xa]
"""

TRIALS = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: delivery-trials
version: 1.0.0
title: Nộp thử để kiểm thử
titles: {en: Trial deliveries of a test, fr: Livraisons d'essai d'un test}
subsystem: {order: 97, owner: so-y-te}
resources:
"""

COUNT_HEADER = "ngay;ma_xa;so_luong;ghi_chu"
OPEN = "delivery-trials-open-counts"
WINDOWS = "delivery-trials-windows-counts"
OPEN_VIEW = "delivery_trials.open_counts"


def write_trials(folder: Path) -> Contract:
    """Writes the trial contract's folder and reads it as any other."""
    (folder / "examples").mkdir(parents=True)
    resources = {"open-counts": ("open", "utf-8"), "windows-counts": ("shared", "windows-1258")}
    written = [RESOURCE.format(name=name, access=access, encoding=encoding) for name, (access, encoding) in resources.items()]
    (folder / "datapackage.yaml").write_text(TRIALS + "".join(written))
    for name in resources:
        (folder / "examples" / f"{name}.csv").write_bytes(counts(("01/08/2020", 1, "")))
    return read_contract(folder)


def counts(*rows: tuple[str, int | str, str], commune: str = COMMUNE) -> bytes:
    """A file of the trial contract: rows of day (dd/mm/yyyy), amount and note, in UTF-8."""
    lines = [COUNT_HEADER, *(f"{day};{commune};{amount};{note}" for day, amount, note in rows)]
    return ("\n".join(lines) + "\n").encode()


def bed_rows(day: str, number: int = 40, beds: int = 100) -> list[str]:
    """Rows of bed days on one day (dd/mm/yyyy), each of another facility: 90001, 90002, …"""
    return [f"{day};{COMMUNE};{90001 + n};thuong;{beds};{beds - 10}" for n in range(number)]


def bed_file(rows: list[str], header: str = BED_HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def windows_1258(text: str) -> bytes:
    """Text as a Vietnamese Windows program of old writes it: a letter, then its tone by itself."""
    written = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(p for p in parts if p in TONES)
        written.append(unicodedata.normalize("NFC", "".join(p for p in parts if p not in TONES)) + tones)
    return "".join(written).encode("cp1258")


def workbook_bomb(megabytes: int = 64) -> bytes:
    """A workbook of some kilobytes whose only sheet unpacks to so many megabytes of nothing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(megabytes):
                sheet.write(b" " * 1024**2)
    return packed.getvalue()


@dataclass(frozen=True)
class Page:
    """A delivery's page as its reader sees it: the language of the page, its text, the rows of the table of problems."""

    language: str
    text: str
    problems: list[tuple[str, str, str, str]]

    @classmethod
    def of(cls, answer: requests.Response) -> Page:
        source = answer.text
        language = re.search(r'<html[^>]*\blang="(\w+)', source)
        rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td><code>(.*?)</code></td><td>(.*?)</td></tr>", source, re.S)
        return cls(
            language.group(1) if language else "",
            " ".join(html.unescape(re.sub(r"<[^>]*>", " ", source)).split()),
            [tuple(html.unescape(cell) for cell in row) for row in rows],  # type: ignore[misc]
        )


@dataclass
class Editor:
    """An agency's editor at work on one dataset.

    The account is the test's own: the demonstration's passwords may be reset meanwhile.
    """

    running: Running
    agency: str
    dataset: str
    account: Account
    delivered: list[str] = field(default_factory=list)
    _session: requests.Session | None = None

    @property
    def token(self) -> str:
        assert self.account.token is not None
        return self.account.token

    def call(self, action: str, data: dict[str, Any], files: dict[str, Any] | None = None) -> Any:
        return self.running.ckan(self.token).call_action(action, data, files=files)

    def deliver(self, content: bytes, period: str, name: str = "so-lieu.csv", **fields: str) -> str:
        """Hands in a new file; gives the delivery's id."""
        data = {"package_id": self.dataset, "agency": self.agency, "period": period, **fields}
        made = self.call("resource_create", data, {"upload": (name, io.BytesIO(content))})
        self.delivered.append(made["id"])
        return str(made["id"])

    def replace(self, delivery: str, content: bytes, name: str = "so-lieu.csv") -> None:
        """Hands in another file in the place of the delivery's."""
        self.call("resource_patch", {"id": delivery}, {"upload": (name, io.BytesIO(content))})

    def delete(self, delivery: str) -> None:
        self.call("resource_delete", {"id": delivery})
        self.delivered.remove(delivery)

    def receipt(self, delivery: str) -> dict[str, Any]:
        """The final receipt as the editor reads it."""
        return self.running.receipt(delivery, self.token)

    @property
    def browser(self) -> requests.Session:
        """The editor's browser, logged in to CKAN through its form."""
        if self._session is None:
            session, form = requests.Session(), f"{self.running.ckan_url}/user/login"
            token = re.search(r'name="_csrf_token" (?:content|value)="([^"]+)"', session.get(form, timeout=60).text)
            assert token is not None, "the login page has no form"
            data = {"login": self.account.name, "password": self.account.password, "_csrf_token": token.group(1)}
            answer = session.post(form, data=data, headers={"Referer": form}, timeout=60)
            assert "/user/login" not in answer.url, "the login failed"
            self._session = session
        return self._session

    def page(self, delivery: str) -> Page:
        """The delivery's page in CKAN as the editor's browser shows it."""
        return Page.of(self.browser.get(f"{self.running.ckan_url}/dataset/{self.dataset}/resource/{delivery}", timeout=60))

    def clear(self) -> None:
        """Deletes this agency's deliveries of the years of the tests, and waits until the store shows none of their rows."""
        shown = self.call("package_show", {"id": self.dataset})
        for resource in shown["resources"]:
            if resource.get("agency") == self.agency and (resource.get("period") or "").startswith(YEARS):
                self.call("resource_delete", {"id": resource["id"]})
                self.delivered.append(resource["id"])
        wait_withdrawn(self.running, self.delivered)
        self.delivered.clear()


def wait_until(holds: Callable[[], bool], what: str, timeout: float = PATIENCE) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"after {timeout:.0f} s not yet: {what}"
        time.sleep(0.3)


def wait_withdrawn(running: Running, deliveries: list[str]) -> None:
    """Waits until no delivery of these that the harvest knows is still to be withdrawn."""

    def gone() -> bool:
        query = "SELECT count(*) FROM ledger.delivery WHERE ckan_resource = ANY(%s) AND state <> 'withdrawn'"
        return fetch(running, query, list(set(deliveries))) == [(0,)]

    wait_until(gone, "deleted deliveries are withdrawn from the store")


def fetch(running: Running, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query on the store."""
    with running.store() as connection:
        return connection.execute(query, parameters or None).fetchall()


@pytest.fixture(scope="session")
def trials(instance: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """The tests' own contract, applied to store and CKAN beside the project's; its datasets leave CKAN with the tests."""
    brought = write_trials(tmp_path_factory.mktemp("trials") / "delivery-trials")
    contracts, reference = read_contracts()
    owner = postgres.owner_environment(instance.instance, instance.secrets)["IOC_STORE_OWNER_URL"]
    with psycopg.connect(owner) as connection:
        apply_store(connection, [*contracts, brought], reference, instance.secrets["shared"], schematic_map(reference))
    site = ckan_site(instance.instance, instance.sysadmin_token)
    apply_ckan(site, [*contracts, brought], reference)
    yield brought
    for name in (OPEN, WINDOWS):
        site.call_action("dataset_purge", {"id": name})


@pytest.fixture(scope="session")
def editor_accounts(instance: Running) -> Iterator[Callable[[str], Account]]:
    """Gives an account that is an editor of an agency; they are gone after the tests."""
    site, mark = instance.ckan(instance.sysadmin_token), secrets.token_hex(3)
    made: dict[str, Account] = {}

    def account(agency: str) -> Account:
        if agency not in made:
            name, password = f"test-{agency}-{mark}", secrets.token_urlsafe(16)
            site.call_action("user_create", {"name": name, "password": password, "email": f"{name}@localhost.localdomain"})
            made[agency] = Account(name, password, site.call_action("api_token_create", {"user": name, "name": "test"})["token"])
            site.call_action("organization_member_create", {"id": agency, "username": name, "role": "editor"})
        return made[agency]

    yield account
    for agency, used in made.items():
        site.call_action("organization_member_delete", {"id": agency, "username": used.name})
        site.call_action("user_delete", {"id": used.name})


@pytest.fixture(scope="module")
def editors(instance: Running, trials: Contract, editor_accounts: Callable[[str], Account]) -> Iterator[Callable[[str, str], Editor]]:
    """Gives the editor of an agency for a dataset: `editors("so-y-te", OPEN)`. All they hand in is gone after the module."""
    known: dict[tuple[str, str], Editor] = {}

    def editor(agency: str, dataset: str) -> Editor:
        if (agency, dataset) not in known:
            known[agency, dataset] = Editor(instance, agency, dataset, editor_accounts(agency))
            known[agency, dataset].clear()
        return known[agency, dataset]

    yield editor
    for made in known.values():
        made.clear()
