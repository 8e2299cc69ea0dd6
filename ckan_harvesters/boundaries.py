"""Reading delivered boundaries: GeoJSON or GeoPackage into one checked polygon a unit.

Nothing is repaired: a geometry that is not valid, lies elsewhere or has its coordinates swapped is rejected with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import polars
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from ckan_harvesters.errors import Rejected
from datasets.model.contract import Level
from datasets.model.unit import UnitIndex

VIET_NAM = shapely.box(102.0, 6.0, 118.0, 23.6)
"""Envelope of the country with its islands, degrees of EPSG:4326."""

WGS84 = CRS.from_epsg(4326)

COLUMNS = {
    "unit_id": polars.String,
    "code": polars.String,
    "name": polars.String,
    "geometry": polars.String,
    "line": polars.Int64,
}

SET_UNIT_GEOMETRY = """
UPDATE ref.unit AS u
   SET geom = b.geometry, geom_source = 'boundaries'
  FROM administration.administrative_boundaries__v1 AS b
 WHERE b.unit_id = u.unit_id
   AND b.closed_by IS NULL
   AND (u.geom_source IS DISTINCT FROM 'boundaries' OR u.geom IS DISTINCT FROM b.geometry)
"""
"""The map's geometry of each delivered unit, in the transaction of its load.

It reads the contract's table, not the view, since a load's rows are in no edition before it ends."""

CLEAR_UNIT_GEOMETRY = """
UPDATE ref.unit AS u
   SET geom = NULL, geom_source = NULL
 WHERE u.geom_source = 'boundaries'
   AND NOT EXISTS (SELECT FROM administration.administrative_boundaries__v1 AS b WHERE b.unit_id = u.unit_id AND b.closed_by IS NULL)
