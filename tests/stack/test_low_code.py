"""A subsystem from a folder: seen in CKAN, in the store and on its dashboard, delivered to, changed, and taken away without a trace.

Other tests change dashboards by hand; what they left is discarded by every apply here, and is no matter of these plans.
"""

from __future__ import annotations

import io
import json
from typing import Any

import psycopg
import pytest
import requests

from ckan_harvesters.edition import verify
from datasets.model.audience import LEADER, PUBLIC, password
from tests.running import Running
from tests.stack.inventory import identifiers, inventory, mentioned, numbers_of, waiting
from tests.stack.superset_questions import ask
from tests.stack.water_trial import FILES, HEALTH, HOSPITAL, MONTH, NAME, OF_THE_HOSPITAL, SCHEMA, SUPPLIER, WITH_NOTE, Command, write
from tests.stack.water_trial import ioc as ioc

pytestmark = pytest.mark.stack

OTHERS = ("health", "public_services", "public-services", "administration", "aud_", "ioc_")
DATASETS = ["water-trial-complaints", "water-trial-plants", "water-trial-samples"]


def deliver(instance: Running, resource: str, agency: str, content: str) -> None:
    """Delivers the month's file as the agency's editor, or another one in its place, and waits until it is accepted."""
    site = instance.ckan(instance.editor(agency).token)
    dataset, upload = f"{NAME}-{resource}", {"upload": (f"{resource}.csv", io.BytesIO(content.encode()))}
    shown = site.call_action("package_show", {"id": dataset})["resources"]
    before = next((r["id"] for r in shown if (r["agency"], r["period"]) == (agency, MONTH)), None)
    if before is None:
        made = site.call_action("resource_create", {"package_id": dataset, "agency": agency, "period": MONTH}, files=upload)["id"]
    else:
        made = site.call_action("resource_patch", {"id": before}, files=upload)["id"]
    receipt = instance.receipt(made, instance.editor(agency).token)
    assert receipt["state"] == "done", receipt


def figures(instance: Running, *metrics: str) -> list[float | None]:
    """Figures of the month as a leader's dashboard shows them, asked through its own charts' dataset."""
    session, url = instance.superset(instance.leader), instance.superset_url
    dashboard = session.get(f"{url}/api/v1/dashboard/{NAME}", timeout=60).json()["result"]
    charts = session.get(f"{url}/api/v1/dashboard/{NAME}/charts", timeout=60).json()["result"]
    chart = next(c for c in charts if c["form_data"].get("viz_type") == "ioc_tile" and c["form_data"].get("calendar") == "month")
    body = {
        "datasource": {"id": int(chart["form_data"]["datasource"].split("__")[0]), "type": "table"},
        "force": True,
        "queries": [{"columns": ["period"], "metrics": list(metrics), "filters": [{"col": "period", "op": "==", "val": MONTH}]}],
        "form_data": {"slice_id": chart["id"], "dashboardId": dashboard["id"], "viz_type": "ioc_tile"},
        "result_format": "json",
        "result_type": "full",
    }
    rows = ask(session, url, body)["data"]
    assert len(rows) == 1, rows
    return [None if rows[0][metric] is None else round(float(rows[0][metric]), 3) for metric in metrics]


def form_of(instance: Running, dataset: str) -> str:
    """The page on which the agency's editor would deliver."""
    session = requests.Session()
    session.headers["Authorization"] = str(instance.editor(HEALTH).token)
    return session.get(f"{instance.ckan_url}/dataset/{dataset}/resource/new", timeout=60).text


def fields_in_ckan(instance: Running, dataset: str) -> list[str]:
    shown = instance.ckan(instance.sysadmin_token).call_action("package_show", {"id": dataset})
    return [field["name"] for field in json.loads(shown["table_schema"])["fields"]]


