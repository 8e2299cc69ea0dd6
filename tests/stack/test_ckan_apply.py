"""Contracts applied to CKAN: once more changes nothing, what was changed by hand is mended, nothing is deleted."""

from __future__ import annotations

import contextlib
import secrets

import ckanapi
import pytest

from control.compile.ckan import apply_ckan, plan_ckan
from datasets.model.read import read_all
from datasets.model.reference import read_reference
from tests.running import Running

pytestmark = pytest.mark.stack


def test_once_more_changes_nothing_and_a_change_by_hand_is_mended(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    apply_ckan(site, contracts, reference)
    assert apply_ckan(site, contracts, reference).made == []
    contract = contracts[0]
    resource = contract.resources[0]
    name = contract.dataset_name(resource)
    before = site.call_action("package_show", {"id": name})
    site.call_action("package_patch", {"id": name, "title": "đổi bằng tay", "private": not before["private"]})
    [line] = apply_ckan(site, contracts, reference).made
    assert line.startswith(f"dataset {name} changes: title, private; ")
    after = site.call_action("package_show", {"id": name})
    assert (after["title"], after["private"]) == (before["title"], before["private"])
    assert [r["id"] for r in after["resources"]] == [r["id"] for r in before["resources"]], "deliveries stay"


def test_a_plan_says_what_would_change_and_changes_nothing(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    apply_ckan(site, contracts, reference)
    assert plan_ckan(site, contracts, reference).calls == []
    contract = contracts[0]
    name = contract.dataset_name(contract.resources[0])
    site.call_action("package_patch", {"id": name, "title": "đổi bằng tay"})
    [planned] = plan_ckan(site, contracts, reference).calls
    assert (planned.subsystem, planned.change.kind) == (contract.name, "changed")
    assert site.call_action("package_show", {"id": name})["title"] == "đổi bằng tay"
    apply_ckan(site, contracts, reference)


def test_a_dataset_that_was_deleted_by_hand_comes_back(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    contract = next(c for c in contracts if c.name == "administration")
    name = contract.dataset_name(contract.resources[0])
    number = site.call_action("package_show", {"id": name})["id"]
    site.call_action("package_delete", {"id": name})
    apply_ckan(site, contracts, reference)
    again = site.call_action("package_show", {"id": name})
    assert (again["state"], again["id"]) == ("active", number)


def test_an_agency_for_which_nobody_may_deliver_is_found(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    assert plan_ckan(site, contracts, reference).without_editor == []
    lonely = next(a for a in reference.agencies if a not in {p for c in contracts for r in c.resources for p in r.publishers})
    resource = contracts[0].resources[0].model_copy(update={"publishers": [lonely]})
    changed = contracts[0].model_copy(update={"resources": [resource]})
    assert plan_ckan(site, [changed], reference).without_editor == [lonely]


def test_a_dataset_without_a_contract_is_told_of_and_stays(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    name = f"test-gone-{secrets.token_hex(3)}"
    owner = contracts[0].resources[0].owner
    fields = {"access_class": "open", "importance": "other", "personal": "none", "frequency": "day", "delivery_scope": "whole"}
    site.call_action(
        "package_create", {"name": name, "title": name, "owner_org": owner, "contract_resource": "gone/gone", "private": True, **fields}
    )
    try:
        done = apply_ckan(site, contracts, reference)
        assert done.made == []
        assert f"dataset {name} is left as it is: it stays until ./ioc remove gone" in [line.text for line in done.lines]
        assert site.call_action("package_show", {"id": name})["state"] == "active"
    finally:
        with contextlib.suppress(ckanapi.NotFound):
            site.call_action("dataset_purge", {"id": name})


def test_the_service_user_reads_every_agencys_datasets_and_writes_only_the_centres_own_report(instance: Running) -> None:
    reference = read_reference()
    harvest = instance.ckan(instance.harvest_token)
    found = {d["name"] for d in harvest.call_action("package_search", {"rows": 1000, "include_private": True})["results"]}
    contracts = read_all(reference=reference)
    assert {c.dataset_name(r) for c in contracts for r in c.resources} <= found
    mine = harvest.call_action("organization_list_for_user", {"permission": "read"})
    capacities = {o["name"]: o["capacity"] for o in mine if o["name"] in reference.agencies}
    centre = next(c for c in contracts if c.name == "data_supply").resources[0].owner
    assert capacities.pop(centre) == "editor"
    assert capacities and set(capacities.values()) == {"member"}
