"""The running instance that stack and browser tests use, and small means to speak with it as a person would."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ckanapi
import psycopg
import requests
from rich.console import Console

from control.accounts import LEADER, editor_name, reset_passwords
from control.secrets import Secrets
from control.services import postgres, redis, superset
from control.settings import Instance
from control.status import collect

PATIENCE = 240
"""Seconds that a machine with two busy cores may take to do what is waited for."""
LOGIN_PAUSE = 10
"""Seconds after which a login is tried again where too many came from this machine in a minute."""


@dataclass(frozen=True)
class Account:
    """One account with its password; `token` is an API token of CKAN's."""

    name: str
    password: str
    token: str | None = None


@dataclass
class Running:
    """One instance that is up."""

    instance: Instance
    secrets: Secrets
    passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Running:
        """The instance of IOC_VAR and IOC_PORT_BASE, with new passwords for its demonstration accounts.

        They are kept beside the instance's secrets, so that two runs of tests on one instance do not lock each other out.
        """
        instance = Instance.from_environment()
        kept = instance.var / "test-passwords.json"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(json.dumps({account.name: account.password for account in reset_passwords(instance)}))
        return cls(instance, Secrets(instance), json.loads(kept.read_text()))

    @property
    def ckan_url(self) -> str:
        return self.instance.url("ckan")

    @property
    def superset_url(self) -> str:
        return self.instance.url("superset")

    @property
    def sysadmin_token(self) -> str:
        return self.secrets["ckan_admin_token"]

    @property
    def harvest_token(self) -> str:
        return self.secrets["ckan_harvest_token"]

    @property
    def redis_url(self) -> str:
        """Redis without a database's number."""
        return redis.url(self.instance, self.secrets)

    def ckan(self, token: str | None = None) -> ckanapi.RemoteCKAN:
        """CKAN's API; without a token as anonymous."""
        return ckanapi.RemoteCKAN(self.ckan_url, apikey=token, user_agent="toan-canh-test")

    def editor(self, agency: str) -> Account:
        """The demonstration editor of an agency."""
        name = editor_name(agency)
        return Account(name, self.passwords[name], self.secrets[f"editor_token.{agency}"])

    @property
    def leader(self) -> Account:
        return Account(LEADER, self.passwords[LEADER])

    @property
    def superset_admin(self) -> Account:
        return Account(superset.ADMIN, self.secrets["superset_admin_password"])

    def superset(self, account: Account) -> requests.Session:
        """A session of Superset, logged in through its form, with the CSRF token that its API asks for.

        A quick machine logs in more often than Superset allows in a minute, and waits then.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            session = requests.Session()
            answer = self._logged_in(session, account)
            if answer.status_code != requests.codes.too_many_requests or time.monotonic() > deadline:
                break
            time.sleep(LOGIN_PAUSE)
        assert answer.status_code == 302, f"the login answered {answer.status_code}"
        token = session.get(f"{self.superset_url}/api/v1/security/csrf_token/", timeout=60).json()["result"]
        session.headers.update({"X-CSRFToken": token, "Referer": self.superset_url})
        return session

    def _logged_in(self, session: requests.Session, account: Account) -> requests.Response:
        """What the form answers."""
        form = session.get(f"{self.superset_url}/login/", timeout=60).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form, re.S)
        assert found is not None, "the login page has no form"
        return session.post(
            f"{self.superset_url}/login/",
            data={"username": account.name, "password": account.password, "csrf_token": found.group(1)},
            allow_redirects=False,
            timeout=60,
        )

    def store(self) -> psycopg.Connection[Any]:
        """A connection to the store as the cluster's superuser."""
        return postgres.connect(self.instance, self.secrets, "ioc")

    def superset_connection(self) -> psycopg.Connection[Any]:
        """A connection to Superset's own database."""
        return postgres.connect(self.instance, self.secrets, "superset")

    def store_as(self, role: str, password: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.instance.ports["postgres"],
            dbname="ioc",
            user=role,
            password=password,
            autocommit=True,
            connect_timeout=30,
        )

    def status(self) -> dict[str, Any]:
        return collect(self.instance)

    @property
    def console(self) -> Console:
        return Console()

    @staticmethod
    def until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Waits until the condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"not so after {timeout} s"
            time.sleep(0.3)

    def receipt(self, resource_id: str, token: str | None = None, *, until_final: bool = True, timeout: float = PATIENCE) -> dict[str, Any]:
        """The receipt of a delivery, by default once it is final."""
        site = self.ckan(token or self.sysadmin_token)
        deadline = time.monotonic() + timeout
        while True:
            receipt: dict[str, Any] = site.call_action("ioc_receipt_show", {"id": resource_id})
            if not until_final or receipt.get("state") not in ("received", "checking"):
                return receipt
            assert time.monotonic() < deadline, f"no final receipt after {timeout} s: {receipt}"
            time.sleep(0.3)
