"""The form of a report as its page shows it: columns, the rows to begin with, and what has changed since the draft was left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import current_user

from datasets.model.calendar import ZONE

from .. import standing
from ..receipt import ACCEPTED, PENDING, receipts_of
from ..texts import day, here, language
from . import drafts
from . import service as desk_service
from . import words as desk_words
from .drafts import Draft, Rows, Scope
from .report import Wanted, address

MOST_ROWS = 2000
MOST_LETTERS = 2000
"""Of one cell."""
WORDS = ("rows", "row", "column", "columns", "left", "most", "count", "when", "rejected")
"""Parameters that the script itself fills in."""
COMPARED = ("type", "format", "required", "minimum", "maximum", "pattern", "options")
"""What of a field, when it changes, changes what an editor may write."""

SAID = (
    "grid", "row_number", "cell", "leave", "previous", "next", "jump", "card", "too_many_rows", "paste_rows", "paste_columns", "pasted",
    "not_loaded", "log_in", "not_begun", "unsaved", "saving", "not_saved", "browser_full", "in_browser", "overtaken_state", "restored",
    "rows", "checking", "not_checked", "bad", "todo", "good", "whole", "place", "row", "session_ended", "look_theirs", "take_theirs",
    "keep_mine", "look", "take", "removed", "publish", "publish_anyway", "publish_rows", "publish_rejected", "empty", "replace_theirs",
)  # fmt: skip
"""What the script says, each a text `desk_form.js.<name>`."""


def for_script(desk: dict[str, Any]) -> dict[str, Any]:
    """What the page hands to its script: {"addresses", "texts", "keep": name under which the browser keeps what is not saved}."""
    where = {name: desk[name] for name in ("dataset", "agency", "period")}
    named = {name: tk.url_for(f"ioc.desk_form_{name}", **where) for name in ("check", "draft", "discard", "publish")}
    root = tk.url_for("ioc.desk_form_version", **where, id=0).removesuffix("0")
    return {
        "addresses": {**named, "form": tk.url_for("ioc.desk_form", **where), "version": root, "log_in": tk.url_for("user.login")},
        "texts": {name: here(f"desk_form.js.{name}", **{word: "{" + word + "}" for word in WORDS}) for name in SAID},
        "keep": f"ioc-draft {current_user.name} {' '.join(where.values())}",
    }


def scope_of(found: Wanted) -> Scope:
    return Scope(found.dataset, found.agency, found.period)


def contract_form(found: Wanted) -> dict[str, Any]:
    """{"fields", "units", "contract"} of the service. Raises ServiceDown, ServiceRefused."""
    form: dict[str, Any] = desk_service.get("/form", **address(found), lang=language())
    return form


def as_shown(found: Wanted) -> dict[str, Any]:
    """All that the page's script begins with. Raises ServiceDown, ServiceRefused."""
    form = contract_form(found)
    scope = scope_of(found)
    stands = found.resource() if found.facts.scope != "addition" else None
    based_on = standing.sha256(stands)
    draft = drafts.current(scope)
    shown: dict[str, Any] = {
        "fields": form["fields"], "kept_fields": compared(form["fields"]), "units_of": form.get("units_of") or {}, "version": 0,
        "contract_version": (form.get("contract") or {}).get("version"), "based_on": based_on, "notices": [], "saved": "",
        "most_rows": MOST_ROWS,
    }  # fmt: skip
    if draft is None:
        shown |= _prefilled(found, form)
    else:
        shown |= {
            "rows": fitted(draft, form["fields"]),
            "from": "draft",
            "version": draft.version,
            "based_on": draft.based_on,
            "saved": saved_text(draft),
            "notices": notices(draft, form, stands, based_on),
        }
    return {**shown, "versions": [version_line(kept) for kept in drafts.kept_beside(scope)]}


def _prefilled(found: Wanted, form: dict[str, Any]) -> dict[str, Any]:
    """Rows to begin with: what stands for this period, else last period's facilities or the units."""
    given = desk_service.get("/prefill", **address(found))
    source = str(given.get("from") or "none")
    period = desk_words.period_text(str(given.get("period") or ""))
    text = here(f"desk_form.from.{source}", period=period)
    wide = len(form["fields"])
    rows = [[*map(str, row), *([""] * wide)][:wide] for row in given.get("rows") or []]
    cut = [{"level": "watch", "text": here("desk_form.prefill_cut", most=MOST_ROWS, rows=len(rows))}] if len(rows) > MOST_ROWS else []
    personal = [field["title"] for field in form["fields"] if field.get("personal")]
    hidden = [{"level": "watch", "text": here("desk_form.personal_empty", columns=", ".join(personal))}] if personal else []
    return {
        "rows": rows[:MOST_ROWS],
        "from": source,
        "notices": [{"level": "hint", "text": text}, *cut, *(hidden if source == "this_period" else [])],
    }


def fitted(draft: Draft, fields: list[dict[str, Any]]) -> Rows:
    """The draft's cells in the contract's columns of today; a column that is new is empty."""
    place = {field["name"]: n for n, field in enumerate(draft.fields)}
    order = [place.get(field["name"]) for field in fields]
    return [[row[n] if n is not None and n < len(row) else "" for n in order] for row in draft.rows]