"""
"""Units whose boundary is no longer delivered, in the transaction of the load or withdrawal; the next apply draws them schematically."""


@dataclass(frozen=True)
class BoundaryReading:
    """What a file of boundaries gives. Either `refused` is set, or each feature is in `frame` or in `rejected`."""

    frame: polars.DataFrame
    """unit_id, code, name, geometry (hexadecimal EWKB, MultiPolygon, EPSG:4326), line (number of the feature, from 1)."""
    rejected: list[Rejected] = field(default_factory=list)
    """`line` is the number of the feature."""
    refused: str | None = None
    """Code of the reason why the file as a whole is not taken."""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Feature:
    """One feature of the file, in its own coordinates."""

    line: int
    code: str
    name: str
    geometry: BaseGeometry | None
    unreadable: str = ""
    """Why the geometry could not be read at all."""


class _Refusal(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_boundaries(path: Path, units: UnitIndex, on: date) -> BoundaryReading:
    """Reads a file of boundaries with properties `code` and `name`; codes are those of communes valid on that day.

    GeoJSON and GeoPackage are told by their content, since kept files have no extension. Coordinates are brought to EPSG:4326.
    Raises OSError when the file cannot be read.
    """
    try:
        features, crs = _read(path)
        if not features:
            raise _Refusal("no_features")
        placed = _to_wgs84(features, crs)
    except _Refusal as refusal:
        return BoundaryReading(polars.DataFrame(schema=COLUMNS), [], refusal.code, refusal.params)
    return _checked(placed, units, on)


def _read(path: Path) -> tuple[list[Feature], CRS]:
    with path.open("rb") as file:
        head = file.read(72)
    if head.startswith(b"SQLite format 3\x00") and head[68:72] == b"GPKG":
        return _read_geopackage(path)
    return _read_geojson(path)


def _read_geojson(path: Path) -> tuple[list[Feature], CRS]:
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _Refusal("not_geojson", reason=str(error)) from error
    members = content.get("features") if isinstance(content, dict) and content.get("type") == "FeatureCollection" else None
    if not isinstance(members, list):
        raise _Refusal("not_geojson", reason="no FeatureCollection")
    return [_feature(number, member) for number, member in enumerate(members, start=1)], _declared_crs(content)


def _feature(number: int, member: Any) -> Feature:
    member = member if isinstance(member, dict) else {}
    properties = member.get("properties") or {}
    geometry, unreadable = None, ""
    if member.get("geometry") is not None:
        try:
            geometry = shapely.force_2d(shapely.from_geojson(json.dumps(member["geometry"])))
        except (shapely.GEOSException, ValueError, TypeError) as error:
            unreadable = str(error)
    return Feature(number, _text(properties.get("code")), _text(properties.get("name")), geometry, unreadable)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _declared_crs(content: dict[str, Any]) -> CRS:
    """GeoJSON is in WGS 84 unless the former `crs` member says otherwise."""
    declared = content.get("crs")
    if declared is None:
        return WGS84
    name = declared.get("properties", {}).get("name") if isinstance(declared, dict) else declared
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        raise _Refusal("crs_unknown", crs=str(name)) from error


def _read_geopackage(path: Path) -> tuple[list[Feature], CRS]:
    try:
        layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        if len(layers) != 1:
            raise _Refusal("not_one_layer", layers=", ".join(layers))
        table = pyogrio.read_dataframe(path, layer=layers[0], force_2d=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _Refusal("not_geojson", reason=str(error)) from error
    if table.crs is None:
        raise _Refusal("crs_unknown", crs="")
    codes = table["code"] if "code" in table else [None] * len(table)
    names = table["name"] if "name" in table else [None] * len(table)
    rows = zip(codes, names, table.geometry, strict=True)
    return [Feature(n, _text(code), _text(name), geometry) for n, (code, name, geometry) in enumerate(rows, start=1)], CRS(table.crs)


def _to_wgs84(features: list[Feature], crs: CRS) -> list[Feature]:
    # OGC's CRS84 is WGS 84 in the order that GeoJSON has, so both stay untouched.
    if crs == WGS84 or crs == CRS.from_user_input("OGC:CRS84"):
        return features
    moved = geopandas.GeoSeries([f.geometry for f in features], crs=crs).to_crs(WGS84)
    return [Feature(f.line, f.code, f.name, geometry, f.unreadable) for f, geometry in zip(features, moved, strict=True)]


def _checked(features: Iterable[Feature], units: UnitIndex, on: date) -> BoundaryReading:
    rows: list[tuple[str, str, str, str, int]] = []
    rejected: list[Rejected] = []
    first_line: dict[str, int] = {}
    for feature in features:
        problem = _geometry_problem(feature) or _code_problem(feature, units, on)
        if problem is not None:
            rejected.append(problem)
            continue
        unit = units.resolve(feature.code, Level.COMMUNE, on)
        if unit is None or feature.geometry is None:  # both were just checked
            raise AssertionError(feature)
        if unit.unit_id in first_line:
            rejected.append(Rejected(feature.line, "code", "duplicate_key", feature.code, {"first_line": first_line[unit.unit_id]}))
            continue
        first_line[unit.unit_id] = feature.line
        rows.append((unit.unit_id, feature.code, feature.name or unit.name, _ewkb(feature.geometry), feature.line))
    return BoundaryReading(polars.DataFrame(rows, schema=COLUMNS, orient="row"), rejected)


def _ewkb(geometry: BaseGeometry) -> str:
    whole = shapely.multipolygons([geometry]) if geometry.geom_type == "Polygon" else geometry
    return str(shapely.to_wkb(shapely.set_srid(whole, 4326), hex=True, include_srid=True))


def _code_problem(feature: Feature, units: UnitIndex, on: date) -> Rejected | None:
    if not feature.code:
        return Rejected(feature.line, "code", "required")
    why = units.why_not(feature.code, Level.COMMUNE, on)
    return Rejected(feature.line, "code", why.rule, feature.code, dict(why.params)) if why else None


def _geometry_problem(feature: Feature) -> Rejected | None:
    def reject(rule: str, value: str | None = None, **params: str) -> Rejected:
        return Rejected(feature.line, "geometry", rule, value, params)

    geometry = feature.geometry
    if feature.unreadable:
        return reject("geometry_invalid", reason=feature.unreadable)
    if geometry is None or geometry.is_empty:
        return reject("required")
    if not shapely.covers(VIET_NAM, shapely.box(*geometry.bounds)):
        west, south, east, north = geometry.bounds
        swapped = shapely.covers(VIET_NAM, shapely.box(south, west, north, east))
        where = f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}"
        return reject("outside_viet_nam_swapped" if swapped else "outside_viet_nam", where)
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return reject("geometry_kind", geometry.geom_type)
    if not geometry.is_valid:
        return reject("geometry_invalid", reason=shapely.is_valid_reason(geometry))
    return None