def as_audience(instance: Running, role: str, query: str) -> list[tuple[Any, ...]]:
    with instance.store_as(role, password(instance.secrets["shared"], role)) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_subsystem_from_its_folder_to_the_screen_and_back_to_nothing(instance: Running, ioc: Command) -> None:
    before = inventory(instance)
    write(ioc.contracts)
    planned = ioc("plan").stdout
    for line in ("table water_trial.samples__v1 is made", "dataset water-trial-plants is made", 'dashboard "Nước sạch thử nghiệm" is made'):
        assert line in planned
    assert mentioned(inventory(instance), NAME, SCHEMA) == {}, "a plan changes nothing"
    ioc.done("apply", "--discard-edits")
    seen_after_apply(instance)

    deliver(instance, "samples", HEALTH, FILES["samples"])
    deliver(instance, "samples", HOSPITAL, OF_THE_HOSPITAL)
    deliver(instance, "plants", SUPPLIER, FILES["plants"])
    deliver(instance, "complaints", HEALTH, FILES["complaints"])
    shown = figures(instance, "passed_share", "samples_taken", "output_per_hour", "complaints_solved", "target_passed_share")
    assert shown == [90.0, 30.0, 100.0, 70.0, 95.0]
    assert samples_per_100k(instance) == figures(instance, "samples_per_100k")[0]

    write(ioc.contracts, version="1.1.0", target=90, note=True)
    planned = ioc("plan").stdout
    assert "water_trial.plants__v1.note" in planned
    assert "target" in planned
    ioc.done("apply", "--discard-edits")
    assert figures(instance, "passed_share", "target_passed_share", "output_per_hour") == [90.0, 90.0, 100.0]
    assert fields_in_ckan(instance, "water-trial-plants")[-1] == "ghi_chu"
    deliver(instance, "plants", SUPPLIER, WITH_NOTE)
    assert figures(instance, "output_per_hour") == [120.0]
    assert as_audience(instance, LEADER, "SELECT plant, note FROM water_trial.plants ORDER BY plant") == [
        ("nm-1", "đã sửa"),
        ("nm-2", None),
    ]

    numbers = numbers_of(instance, NAME)
    assert len(numbers) > 20
    taken_away(instance, ioc)
    after = inventory(instance)
    assert mentioned(after, NAME, SCHEMA, *numbers) == {}
    assert [kind for kind in after if kind.startswith("Superset: ") and " of no " in kind and after[kind] - before[kind]] == []
    assert mentioned(after, *OTHERS) == mentioned(before, *OTHERS), "nothing of anybody else went with it"
    instance.until(lambda: waiting(instance) == 0)
    with instance.store() as connection:
        assert verify(connection, rows=True) == [], "the chain of editions stands"


def seen_after_apply(instance: Running) -> None:
    """Forms in CKAN, tables and roles in the store, dashboards and their roles in Superset."""
    site = instance.ckan(instance.sysadmin_token)
    found = site.call_action("package_search", {"fq": f"subsystem:{NAME}", "include_private": True})["results"]
    assert sorted((d["name"], d["private"]) for d in found) == [(DATASETS[0], True), (DATASETS[1], True), (DATASETS[2], False)]
    assert 'name="period"' in form_of(instance, "water-trial-samples")
    assert as_audience(instance, PUBLIC, f"SELECT count(*) FROM {SCHEMA}.samples") == [(0,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_audience(instance, PUBLIC, f"SELECT count(*) FROM {SCHEMA}.plants")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_audience(instance, "aud_agency_so_xay_dung", f"SELECT count(*) FROM {SCHEMA}.complaints")
    session = instance.superset(instance.leader)
    for slug in (NAME, f"{NAME}-open"):
        answer = session.get(f"{instance.superset_url}/api/v1/dashboard/{slug}", timeout=60)
        assert answer.status_code == 200, answer.text[:300]
        assert answer.json()["result"]["published"]
    assert requests.get(f"{instance.superset_url}/superset/dashboard/{NAME}-open/", timeout=60).status_code == 200


def samples_per_100k(instance: Running) -> float | None:
    """30 samples over the people of the whole province as the last population file of then says; None when none was delivered."""
    query = """
    SELECT sum(people) FROM health.population WHERE extract(year FROM reference_date) = (
        SELECT max(extract(year FROM reference_date)) FROM health.population WHERE reference_date < DATE '2026-11-01'
    )
    """
    with instance.store() as connection:
        row = connection.execute(query).fetchone()
    return round(30 / float(row[0]) * 100_000, 3) if row and row[0] else None


def taken_away(instance: Running, ioc: Command) -> None:
    """Refused while the folder is there; then told of by the plan, asked for by its name, and gone; once more there is nothing to do."""
    refused = ioc("remove", NAME, "--yes")
    assert refused.returncode == 1
    assert f"{NAME} is still written in" in refused.stdout
    (ioc.contracts / NAME).rename(ioc.contracts.parent / "kept")
    planned = ioc("plan").stdout
    assert f"./ioc remove {NAME}" in planned
    assert "Nothing to do." in planned
    asked = ioc("remove", NAME, answer="something else\n")
    assert "Nothing was changed." in asked.stdout
    assert "table water_trial.plants__v1" in asked.stdout
    assert asked.returncode == 0
    ioc.done("remove", NAME, "--yes")
    assert "Nothing to do." in ioc.done("remove", NAME, "--yes")
    assert NAME not in ioc("plan").stdout


def test_a_second_apply_changes_nothing_in_any_of_the_three(instance: Running, ioc: Command) -> None:
    write(ioc.contracts)
    ioc.done("apply", "--discard-edits")
    names, numbers = inventory(instance), identifiers(instance)
    again = ioc.done("apply", "--discard-edits")
    assert "Nothing to do." in again
    assert inventory(instance) == names
    assert identifiers(instance) == numbers
