"""Import an export into a running Superset, check that all of it arrived, and open the dashboards to their roles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from control.compile.changes import Changes
from control.compile.superset_bundle import Files, archive, digest, text
from control.compile.superset_site import SupersetError, SupersetSite

KINDS = {"database": "databases/", "dataset": "datasets/", "chart": "charts/", "dashboard": "dashboards/"}
MARKED_FILE = "datasets/ledger/source.yaml"
"""The file whose row in Superset remembers which export was imported last."""
MARK = "toan_canh_export"
READERS = ("ioc_leader", "ioc_operator")


def wanted_uuids(files: Files) -> dict[str, set[str]]:
    """UUIDs in an export by kind."""
    return {
        kind: {yaml.safe_load(content)["uuid"] for path, content in files.items() if path.startswith(folder)}
        for kind, folder in KINDS.items()
    }


def present(site: SupersetSite) -> dict[str, dict[str, int]]:
    """Id by UUID of everything in Superset, by kind."""
    return {kind: {row["uuid"]: row["id"] for row in site.every(kind, ["id", "uuid"])} for kind in KINDS}


def marked(files: Files) -> Files:
    """The export with its own digest written where Superset keeps it."""
    document = yaml.safe_load(files[MARKED_FILE])
    document["extra"] = {MARK: digest(files)}
    return {**files, MARKED_FILE: text(document)}


def imported_digest(site: SupersetSite, files: Files) -> str | None:
    """Digest of the export that was imported last; None when there is none or somebody removed it."""
    uuid = yaml.safe_load(files[MARKED_FILE])["uuid"]
    for row in site.every("dataset", ["id", "uuid", "extra"]):
        if row["uuid"] == uuid:
            extra = json.loads(row["extra"] or "{}")
            return extra.get(MARK) if isinstance(extra, dict) else None
    return None


def upload(site: SupersetSite, files: Files) -> None:
    """Import all of it in one transaction. Raises SupersetError with what Superset says is wrong."""
    bundle = {"bundle": ("export.zip", archive(marked(files)), "application/zip")}
    site.call("POST", "/api/v1/assets/import/", files=bundle, data={"passwords": "{}", "overwrite": "true"})


def charts_of_dashboards(files: Files) -> dict[str, set[str]]:
    """UUIDs of the charts by UUID of the dashboard that shows them."""
    found: dict[str, set[str]] = {}
    for path, content in files.items():
        if path.startswith(KINDS["dashboard"]):
            document = yaml.safe_load(content)
            parts = (part for part in document["position"].values() if isinstance(part, dict))
            found[document["uuid"]] = {part["meta"]["uuid"] for part in parts if part["type"] == "CHART"}
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


def open_to_roles(site: SupersetSite, dashboards: Mapping[str, int]) -> list[str]:
    """Give the dashboards (id by UUID) to the roles that read them. Returns the names of those that changed."""
    ids = site.role_ids()
    absent = [role for role in READERS if role not in ids]
    if absent:
        raise SupersetError(f"no role {', '.join(absent)} in Superset: run superset_ioc.provision first")
    wanted = sorted(ids[role] for role in READERS)
    changed = []
    for number in dashboards.values():
        now: dict[str, Any] = site.call("GET", f"/api/v1/dashboard/{number}")["result"]
        if sorted(role["id"] for role in now["roles"]) != wanted:
            site.call("PUT", f"/api/v1/dashboard/{number}", json={"roles": wanted})
            changed.append(now["dashboard_title"])
    return changed


def apply_files(site: SupersetSite, files: Files) -> Changes:
    """Make Superset hold this export. Nothing is imported when the last import was of the same files and all of it is still there.

    Raises SupersetError when something is missing after the import.
    """
    changes = Changes()
    if imported_digest(site, files) != digest(files) or missing(site, files):
        upload(site, files)
        absent = missing(site, files)
        if absent:
            raise SupersetError(f"Superset imported the export without {len(absent)} of its parts: {', '.join(absent[:5])}")
        wanted = wanted_uuids(files)
        changes.add(", ".join(f"{len(wanted[kind])} {kind}s" for kind in KINDS if kind != "database"))
    ids = present(site)["dashboard"]
    changes.extend(f"roles of {title}" for title in open_to_roles(site, {uuid: ids[uuid] for uuid in wanted_uuids(files)["dashboard"]}))
    return changes
