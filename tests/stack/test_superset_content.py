"""What the contracts become in a running Superset."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta

import pytest
import yaml

from control.apply import read_contracts
from control.compile.superset.apply import apply_exports, missing, open_to_roles, upload, wanted_uuids
from control.compile.superset.bundle import Files, merged
from control.compile.superset.export import compile_contract, compile_superset
from control.compile.superset.mark import marked, read_mark
from control.compile.superset.removal import plan_removal, remove_superset
from control.compile.superset.site import SupersetError
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from tests.running import Running
from tests.stack.superset_questions import KINDS, ids, site_of
from tests.unit.indicator_contract import contract_with

pytestmark = pytest.mark.stack


def document_uuid(files: Files, path: str) -> str:
    return str(yaml.safe_load(files[path])["uuid"])


def test_applying_again_imports_nothing(instance: Running) -> None:
    contracts, _ = read_contracts()
    exports, site = compile_superset(contracts), site_of(instance, instance.superset_admin)
    apply_exports(site, exports, contracts)
    assert not apply_exports(site, exports, contracts)


def test_importing_twice_leaves_every_id(instance: Running) -> None:
    contracts, _ = read_contracts()
    exports = compile_superset(contracts)
    files, site = merged(exports), site_of(instance, instance.superset_admin)
    apply_exports(site, exports, contracts)
    before, roles = ids(site), site.call("GET", "/api/v1/dashboard/health")["result"]["roles"]
    upload(site, marked(exports, read_mark(site)))
    assert ids(site) == before
    assert site.call("GET", "/api/v1/dashboard/health")["result"]["roles"] == roles != []
    assert missing(site, files) == []


def test_what_is_missing_is_found_and_brought_back(instance: Running) -> None:
    contracts, _ = read_contracts()
    exports = compile_superset(contracts)
    files, site = merged(exports), site_of(instance, instance.superset_admin)
    apply_exports(site, exports, contracts)
    uuid = sorted(wanted_uuids(files)["chart"])[0]
    site.call("DELETE", f"/api/v1/chart/{ids(site)['chart'][uuid]}")
    assert f"chart {uuid}" in missing(site, files)
    assert apply_exports(site, exports, contracts)
    assert missing(site, files) == []


def test_a_subsystem_comes_and_goes_and_nothing_of_it_is_left(instance: Running) -> None:
    site = site_of(instance, instance.superset_admin)
    before, contract = ids(site), contract_with(open=True)
    exports = {"clinic": compile_contract(contract)}
    assert 'dashboard "Phòng khám" is made with' in "".join(apply_exports(site, exports, [contract]).made)
    there = ids(site)
    for kind in ("dataset", "chart", "dashboard"):
        assert len(there[kind]) > len(before[kind])
        assert before[kind].items() <= there[kind].items(), "what was there keeps its ids"
    assert not apply_exports(site, exports, [contract])
    assert ids(site) == there
    assert len(plan_removal(site, "clinic")) == sum(len(there[kind]) - len(before[kind]) for kind in KINDS)
    assert remove_superset(site, "clinic")
    assert ids(site) == before
    assert not remove_superset(site, "clinic")


def test_what_is_no_longer_compiled_goes_and_what_a_person_made_stays(instance: Running) -> None:
    site = site_of(instance, instance.superset_admin)
    before, contract = ids(site), contract_with()
    apply_exports(site, {"clinic": compile_contract(contract)}, [contract])
    dataset = ids(site)["dataset"][document_uuid(compile_contract(contract), "datasets/clinic/beds.yaml")]
    own = {"slice_name": "Của một người", "viz_type": "table", "datasource_id": dataset, "datasource_type": "table", "params": "{}"}
    made = site.call("POST", "/api/v1/chart/", json=own)["id"]
    try:
        raw = contract.model_dump(by_alias=True)
        raw["dashboard"]["rows"] = raw["dashboard"]["rows"][:2]
        fewer = Contract.model_validate(raw)
        lines = [line.text for line in apply_exports(site, {"clinic": compile_contract(fewer)}, [fewer]).lines]
        assert 'chart "Beds: bảng số liệu" goes' in lines
        assert made in ids(site)["chart"].values()
        kept = [line.text for line in plan_removal(site, "clinic").lines if line.kind == "kept"]
        assert kept == ['chart "Của một người", which somebody made, stays without dataset clinic.beds']
    finally:
        site.call("DELETE", f"/api/v1/chart/{made}")
        remove_superset(site, "clinic")
    assert ids(site) == before


def test_a_dashboard_that_lost_its_roles_gets_them_back(instance: Running) -> None:
    site = site_of(instance, instance.superset_admin)
    files = merged(compile_superset(read_contracts()[0]))
    dashboards = {uuid: number for uuid, number in ids(site)["dashboard"].items() if uuid in wanted_uuids(files)["dashboard"]}
    open_to_roles(site, dashboards)
    health = site.call("GET", "/api/v1/dashboard/health")["result"]
    site.call("PUT", f"/api/v1/dashboard/{health['id']}", json={"roles": []})
    assert open_to_roles(site, dashboards) == [health["dashboard_title"]]


def test_a_bundle_that_superset_refuses_changes_nothing(instance: Running) -> None:
    files = merged(compile_superset(read_contracts()[0]))
    site = site_of(instance, instance.superset_admin)
    before = ids(site)
    broken = {**files, "charts/broken.yaml": "slice_name: Hỏng\nuuid: no\n"}
    with pytest.raises(SupersetError, match="assets/import"):
        upload(site, broken)
    assert ids(site) == before


def test_every_chart_of_every_dashboard_answers_a_leader(instance: Running) -> None:
    leader, admin = instance.superset(instance.leader), site_of(instance, instance.superset_admin)
    url = instance.superset_url
    files = merged(compile_superset(read_contracts()[0]))
    slugs = [str(yaml.safe_load(text)["slug"]) for path, text in files.items() if path.startswith("dashboards/")]
    assert "documents" in slugs
    for slug in slugs:
        dashboard = leader.get(f"{url}/api/v1/dashboard/{slug}", timeout=60).json()["result"]["id"]
        for chart in leader.get(f"{url}/api/v1/dashboard/{slug}/charts", timeout=60).json()["result"]:
            asked = admin.call("GET", f"/api/v1/chart/{chart['id']}")["result"]["query_context"]
            body = json.loads(asked)
            body["form_data"] = {"slice_id": chart["id"], "dashboardId": dashboard, "viz_type": chart["form_data"]["viz_type"]}
            answer = leader.post(f"{url}/api/v1/chart/data", json=body, timeout=60)
            assert answer.status_code == 200, (chart["slice_name"], answer.text[:300])


def test_today_is_the_provinces_day_on_a_machine_of_any_zone(instance: Running) -> None:
    """What has just been delivered for today is shown from midnight on, not from the midnight of the machine."""
    before = datetime.now(ZONE).date()
    (asked,) = site_of(instance, instance.superset_admin).call("GET", "/api/v1/time_range/?q='Current day'")["result"]
    begins, ends = (datetime.fromisoformat(asked[side]).date() for side in ("since", "until"))
    assert before <= begins <= datetime.now(ZONE).date()
    assert ends - begins == timedelta(days=1)


def test_a_table_as_a_file_says_where_each_row_came_from(instance: Running) -> None:
    site = site_of(instance, instance.superset_admin)
    table = next(row for row in site.every("chart", ["id", "slice_name"]) if row["slice_name"] == "Giường bệnh: bảng số liệu")
    answer = site.session.get(f"{instance.superset_url}/api/v1/chart/{table['id']}/data/?format=csv", timeout=60)
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    cells = [row[header.index("Tệp gốc")] for row in rows]
    assert cells
    assert all(re.fullmatch(rf"dòng \d+ \({instance.superset_url}/ioc/delivery/load/\d+\)", cell) for cell in cells)
