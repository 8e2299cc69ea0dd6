"""Client of the desk service, which knows the store: what is owed, the harvest's checks before publishing, templates, history.

The service answers codes and parameters; here nothing is put into words except that the service did not answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import IO, Any

import ckan.plugins.toolkit as tk
import requests

from ..texts import here

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3
READ_SECONDS = 10
CHECK_SECONDS = 110
"""Below the 120 seconds after which CKAN's own process would be stopped."""

Parameters = Mapping[str, str | int | Sequence[str]]


class ServiceDown(Exception):
    """The service cannot be reached or failed; the message is for the person, in their language."""

    def __init__(self) -> None:
        super().__init__(here("desk.service_down"))


class ServiceRefused(Exception):
    """The service answered that it will not: `status` as in HTTP, `code` and `params` as in the locale's texts."""

    def __init__(self, status: int, code: str, params: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.params = params


def _request(method: str, path: str, seconds: int = READ_SECONDS, **more: Any) -> requests.Response:
    """The service's answer. Raises ServiceDown, ServiceRefused for a status of 4xx."""
    address = str(tk.config.get("ckanext.ioc.desk_url") or "").rstrip("/")
    if not address:
        log.error("ckanext.ioc.desk_url is not set")
        raise ServiceDown
    headers = {"Authorization": f"Bearer {tk.config.get('ckanext.ioc.desk_token') or ''}"}
    try:
        answer = requests.request(
            method, f"{address}{path}", headers=headers, timeout=(CONNECT_SECONDS, seconds), allow_redirects=False, **more
        )
    except requests.RequestException as error:
        log.error("the desk service did not answer %s %s: %s", method, path, error)
        raise ServiceDown from error
    if answer.status_code in (401, 403) or answer.status_code >= 500:
        log.error("the desk service answered %s %s with %s: %.300s", method, path, answer.status_code, answer.text)
        raise ServiceDown
    if answer.status_code >= 400:
        raise _refusal(answer)
    return answer


def _refusal(answer: requests.Response) -> ServiceRefused:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    return ServiceRefused(answer.status_code, str(said.get("code") or said.get("error") or answer.status_code), said.get("params") or {})


def get(path: str, **params: Any) -> Any:
    """JSON of a GET. Raises ServiceDown, ServiceRefused."""
    return _request("GET", path, params=params).json()


def get_bytes(path: str, **params: Any) -> requests.Response:
    """A file of a GET, with its headers. Raises ServiceDown, ServiceRefused."""
    return _request("GET", path, params=params)


def owed(agencies: Sequence[str], days: int | None = None, seconds: int = READ_SECONDS) -> dict[str, Any]:
    """{"now", "reports"} of these agencies: what is to be delivered in the next 35 days or is late, and what came in the last `days`."""
    wanted: dict[str, Any] = {"agency": list(agencies)}
    if days is not None:
        wanted["days"] = days
    found: dict[str, Any] = _request("GET", "/owed", seconds, params=wanted).json()
    return found


def report(dataset: str, agency: str, period: str) -> dict[str, Any] | None:
    """One expected report with its events, None when nothing of that name is expected."""
    try:
        found: dict[str, Any] = get("/report", dataset=dataset, agency=agency, period=period)
    except ServiceRefused as refused:
        if refused.status == 404:
            return None
        raise
    return found


def check_file(dataset: str, agency: str, period: str, name: str, file: IO[bytes]) -> dict[str, Any]:
    """The harvest's check of a file, before it is published."""
    form = {"dataset": dataset, "agency": agency, "period": period, "filename": name}
    found: dict[str, Any] = _request("POST", "/check", CHECK_SECONDS, data=form, files={"file": (name, file)}).json()
    return found


def check_rows(dataset: str, agency: str, period: str, header: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """The harvest's check of rows that were typed or pasted; lines are counted from 1."""
    body = {"dataset": dataset, "agency": agency, "period": period, "header": header, "rows": rows}
    found: dict[str, Any] = _request("POST", "/check", CHECK_SECONDS, json=body).json()
    return found


def file_of_rows(dataset: str, agency: str, period: str, header: list[str], rows: list[list[str]]) -> bytes:
    """The rows as a file in the contract's own layout; with no rows the file of a zero declaration."""
    body = {"dataset": dataset, "agency": agency, "period": period, "header": header, "rows": rows}
    return _request("POST", "/file", CHECK_SECONDS, json=body).content


def rejected_workbook(form: Mapping[str, str], name: str, file: IO[bytes]) -> bytes:
    """An XLSX of the rows that the check of this file rejects, their cells marked."""
    return _request("POST", "/rejected.xlsx", CHECK_SECONDS, data={**form, "filename": name}, files={"file": (name, file)}).content


def rejected_workbook_of_rows(body: Mapping[str, Any]) -> bytes:
    """As rejected_workbook, of rows {dataset, agency, period, header, rows}."""
    return _request("POST", "/rejected.xlsx", CHECK_SECONDS, json=dict(body)).content
