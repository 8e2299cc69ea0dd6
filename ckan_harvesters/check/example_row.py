"""The example row of a template: made here, and recognised here when it comes back.

Its first cell begins with a marker that no value has. Left as it was, the row is no data and is set aside with a warning; one that was
written over but still has its marker is rejected, so that nothing of it is lost unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from ckan_harvesters.check.columns import EXAMPLE_DAY
from ckan_harvesters.check.findings import LINE
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.errors import MASK, VALUE_LIMIT, Refused, Rejected
from ckan_harvesters.written_date import date_format
from datasets.model.contract import ContractField, Resource
from datasets.model.figure_status import StatusColumn

MARKERS = {"vi": "(ví dụ)", "en": "(example)", "fr": "(exemple)"}
NUMBER = 12


@dataclass(frozen=True)
class SetAside:
    """The delivery without its example rows, and a warning for each that was left out."""

    decoded: Decoded
    left_out: list[Rejected]


def example_values(resource: Resource) -> dict[str, str]:
    """A value for each field but units, as the contract writes it; the same for every period, so that it is known again."""
    return {f.name: _example(f, resource) for f in resource.file_fields if not f.is_unit}


def set_aside_examples(decoded: Decoded, resource: Resource) -> SetAside:
    """Takes the example rows out. Raises Refused `only_example` when there is nothing else."""
    if resource.wide is not None:
        return SetAside(decoded, [])  # the template of a wide table has no example row
    first = resource.file_fields[0]
    marked = pl.any_horizontal(
        pl.col(first.name).str.strip_chars().str.to_lowercase().str.starts_with(marker) for marker in MARKERS.values()
    ).fill_null(value=False)
    found = decoded.frame.filter(marked)
    if found.height == 0:
        return SetAside(decoded, [])
    untouched = pl.all_horizontal(_same(name, value) for name, value in example_values(resource).items() if name != first.name)
    header = decoded.headers.get(first.name, first.name)
    left_out, rejected = [], list(decoded.rejected)
    for line, cell, same in found.select(LINE, first.name, untouched.alias("same")).iter_rows():
        value = MASK if first.personal != "none" else str(cell)[:VALUE_LIMIT]
        if same:
            left_out.append(Rejected(line, header, "example_left_out", value, {"line": line}))
        else:
            rejected.append(Rejected(line, header, "example_row", value, {"marker": _marker(str(cell))}))
    rest = replace(decoded, frame=decoded.frame.filter(~marked), rejected=rejected)
    if left_out and rest.frame.height == 0 and not rejected:
        raise Refused("only_example")
    return SetAside(rest, left_out)


def _same(name: str, value: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars() == value


def _marker(cell: str) -> str:
    return next((m for m in MARKERS.values() if cell.strip().casefold().startswith(m)), "")


def _example(field: ContractField, resource: Resource) -> str:
    if field.constraints.enum:
        return str(field.constraints.enum[0])
    if isinstance(resource.status, StatusColumn) and resource.status.column == field.name:
        return next((word for words in (resource.status.words or {}).values() for word in words), resource.status.written("official"))
    if field.categories:
        return str(field.categories[0].value)
    if field.refers and field.refers.agency:
        return resource.publishers[0]
    match field.type:
        case "integer" | "number":
            return _number(field)
        case "boolean":
            return "true"
        case "year":
            return str(EXAMPLE_DAY.year)
        case "date" | "datetime":
            default = "%Y-%m-%dT%H:%M:%S" if field.type == "datetime" and field.format in (None, "default") else date_format(field.format)
            return EXAMPLE_DAY.strftime(default)
        case _:
            return ""


def _number(field: ContractField) -> str:
    least, most = field.constraints.minimum, field.constraints.maximum
    value: float = NUMBER
    if isinstance(most, int | float) and value > most:
        value = most
    if isinstance(least, int | float) and value < least:
        value = least
    return f"{value:g}".replace(".", field.decimalChar)
