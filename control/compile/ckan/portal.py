"""What is asked of CKAN as a sysadmin: its actions, its datasets, and who may deliver for an agency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckanapi

PAGE = 500
WHO_DELIVERS = ("editor", "admin")
"""Roles in an organisation that may hand in a file."""


class PortalError(RuntimeError):
    """CKAN refused what a contract asks for; the message names the dataset or the agency and CKAN's reason."""


def call(site: ckanapi.RemoteCKAN, action: str, data: dict[str, Any], what: str) -> Any:
    """Answer of an action; `what` it is about stands in the message of the PortalError that it raises."""
    try:
        return site.call_action(action, data)
    except (ckanapi.ValidationError, ckanapi.NotAuthorized, ckanapi.NotFound, ckanapi.CKANAPIError) as error:
        raise PortalError(f"{what}: CKAN's {action} answered {error}") from error


def datasets(site: ckanapi.RemoteCKAN, query: str = "*:*") -> list[dict[str, Any]]:
    """Every active dataset, private ones too; with `query` (Solr's) only those that it finds."""
    found: list[dict[str, Any]] = []
    while True:
        wanted = {"fq": query, "rows": PAGE, "start": len(found), "include_private": True, "sort": "name asc"}
        page = call(site, "package_search", wanted, "datasets")["results"]
        found += page
        if len(page) < PAGE:
            return found


def deleted(site: ckanapi.RemoteCKAN, name: str) -> dict[str, Any] | None:
    """A dataset that somebody deleted: no search finds it, and its name is still taken. None when there is none of that name."""
    try:
        found: dict[str, Any] = site.call_action("package_show", {"id": name})
    except ckanapi.NotFound:
        return None
    except ckanapi.CKANAPIError as error:
        raise PortalError(f"dataset {name}: CKAN's package_show answered {error}") from error
    return found


def organisations(site: ckanapi.RemoteCKAN) -> dict[str, dict[str, Any]]:
    """Organisations with their extras, by slug; CKAN gives at most 25 a call with all fields."""
    found: dict[str, dict[str, Any]] = {}
    while True:
        wanted = {"all_fields": True, "include_extras": True, "limit": 25, "offset": len(found), "sort": "name asc"}
        page = call(site, "organization_list", wanted, "agencies")
        if not page:
            return found
        found.update({organisation["name"]: organisation for organisation in page})


def without_editor(site: ckanapi.RemoteCKAN, agencies: Iterable[str], known: Iterable[str], harvester: str) -> list[str]:
    """Agencies, in their order, for which nobody may deliver; one that is not `known` to CKAN has nobody.

    Sysadmins are nobody's editors: the one who made an organisation is its admin by CKAN's own rule. The harvest is no person either.
    """
    there = set(known)
    everyone = call(site, "user_list", {"all_fields": True}, "accounts")
    sysadmins = {user["id"] for user in everyone if user.get("sysadmin") or user["name"] == harvester}
    return [agency for agency in agencies if agency not in there or not _who_delivers(site, agency) - sysadmins]


def _who_delivers(site: ckanapi.RemoteCKAN, agency: str) -> set[str]:
    """Ids of the accounts that may hand in a file for an agency."""
    asked = {"id": agency, "object_type": "user"}
    members = [call(site, "member_list", {**asked, "capacity": role}, f"agency {agency}") for role in WHO_DELIVERS]
    return {member[0] for found in members for member in found}
