"""The three hosts that contracts are applied to: where they are, and as whom they are spoken with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import ckanapi
import psycopg
import requests

from control.compile.ckan import PortalError
from control.compile.schematic import reference_cells
from control.compile.superset.site import SupersetError, SupersetSite
from control.secrets import Secrets
from control.services import postgres, superset
from control.settings import Instance, environment_folder
from control.steps import StepFailed
from datasets.model.reference import Reference

log = logging.getLogger(__name__)

STORE, CKAN, SUPERSET = "store", "CKAN", "Superset"
ORDER = (STORE, CKAN, SUPERSET)
"""Order of an apply; what is removed goes the other way round."""

CHANGING_LOCK = 7_402_013
"""Session lock in the store: one apply or remove at a time, over all three hosts."""

OUTLINES = environment_folder("superset") / "lib/python3.11/site-packages/superset/static/assets"
"""Superset's static files, among them the outlines of countries."""


@dataclass(frozen=True)
class Hosts:
    """Addresses and accounts; secrets are not shown."""

    store_url: str = field(repr=False)
    """The store as ioc_owner."""
    secret: str = field(repr=False)
    """IOC_SECRET, from which the audiences' passwords are derived."""
    ckan_url: str
    ckan_token: str = field(repr=False)
    """API token of a sysadmin."""
    superset_url: str
    superset_user: str
    superset_password: str = field(repr=False)
    outlines: Path
    """Folder of Superset's static files with the outlines of countries."""
    files: Path
    """Delivered files, kept by SHA-256."""

    @classmethod
    def of(cls, instance: Instance, secrets: Secrets) -> Hosts:
        """Those of an instance that `./ioc up` made. Raises StepFailed when it never did."""
        if secrets.get("ckan_admin_token") is None:
            raise StepFailed(f"There is no running instance in {instance.var}", advice="./ioc up brings it up; IOC_VAR names another one")
        return cls(
            store_url=postgres.owner_environment(instance, secrets)["IOC_STORE_OWNER_URL"],
            secret=secrets["shared"],
            ckan_url=instance.url("ckan"),
            ckan_token=secrets["ckan_admin_token"],
            superset_url=instance.url("superset"),
            superset_user=superset.ADMIN,
            superset_password=secrets["superset_admin_password"],
            outlines=OUTLINES,
            files=instance.state / "files",
        )

    def ckan(self) -> ckanapi.RemoteCKAN:
        return ckanapi.RemoteCKAN(self.ckan_url, apikey=self.ckan_token, user_agent="toan-canh")

    def superset(self) -> SupersetSite:
        return SupersetSite(self.superset_url, self.superset_user, self.superset_password)

    def store(self) -> psycopg.Connection:
        return psycopg.connect(self.store_url, connect_timeout=10)

    def cells(self, reference: Reference) -> dict[str, bytes]:
        """The province's units as cells by unit_id (WKB, EPSG:4326), drawn until boundaries are delivered."""
        cells, note = reference_cells(reference, self.outlines)
        log.info("%s", note)
        return cells

    @contextmanager
    def alone(self, say: Callable[[str], None]) -> Iterator[None]:
        """Keeps a second apply or remove waiting, which says so, until this one has ended or died."""
        with psycopg.connect(self.store_url, autocommit=True, connect_timeout=10) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (CHANGING_LOCK,)).fetchone()
            if row is None or not row[0]:
                say("Another apply or remove is at work; this one waits until it has ended.")
                connection.execute("SELECT pg_advisory_lock(%s)", (CHANGING_LOCK,))
            yield


@contextmanager
def asked(host: str) -> Iterator[None]:
    """Turns a host's failure into one that says which host it was and what to do."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction) as error:
        raise StepFailed(f"The store has not been migrated: {error}", advice="./ioc up or ./ioc apply migrates it first") from error
    except (SupersetError, PortalError, ckanapi.CKANAPIError, requests.RequestException, psycopg.Error) as error:
        advice = "see ./ioc status; nothing was changed here, and what was done before stays: mend what it says, then run it again"
        raise StepFailed(f"{host} did not do what was asked: {error}", advice=advice) from error
