"""Contracts applied to CKAN: once more changes nothing, what was changed by hand is mended, nothing is deleted."""

from __future__ import annotations

import contextlib
import secrets

import ckanapi
import pytest

from control.compile.ckan import apply_ckan
from datasets.model.contract import Contract
from datasets.model.read import read_all
from datasets.model.reference import Reference, read_reference
from tests.running import Running

pytestmark = pytest.mark.stack


def changed(site: ckanapi.RemoteCKAN, contracts: list[Contract], reference: Reference) -> list[str]:
    """What an apply changed, without what it only tells of: other tests have datasets of their own."""
    return [line for line in apply_ckan(site, contracts, reference).made if not line.endswith("it was left as it is")]


def test_once_more_changes_nothing_and_a_change_by_hand_is_mended(instance: Running) -> None:
    site = instance.ckan(instance.sysadmin_token)
    reference = read_reference()
    contracts = read_all(reference=reference)
    apply_ckan(site, contracts, reference)
    assert changed(site, contracts, reference) == []
    contract = contracts[0]
    resource = contract.resources[0]
    name = contract.dataset_name(resource)
    before = site.call_action("package_show", {"id": name})
    site.call_action("package_patch", {"id": name, "title": "đổi bằng tay", "private": not before["private"]})
    assert changed(site, contracts, reference) == [f"dataset {name} changed: title, private"]
    after = site.call_action("package_show", {"id": name})
    assert (after["title"], after["private"]) == (before["title"], before["private"])
    assert [r["id"] for r in after["resources"]] == [r["id"] for r in before["resources"]], "deliveries stay"


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
        assert f"dataset {name}: no contract has it any more, it was left as it is" in apply_ckan(site, contracts, reference).made
        assert site.call_action("package_show", {"id": name})["state"] == "active"
    finally:
        with contextlib.suppress(ckanapi.NotFound):
            site.call_action("dataset_purge", {"id": name})


def test_the_service_user_reads_every_agencys_datasets_and_writes_none(instance: Running) -> None:
    reference = read_reference()
    harvest = instance.ckan(instance.harvest_token)
    found = {d["name"] for d in harvest.call_action("package_search", {"rows": 1000, "include_private": True})["results"]}
    contracts = read_all(reference=reference)
    assert {c.dataset_name(r) for c in contracts for r in c.resources} <= found
    mine = harvest.call_action("organization_list_for_user", {"permission": "read"})
    assert {o["capacity"] for o in mine if o["name"] in reference.agencies} == {"member"}
