"""A fetched file to rows of the store, whatever kind of file its contract asks for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from ckan_harvesters.applied import Places
from ckan_harvesters.check import check
from ckan_harvesters.check.references import spoken
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import DeliveryScope
from ckan_harvesters.errors import Refused, Rejected
from ckan_harvesters.load import Within
from datasets.model.contract import Level, Resource

BOUNDARIES = "administrative-boundaries"
BOUNDARY_DECODER = "boundaries/1"
WARNING = {"row_check": "row_warning"}


@dataclass(frozen=True)
class Reading:
    """Rows with the store's columns, the problems of those that were rejected, and warnings about those that were not."""

    rows: pl.DataFrame
    rejected: list[Rejected]
    rejected_rows: int
    decoder: str
    warnings: list[Rejected] = field(default_factory=list)


def read(path: Path, resource: Resource, scope: DeliveryScope, known: Places) -> Reading:
    """Decode and check a file under its contract. Raises Refused, TerminalError."""
    if is_geographic(resource):
        return _read_boundaries(path, resource, scope, known)
    decoded = decode(path, resource)
    result = check(decoded, resource, known.units, known.agencies, scope, known.province)
    return Reading(result.rows, result.rejected, result.rejected_rows, decoded.decoder, result.warnings)


def is_geographic(resource: Resource) -> bool:
    """Whether its deliveries are maps, not tables."""
    return any(f.type == "geojson" for f in resource.schema_.fields)


def as_warning(warning: Rejected) -> Rejected:
    """A warning as a receipt says it: the row was kept."""
    return replace(warning, rule=WARNING.get(warning.rule, warning.rule))


def _read_boundaries(path: Path, resource: Resource, scope: DeliveryScope, known: Places) -> Reading:
    from ckan_harvesters.boundaries import read_boundaries  # geographic libraries take 100 MB that other deliveries do not need

    if path.stat().st_size == 0:
        raise Refused("empty_file")
    found = read_boundaries(path, known.units, scope.as_of)
    if found.refused:
        raise Refused(found.refused, **found.params)
    rejected = [replace(r, params=spoken(r.params, Level.COMMUNE)) for r in found.rejected]
    bad, total = len({r.line for r in rejected}), found.frame.height + len({r.line for r in rejected})
    if bad > resource.allowed_reject_share * total:
        shares: dict[str, Any] = {"share": f"{100 * bad / total:.4g}", "allowed": f"{100 * resource.allowed_reject_share:.4g}"}
        raise Refused("too_many_bad", rejected, rejected=bad, total=total, **shares)
    rows = found.frame.select("unit_id", *[f.column for f in resource.value_fields], pl.col("line").cast(pl.Int32))
    return Reading(rows, rejected, bad, BOUNDARY_DECODER)


def unit_geometry(resource: Resource) -> Within | None:
    """For boundaries: what brings the map's geometry up to date, in the same transaction as the load or the withdrawal."""
    if resource.name != BOUNDARIES:
        return None

    def update(conn: psycopg.Connection[Any], _load_id: int) -> None:
        from ckan_harvesters.boundaries import CLEAR_UNIT_GEOMETRY, SET_UNIT_GEOMETRY

        conn.execute(SET_UNIT_GEOMETRY)
        conn.execute(CLEAR_UNIT_GEOMETRY)

    return update
