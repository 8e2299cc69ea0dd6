"""Who sees what of the project's own datasets, in CKAN and in the store, after a delivery has gone the whole way.

What CKAN does with a dataset of each class by itself is in test_ckan_access.py; here the classes are the contracts'.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ckanapi
import psycopg
import pytest
import requests

from control.apply import read_contracts
from datasets.model.audience import areas, audiences, may_read, password
from datasets.model.contract import Contract
from tests.running import Account, Running
from tests.stack.deliveries import BED_DAYS, COMMUNE, OPEN, UNIT, Editor, bed_file, bed_rows, counts, fetch

pytestmark = pytest.mark.stack

Editors = Callable[[str, str], Editor]
TESTS = "health-tests"
LABORATORY = "trung-tam-kiem-soat-benh-tat"
NAMED = "so-y-te"
STRANGER = "bao-hiem-xa-hoi-tinh"
TESTS_HEADER = "ngay_xet_nghiem,ma_xa,ma_co_so,ky_thuat,so_mau,so_duong_tinh"
FACILITY = "91234"
WRONG = "xet-nghiem-mat"
FILE_NAME = "mau-benh-pham-kin.csv"
REMARK = "ghi-chu-kin-cua-phong-xet-nghiem"


def file_of_tests() -> bytes:
    """Tests of February 2020: 40 good rows of one facility, and one row with a word for a number."""
    rows = [f"{1 + n % 28:02}/02/2020,{COMMUNE},{FACILITY},{('pcr', 'khang-nguyen')[n // 28]},{n},0" for n in range(40)]
    return "\n".join([TESTS_HEADER, *rows, f"28/02/2020,{COMMUNE},91235,pcr,{WRONG},0", ""]).encode()


@dataclass(frozen=True)
class Secret:
    """A delivery of a restricted dataset with one rejected row, and how anything of it would be recognised."""

    dataset: str
    delivery: str
    load_id: int

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.delivery, FACILITY, WRONG, FILE_NAME, REMARK)


@pytest.fixture(scope="module")
def secret(editors: Editors) -> Secret:
    editor = editors(LABORATORY, TESTS)
    delivery = editor.deliver(file_of_tests(), "2020-02", FILE_NAME, description=REMARK)
    receipt = editor.receipt(delivery)
    assert (receipt["state"], receipt["rows_accepted"], receipt["rows_rejected"]) == ("done_with_rejects", 40, 1), receipt
    return Secret(TESTS, delivery, receipt["load_id"])


Person = Callable[[str | None], ckanapi.RemoteCKAN]


@pytest.fixture(scope="module")
def person(instance: Running, editor_accounts: Callable[[str], Account]) -> Person:
    """CKAN's API as an editor of an agency, or as nobody (None)."""
    return lambda agency: instance.ckan(editor_accounts(agency).token if agency else None)


def answered(site: ckanapi.RemoteCKAN, action: str, data: dict[str, Any]) -> str:
    """All that CKAN answers, a refusal too, as one text."""
    try:
        return json.dumps(site.call_action(action, data), ensure_ascii=False)
    except ckanapi.CKANAPIError as error:
        return str(error)


def ways_to(secret: Secret) -> Iterator[tuple[str, dict[str, Any]]]:
    """Actions that could show something of a delivery."""
    dataset, delivery = secret.dataset, secret.delivery
    for data in (
        {"include_private": True, "rows": 1000},
        {"q": FILE_NAME},
        {"q": FACILITY},
        {"fq": f"name:{dataset}"},
        {"include_drafts": True},
    ):
        yield "package_search", data
    yield (
        "package_search",
        {"q": f"name:{dataset}", "fl": ["name", "validated_data_dict", "data_dict", "res_name", "res_url", "res_description"]},
    )
    yield "package_search", {"rows": 0, "facet.field": ["res_name", "res_url", "res_description"], "facet.limit": -1}
    for query in ("name:mau-benh", f"description:{REMARK}", f"url:{FILE_NAME}", f"id:{delivery}"):
        yield "resource_search", {"query": query}
    for action in ("package_show", "package_activity_list", "dcat_dataset_show", "package_relationships_list", "package_collaborator_list"):
        yield action, {"id": dataset, "include_data": True}
    for action in ("resource_show", "resource_view_list", "ioc_receipt_show", "resource_status_show"):
        yield action, {"id": delivery}
    for action in ("datastore_search", "datastore_info", "datapusher_status", "xloader_status"):
        yield action, {"id": delivery, "resource_id": delivery}
    yield "datastore_search_sql", {"sql": f'SELECT * FROM "{delivery}"'}
    yield "current_package_list_with_resources", {"limit": 1000}
    yield "recently_changed_packages_activity_list", {"include_data": True}
    yield "organization_activity_list", {"id": LABORATORY, "include_data": True}
    yield "organization_show", {"id": LABORATORY, "include_datasets": True}
    yield "dcat_catalog_show", {}
    yield "package_autocomplete", {"q": dataset}