def saved_text(draft: Draft) -> str:
    """ "Đã lưu lúc 10:42 hôm nay, Trần Thị B"; one's own without the name."""
    when = desk_words.moment(draft.saved_at.astimezone(ZONE), datetime.now(UTC))
    mine = draft.user_id == getattr(current_user, "id", None)
    return here("desk_form.saved" if mine else "desk_form.saved_by", when=when, who=draft.user_name)


def version_line(kept: Draft) -> dict[str, Any]:
    """One version kept beside the draft, for the list: {"id", "text"}."""
    when = desk_words.moment(kept.saved_at.astimezone(ZONE), datetime.now(UTC))
    return {"id": kept.id, "text": here("desk_form.version", who=kept.user_name, when=when, rows=len(filled(kept.rows)))}


def filled(rows: Rows) -> Rows:
    """Rows with something in them."""
    return [row for row in rows if any(cell.strip() for cell in row)]


def notices(draft: Draft, form: dict[str, Any], stands: Any, based_on: str) -> list[dict[str, str]]:
    """What has happened since the draft was left, each {"level": watch|bad|hint, "text"}."""
    found: list[dict[str, str]] = []
    days = (datetime.now(ZONE).date() - draft.saved_at.astimezone(ZONE).date()).days
    if days > 0:
        saved = day(draft.saved_at.astimezone(ZONE))
        found.append({"level": "watch", "text": here("desk_form.old", days=days, when=saved, who=draft.user_name)})
    found += _sent(draft)
    found += [{"level": "watch", "text": text} for text in contract_changes(draft, form)]
    if stands is not None and draft.based_on != based_on:
        who, when = standing.published_by(stands)
        found.append({"level": "bad", "text": here("desk_form.delivered_meanwhile", who=who, when=when)})
    elif stands is None and draft.based_on:
        found.append({"level": "watch", "text": here("desk_form.withdrawn_meanwhile")})
    lost = lost_units(fitted(draft, form["fields"]), form)
    if lost:
        found.append({"level": "watch", "text": here("desk_form.units_changed", codes=", ".join(lost))})
    return found


def _sent(draft: Draft) -> list[dict[str, str]]:
    """What became of the draft when it was handed in."""
    if draft.sent_resource is None or draft.sent_version != draft.version:
        return []
    receipt = receipts_of([draft.sent_resource]).get(draft.sent_resource)
    state = str(receipt.state) if receipt is not None else "received"
    when = desk_words.moment(draft.sent_at.astimezone(ZONE), datetime.now(UTC))
    if state in PENDING:
        return [{"level": "hint", "text": here("desk_form.sent.pending", when=when)}]
    if receipt is None or receipt.file_sha256 != draft.sent_sha256:
        return []
    if state in ACCEPTED:
        return [{"level": "watch", "text": here("desk_form.sent.rejects", when=when, rejected=receipt.rows_rejected or 0)}]
    return [{"level": "bad", "text": here("desk_form.sent.refused", when=when)}] if state == "refused" else []


def contract_changes(draft: Draft, form: dict[str, Any]) -> list[str]:
    """Which columns the contract has added, dropped or asks to be written otherwise since the draft was saved."""
    before = {field["name"]: field for field in draft.fields}
    now = {field["name"]: field for field in compared(form["fields"])}
    added = [field["title"] for name, field in now.items() if name not in before]
    dropped = [field["title"] for name, field in before.items() if name not in now]
    changed = [
        field["title"]
        for name, field in now.items()
        if name in before and any(before[name].get(key) != field.get(key) for key in COMPARED if key in before[name])
    ]
    if not (added or dropped or changed):
        return []
    parts = {"added": added, "dropped": dropped, "changed": changed}
    said = "; ".join(here(f"desk_form.columns.{name}", columns=", ".join(titles)) for name, titles in parts.items() if titles)
    return [here("desk_form.contract_changed", version=(form.get("contract") or {}).get("version") or "", changes=said)]


def lost_units(rows: Rows, form: dict[str, Any]) -> list[str]:
    """Codes of units in the rows that are not valid in the period, at most ten."""
    units = form.get("units")
    place = next((n for n, field in enumerate(form["fields"]) if field.get("is_unit")), None)
    if not units or place is None:
        return []
    known = {code for code, _ in units}
    return sorted({row[place] for row in rows if row[place].strip() and row[place] not in known})[:10]


def compared(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a draft keeps of the contract's fields; labels of options are left out."""
    kept = [{key: field.get(key) for key in ("name", "title", *COMPARED)} for field in fields]
    for field in kept:
        field["options"] = [option[0] for option in field["options"]] if field["options"] else None
    return kept


def readable_problem(found: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    """A problem of the service as the grid marks it: {"row" from 0 or null, "column", "text", "todo": whether the cell is only empty}."""
    name = found.get("column")
    text = desk_words.problem({**found, "column": fields.get(str(name), name)})
    example = found.get("example")
    if example and str(example) not in text:
        text = f"{text} {here('desk_form.example', example=example)}"
    line = found.get("line")
    return {"row": line - 1 if line else None, "column": name, "text": text, "todo": found.get("rule") == "required"}
