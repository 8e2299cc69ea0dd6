"""Who reads what in CKAN: datasets by their class, deliveries by their receipt."""

from __future__ import annotations

import io
import json

import ckanapi
import pytest
import requests

from tests.stack.ckan_portal import CSV, Portal

pytestmark = pytest.mark.stack

READERS = {
    "open": {None: True, "outsider": True, "member-d": True, "member-c": True, "editor-b": True, "harvest": True},
    "shared": {None: False, "outsider": False, "member-d": True, "member-c": True, "editor-b": True, "harvest": True},
    "restricted": {None: False, "outsider": False, "member-d": False, "member-c": True, "editor-b": True, "harvest": True},
}


@pytest.mark.parametrize("kind", READERS)
def test_a_dataset_is_read_by_its_class(portal: Portal, kind: str) -> None:
    for name, may in READERS[kind].items():
        site = portal.as_(name)
        found = [d["name"] for d in site.call_action("package_search", {"include_private": True, "rows": 1000})["results"]]
        assert (portal.dataset(kind) in found) is may, f"{name} searches"
        if may:
            site.call_action("package_show", {"id": portal.dataset(kind)})
        else:
            with pytest.raises(ckanapi.NotAuthorized):
                site.call_action("package_show", {"id": portal.dataset(kind)})


def test_a_delivery_that_is_not_accepted_is_its_agencys_only(portal: Portal) -> None:
    made = portal.deliver("open", "a", period="2021-01-01", name="giuong.csv")
    for name, status in {
        None: 403,
        "outsider": 403,
        "editor-b": 403,
        "member-c": 403,
        "member-a": 200,
        "editor-a": 200,
        "harvest": 200,
    }.items():
        answer = portal.download(made, name)
        assert answer.status_code == status, name
        assert (answer.text == CSV) is (status == 200), name
    page = portal.download(made, None)
    assert "chưa được kiểm tra xong" in page.text, "a person reads why"


def test_no_way_round_shows_a_delivery_that_is_not_accepted(portal: Portal) -> None:
    hidden = portal.deliver("open", "b", period="2021-01-02", name="bi-mat.csv", description="ghi-chu-kin")
    dataset = portal.dataset("open")
    everything = {
        "package_show": {"id": dataset},
        "package_search": {"q": f"name:{dataset}"},
        "package_search_fl": {"q": f"name:{dataset}", "fl": ["name", "validated_data_dict", "data_dict", "res_name", "res_url"]},
        "package_search_name": {"q": "bi-mat", "facet.field": ["res_name", "res_url"]},
        "current_package_list_with_resources": {},
        "resource_search": {"query": "name:bi-mat"},
        "resource_show": {"id": hidden["id"]},
        "resource_view_list": {"id": hidden["id"]},
        "ioc_receipt_show": {"id": hidden["id"]},
        "package_activity_list": {"id": dataset, "include_data": True},
        "recently_changed_packages_activity_list": {"include_data": True},
        "organization_activity_list": {"id": portal.agency("a")},
        "user_activity_list": {"id": portal.accounts["editor-b"].name},
        "dashboard_activity_list": {},
        "package_revise": {"match": {"name": dataset, "resources": [{"name": hidden["name"]}]}, "update": {"notes": "x"}},
        "dcat_dataset_show": {"id": dataset},
        "dcat_catalog_show": {},
    }
    for name in (None, "outsider", "member-c", "editor-a"):
        for action, data in everything.items():
            try:
                answer = json.dumps(portal.as_(name).call_action(action.removesuffix("_fl").removesuffix("_name"), data))
            except ckanapi.CKANAPIError as error:
                answer = str(error)
            assert hidden["id"] not in answer, f"{name}: {action}"
            assert "bi-mat" not in answer, f"{name}: {action}"
            assert "ghi-chu-kin" not in answer, f"{name}: {action}"
    for path in (
        f"/dataset/{dataset}",
        f"/dataset/{dataset}.ttl",
        f"/dataset/{dataset}.jsonld",
        "/catalog.ttl",
        "/feeds/dataset.atom",
        f"/dataset/{dataset}/resource/{hidden['id']}",
        f"/dataset/activity/{dataset}",
        f"/dataset/{dataset}/resource/{hidden['id']}/view",
        f"/dataset/{dataset}/resource/{hidden['id']}/receipt",
        f"/dataset/{dataset}/resource/{hidden['id']}/problems.csv",
    ):
        answer = requests.get(portal.url + path, timeout=60).text
        assert "bi-mat" not in answer, path
        assert "ghi-chu-kin" not in answer, path
    assert hidden["id"] in json.dumps(portal.as_("editor-b").call_action("package_show", {"id": dataset}))


def test_an_accepted_open_delivery_is_everyones(portal: Portal) -> None:
    made = portal.accepted("open", "a", period="2021-01-03")
    for name in (None, "outsider", "member-d", "editor-b"):
        assert portal.download(made, name).text == CSV, name
        shown = portal.as_(name).call_action("package_show", {"id": portal.dataset("open")})
        assert made["id"] in {r["id"] for r in shown["resources"]}, name
        assert shown["num_resources"] == len(shown["resources"])


@pytest.mark.parametrize(("kind", "other"), [("shared", 200), ("restricted", 403)])
def test_an_accepted_delivery_follows_its_datasets_class(portal: Portal, kind: str, other: int) -> None:
    made = portal.accepted(kind, "a", period="2021-01-04")
    expected: dict[str | None, int] = {None: 403, "outsider": 403, "editor-b": 200, "editor-a": 200, "member-c": 200, "member-d": other}
    for name, status in expected.items():
        assert portal.download(made, name).status_code == status, name


