"""What a contract writes in codes, as words of the reader's language."""

from __future__ import annotations

import re
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from . import agencies
from .texts import here, language

DATE_PARTS = {"%d": "dd", "%m": "mm", "%Y": "yyyy", "%y": "yy", "%H": "hh", "%M": "mm", "%S": "ss"}
TYPES = frozenset({"string", "integer", "number", "boolean", "date", "datetime", "year", "geojson"})
SUBSYSTEMS = (
    "data_supply", "documents", "public_services", "socioeconomic", "health", "education", "feedback", "tourism", "infosec",
    "public_safety",
)  # fmt: skip
"""The centre's subsystems in the order of its home page; the portal is installed without the reference data that says it."""
LICENCES = frozenset({"odc-by", "odc-odbl", "odc-pddl", "cc-by", "cc-zero"})


def due(rule: str) -> str:
    """The rule of the due moment: "17:00", "+10d 17:00", "+3wd 17:00" (working days)."""
    found = re.fullmatch(r"(?:\+(\d+)(d|wd) )?(\d{1,2}:\d{2})", rule.strip())
    if found is None:
        return rule
    days, kind, time = found.groups()
    if days is None:
        return here("portal.due.same_day", time=time)
    return here("portal.due.days" if kind == "d" else "portal.due.working_days", time=time, days=days)


def column_type(field: dict[str, Any]) -> str:
    """Type of a column, with the way in which a date is written: "ngày, dd/mm/yyyy"."""
    name = str(field.get("type") or "string")
    text = here(f"portal.type.{name}") if name in TYPES else name
    written = str(field.get("format") or "")
    if "%" not in written:
        return text
    for code, letters in DATE_PARTS.items():
        written = written.replace(code, letters)
    return f"{text}, {written}"


def licence(dataset: dict[str, Any]) -> str:
    """Title of the dataset's licence."""
    name = dataset.get("license_id")
    return here(f"portal.licence.{name}") if name in LICENCES else str(dataset.get("license_title") or "")


def subsystem_titles() -> dict[str, str]:
    """Title of each subsystem that has a dataset, by its name, in the reader's language."""
    lang = language()
    extras = model.Package.extras
    wanted = "subsystem_title" if lang == "vi" else f"subsystem_title_{lang}"
    rows = model.Session.query(extras["subsystem"].astext, extras[wanted].astext).filter(model.Package.state == "active").distinct()
    return {name: title for name, title in rows if name and title}


def name_facets(facets: dict[str, Any]) -> None:
    """Gives the values of a search's facets the words that the dataset's own page has for them, in the reader's language."""
    choices = _choices()
    for name, facet in facets.items():
        for item in facet.get("items", []):
            item["display_name"] = choices.get((name, item["name"]), item["display_name"])
    subsystems = facets.get("subsystem", {}).get("items", [])
    titles = subsystem_titles() if subsystems else {}
    for item in subsystems:
        item["display_name"] = titles.get(item["name"], item["name"])
    organizations = facets.get("organization", {}).get("items", [])
    titles = agencies.titles((item["name"] for item in organizations), language())
    for item in organizations:
        item["display_name"] = titles[item["name"]]


def facet_value(name: str, value: str) -> str:
    """Words of one value that a search is narrowed to, also where it finds nothing and has no facets."""
    if name == "organization":
        return agencies.title(value, language())
    if name == "subsystem":
        return subsystem_titles().get(value, value)
    return _choices().get((name, value), value)


def _choices() -> dict[tuple[str, str], str]:
    """Words of the values that the dataset's form offers, by field and value."""
    schema = tk.h.scheming_get_dataset_schema("dataset")
    return {
        (field["field_name"], choice["value"]): tk.h.scheming_language_text(choice["label"])
        for field in (schema["dataset_fields"] if schema else [])
        for choice in field.get("choices") or []
    }


def in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The subsystems of a facet in the order of the centre's home page, a province's further ones after them by their titles."""
    place = {name: number for number, name in enumerate(SUBSYSTEMS)}
    return sorted(items, key=lambda item: (place.get(item["name"], len(place)), item["display_name"]))
