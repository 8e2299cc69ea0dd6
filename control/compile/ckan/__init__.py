"""What the contracts say, made so in CKAN: agencies as organisations, contract resources as datasets, the harvest as a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckanapi

from ckan_harvesters.supply.own_rows import OWN
from control.compile.changes import Change, Changes
from control.compile.ckan.dataset import dataset_of, organisation_of
from control.compile.ckan.portal import PortalError, call, datasets, deleted, organisations, without_editor
from datasets.model.contract import Contract
from datasets.model.reference import Reference

__all__ = ["CkanPlan", "PlannedCall", "PortalError", "apply_ckan", "plan_ckan"]

HARVESTER = "ioc-harvest"


@dataclass(frozen=True)
class PlannedCall:
    """One call of CKAN's API, and what it does in words. `subsystem` is empty for what all share."""

    subsystem: str
    change: Change
    action: str
    data: Mapping[str, Any]


@dataclass
class CkanPlan:
    """What an apply would do, in its order."""

    calls: list[PlannedCall] = field(default_factory=list)
    kept: list[tuple[str, Change]] = field(default_factory=list)
    """What no contract asks for any more and is left as it is, by subsystem."""
    organisations: set[str] = field(default_factory=set)
    """Slugs of the organisations that are there."""
    without_editor: list[str] = field(default_factory=list)
    """Agencies that deliver under a contract and for which nobody in CKAN may."""

    def changes(self) -> Changes:
        """The plan in words."""
        return Changes([*(planned.change for planned in self.calls), *(change for _, change in self.kept)])

    def of_subsystem(self, name: str) -> list[Change]:
        """Its lines of one subsystem."""
        return [p.change for p in self.calls if p.subsystem == name] + [change for owner, change in self.kept if owner == name]


def plan_ckan(site: ckanapi.RemoteCKAN, contracts: Sequence[Contract], reference: Reference, *, harvester: str = HARVESTER) -> CkanPlan:
    """What CKAN lacks of what contracts and reference say; changes nothing.

    `site` speaks as a sysadmin. A dataset whose contract is gone is told of, not deleted. Raises PortalError.
    """
    there = organisations(site)
    plan = CkanPlan(organisations=set(there))
    _plan_organisations(plan, there, reference)
    _plan_membership(plan, site, reference, harvester)
    _plan_own_report(plan, site, contracts, harvester)
    stored = {dataset["name"]: dataset for dataset in datasets(site)}
    wanted: dict[str, tuple[str, dict[str, Any]]] = {
        contract.dataset_name(resource): (contract.name, dataset_of(contract, resource, reference))
        for contract in contracts
        for resource in contract.resources
    }
    for name, (subsystem, dataset) in wanted.items():
        _plan_dataset(plan, subsystem, dataset, stored.get(name) or deleted(site, name))
    names = {contract.name for contract in contracts}
    for name, dataset in stored.items():
        if name not in wanted and dataset.get("contract_resource"):
            _keep(plan, dataset, names)
    publishers = sorted({agency for c in contracts for r in c.resources for agency in r.publishers})
    plan.without_editor = without_editor(site, publishers, there, harvester)
    return plan


def apply_ckan(site: ckanapi.RemoteCKAN, contracts: Sequence[Contract], reference: Reference, *, harvester: str = HARVESTER) -> Changes:
    """Makes organisations, the harvest's membership and datasets as the contracts and the reference say.

    What is so already is left alone. It may stop anywhere and be run again. Raises PortalError.
    """
    plan = plan_ckan(site, contracts, reference, harvester=harvester)
    for planned in plan.calls:
        call(site, planned.action, dict(planned.data), planned.change.text)
    return plan.changes()


def _plan_organisations(plan: CkanPlan, there: Mapping[str, dict[str, Any]], reference: Reference) -> None:
    for slug, agency in reference.agencies.items():
        wanted, before = organisation_of(agency), there.get(slug)
        if before is None:
            change = Change("made", f"organisation {slug} is made")
            plan.calls.append(PlannedCall("", change, "organization_create", wanted))
        elif differs := _differing(wanted, before):
            change = Change("changed", f"organisation {slug} changes: {', '.join(differs)}")
            plan.calls.append(PlannedCall("", change, "organization_patch", {**wanted, "id": before["id"]}))


def _plan_membership(plan: CkanPlan, site: ckanapi.RemoteCKAN, reference: Reference, harvester: str) -> None:
    """The harvest's user is a member of every agency, which lets it read what is not public and write nothing."""
    mine = {found["name"] for found in call(site, "organization_list_for_user", {"id": harvester, "permission": "read"}, harvester)}
    for slug in reference.agencies:
        if slug not in mine:
            change = Change("made", f"{harvester} becomes a member of organisation {slug}, to read its deliveries")
            member = {"id": slug, "username": harvester, "role": "member"}
            plan.calls.append(PlannedCall("", change, "organization_member_create", member))


def _plan_own_report(plan: CkanPlan, site: ckanapi.RemoteCKAN, contracts: Sequence[Contract], harvester: str) -> None:
    """Who publishes the centre's own report on supply has the harvest as an editor: the harvest makes and delivers it."""
    owed = {agency for contract in contracts if contract.name == OWN for resource in contract.resources for agency in resource.publishers}
    asked = {"id": harvester, "permission": "create_dataset"}
    mine = {found["name"] for found in call(site, "organization_list_for_user", asked, harvester)} if owed else set()
    for slug in sorted(owed - mine):
        change = Change("changed", f"{harvester} becomes an editor of organisation {slug}, to deliver the centre's own report")
        plan.calls.append(PlannedCall(OWN, change, "organization_member_create", {"id": slug, "username": harvester, "role": "editor"}))


def _plan_dataset(plan: CkanPlan, subsystem: str, wanted: dict[str, Any], before: dict[str, Any] | None) -> None:
    name = wanted["name"]
    if before is None:
        who = "seen by agencies only" if wanted["private"] else "public"
        change = Change("made", f"dataset {name} is made, {who}, with its form for deliveries")
        plan.calls.append(PlannedCall(subsystem, change, "package_create", wanted))
        return
    if before["state"] == "deleted":
        change = Change("changed", f"dataset {name} was deleted by hand and comes back, with the deliveries it had")
        plan.calls.append(PlannedCall(subsystem, change, "package_patch", {**wanted, "id": before["id"], "state": "active"}))
        return
    differs = _differing(wanted, before)
    if not differs:
        return
    text = f"dataset {name} changes: {', '.join(differs)}"
    if "private" in differs:
        text += "; the public no longer sees it or its files" if wanted["private"] else "; everyone sees it and its accepted files"
    count = len(before.get("resources") or [])
    if count:
        text += f"; its {count} {'delivery stays' if count == 1 else 'deliveries stay'}"
    plan.calls.append(PlannedCall(subsystem, Change("changed", text), "package_patch", {**wanted, "id": before["id"]}))


def _keep(plan: CkanPlan, dataset: Mapping[str, Any], names: set[str]) -> None:
    """A dataset that no contract has: of a contract that is gone it can be removed, of one that is there its rows are history."""
    subsystem = str(dataset["contract_resource"]).partition("/")[0]
    until = "its contract no longer has it, its deliveries stay" if subsystem in names else f"it stays until ./ioc remove {subsystem}"
    plan.kept.append((subsystem, Change("kept", f"dataset {dataset['name']} is left as it is: {until}")))


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
