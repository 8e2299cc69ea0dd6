"""A subsystem taken out of CKAN: its datasets are purged, deleted ones too, with their deliveries, files and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckanapi

from control.compile.changes import Changes
from control.compile.ckan.portal import call, datasets, deleted


def datasets_of(site: ckanapi.RemoteCKAN, subsystem: str, known: Iterable[str]) -> list[dict[str, Any]]:
    """Datasets of the subsystem's contract, by name; `known`: names it had, under which somebody may have deleted one."""
    found = {d["name"]: d for d in datasets(site, f'subsystem:"{subsystem}"') if _is_of(d, subsystem)}
    for name in known:
        if name not in found and (hidden := deleted(site, name)) is not None and _is_of(hidden, subsystem):
            found[name] = hidden
    return [found[name] for name in sorted(found)]


def plan_removal(site: ckanapi.RemoteCKAN, subsystem: str, known: Iterable[str]) -> Changes:
    """What `remove_ckan` would do; changes nothing. Raises PortalError."""
    changes = Changes()
    for dataset in datasets_of(site, subsystem, known):
        count = len(dataset.get("resources") or [])
        changes.add(f"dataset {dataset['name']} goes with its {count} deliveries, their files and receipts", "dropped")
    return changes


def remove_ckan(site: ckanapi.RemoteCKAN, subsystem: str, known: Iterable[str]) -> Changes:
    """Purges the datasets one by one; run again it goes on where it stopped. Organisations stay. Raises PortalError."""
    changes = Changes()
    for dataset in datasets_of(site, subsystem, known):
        call(site, "dataset_purge", {"id": dataset["id"]}, f"dataset {dataset['name']}")
        changes.add(f"dataset {dataset['name']} is purged", "dropped")
    return changes


def _is_of(dataset: dict[str, Any], subsystem: str) -> bool:
    return str(dataset.get("contract_resource") or "").partition("/")[0] == subsystem