@pytest.mark.parametrize("agency", [None, STRANGER], ids=["anonymous", "editor of another agency"])
def test_nothing_of_a_restricted_delivery_is_seen_by_who_is_not_named(person: Person, secret: Secret, agency: str | None) -> None:
    site = person(agency)
    for action, data in ways_to(secret):
        said = answered(site, action, data)
        asked = json.dumps(data)
        for mark in secret.marks:
            assert mark in asked or mark not in said, f"{action} {data}"
        assert "Xét nghiệm theo xã" not in said, f"{action} {data}"
    for action, data in (
        ("package_show", {"id": TESTS}),
        ("resource_show", {"id": secret.delivery}),
        ("ioc_receipt_show", {"id": secret.delivery}),
    ):
        with pytest.raises((ckanapi.NotAuthorized, ckanapi.NotFound)):
            site.call_action(action, data)


PAGES = (
    "",
    "/resource/{id}",
    "/resource/{id}/receipt",
    "/resource/{id}/problems.csv",
    "/resource/{id}/edit",
    "/template.csv",
    ".ttl",
    ".jsonld",
)


@pytest.mark.parametrize("agency", [None, STRANGER], ids=["anonymous", "editor of another agency"])
def test_no_page_and_no_file_of_a_restricted_delivery_opens(
    instance: Running, editors: Editors, secret: Secret, agency: str | None
) -> None:
    browser = _browser(editors, agency)
    paths = [f"/dataset/{TESTS}{page.format(id=secret.delivery)}" for page in PAGES]
    file = f"/dataset/{TESTS}/resource/{secret.delivery}/download/{FILE_NAME}"
    for path in (*paths, f"/dataset/activity/{TESTS}", file, file.replace(FILE_NAME, "x.csv"), file.removesuffix(f"/{FILE_NAME}")):
        answer = browser.get(instance.ckan_url + path, timeout=60)
        assert answer.status_code in (401, 403, 404) or "/user/login" in answer.url, f"{path}: {answer.status_code}"
        for mark in (FACILITY, WRONG, REMARK):
            assert mark not in answer.text, path
    for path in ("/dataset/?q=mau-benh", f"/organization/{LABORATORY}", "/catalog.ttl", "/feeds/dataset.atom"):
        said = browser.get(instance.ckan_url + path, timeout=60).text
        assert secret.delivery not in said, path
        assert FILE_NAME not in said, path


def _browser(editors: Editors, agency: str | None) -> requests.Session:
    return requests.Session() if agency is None else editors(agency, "health-insurance").browser


def test_the_agency_itself_finds_by_the_same_ways_what_others_do_not(person: Person, secret: Secret) -> None:
    said = " ".join(answered(person(LABORATORY), action, data) for action, data in ways_to(secret))
    for mark in (secret.delivery, WRONG, FILE_NAME, REMARK):
        assert mark in said


def test_an_agency_that_the_contract_names_reads_the_rows_but_not_what_was_rejected(
    instance: Running, person: Person, secret: Secret
) -> None:
    site = person(NAMED)
    assert secret.delivery in {r["id"] for r in site.call_action("package_show", {"id": TESTS})["resources"]}
    receipt = site.call_action("ioc_receipt_show", {"id": secret.delivery})
    assert (receipt["state"], "problems" in receipt) == ("done_with_rejects", False)
    assert WRONG not in json.dumps(receipt)


