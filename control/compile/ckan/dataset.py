"""One contract resource as CKAN's dataset, one agency as its organisation."""

from __future__ import annotations

import json
from typing import Any

from datasets.model.contract import Contract, Level, Resource
from datasets.model.reference import Agency, Reference

LICENCES = {"ODC-BY-1.0": "odc-by", "ODbL-1.0": "odc-odbl", "PDDL-1.0": "odc-pddl", "CC-BY-4.0": "cc-by", "CC0-1.0": "cc-zero"}
"""CKAN's own names of the licences that a contract may write."""

LEVELS = {Level.COUNTRY: "quốc gia", Level.PROVINCE: "tỉnh", Level.DISTRICT: "huyện", Level.COMMUNE: "xã"}
PERSONAL = ("none", "basic", "sensitive")


def organisation_of(agency: Agency) -> dict[str, Any]:
    """The fields that an agency's organisation has."""
    extras = {
        "kind": agency.kind,
        "title_en": agency.titles.en,
        "title_fr": agency.titles.fr or agency.titles.en,
        "unit": agency.unit or "",
    }
    return {
        "name": agency.name,
        "title": agency.title,
        "extras": [{"key": key, "value": value} for key, value in sorted(extras.items()) if value],
    }


def dataset_of(contract: Contract, resource: Resource, reference: Reference) -> dict[str, Any]:
    """The fields that a contract resource's dataset has, as CKAN's API takes and gives them."""
    delivery, descriptions = resource.delivery, resource.descriptions
    steward = reference.positions.get(resource.steward)
    owner = reference.agencies.get(resource.owner)
    return {
        "name": contract.dataset_name(resource),
        "type": "dataset",
        "title": resource.title,
        "title_en": resource.titles.en,
        "title_fr": resource.titles.fr or resource.titles.en,
        "notes": resource.description or "",
        "notes_en": descriptions.en if descriptions else "",
        "notes_fr": (descriptions.fr or "") if descriptions else "",
        "owner_org": resource.owner,
        "private": resource.access_class != "open",
        "license_id": LICENCES.get(resource.licence, "notspecified"),
        "maintainer": steward.title if steward else (owner.title if owner else resource.owner),
        "maintainer_email": (owner.email or "") if owner else "",
        "tags": [{"name": contract.name}],
        "subsystem": contract.name,
        "subsystem_title": contract.title,
        "subsystem_title_en": contract.titles.en,
        "subsystem_title_fr": contract.titles.fr or contract.titles.en,
        "contract_resource": f"{contract.name}/{resource.name}",
        "contract_version": contract.version,
        "access_class": resource.access_class,
        "restricted_to": " ".join(resource.named_agencies),
        "importance": resource.importance,
        "personal": max((f.personal for f in resource.schema_.fields), key=PERSONAL.index),
        "legal_basis": resource.legal_basis,
        "legal_basis_title": legal_basis_title(resource, reference),
        "frequency": resource.obligation.calendar.value,
        "due": resource.obligation.due,
        "steward": resource.steward,
        "publishers": " ".join(resource.publishers),
        "delivery_scope": delivery.scope.value,
        "delivery_calendar": delivery.calendar.value if delivery.calendar else "",
        "file_layout": file_layout(resource),
        "key_columns": ", ".join(resource.schema_.primaryKey),
        "units_of_measure": ", ".join(f"{f.name}: {f.unit}" for f in resource.schema_.fields if f.unit),
        "unit_vintage": unit_vintage(resource),
        "figure_status": resource.same_status or "rows",
        "sources": sources(resource),
        "language": "vi",
        "table_schema": table_schema(resource),
    }


def sources(resource: Resource) -> str:
    """Publications that the numbers are taken from, as JSON: titles by language, and the address; empty without any."""
    said = [{**source.in_languages, "path": source.path or ""} for source in resource.sources]
    return json.dumps(said, ensure_ascii=False, sort_keys=True) if said else ""


def table_schema(resource: Resource) -> str:
    """The Table Schema with our profile's keys, as JSON."""
    content = resource.schema_.model_dump(mode="json", exclude_defaults=True)
    content["primaryKey"] = resource.schema_.primaryKey
    for field, described in zip(resource.schema_.fields, content["fields"], strict=True):
        described["type"] = field.type
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def file_layout(resource: Resource) -> str:
    """How the file is written (delimiter, line of the header, sheet, encoding), as JSON; of a wide table its header too."""
    layout: dict[str, Any] = {**resource.dialect.model_dump(mode="json"), "encoding": resource.encoding}
    if len(resource.file_fields) < len(resource.schema_.fields):
        layout["header"] = [f.name for f in resource.file_fields] + ([resource.wide.headers] if resource.wide else [])
    return json.dumps(layout, ensure_ascii=False, sort_keys=True)


def legal_basis_title(resource: Resource, reference: Reference) -> str:
    """The clause that obliges to deliver, in words; empty when the reference does not know it."""
    clause = reference.clauses.get(resource.legal_basis)
    if clause is None:
        return ""
    return f"{clause.title} ({resource.legal_basis})"


def unit_vintage(resource: Resource) -> str:
    """On which date the codes of units are read, as text; empty without units."""
    field = resource.unit_field
    if field is None or field.refers is None or field.refers.unit is None:
        return ""
    moment = f"theo ngày ở cột {field.refers.on}" if field.refers.on else "theo kỳ của lần nộp"
    if field.refers.at:
        moment = f"theo ngày {field.refers.at:%d/%m/%Y}"
    named = ", ghi bằng tên" if field.refers.by == "name" else ""
    return f"cấp {LEVELS[field.refers.unit]}{named}, {moment}"
