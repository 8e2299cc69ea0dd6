"""Import exports into a running Superset, check that all of it arrived, take away what is no longer compiled, and open the dashboards."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from typing import Any

import yaml

from control.compile.changes import Changes
from control.compile.edits.site import remember, remembered
from control.compile.superset.bundle import Files, archive, merged, value_of
from control.compile.superset.dashboard import everyones_uuid
from control.compile.superset.inventory import Inventory
from control.compile.superset.mark import KINDS, SHARED, marked, ours_before, read_mark
from control.compile.superset.plan import SupersetPlan, compare
from control.compile.superset.removal import goes, remove
from control.compile.superset.roles import dashboard_readers
from control.compile.superset.site import SupersetError, SupersetSite
from datasets.model.contract import Contract

DATASET_SHOWN = re.compile(r"\b(?:dataset_uuid|datasetUuid): ([0-9a-f-]{36})$", re.MULTILINE)
"""The dataset of a chart, or of a filter of a dashboard."""


def wanted_uuids(files: Files) -> dict[str, set[str]]:
    """UUIDs in an export by kind."""
    return {
        kind: {value_of(content, "uuid") for path, content in files.items() if path.startswith(folder)} for kind, folder in KINDS.items()
    }


def upload(site: SupersetSite, files: Files) -> None:
    """Import all of it in one transaction. Raises SupersetError with what Superset says is wrong."""
    bundle = {"bundle": ("export.zip", archive(files), "application/zip")}
    site.call("POST", "/api/v1/assets/import/", files=bundle, data={"passwords": "{}", "overwrite": "true"})


def charts_of_dashboards(files: Files) -> dict[str, set[str]]:
    """UUIDs of the charts by UUID of the dashboard that shows them."""
    found: dict[str, set[str]] = {}
    for path, content in files.items():
        if path.startswith(KINDS["dashboard"]):
            document = yaml.load(content, Loader=yaml.CSafeLoader)
            places = (part for part in document["position"].values() if isinstance(part, dict))
            found[document["uuid"]] = {part["meta"]["uuid"] for part in places if part["type"] == "CHART"}
    return found


def missing(site: SupersetSite, files: Files) -> list[str]:
    """What of the export is not in Superset, or not on its dashboard: the importer leaves out charts without saying so."""
    return absent_from(Inventory.read(site), files)


def absent_from(there: Inventory, files: Files) -> list[str]:
    """What of the export is not there, or not on its dashboard."""
    absent = [f"{kind} {uuid}" for kind, uuids in wanted_uuids(files).items() for uuid in sorted(uuids) if there.get(kind, uuid) is None]
    for dashboard, charts in charts_of_dashboards(files).items():
        if place := there.get("dashboard", dashboard):
            shown = {chart.uuid for chart in there.by_kind["chart"].values() if place.id in chart.dashboards}
            absent += [f"chart {uuid} on dashboard {dashboard}" for uuid in sorted(charts - shown)]
    return absent


def open_to_roles(site: SupersetSite, dashboards: Mapping[str, int], everyones: Collection[str] = ()) -> list[str]:
    """Give the dashboards (id by UUID) to the roles that read them; `everyones` are those that hold only what is open.

    Returns the names of those that changed. Raises SupersetError when a role is not there.
    """
    ids = site.role_ids()
    changed = []
    for uuid, number in dashboards.items():
        readers = dashboard_readers(is_open=uuid in everyones)
        if absent := [role for role in readers if role not in ids]:
            raise SupersetError(f"no role {', '.join(absent)} in Superset: run superset_ioc.provision first")
        wanted = sorted(ids[role] for role in readers)
        now: dict[str, Any] = site.call("GET", f"/api/v1/dashboard/{number}")["result"]
        if sorted(role["id"] for role in now["roles"]) != wanted:
            site.call("PUT", f"/api/v1/dashboard/{number}", json={"roles": wanted})
            changed.append(now["dashboard_title"])
    return changed


def apply_exports(
    site: SupersetSite,
    exports: Mapping[str, Files],
    contracts: Sequence[Contract] = (),
    after_import: Callable[[Collection[str]], None] | None = None,
    *,
    again: bool = False,
) -> Changes:
    """Make Superset hold these exports (by subsystem), and no more of what earlier ones of these subsystems brought.

    `after_import` is called with the subsystems that were imported, when any were, never otherwise: what people changed since must not be
    taken for ours. Without one, what was imported is remembered as what contracts alone say.
    `again`: they are imported even when the last import was of the same files, so that what people changed since is lost.

    A subsystem is not imported when the last import was of the same files and all of it is still there. What people made is never touched.
    Raises SupersetError when something is missing after the import.
    """
    files, before, there = merged(exports), read_mark(site), Inventory.read(site)
    plan = compare(exports, before, there, contracts)
    changes = plan.changes()
    coming = set(exports) if again else _coming(exports, plan, there, remembered(site))
    if coming:
        upload(site, _of(marked(exports, before), [exports[name] for name in coming]))
        there = Inventory.read(site)
        if absent := absent_from(there, files):
            raise SupersetError(f"Superset imported the export without {len(absent)} of its parts: {', '.join(absent[:5])}")
    remove(site, goes(exports, ours_before(before, contracts)))
    ids = there.ids()["dashboard"]
    everyones = {everyones_uuid(name) for name in exports}
    opened = open_to_roles(site, {uuid: ids[uuid] for uuid in wanted_uuids(files)["dashboard"]}, everyones)
    changes.extend((f'dashboard "{title}" is opened to its roles' for title in opened), kind="changed")
    if coming and after_import is not None:
        after_import(coming)
    elif coming:
        remember(site, {name: exports[name] for name in coming}, {})
    return changes


def _coming(exports: Mapping[str, Files], plan: SupersetPlan, there: Inventory, known: Set[str]) -> set[str]:
    """Subsystems that have to be imported; `known` are those of which is remembered what the last import brought.

    All of them, when what they share changes, when one of those that are left out is not remembered (later hand edits of it could not be
    told from what an earlier import brought), or when a chart or a filter shows a dataset of another subsystem.
    """
    coming = {name for name, files in exports.items() if plan.of_subsystem(name) or absent_from(there, files)}
    if plan.of_subsystem(SHARED) or (coming and not known >= exports.keys() - coming):
        return set(exports)
    files = [content for name in coming for path, content in exports[name].items() if path.startswith(("charts/", "dashboards/"))]
    datasets = set().union(*(wanted_uuids(exports[name])["dataset"] for name in coming))
    return coming if {uuid for content in files for uuid in DATASET_SHOWN.findall(content)} <= datasets else set(exports)


def _of(files: Files, exports: Sequence[Files]) -> Files:
    """Of these files those that any of the exports has."""
    return {path: content for path, content in files.items() if any(path in export for export in exports)}
