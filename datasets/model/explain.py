"""What pydantic refuses, in words that say what to write."""

from __future__ import annotations

import difflib
import re
import typing
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from datasets.model.contract import Contract
from datasets.model.contract_example import examples
from datasets.model.problem import ContractProblem, KeyPath, shown
from datasets.model.yaml_document import YamlDocument

# What a key that is missing or of the wrong shape looks like when it is right.
EXAMPLES = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "version": '"1.0.0"',
    "title": "Giường bệnh theo ngày",
    "titles": "{en: Bed days, fr: Journées-lits}",
    "subsystem": "{order: 4, owner: so-y-te}",
    "owner": "so-y-te",
    "order": "4",
    "resources": "a list with at least one resource",
    "path": "examples/bed-days.csv",
    "publishers": "[so-y-te]",
    "steward": "so-y-te/truong-phong-nghiep-vu-y",
    "access": "open, shared, or {restricted: [agency, …]}",
    "status": "official, preliminary, estimate, or {column: tinh_trang}",
    "subtotals": "{column: tinh, values: [Cộng]}",
    "wide": "{headers: '{nam}', value: so_luong}",
    "restricted": "[van-phong-ubnd-tinh]",
    "legal_basis": "quy-che-ioc/dieu-12",
    "dialect": '{delimiter: ";"}',
    "headerRows": "[1]",
    "excel": "{sheet: Name}",
    "delivery": "{scope: period, calendar: day, column: ngay}",
    "obligation": '{calendar: day, due: "17:00"}',
    "due": '"17:00"',
    "calendar": "month",
    "since": "2026-01-01",
    "schema": "{fields: […], primaryKey: […]}",
    "fields": "a list of {name, column, title, type}",
    "primaryKey": "[ngay, ma_co_so]",
    "missingValues": '["", "-"]',
    "constraints": "{required: true, minimum: 0}",
    "refers": "{unit: commune, on: ngay}",
    "say": "{vi: …, en: …, fr: …}",
    "column": "beds_occupied",
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, or None when none is."""
    found = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.7)
    return found[0] if found else None


def explain(document: YamlDocument, errors: Iterable[Mapping[str, Any]]) -> list[ContractProblem]:
    """Problems for the errors of a pydantic ValidationError, one for each place, in the file's order."""
    problems: dict[KeyPath, ContractProblem] = {}
    meant: set[KeyPath] = set()
    for error in errors:
        path, value = _locate(document.data, error["loc"], absent=error["type"] in ("missing", "extra_forbidden"))
        if path not in problems:
            problems[path] = document.problem(path, value, _message(error, path, value))
        if error["type"] == "extra_forbidden" and (near := _known_key(path)):
            meant.add((*path[:-1], near))
    # A key that is missing because it is misspelt is one problem, not two.
    left = [problem for path, problem in problems.items() if path not in meant]
    return sorted(left, key=lambda problem: problem.line or 0)


def _locate(data: Any, loc: tuple[str | int, ...], absent: bool) -> tuple[KeyPath, Any]:
    """Path of an error in the file, without the names that pydantic gives to members of a union."""
    path: list[str | int] = []
    node = data
    for position, part in enumerate(loc):
        if (isinstance(node, dict) and part in node) or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            path.append(part)
            node = node[part]  # type: ignore[index]
        elif absent and position == len(loc) - 1:
            return (*path, part), None
    return tuple(path), node


def _message(error: Mapping[str, Any], path: KeyPath, value: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    key = str(path[-1]) if path else ""
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        return _unknown_key(key, path)
    if kind == "missing":
        return f'the key "{key}" is missing; write {key}: {EXAMPLES.get(key, _example(path))}'
    found = f"{shown(value)} is written"
    if kind in ("literal_error", "enum"):
        return _one_of(value, str(context["expected"]))
    if kind == "value_error":
        return f"{found}; {context['error']}"
    if kind == "string_pattern_mismatch":
        return f'{found}; write lower-case letters, digits and "{_joiner(name)}" only, like "{_as_name(str(value), _joiner(name))}"'
    if kind == "string_type":
        example = EXAMPLES.get(name, f'"{value}"')
        return f"{found}, which YAML reads as {_yaml_type(value)}; write a text in quotes, like {example}"
    if name in EXAMPLES and kind.endswith("_type"):
        return f"{found}; write {name}: {EXAMPLES[name]}"
    wanted = {
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "int_parsing": "a whole number",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "greater_than_equal": f"a number of at least {context.get('ge')}",
        "less_than_equal": f"a number of at most {context.get('le')}",
        "too_short": f"at least {context.get('min_length')} of them",
        "too_long": f"at most {context.get('max_length')} of them",
        "string_too_long": f"at most {context.get('max_length')} character(s)",
        "string_too_short": f"at least {context.get('min_length')} character(s)",
        "date_from_datetime_parsing": "a day, like 2026-01-31",
        "date_parsing": "a day, like 2026-01-31",
        "date_type": "a day, like 2026-01-31",
        "list_type": "a list, like [a, b]",
        "dict_type": "keys and values, like {key: value}",
        "model_type": "keys and values, like {key: value}",
    }.get(kind)
    return f"{found}; write {wanted}" if wanted else f"{found}; {error['msg']}"


def _known_key(path: KeyPath) -> str | None:
    """The key that an unknown one was meant to be, if any is like it."""
    key, known = str(path[-1]), sorted(_keys_at(path[:-1]))
    return nearest(key, known) or next((name for name in known if name.lower() == key.replace("_", "").lower()), None)


def _unknown_key(key: str, path: KeyPath) -> str:
    if near := _known_key(path):
        return f'the key "{key}" is not known; write "{near}"'
    return f'the key "{key}" is not known; the keys here are {", ".join(sorted(_keys_at(path[:-1])))}'


def _one_of(value: Any, expected: str) -> str:
    words = re.findall(r"'([^']*)'", expected)
    near = nearest(value, words) if isinstance(value, str) else None
    choice = f'write "{near}" or another of' if near else "write one of"
    return f"{shown(value)} is written; {choice} {', '.join(words)}"


def _joiner(name: str) -> str:
    return "_" if name == "column" else "-"


def _as_name(text: str, joiner: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", joiner, plain).strip(joiner).lstrip("0123456789" + joiner) or "name"


def _yaml_type(value: Any) -> str:
    return {"bool": "true or false", "int": "a number", "float": "a number", "list": "a list", "dict": "keys and values"}.get(
        type(value).__name__, "nothing"
    )


def _models_in(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for part in typing.get_args(annotation) for model in _models_in(part)}


def _models_at(path: KeyPath) -> set[type[BaseModel]]:
    """Models that may stand at that place of a contract."""
    models: set[type[BaseModel]] = {Contract}
    is_name = False  # of a measure or an indicator, which no model has as a key
    for part in path:
        if is_name:
            is_name = False
        elif isinstance(part, str):
            fields = [f for m in models for n, f in m.model_fields.items() if (f.alias or n) == part]
            models = {model for field in fields for model in _models_in(field.annotation)}
            is_name = any(typing.get_origin(field.annotation) is dict for field in fields)
    return models


def _keys_at(path: KeyPath) -> set[str]:
    return {field.alias or name for model in _models_at(path) for name, field in model.model_fields.items()}


def _example(path: KeyPath) -> str:
    """What the key looks like when it is right, from the examples of the reference."""
    key = str(path[-1])
    for model in _models_at(path[:-1]):
        if written := examples().get(model.__name__, {}).get(key):
            return written.removeprefix(f"{key}: ")
    return "…"
