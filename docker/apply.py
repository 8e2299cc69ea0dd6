"""The job `apply`: what the contracts say is made so in the store, in CKAN and in Superset, whose addresses the environment names.

python docker/apply.py [--discard-edits]    refused while Superset holds changes of people that an import would overwrite
python docker/apply.py --export             writes these changes to dashboards_export/, for a folder that is mounted there
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ckanapi
import psycopg

from control.accounts.assignments import Assignments
from control.accounts.people import sync
from control.compile.ckan import apply_ckan
from control.compile.schematic import reference_cells
from control.compile.store import apply_store
from control.compile.superset.plan import plan_exports
from control.compile.superset.roles import audience_role_names, ensure_roles
from control.compile.superset.site import SupersetSite
from control.export import export_dashboards
from control.exports import exports_of
from datasets.model.problem import ContractError
from datasets.model.read import read_all
from datasets.model.reference import read_reference

SUPERSET_ADMIN = "ioc-admin"
# Outlines of countries from Superset's image, brought by the job superset-prepare.
OUTLINES = Path("/run/outlines")
# Folder with the installation's accounts.yaml (docs/reference/access.md); without the file nobody's roles are changed.
ACCOUNTS = Path("/run/accounts")


def superset() -> SupersetSite:
    return SupersetSite(os.environ["IOC_SUPERSET_URL"], SUPERSET_ADMIN, os.environ["SUPERSET_ADMIN_PASSWORD"])


def apply(*, discard_edits: bool = False) -> None:
    """Store, CKAN, Superset, in this order; run again it changes only what differs. Raises ContractError before anything is changed."""
    reference = read_reference()
    contracts = read_all(reference=reference)
    exports, dashboards = exports_of(contracts), superset()
    if not discard_edits and plan_exports(dashboards, exports.edited, contracts).changes() and (lost := exports.lost(dashboards)):
        raise ContractError(lost)
    with psycopg.connect(os.environ["IOC_STORE_OWNER_URL"]) as connection:
        cells, note = reference_cells(reference, OUTLINES)
        said("map", note)
        said("store", apply_store(connection, contracts, reference, os.environ["IOC_SECRET"], cells).summary())
    token = Path(os.environ["IOC_CKAN_ADMIN_TOKEN_FILE"]).read_text()
    with ckanapi.RemoteCKAN(os.environ["IOC_CKAN_URL"], apikey=token, user_agent="toan-canh") as site:
        said("CKAN", apply_ckan(site, contracts, reference).summary())
    said("Superset", exports.bring(dashboards, contracts, discard_edits=discard_edits).summary())
    people = Assignments(ACCOUNTS)
    if people.path.exists():
        with ckanapi.RemoteCKAN(os.environ["IOC_CKAN_URL"], apikey=token, user_agent="toan-canh") as site:
            said("people", sync(dashboards, site, people.read(), reference).summary())
    else:
        made = ensure_roles(dashboards, audience_role_names(reference))
        said("people", f"no {people.path}: roles are given in Superset; {len(made)} roles made")


def export() -> None:
    """Hand edits of dashboards come back beside the exports; what cannot be kept is said."""
    done = export_dashboards(read_all(reference=read_reference()), superset())
    for line in [*done.kept, *(f"not kept: {line}" for line in done.not_kept)]:
        said("Superset", line)
    said("files", f"{len(done.files)} written")


def said(where: str, summary: str) -> None:
    sys.stdout.write(f"{where}: {summary}\n")


if __name__ == "__main__":
    export() if "--export" in sys.argv else apply(discard_edits="--discard-edits" in sys.argv)
