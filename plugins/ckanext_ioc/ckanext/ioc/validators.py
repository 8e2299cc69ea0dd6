"""What a delivery may say. Each validator works on one field of a resource in its dataset."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan import model

from datasets.model.period import HOW_TO_WRITE, bounds

from . import agencies
from .delivery import DatasetFacts, same_scope
from .texts import SIMULATED_MARK, here

Key = tuple[Any, ...]
MAX_NAME = 160
SIMULATED_SUFFIX = f" (số liệu {SIMULATED_MARK})"


def _sibling(key: Key, data: dict[Key, Any], field: str) -> str | None:
    """Another field of the same resource; None when it is missing or empty."""
    value = data.get((*key[:-1], field))
    return str(value) if value and value is not tk.missing else None


def _given(key: Key, data: dict[Key, Any]) -> str:
    value = data.get(key)
    return "" if value is None or value is tk.missing else str(value).strip()


def _facts(context: dict[str, Any]) -> tuple[Any, DatasetFacts] | None:
    """The dataset being written and what it says; None while it is made."""
    package = context.get("package")
    return (package, DatasetFacts.of(package)) if package is not None else None


def _refuse(key: Key, errors: dict[Key, list[str]], code: str, **params: Any) -> None:
    errors[key].append(here(code, **params))
    raise tk.StopOnError()


def delivery_address(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """A file, or a web address with http or https; nothing that a browser or the harvest would run or read from the machine."""
    address = _given(key, data)
    if not address:
        _refuse(key, errors, "portal.file_missing")
    data[key] = address
    if _sibling(key, data, "url_type") == "upload":
        resource_id = _sibling(key, data, "id")
        stored = model.Resource.get(resource_id) if resource_id else None
        held = stored is not None and stored.url_type == "upload"
        if not held and _sibling(key, data, "last_modified") is None:
            _refuse(key, errors, "portal.file_missing")
        return
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or any(ord(letter) <= ord(" ") or letter == "\\" for letter in address):
        _refuse(key, errors, "portal.address_refused")


def delivery_agency(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """One of the dataset's publishers for which the user delivers; the only one when nothing is written. It never changes afterwards."""
    found = _facts(context)
    agency = _given(key, data)
    if found is None:
        data[key] = agency
        return
    _, facts = found
    resource_id = _sibling(key, data, "id")
    stored = model.Resource.get(resource_id) if resource_id else None
    before = stored.extras.get("agency") if stored is not None else None
    user = agencies.user_of(context)
    allowed = facts.may_deliver(user) if not context.get("ignore_auth") else list(facts.publishers)
    agency = agency or before or (allowed[0] if len(allowed) == 1 else "")
    if not agency:
        _refuse(key, errors, "portal.agency_missing", agencies=", ".join(allowed))
    if before and agency != before:
        _refuse(key, errors, "portal.agency_fixed", agency=agencies.title(before))
    if agency not in allowed and agency != before:
        _refuse(key, errors, "portal.agency_not_yours", agency=agency)
    data[key] = agency


def delivery_period(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """A period of the contract's calendar where a delivery is one period, else nothing; no other delivery has the same scope."""
    found = _facts(context)
    period = _given(key, data)
    if found is None:
        data[key] = period
        return
    package, facts = found
    if facts.scope == "period" and facts.calendar:
        example = HOW_TO_WRITE[facts.calendar]  # type: ignore[index]  # calendars are strings
        if not period:
            _refuse(key, errors, "portal.period_missing", example=example)
        try:
            bounds(facts.calendar, period)
        except ValueError:
            _refuse(key, errors, "portal.period_wrong", period=period, example=example)
    elif period:
        _refuse(key, errors, "portal.period_not_asked")
    data[key] = period
    agency = _sibling(key, data, "agency")
    if agency is None:
        return
    other = same_scope(facts, package, agency, period, _sibling(key, data, "id"))
    if other is not None:
        code = "portal.scope_taken_period" if facts.scope == "period" else "portal.scope_taken_whole"
        _refuse(key, errors, code, period=period, agency=agencies.title(agency), name=other.name or other.id, resource=other.id)


def delivery_simulated(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """ "true" or "false"."""
    data[key] = "true" if _given(key, data).lower() in ("true", "1", "yes", "on") else "false"


def delivery_name(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """A name made of period, agency and file when none is written; a simulated delivery says so in its name."""
    name = _given(key, data)
    if not name:
        agency = _sibling(key, data, "agency")
        file = (_sibling(key, data, "url") or "").rsplit("/", 1)[-1]
        parts = [_sibling(key, data, "period"), agencies.title(agency) if agency else None, file]
        name = " · ".join(part for part in parts if part)
    if _sibling(key, data, "simulated") != "true":
        name = name.removesuffix(SIMULATED_SUFFIX)
    elif SIMULATED_MARK not in name.lower():
        name = name[: MAX_NAME - len(SIMULATED_SUFFIX)] + SIMULATED_SUFFIX
    data[key] = name[:MAX_NAME]


def validators() -> dict[str, Any]:
    return {
        "ioc_delivery_address": delivery_address,
        "ioc_delivery_agency": delivery_agency,
        "ioc_delivery_period": delivery_period,
        "ioc_delivery_simulated": delivery_simulated,
        "ioc_delivery_name": delivery_name,
    }
