"""What a delivery says about its report: which one it is for, who declared zero, when a simulated one came.

Such a word belongs to one file. Where another file is put in its place by a door that does not set the word anew, it goes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from . import agencies
from .deliver_action import DESK, period_problem
from .delivery import DatasetFacts
from .texts import here

Key = tuple[Any, ...]
DEMONSTRATION_EDITORS = "bien-tap-"
"""The accounts that `ioc accounts` makes for a demonstration begin so; people's own are named by their administrators."""


def _text(value: Any) -> str:
    return "" if value is None or value is tk.missing else str(value).strip()


def _sibling(key: Key, data: dict[Key, Any], field: str) -> Any:
    value = data.get((*key[:-1], field))
    return None if value is tk.missing or value == "" else value


def _stored(key: Key, data: dict[Key, Any]) -> Any:
    found = _sibling(key, data, "id")
    return model.Resource.get(found) if isinstance(found, str) else None


def _moment(value: Any) -> datetime | None:
    """A moment of CKAN's own (UTC without a zone), given as text or as a datetime."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=None) if isinstance(found, datetime) else None


def _is_another_file(key: Key, data: dict[Key, Any], stored: Any) -> bool:
    """Whether a file is being put into the delivery, or another in the place of the stored one."""
    return stored is None or _moment(_sibling(key, data, "last_modified")) != _moment(stored.last_modified)


def _refuse(key: Key, errors: dict[Key, list[str]], code: str, **params: Any) -> None:
    errors[key].append(here(code, **params))
    raise tk.StopOnError()


def report_period(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """The report that a delivery of the whole, or an addition, is for; empty where the delivery's own period says it."""
    given = _text(data.get(key))
    package = context.get("package")
    data[key] = given
    if package is None or not given:
        return
    if DatasetFacts.of(package).scope == "period":
        data[key] = ""
        return
    stored = _stored(key, data)
    ours = (context.get(DESK) or {}).get("report_period")
    if stored is not None and given == stored.extras.get("report_period"):
        if given != ours and _is_another_file(key, data, stored):
            data[key] = ""
        return
    wrong = period_problem(DatasetFacts.of(package), package, given)
    if wrong:
        errors[key].append(wrong)
        raise tk.StopOnError()


def zero_by(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """Who declared that there is nothing to report: only the action of the declaration writes it."""
    stored = _stored(key, data)
    ours = context.get(DESK)
    if ours is not None and _is_another_file(key, data, stored):
        data[key] = ours.get("zero_by", "")
    elif stored is not None and not _is_another_file(key, data, stored):
        data[key] = stored.extras.get("zero_by") or ""
    else:
        data[key] = ""


def delivered_at(key: Key, data: dict[Key, Any], errors: dict[Key, list[str]], context: dict[str, Any]) -> None:
    """When a simulated delivery is said to have come, as a moment in UTC.

    The accounts of the demonstration and sysadmins may write it. A real delivery came when it came.
    """
    given = _text(data.get(key))
    data[key] = ""
    if not given or _text(data.get((*key[:-1], "simulated"))).lower() not in ("true", "1", "yes", "on"):
        return
    stored = _stored(key, data)
    if stored is not None and given == stored.extras.get("delivered_at"):
        data[key] = "" if _is_another_file(key, data, stored) else given
        return
    user = agencies.user_of(context)
    if user is None or not (user.sysadmin or user.name.startswith(DEMONSTRATION_EDITORS)):
        _refuse(key, errors, "desk.delivered_at_not_yours")
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        _refuse(key, errors, "desk.delivered_at_wrong", value=given)
        return
    if at.tzinfo is None:
        _refuse(key, errors, "desk.delivered_at_wrong", value=given)
    data[key] = at.astimezone(UTC).isoformat()


def validators() -> dict[str, Any]:
    return {"ioc_report_period": report_period, "ioc_zero_by": zero_by, "ioc_delivered_at": delivered_at}