def test_rejected_rows_of_a_shared_delivery_are_its_own_agencys(instance: Running, editors: Editors, person: Person) -> None:
    rows = bed_rows("20/02/2020")
    rows[0] = rows[0].replace(";100;", ";mot-tram-le-mot;")
    editor = editors(NAMED, BED_DAYS)
    delivery = editor.deliver(bed_file(rows), "2020-02-20")
    assert [p["value"] for p in editor.receipt(delivery)["problems"]] == ["mot-tram-le-mot"]
    shown = person(STRANGER).call_action("ioc_receipt_show", {"id": delivery})
    assert (shown["state"], "mot-tram-le-mot" in json.dumps(shown)) == ("done_with_rejects", False)
    for agency in (None, STRANGER, LABORATORY):
        browser = _browser(editors, agency)
        for page in ("", "/receipt", "/problems.csv"):
            assert (
                "mot-tram-le-mot" not in browser.get(f"{instance.ckan_url}/dataset/{BED_DAYS}/resource/{delivery}{page}", timeout=60).text
            )
    with pytest.raises((ckanapi.NotAuthorized, ckanapi.NotFound)):
        person(None).call_action("resource_show", {"id": delivery})


def test_every_dataset_is_public_exactly_when_its_contract_says_open(person: Person) -> None:
    contracts, _ = read_contracts()
    nobody, stranger = person(None), person("benh-vien-san-nhi")
    for contract in contracts:
        for resource in contract.resources:
            name = contract.dataset_name(resource)
            readers = {"open": (True, True), "shared": (False, True), "restricted": (False, "benh-vien-san-nhi" in _named(resource))}
            for site, may in zip((nobody, stranger), readers[resource.access_class], strict=True):
                assert (f'"name": "{name}"' in answered(site, "package_show", {"id": name})) is may, name


def _named(resource: Any) -> list[str]:
    return [*resource.publishers, *resource.named_agencies]


def download(instance: Running, dataset: str, delivery: str, account: Account | None) -> requests.Response:
    headers = {"Authorization": account.token or ""} if account else {}
    return requests.get(f"{instance.ckan_url}/dataset/{dataset}/resource/{delivery}/download/so-lieu.csv", headers=headers, timeout=60)


def test_a_delivery_of_an_open_dataset_is_its_agencys_until_it_is_accepted(
    instance: Running, editors: Editors, editor_accounts: Callable[[str], Account]
) -> None:
    editor = editors(NAMED, OPEN)
    bad, good = counts(("01/02/2020", "bí mật", "")), counts(("01/02/2020", 1, ""))
    delivery = editor.deliver(bad, "2020-02")
    assert editor.receipt(delivery)["state"] == "refused"
    others = {"anonymous": None, "another publisher": editor_accounts("benh-vien-san-nhi"), "another agency": editor_accounts(STRANGER)}
    for who, account in others.items():
        answer = download(instance, OPEN, delivery, account)
        assert (answer.status_code, "bí mật" in answer.text) == (403, False), who
        assert delivery not in answered(instance.ckan(account.token if account else None), "package_show", {"id": OPEN}), who
    assert download(instance, OPEN, delivery, editor.account).content == bad
    editor.replace(delivery, good)
    assert editor.receipt(delivery)["state"] == "done"
    for who, account in others.items():
        assert download(instance, OPEN, delivery, account).content == good, who
        assert delivery in answered(instance.ckan(account.token if account else None), "package_show", {"id": OPEN}), who


def store_answers(instance: Running, role: str, query: str) -> list[tuple[Any, ...]] | None:
    """Rows that a role of the store is answered, also after it asked to write; None when it is refused."""
    with instance.store_as(role, password(instance.secrets["shared"], role)) as connection:
        try:
            connection.execute("SET default_transaction_read_only = off")
            return connection.execute(query).fetchall()
        except psycopg.errors.InsufficientPrivilege:
            return None


def test_the_store_answers_each_audience_what_its_class_allows(instance: Running, secret: Secret) -> None:
    contracts, reference = read_contracts()
    local = areas(reference)
    for audience in audiences(reference.agencies, local):
        for contract in contracts:
            for resource in contract.resources:
                view = f"{contract.pg_schema}.{contract.view(resource)}"
                may = may_read(audience, resource, reference.agencies, local)
                assert (store_answers(instance, audience.role, f"SELECT count(*) FROM {view}") is not None) is may, (
                    f"{audience.role} {view}"
                )
                past = f"SELECT count(*) FROM {view}__as_of({2**40})"
                assert (store_answers(instance, audience.role, past) is not None) is may, f"{audience.role} {view}, of before"


