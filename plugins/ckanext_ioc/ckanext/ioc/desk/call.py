"""The call by which an agency's software delivers a report: lines of a shell with the dataset's own names, and what they answer."""

from __future__ import annotations

import json
import secrets
import shlex
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import current_user

from datasets.model.calendar import ZONE

from ..texts import here

TOKEN = "TOAN_CANH_TOKEN"  # noqa: S105  # the variable's name
FILE = "so-lieu.csv"


def of_report(desk: dict[str, Any]) -> dict[str, Any]:
    """For the template: the lines to run and examples of answers, as texts; `variable` and `tokens`, where a token is made."""
    site = tk.config["ckan.site_url"].rstrip("/")
    where = {name: desk[name] for name in ("dataset", "agency", "period")}
    key = f"{where['dataset']}-{where['period']}-{datetime.now(ZONE):%Y%m%d%H%M%S}{secrets.token_hex(2)}"
    answer = {**where, "resource_id": "0a1b2c3d-…", "replaced": False, "state": "received", "receipt_url": f"{site}/dataset/…"}
    return {
        "variable": TOKEN,
        "file": FILE,
        "tokens": tk.url_for("user.api_tokens", id=current_user.name),
        "deliver": _deliver(site, where, key, f"upload=@{FILE}"),
        "zero": _deliver(site, where, f"{key}-0", "zero=true") if desk["scope"] == "period" else "",
        "receipt": " \\\n  ".join(["curl -sS", _token(), shlex.quote(f"{site}/api/3/action/ioc_receipt_show?id=ID")]),
        "answer": _json({"success": True, "result": answer}),
        "errors": [
            {"status": status, "text": here(f"desk_call.error.{name}"), "answer": _json({"success": False, "error": error})}
            for status, name, error in _errors(where["agency"], key)
        ],
    }


def _errors(agency: str, key: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Status, name of the explanation, and the error as the API gives it."""
    return [
        (403, "not_allowed", {"__type": "Authorization Error", "message": here("portal.agency_not_yours", agency=agency)}),
        (409, "validation", {"__type": "Validation Error", "period": [here("portal.period_wrong", period="11/2026", example="2026-11")]}),
        (409, "key", {"__type": "Validation Error", "idempotency_key": [here("desk_call.key_used", key=key)]}),
    ]


def _token() -> str:
    return f'-H "Authorization: ${TOKEN}"'


def _deliver(site: str, where: dict[str, str], key: str, content: str) -> str:
    parts = [f"{name}={value}" for name, value in where.items()]
    return " \\\n  ".join([
        "curl -sS -X POST",
        _token(),
        f"-H {shlex.quote(f'Idempotency-Key: {key}')}",
        *(f"-F {shlex.quote(part)}" for part in (*parts, content)),
        shlex.quote(f"{site}/api/3/action/ioc_deliver"),
    ])  # fmt: skip


def _json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2)
