"""`ioc apply`: what the contracts say is made so in the store, in CKAN and in Superset."""

from __future__ import annotations

import logging

import ckanapi
import psycopg
import requests

from control.compile.changes import Changes
from control.compile.ckan import apply_ckan
from control.compile.schematic import reference_cells
from control.compile.store import apply_store
from control.compile.superset import SupersetError, apply_superset
from control.programs import run
from control.secrets import Secrets
from control.services import postgres, superset
from control.settings import ROOT, Instance, environment_folder, python_of
from control.steps import StepFailed, Steps
from datasets.model.contract import Contract
from datasets.model.read import read_all
from datasets.model.reference import Reference, read_reference

log = logging.getLogger(__name__)


def migrate_store(instance: Instance, secrets: Secrets) -> None:
    """Brings the store's fixed schemas to the current version (Alembic, as ioc_owner)."""
    run(
        instance,
        [python_of("harvest"), "-m", "alembic", "-c", str(ROOT / "migrations" / "alembic.ini"), "upgrade", "head"],
        log="migrations",
        environment=postgres.owner_environment(instance, secrets),
        what="The store's migrations did not run",
    )


def read_contracts() -> tuple[list[Contract], Reference]:
    """All contracts and the reference lists of the checkout. Raises ContractError before anything is changed."""
    reference = read_reference()
    return read_all(reference=reference), reference


def schematic_map(reference: Reference) -> dict[str, bytes]:
    """The province's units as cells by unit_id (WKB, EPSG:4326), drawn until boundaries are delivered."""
    assets = environment_folder("superset") / "lib/python3.11/site-packages/superset/static/assets"
    cells, note = reference_cells(reference, assets)
    log.info("%s", note)
    return cells


def ckan_site(instance: Instance, token: str) -> ckanapi.RemoteCKAN:
    return ckanapi.RemoteCKAN(instance.url("ckan"), apikey=token, user_agent="toan-canh")


def apply_all(instance: Instance, secrets: Secrets, steps: Steps, contracts: list[Contract], reference: Reference) -> None:
    """Applies the contracts to store, CKAN and Superset, in this order; each part may be run again."""

    def store() -> Changes:
        with psycopg.connect(postgres.owner_environment(instance, secrets)["IOC_STORE_OWNER_URL"]) as connection:
            return apply_store(connection, contracts, reference, secrets["shared"], schematic_map(reference))

    def portal() -> Changes:
        return apply_ckan(ckan_site(instance, secrets["ckan_admin_token"]), contracts, reference)

    def dashboards() -> Changes:
        return apply_superset(instance.url("superset"), superset.ADMIN, secrets["superset_admin_password"], contracts)

    for name, work in (("store", store), ("CKAN", portal), ("Superset", dashboards)):
        with steps.step(f"Contracts applied to {name}") as notes:
            try:
                changes = work()
            except (SupersetError, ckanapi.CKANAPIError, requests.RequestException, psycopg.Error) as error:
                advice = "what was applied before stays; mend what it says, then run ./ioc apply again"
                raise StepFailed(f"The contracts were not applied to {name}: {error}", advice=advice) from error
            notes.append(changes.summary())
