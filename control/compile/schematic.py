"""Schematic cells: what a map draws until boundaries are delivered.

Each unit is the part of the province's outline that is nearest to its centroid. The outline is the one that Superset
ships for its country maps. Nothing here is a boundary, and the map says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from datasets.model.contract import Level
from datasets.model.reference import Reference
from datasets.model.unit import CrosswalkPart, Unit, UnitIndex

MARGIN = 0.01
"""How far inside the outline a snapped point lies, in degrees (about 1 km)."""
APART = 0.005
"""Least distance between two points, in degrees (about 500 m)."""
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
HULL_MARGIN = 0.05


@dataclass(frozen=True)
class Outline:
    """The province's outline and where it is from."""

    geometry: BaseGeometry
    """MultiPolygon, degrees of EPSG:4326."""
    source: str
    """Name of the file; "" for the hull around the centroids."""

    @property
    def is_hull(self) -> bool:
        return not self.source

    def note(self) -> str:
        """One line for the log of an apply."""
        if self.is_hull:
            return "no outline of the province was found among Superset's assets: cells are cut by the hull of the centroids"
        return f"cells are cut by the outline in {self.source}"


def find_outline(assets: Path, iso: str) -> Outline | None:
    """The outline of a province by its ISO code ("VN-22") in a folder's `*.geojson` files (their names are hashes).

    None when no file has it; files that are not GeoJSON are passed over.
    """
    quoted = f'"{iso}"'.encode()
    for path in sorted(assets.glob("*.geojson")):
        content = path.read_bytes()
        if quoted not in content:
            continue
        for feature in json.loads(content).get("features", []):
            if feature.get("properties", {}).get("ISO") == iso:
                geometry = shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"])))
                return Outline(_areas(geometry), path.name)
    return None


def outline_or_hull(assets: Path, iso: str, units: Iterable[Unit]) -> Outline:
    """The outline found, or the hull of the units' centroids with a margin. Raises ValueError when no unit has a centroid."""
    found = find_outline(assets, iso)
    if found is not None:
        return found
    points = [(u.lon, u.lat) for u in units if u.lon is not None and u.lat is not None]
    if not points:
        raise ValueError("no unit has a centroid, so there is nothing to draw a hull around")
    return Outline(_areas(shapely.MultiPoint(points).convex_hull.buffer(HULL_MARGIN)), "")


def schematic_cells(units: Sequence[Unit], outline: BaseGeometry) -> dict[str, BaseGeometry | None]:
    """Cells by unit_id: MultiPolygons that do not overlap and fill the outline; None for a unit without a centroid.

    The units are those of one level on one day. The result depends only on the units and the outline, not on their order.
    """
    cells: dict[str, BaseGeometry | None] = {u.unit_id: None for u in units}
    placed = _places(sorted(units, key=lambda u: u.unit_id), outline)
    if len(placed) == 1:
        return cells | {unit_id: _areas(outline) for unit_id in placed}
    if not placed:
        return cells
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(list(placed.values())), extend_to=outline)
    tree = shapely.STRtree(list(diagram.geoms))
    for unit_id, point in placed.items():
        holder = diagram.geoms[int(tree.query(point, predicate="intersects").min())]
        cells[unit_id] = _areas(shapely.intersection(holder, outline))
    return cells


def _places(units: Sequence[Unit], outline: BaseGeometry) -> dict[str, shapely.Point]:
    """A point of its own inside the outline for each unit with a centroid: outsiders are snapped, repeated points nudged."""
    inner = outline.buffer(-MARGIN)
    inner = outline if inner.is_empty else inner
    taken: list[shapely.Point] = []
    placed: dict[str, shapely.Point] = {}
    for unit in units:
        if unit.lon is None or unit.lat is None:
            continue
        point = shapely.Point(unit.lon, unit.lat)
        if not outline.contains(point):
            point = shapely.line_interpolate_point(shapely.shortest_line(inner, point), 0)
        placed[unit.unit_id] = _free(point, taken, outline)
        taken.append(placed[unit.unit_id])
    return placed


def _free(point: shapely.Point, taken: list[shapely.Point], outline: BaseGeometry) -> shapely.Point:
    """The point, or the first one on a spiral around it that is inside and away from those taken."""
    others = shapely.MultiPoint(taken)
    for step in range(5000):
        turn, reach = step * GOLDEN_ANGLE, APART * math.sqrt(step)
        here = shapely.Point(round(point.x + reach * math.cos(turn), 6), round(point.y + reach * math.sin(turn), 6))
        if outline.covers(here) and (not taken or here.distance(others) >= APART):
            return here
    raise ValueError(f"no free place around {point.x:.4f} {point.y:.4f} inside the outline")


def _areas(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry as one MultiPolygon; lines and points that a cut left are dropped."""
    parts = [p for p in shapely.get_parts(geometry, return_index=False) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.multipolygons(list(shapely.get_parts(parts))) if parts else shapely.MultiPolygon()


def province_cells(
    index: UnitIndex, crosswalk: Sequence[CrosswalkPart], province: str, outline: BaseGeometry
) -> dict[str, BaseGeometry | None]:
    """Cells of all vintages of one province by unit_id, with the outline for the province itself.

    Districts and communes are drawn vintage by vintage. The oldest communes are left out (None), since many have no
    centroid and a map of that time shows districts. A redrawn district is the union of those that went into it.
    """
    mine = [u for u in index if index.province_of(u) == province]
    cells: dict[str, BaseGeometry | None] = {u.unit_id: None for u in mine}
    cells |= {u.unit_id: _areas(outline) for u in mine if u.level is Level.PROVINCE}
    oldest = min(u.valid_from for u in mine)
    districts = [u for u in mine if u.level is Level.DISTRICT and u.is_valid(oldest)]
    cells |= schematic_cells(districts, outline)
    for later in (u for u in mine if u.level is Level.DISTRICT and not u.is_valid(oldest)):
        made_of = [cells[p.from_unit] for p in crosswalk if p.to_unit == later.unit_id and p.weight >= 0.5]
        cells[later.unit_id] = _areas(shapely.union_all([c for c in made_of if c is not None]))
    for day in sorted({u.valid_from for u in mine if u.level is Level.COMMUNE} - {oldest}):
        cells |= schematic_cells([u for u in mine if u.level is Level.COMMUNE and u.is_valid(day)], outline)
    return cells


def reference_cells(reference: Reference, assets: Path) -> tuple[dict[str, bytes], str]:
    """What the store's apply draws: WKB of a MultiPolygon (EPSG:4326) by unit_id, and one line that says how it was made.

    `assets` is Superset's folder of static assets; without the outline in it the cells are cut by a hull, and the line says so.
    """
    index, code = reference.unit_index, reference.province
    outline = outline_or_hull(assets, reference.iso, [u for u in index if index.province_of(u) == code])
    cells = province_cells(index, reference.crosswalk, code, outline.geometry)
    return {unit_id: shapely.to_wkb(cell) for unit_id, cell in sorted(cells.items()) if cell is not None}, outline.note()