@pytest.mark.parametrize("role", ["aud_public", "aud_official", "aud_agency_bao_hiem_xa_hoi_tinh"])
def test_a_role_that_is_not_named_finds_nothing_of_a_restricted_dataset_in_the_store(instance: Running, secret: Secret, role: str) -> None:
    for table in (
        "health.tests",
        "health.tests__v1",
        "ledger.rejected_row",
        "ledger.load",
        "ledger.delivery",
        "ledger.file",
        "ledger.contract",
    ):
        assert store_answers(instance, role, f"SELECT * FROM {table} LIMIT 1") is None, table
    assert store_answers(instance, role, f"SELECT 1 FROM ledger.source WHERE dataset = '{TESTS}'") == []
    for statement in (
        "DELETE FROM health.cases__v1",
        "CREATE TABLE public.mine (a int)",
        "SET ROLE aud_leader",
        "SET ROLE ioc_owner",
        "CREATE SCHEMA mine",
    ):
        assert store_answers(instance, role, statement) is None, statement


def test_a_role_that_is_named_reads_the_rows_of_the_restricted_delivery(instance: Running, secret: Secret) -> None:
    query = f"SELECT DISTINCT unit_id, agency FROM health.tests WHERE facility = '{FACILITY}'"
    assert store_answers(instance, "aud_agency_so_y_te", query) == [(UNIT, LABORATORY)]
    assert store_answers(instance, "aud_agency_so_y_te", "SELECT * FROM ledger.rejected_row LIMIT 1") is None


def test_superset_answers_nobody_without_a_login_but_with_open_dashboards(instance: Running) -> None:
    listed = requests.get(f"{instance.superset_url}/api/v1/dashboard/?q=(page_size:100)", timeout=60).json()["result"]
    assert [row["slug"] for row in listed if row["slug"] is None or not row["slug"].endswith("-open")] == []
    for path in (
        "/api/v1/dataset/",
        "/api/v1/database/",
        "/api/v1/sqllab/",
        "/superset/dashboard/health/",
    ):
        answer = requests.get(instance.superset_url + path, timeout=60)
        assert answer.status_code in (401, 403, 404) or "/login" in answer.url or '"count": 0' in answer.text, (
            f"{path}: {answer.status_code}"
        )
    with instance.superset_connection() as connection:
        tables = [row[0] for row in connection.execute("SELECT id FROM tables")]
    for table in tables:
        body = {"datasource": {"id": table, "type": "table"}, "queries": [{"columns": [], "metrics": ["count"]}], "result_format": "json"}
        answer = requests.post(f"{instance.superset_url}/api/v1/chart/data", json=body, timeout=60)
        assert answer.status_code in (400, 401, 403), f"table {table}: {answer.status_code}"
        assert "result" not in answer.json(), f"table {table}"


def test_a_simulated_delivery_says_so_wherever_it_is_shown(instance: Running, editors: Editors, trials: Contract) -> None:
    editor = editors(NAMED, OPEN)
    delivery = editor.deliver(counts(("01/05/2020", 1, "")), "2020-05", simulated="true", name="Số đếm tháng 5")
    receipt = editor.receipt(delivery)
    shown = instance.ckan().call_action("resource_show", {"id": delivery})
    assert shown["simulated"] == "true"
    assert "mô phỏng" in shown["name"].lower()
    assert "mô phỏng" in editor.page(delivery).text.lower()
    assert fetch(instance, "SELECT simulated FROM ledger.load WHERE load_id = %s", receipt["load_id"]) == [(True,)]
    assert fetch(instance, "SELECT simulated, note FROM ledger.source WHERE dataset = %s", OPEN) == [(True, "Số liệu mô phỏng")]


def test_all_files_of_the_demonstration_say_that_they_are_simulated(instance: Running) -> None:
    contracts, _ = read_contracts()
    site = instance.ckan(instance.sysadmin_token)
    seen = 0
    for name in (contract.dataset_name(resource) for contract in contracts for resource in contract.resources):
        simulated = [r for r in site.call_action("package_show", {"id": name})["resources"] if r["simulated"] == "true"]
        assert all("mô phỏng" in r["name"].lower() for r in simulated), name
        if simulated:
            seen += 1
            assert fetch(instance, "SELECT note FROM ledger.source WHERE dataset = %s", name) == [("Số liệu mô phỏng",)], name
    assert seen == sum(r.name != "administrative-boundaries" for contract in contracts for r in contract.resources)
