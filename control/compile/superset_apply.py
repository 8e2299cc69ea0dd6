"""Import exports into a running Superset, check that all of it arrived, take away what is no longer compiled, and open the dashboards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import yaml

from control.compile.changes import Changes
from control.compile.superset_bundle import Files, archive, digest, merged
from control.compile.superset_dashboard import everyones_uuid
from control.compile.superset_edits_site import remember
from control.compile.superset_inventory import Inventory
from control.compile.superset_mark import KINDS, marked, ours_before, read_mark
from control.compile.superset_plan import compare
from control.compile.superset_removal import goes, remove
from control.compile.superset_roles import dashboard_readers
from control.compile.superset_site import SupersetError, SupersetSite
from datasets.model.contract import Contract


def wanted_uuids(files: Files) -> dict[str, set[str]]:
    """UUIDs in an export by kind."""
    return {
        kind: {yaml.safe_load(content)["uuid"] for path, content in files.items() if path.startswith(folder)}
        for kind, folder in KINDS.items()
    }


def present(site: SupersetSite) -> dict[str, dict[str, int]]:
    """Id by UUID of everything in Superset, by kind."""
    return Inventory.read(site).ids()


def upload(site: SupersetSite, files: Files) -> None:
    """Import all of it in one transaction. Raises SupersetError with what Superset says is wrong."""
    bundle = {"bundle": ("export.zip", archive(files), "application/zip")}
    site.call("POST", "/api/v1/assets/import/", files=bundle, data={"passwords": "{}", "overwrite": "true"})


def charts_of_dashboards(files: Files) -> dict[str, set[str]]:
    """UUIDs of the charts by UUID of the dashboard that shows them."""
    found: dict[str, set[str]] = {}
    for path, content in files.items():
        if path.startswith(KINDS["dashboard"]):
            document = yaml.safe_load(content)
            places = (part for part in document["position"].values() if isinstance(part, dict))
            found[document["uuid"]] = {part["meta"]["uuid"] for part in places if part["type"] == "CHART"}
    return found


def missing(site: SupersetSite, files: Files) -> list[str]:
    """What of the export is not in Superset, or not on its dashboard: the importer leaves out charts without saying so."""
    there = present(site)
    absent = [f"{kind} {uuid}" for kind, uuids in wanted_uuids(files).items() for uuid in sorted(uuids - there[kind].keys())]
    uuid_of = {number: uuid for uuid, number in there["chart"].items()}
    for dashboard, charts in charts_of_dashboards(files).items():
        if dashboard in there["dashboard"]:
            linked = site.call("GET", f"/api/v1/dashboard/{there['dashboard'][dashboard]}/charts")["result"]
            shown = {uuid_of.get(chart["id"]) for chart in linked}
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
    after_import: Callable[[], None] | None = None,
    *,
    again: bool = False,
) -> Changes:
    """Make Superset hold these exports (by subsystem), and no more of what earlier ones of these subsystems brought.

    `after_import` is called when something was imported, never otherwise: what people changed since must not be taken for ours. Without
    one, what was imported is remembered as what contracts alone say.
    `again`: they are imported even when the last import was of the same files, so that what people changed since is lost.

    Nothing is imported when the last import was of the same files and all of it is still there. What people made is never touched.
    Raises SupersetError when something is missing after the import.
    """
    files, before = merged(exports), read_mark(site)
    changes = compare(exports, before, Inventory.read(site), contracts).changes()
    if again or before.digest != digest(files) or missing(site, files):
        upload(site, marked(exports, before))
        if absent := missing(site, files):
            raise SupersetError(f"Superset imported the export without {len(absent)} of its parts: {', '.join(absent[:5])}")
        (after_import or (lambda: remember(site, exports, {})))()
    remove(site, goes(exports, ours_before(before, contracts)))
    ids = present(site)["dashboard"]
    everyones = {everyones_uuid(name) for name in exports}
    opened = open_to_roles(site, {uuid: ids[uuid] for uuid in wanted_uuids(files)["dashboard"]}, everyones)
    changes.extend((f'dashboard "{title}" is opened to its roles' for title in opened), kind="changed")
    return changes
