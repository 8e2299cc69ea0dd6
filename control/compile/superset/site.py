"""A session with Superset as a browser has one: a cookie and a CSRF token.

A bearer token is not used: as soon as the role Public has a permission, calls that need it are answered as anonymous ones.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import requests

CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"', re.DOTALL)
PAGE = 100
# The only orders that Superset takes; without one, rows may move between pages.
ORDER = {
    "chart": "slice_name",
    "dashboard": "dashboard_title",
    "database": "database_name",
    "dataset": "table_name",
    "security/roles": "name",
}
SECONDS = 120
TRIES = 5
LOGIN_TRIES = 9
LOGIN_PAUSE = 10.0
"""Seconds between two tries to log in: together more than the minute by which Superset counts logins from one address."""


class SupersetError(RuntimeError):
    """Superset refused or did not do what was asked; the message holds its answer."""


class SupersetSite:
    """One account's session. It logs in when it is first used."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._username = username
        self._password = password
        self._session: requests.Session | None = None

    @property
    def session(self) -> requests.Session:
        """The session, logged in. Raises SupersetError when the login is refused."""
        if self._session is None:
            self._session = self._log_in()
        return self._session

    def _log_in(self) -> requests.Session:
        session = requests.Session()
        session.headers["Referer"] = self.url
        page = session.get(f"{self.url}/login/", timeout=SECONDS)
        # The page is drawn by React, with the token in a hidden field beside it.
        token = CSRF_FIELD.search(page.text)
        if token is None:
            raise SupersetError(f"{self.url}/login/ answered {page.status_code} without a CSRF token")
        form = {"username": self._username, "password": self._password, "csrf_token": token[1]}
        answer = self._post_form(session, form)
        if answer.status_code == requests.codes.too_many_requests:
            raise SupersetError(f"Superset at {self.url} takes no more logins from here: 429. Try again in some minutes")
        me = session.get(f"{self.url}/api/v1/me/", timeout=SECONDS)
        if me.status_code != requests.codes.ok:
            raise SupersetError(f"Superset at {self.url} did not let {self._username} in: {me.status_code}")
        answer = session.get(f"{self.url}/api/v1/security/csrf_token/", timeout=SECONDS)
        session.headers["Accept"] = "application/json"  # or errors come as pages
        session.headers["X-CSRFToken"] = answer.json()["result"] if answer.ok else token[1]
        return session

    def _post_form(self, session: requests.Session, form: dict[str, str]) -> requests.Response:
        """What the login form answers; who runs many commands in a minute waits until Superset takes another login."""
        answer = session.post(f"{self.url}/login/", data=form, allow_redirects=False, timeout=SECONDS)
        for _ in range(LOGIN_TRIES - 1):
            if answer.status_code != requests.codes.too_many_requests:
                break
            time.sleep(LOGIN_PAUSE)
            answer = session.post(f"{self.url}/login/", data=form, allow_redirects=False, timeout=SECONDS)
        return answer

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of an API answer. Raises SupersetError for any other than 2xx, and when nothing answers."""
        return self._answer(method, path, **options).json()

    def download(self, path: str) -> bytes:
        """The bytes of a file that the API answers with. Raises SupersetError as `call` does."""
        return self._answer("GET", path).content

    def _answer(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            answer = self.session.request(method, f"{self.url}{path}", timeout=SECONDS, **options)
            for _ in range(TRIES):
                if answer.status_code != requests.codes.too_many_requests:
                    break
                time.sleep(1)  # Superset's limit counts by the second
                answer = self.session.request(method, f"{self.url}{path}", timeout=SECONDS, **options)
        except requests.RequestException as problem:
            raise SupersetError(f"Superset does not answer at {self.url}: {problem}. Look at: ./ioc status") from problem
        if not answer.ok:
            raise SupersetError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer

    def every(self, kind: str, columns: list[str]) -> Iterator[dict[str, Any]]:
        """All rows of a list (a key of ORDER), page by page: Superset gives no more than 100 at once."""
        page = 0
        while True:
            listed = ",".join(columns)
            query = quote(f"(columns:!({listed}),order_column:{ORDER[kind]},order_direction:asc,page:{page},page_size:{PAGE})")
            answer = self.call("GET", f"/api/v1/{kind}/?q={query}")
            yield from answer["result"]
            page += 1
            if page * PAGE >= answer["count"]:
                return

    def role_ids(self) -> dict[str, int]:
        """Id of every role by its name."""
        return {role["name"]: role["id"] for role in self.every("security/roles", ["id", "name"])}


def ensure_user(site: SupersetSite, username: str, password: str, first: str, last: str, email: str, roles: list[str]) -> bool:
    """Make an account, or give an existing one this password and these roles.

    Returns whether it was made. Raises SupersetError, also for a role that does not exist.
    """
    ids = site.role_ids()
    missing = [role for role in roles if role not in ids]
    if missing:
        raise SupersetError(f"account {username}: no role {', '.join(missing)} in Superset")
    wanted = sorted(ids[role] for role in roles)
    query = quote(f"(filters:!((col:username,opr:eq,value:{json.dumps(username)[1:-1]})))")
    found = site.call("GET", f"/api/v1/security/users/?q={query}")["result"]
    if not found:
        account = {"username": username, "password": password, "first_name": first, "last_name": last, "email": email}
        site.call("POST", "/api/v1/security/users/", json={**account, "active": True, "roles": wanted})
        return True
    site.call("PUT", f"/api/v1/security/users/{found[0]['id']}", json={"roles": wanted, "password": password, "active": True})
    return False