def test_another_file_is_hidden_again_until_it_is_accepted(portal: Portal) -> None:
    made = portal.accepted("open", "a", period="2021-01-05")
    other = CSV + "02/08/2021;13\n"
    portal.as_("editor-a").call_action("resource_patch", {"id": made["id"]}, files={"upload": ("giuong.csv", io.BytesIO(other.encode()))})
    assert portal.download(made, None).status_code == 403
    assert portal.as_("editor-a").call_action("ioc_receipt_show", {"id": made["id"]})["state"] == "received"
    assert not portal.receipt(made["id"], "done", text=CSV)["current"], "an acceptance of the file before does not count"
    assert portal.download(made, None).status_code == 403
    assert portal.receipt(made["id"], "done", text=other)["current"]
    assert portal.download(made, None).text == other


def test_a_delivery_moved_to_another_period_is_hidden_again(portal: Portal) -> None:
    made = portal.accepted("open", "a", period="2021-01-06")
    portal.as_("editor-a").call_action("resource_patch", {"id": made["id"], "description": "chỉ sửa ghi chú"})
    assert portal.download(made, None).status_code == 200, "a note changes nothing"
    portal.as_("editor-a").call_action("resource_patch", {"id": made["id"], "period": "2021-01-07"})
    assert portal.download(made, None).status_code == 403


def test_deliveries_are_written_by_their_own_agencys_editors_only(portal: Portal) -> None:
    made = portal.accepted("shared", "a", period="2021-01-08")
    for name in (None, "outsider", "member-a", "member-c", "editor-b", "harvest"):
        with pytest.raises(ckanapi.NotAuthorized):
            portal.as_(name).call_action("resource_patch", {"id": made["id"], "description": "x"})
        with pytest.raises(ckanapi.NotAuthorized):
            portal.as_(name).call_action("resource_delete", {"id": made["id"]})
    for name in ("member-a", "member-c", "outsider", "harvest"):
        with pytest.raises(ckanapi.NotAuthorized):
            portal.deliver("shared", "a", by=name, period="2021-01-09")
    before = portal.deliver("shared", "b", period="2021-01-08")
    portal.as_("editor-a").call_action("resource_delete", {"id": made["id"]})
    left = {r["id"] for r in portal.as_("sysadmin").call_action("package_show", {"id": portal.dataset("shared")})["resources"]}
    assert made["id"] not in left
    assert before["id"] in left, "what the writer could not see is not lost by writing"
    for name in (None, "member-a", "editor-a", "harvest"):
        assert portal.download(made, name).status_code in (403, 404), "a withdrawn file is nobody's"


def test_datasets_and_agencies_are_written_by_sysadmins_only(portal: Portal) -> None:
    dataset, agency = portal.dataset("open"), portal.agency("a")
    whole = portal.as_("sysadmin").call_action("package_show", {"id": dataset})
    refused = {
        "package_create": {
            "name": "x-1",
            "title": "x",
            "owner_org": agency,
            "access_class": "open",
            "importance": "other",
            "personal": "none",
            "frequency": "day",
            "delivery_scope": "whole",
        },
        "package_update": {**whole, "notes": "x"},
        "package_patch": {"id": dataset, "notes": "x"},
        "package_revise": {"match": {"name": dataset}, "update": {"notes": "x"}},
        "package_delete": {"id": dataset},
        "dataset_purge": {"id": dataset},
        "package_resource_reorder": {"id": dataset, "order": [r["id"] for r in reversed(whole["resources"])]},
        "package_owner_org_update": {"id": dataset, "organization_id": portal.agency("b")},
        "bulk_update_public": {"datasets": [whole["id"]], "org_id": agency},
        "bulk_update_delete": {"datasets": [whole["id"]], "org_id": agency},
        "organization_create": {"name": "x-2"},
        "organization_patch": {"id": agency, "title": "x"},
        "organization_delete": {"id": agency},
        "group_create": {"name": "x-3"},
        "user_create": {"name": "x-4", "password": "x" * 12, "email": "x@localhost.localdomain"},
    }
    for name in (None, "editor-a", "member-c", "harvest"):
        for action, data in refused.items():
            with pytest.raises(ckanapi.CKANAPIError) as answer:
                portal.as_(name).call_action(action, data)
            assert isinstance(answer.value, ckanapi.NotAuthorized), f"{name}: {action}: {answer.value}"


def test_people_are_not_shown_to_the_public(portal: Portal) -> None:
    agency, account = portal.agency("a"), portal.accounts["editor-a"].name
    asked = {
        "user_list": {},
        "user_show": {"id": account},
        "user_autocomplete": {"q": "test"},
        "member_list": {"id": agency, "object_type": "user"},
        "user_activity_list": {"id": account},
        "organization_activity_list": {"id": agency},
        "package_activity_list": {"id": portal.dataset("open")},
        "recently_changed_packages_activity_list": {},
        "organization_show": {"id": agency, "include_users": True},
        "organization_list": {"all_fields": True, "include_users": True},
    }
    for action, data in asked.items():
        try:
            answer = json.dumps(portal.as_(None).call_action(action, data))
        except ckanapi.CKANAPIError as error:
            assert isinstance(error, ckanapi.NotAuthorized), f"{action}: {error}"
            continue
        assert account not in answer, action
    for path in (
        "/user/",
        f"/user/{account}",
        f"/organization/members/{agency}",
        f"/user/activity/{account}",
        f"/organization/activity/{agency}",
    ):
        assert account not in requests.get(portal.url + path, timeout=60).text.replace(path, ""), path
    assert (
        portal.as_("outsider").call_action("user_show", {"id": portal.accounts["outsider"].name})["name"]
        == portal.accounts["outsider"].name
    )
