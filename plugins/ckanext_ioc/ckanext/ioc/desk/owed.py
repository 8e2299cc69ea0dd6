"""The list of the desk: reports that agencies owe, in groups by their due moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import current_user

from datasets.model.calendar import ZONE

from .. import agencies, pages
from ..texts import here
from . import service as desk_service
from . import words as desk_words

SOON = timedelta(days=7)
FEW_ROWS = 25
"""So many rows are read at a glance and need no filters."""

FIRST_PAGE_SECONDS = 2
"""The first page does not wait longer for its two numbers."""

SHOWN = {"late": 100, "done": 60}
"""Most rows of a group on one page; the others are counted, and the filters find them."""

GROUPS = ("late", "today", "soon", "excused", "later", "done")
AHEAD = ("soon", "later")
FILTERS = ("agency", "subsystem", "show")


def agencies_of(user: Any) -> list[str]:
    """Agencies for which the viewer delivers; of a sysadmin all that publish to any dataset."""
    if not user.sysadmin:
        return agencies.delivers_for(user)
    extras = model.Package.extras
    rows = model.Session.query(extras["publishers"].astext).filter(model.Package.state == "active")
    return sorted({name for (publishers,) in rows for name in (publishers or "").split()})


def page(own: list[str], asked: Mapping[str, str]) -> dict[str, Any]:
    """What the list's template reads as `desk`. `asked` are the filters of the address."""
    lang = tk.h.lang()
    titles = agencies.titles(own, lang)
    chosen = asked.get("agency") if asked.get("agency") in own else None
    shown: dict[str, Any] = {
        "agencies": sorted(titles.items(), key=lambda pair: pair[1]),
        "titles": titles,
        "several": len(own) > 1,
        "asked": {name: asked.get(name, "") for name in FILTERS} | {"agency": chosen or ""},
        "subsystems": [],
        "groups": [],
        "counts": {},
        "down": "",
    }
    if not own:
        return shown
    try:
        found = desk_service.owed([chosen] if chosen else own)
    except (desk_service.ServiceDown, desk_service.ServiceRefused):
        return {**shown, "down": here("desk.service_down"), "mine": pages.my_datasets()}
    now = datetime.fromisoformat(found["now"]).astimezone(ZONE)
    reports = [report for report in found["reports"] if report["agency"] in titles]
    shown["subsystems"] = _subsystems(reports)
    wanted = shown["asked"]["subsystem"]
    kept = [report for report in reports if not wanted or report.get("subsystem") == wanted]
    shown["groups"] = groups(kept, now, shown["asked"]["show"])
    shown["counts"] = Counter({group["name"]: group["total"] for group in groups(kept, now, "")})
    shown["filters"] = len(own) > 1 or sum(shown["counts"].values()) > FEW_ROWS or any(shown["asked"].values())
    return shown


def on_first_page() -> dict[str, Any] | None:
    """For editors, what the portal's first page says of their desk: {"late", "soon"}, both None when the service does not answer."""
    if current_user.is_anonymous or not (own := agencies.delivers_for(current_user)):
        return None
    try:
        found = desk_service.owed(own, seconds=FIRST_PAGE_SECONDS)
    except (desk_service.ServiceDown, desk_service.ServiceRefused):
        return {"late": None, "soon": None}
    now = datetime.fromisoformat(found["now"])
    groups_found = Counter(group_of(report, now) for report in found["reports"])
    soon = sum(1 for report in found["reports"] if group_of(report, now) in ("today", "soon") and report["punctuality"] == "due_soon")
    return {"late": groups_found["late"], "soon": soon}


def _subsystems(reports: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Names and titles of the subsystems of these reports, by title."""
    names = {str(report.get("subsystem") or "") for report in reports} - {""}
    if len(names) < 2:
        return []
    titles = tk.h.ioc_subsystems()
    return sorted(((name, str(titles.get(name, name))) for name in names), key=lambda pair: pair[1])


def group_of(report: Mapping[str, Any], now: datetime) -> str:
    """The group of a report, by what is to be done about it and when."""
    if report.get("received_at") and report.get("quality") != "refused":
        return "done"
    if report["punctuality"] == "excused":
        return "excused"
    due = datetime.fromisoformat(report["due_at"]).astimezone(ZONE)
    if due < now:
        return "late"
    if due.date() == now.date():
        return "today"
    return "soon" if due <= now + SOON else "later"


def groups(reports: list[dict[str, Any]], now: datetime, show: str) -> list[dict[str, Any]]:
    """Groups with their rows, empty ones left out: [{"name", "rows", "total", "more"}].

    Of what is still to come each obligation shows its next report only; `more` of that row counts those after it.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    ahead: dict[str, dict[str, Any]] = {}
    for report in sorted(reports, key=lambda r: (str(r["due_at"]), str(r["obligation"]))):
        group = group_of(report, now)
        if show in ("todo", "done") and (group == "done") != (show == "done"):
            continue
        if group in AHEAD and report["obligation"] in ahead:
            ahead[report["obligation"]]["more"] += 1
            continue
        row = {**report, **desk_words.facts(report, now), "more": 0}
        if group in AHEAD:
            ahead[report["obligation"]] = row
        found[group].append(row)
    found["done"].sort(key=lambda row: str(row["received_at"]), reverse=True)
    return [
        {"name": name, "rows": rows[: SHOWN.get(name)], "total": len(rows), "hidden": max(0, len(rows) - SHOWN.get(name, len(rows)))}
        for name, rows in found.items()
        if rows
    ]
