"""What the contracts say, made so in CKAN: agencies as organisations, contract resources as datasets, the harvest as a member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckanapi

from control.compile.changes import Changes
from control.compile.ckan_dataset import dataset_of, organisation_of
from datasets.model.contract import Contract
from datasets.model.reference import Reference

HARVESTER = "ioc-harvest"
PAGE = 500


class PortalError(RuntimeError):
    """CKAN refused what a contract asks for; the message names the dataset or the agency and CKAN's reason."""


def apply_ckan(site: ckanapi.RemoteCKAN, contracts: Sequence[Contract], reference: Reference, *, harvester: str = HARVESTER) -> Changes:
    """Makes organisations, the harvest's membership and datasets as the contracts and the reference say.

    `site` speaks as a sysadmin. What is so already is left alone; a dataset whose contract is gone is told of, not deleted.
    Raises PortalError.
    """
    changes = Changes()
    ids = _apply_organisations(site, reference, changes)
    _apply_membership(site, ids, harvester, changes)
    stored = {dataset["name"]: dataset for dataset in _datasets(site)}
    wanted = {
        contract.dataset_name(resource): dataset_of(contract, resource, reference)
        for contract in contracts
        for resource in contract.resources
    }
    for name, dataset in wanted.items():
        _apply_dataset(site, dataset, stored.get(name), changes)
    for name, dataset in stored.items():
        if name not in wanted and dataset.get("contract_resource"):
            changes.add(f"dataset {name}: no contract has it any more, it was left as it is")
    return changes


def _call(site: ckanapi.RemoteCKAN, action: str, data: dict[str, Any], what: str) -> Any:
    try:
        return site.call_action(action, data)
    except (ckanapi.ValidationError, ckanapi.NotAuthorized, ckanapi.NotFound, ckanapi.CKANAPIError) as error:
        raise PortalError(f"{what}: CKAN's {action} answered {error}") from error


def _apply_organisations(site: ckanapi.RemoteCKAN, reference: Reference, changes: Changes) -> dict[str, str]:
    """Makes and mends the agencies' organisations. Gives CKAN's id by slug."""
    stored: dict[str, dict[str, Any]] = {}
    while page := _organisations(site, len(stored)):
        stored.update({found["name"]: found for found in page})
    for slug, agency in reference.agencies.items():
        wanted = organisation_of(agency)
        before = stored.get(slug)
        if before is None:
            stored[slug] = _call(site, "organization_create", wanted, f"agency {slug}")
            changes.add(f"agency {slug} made")
        elif differs := _differing(wanted, before):
            _call(site, "organization_patch", {**wanted, "id": before["id"]}, f"agency {slug}")
            changes.add(f"agency {slug} changed: {', '.join(differs)}")
    return {slug: stored[slug]["id"] for slug in reference.agencies}


def _organisations(site: ckanapi.RemoteCKAN, offset: int) -> list[dict[str, Any]]:
    """One page of organisations with their extras; CKAN gives at most 25 a call with all fields."""
    wanted = {"all_fields": True, "include_extras": True, "limit": 25, "offset": offset, "sort": "name asc"}
    found: list[dict[str, Any]] = _call(site, "organization_list", wanted, "agencies")
    return found


def _apply_membership(site: ckanapi.RemoteCKAN, ids: dict[str, str], harvester: str, changes: Changes) -> None:
    """The harvest's user is a member of every agency, which lets it read what is not public and write nothing."""
    mine = {found["name"] for found in _call(site, "organization_list_for_user", {"id": harvester, "permission": "read"}, harvester)}
    for slug, org_id in ids.items():
        if slug not in mine:
            _call(site, "organization_member_create", {"id": org_id, "username": harvester, "role": "member"}, f"agency {slug}")
            changes.add(f"agency {slug}: {harvester} is a member")


def _datasets(site: ckanapi.RemoteCKAN) -> list[dict[str, Any]]:
    """Every active dataset, private ones too."""
    found: list[dict[str, Any]] = []
    while True:
        wanted = {"rows": PAGE, "start": len(found), "include_private": True, "sort": "name asc"}
        page = _call(site, "package_search", wanted, "datasets")["results"]
        found += page
        if len(page) < PAGE:
            return found


def _apply_dataset(site: ckanapi.RemoteCKAN, wanted: dict[str, Any], before: dict[str, Any] | None, changes: Changes) -> None:
    name = wanted["name"]
    if before is None:
        _call(site, "package_create", wanted, f"dataset {name}")
        changes.add(f"dataset {name} made")
        return
    differs = _differing(wanted, before)
    if differs:
        _call(site, "package_patch", {**wanted, "id": before["id"]}, f"dataset {name}")
        changes.add(f"dataset {name} changed: {', '.join(differs)}")


def _differing(wanted: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """Keys of `wanted` whose value CKAN does not have; an owner may be stored by id, tags and extras are compared by name."""
    differing = []
    for key, value in wanted.items():
        if key == "owner_org":
            same = (stored.get("organization") or {}).get("name") == value
        elif key == "tags":
            same = sorted(t["name"] for t in stored.get("tags", [])) == sorted(t["name"] for t in value)
        elif key == "extras":
            same = {e["key"]: e["value"] for e in stored.get("extras", [])} == {e["key"]: e["value"] for e in value}
        else:
            same = (stored.get(key) if stored.get(key) is not None else "") == value
        if not same:
            differing.append(key)
    return differing
