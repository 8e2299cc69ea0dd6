"""Maps for our charts: the shapes of the units of one level on one day, from the store, small enough to be sent whole.

`GET /ioc/map/<level>.json?on=YYYY-MM-DD` (without `on`: today) answers a GeoJSON FeatureCollection (EPSG:4326, to about 10 m) with what our
charts need beside it: `schematic` (whether shapes are cells and not boundaries), `valid_from` and `valid_to` (the days between which the
level had these same units), `without_shape` (units that have none) and `outline` (of the province).
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from datasets.model.calendar import ZONE
from superset_ioc.audience import audience_of

ADDRESS = "/ioc/map"
LEVELS = ("commune", "district")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SECONDS_KEPT_BY_BROWSER = 60
MOST_KEPT = 12
TOLERANCES = (0.001, 0.0005, 0.00025, 0.0001)
"""Degrees; 0.001 is about 100 m, less than a pixel of a map of the province on a large screen."""
DECIMALS = 4
WRONG = {
    "level": "Cấp đơn vị phải là một trong / the level must be one of: " + ", ".join(LEVELS),
    "on": "Ngày phải viết theo dạng / the day must be written as: 2026-11-22",
}

VALIDITY = """
SELECT greatest(max(valid_from) FILTER (WHERE valid_from <= %(on)s), max(valid_to) FILTER (WHERE valid_to <= %(on)s)),
    least(min(valid_from) FILTER (WHERE valid_from > %(on)s), min(valid_to) FILTER (WHERE valid_to > %(on)s))
FROM ref.unit WHERE level = %(level)s
"""

UNITS = """
SELECT unit_id, code, name, geom_source, md5(ST_AsBinary(geom)) FROM ref.unit
WHERE level = %(level)s AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s) ORDER BY unit_id
"""

# Lines between units are simplified once for both neighbours, so that no gap opens between them, and the faces between the lines are given
# to the unit in which they lie. Lines are noded again, since two that ran side by side may cross now. PostGIS has a function of its own for
# this from 3.4.
SHAPES = """
WITH unit AS (
    SELECT unit_id, geom FROM ref.unit
    WHERE level = %(level)s AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s) AND geom IS NOT NULL
), arc AS (
    SELECT (ST_Dump(ST_LineMerge(ST_UnaryUnion(ST_Collect(ST_Boundary(geom)))))).geom AS line FROM unit
), simple AS MATERIALIZED (
    SELECT ST_UnaryUnion(ST_Collect(ST_SimplifyPreserveTopology(line, %(tolerance)s))) AS lines FROM arc
), face AS MATERIALIZED (
    SELECT geom, ST_PointOnSurface(geom) AS inside FROM (SELECT (ST_Dump(ST_Polygonize(lines))).geom FROM simple) AS dumped
), shape AS MATERIALIZED (
    SELECT unit.unit_id, ST_Multi(ST_UnaryUnion(ST_Collect(face.geom))) AS geom
    FROM face JOIN unit ON ST_Contains(unit.geom, face.inside) GROUP BY unit.unit_id
)
SELECT unit.unit_id, ST_AsGeoJSON(shape.geom, %(decimals)s), ST_Area(shape.geom) / nullif(ST_Area(unit.geom), 0),
    (SELECT ST_AsGeoJSON(ST_UnaryUnion(ST_Collect(geom)), %(decimals)s) FROM shape)
FROM unit LEFT JOIN shape USING (unit_id)
"""

WHOLE_SHAPES = """
SELECT unit_id, ST_AsGeoJSON(geom, %(decimals)s), 1, NULL FROM ref.unit
WHERE level = %(level)s AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s) AND geom IS NOT NULL
"""

PROVINCE = """
SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, %(tolerance)s), %(decimals)s) FROM ref.unit
WHERE level = 'province' AND geom IS NOT NULL AND valid_to IS NULL
"""

LEAST_AREA, MOST_AREA = 0.8, 1.25
"""A simplified shape outside of these shares of its unit's area has lost or gained a part."""

Ask = Callable[[str, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Rows of a query with named parameters."""


class MapRefused(ValueError):
    """What was asked is no map; the message says what to write, in Vietnamese and English."""


@dataclass(frozen=True)
class Document:
    """One map, ready to be sent."""

    body: bytes
    compressed: bytes
    etag: str


def asked_day(text: str | None, today: dt.date) -> dt.date:
    """The day of `on`. Raises MapRefused for anything but YYYY-MM-DD."""
    if text is None:
        return today
    if not DAY.fullmatch(text):
        raise MapRefused(WRONG["on"])
    try:
        return dt.date.fromisoformat(text)
    except ValueError as problem:
        raise MapRefused(WRONG["on"]) from problem


def _whole(rows: Sequence[tuple[Any, ...]]) -> bool:
    return all(shape is not None and area is not None and LEAST_AREA <= area <= MOST_AREA for _, shape, area, _ in rows)


def shapes(ask: Ask, level: str, on: dt.date) -> tuple[dict[str, str], str | None]:
    """GeoJSON geometry by unit, and the outline of all, as simple as they may be without losing a unit or a part of one."""
    asked = {"level": level, "on": on, "decimals": DECIMALS}
    for tolerance in TOLERANCES:
        rows = ask(SHAPES, {**asked, "tolerance": tolerance})
        if _whole(rows):
            return {unit_id: shape for unit_id, shape, _, _ in rows}, rows[0][3] if rows else None
    rows = ask(WHOLE_SHAPES, asked)
    return {unit_id: shape for unit_id, shape, _, _ in rows}, None


def make_map(ask: Ask, level: str, on: dt.date, units: Sequence[tuple[Any, ...]], validity: tuple[dt.date | None, ...]) -> dict[str, Any]:
    """The map of these rows of UNITS and of VALIDITY, as the answer says it."""
    found, outline = shapes(ask, level, on)
    if outline is None or len(found) < len(units):
        province = ask(PROVINCE, {"tolerance": TOLERANCES[0], "decimals": DECIMALS})
        outline = province[0][0] if province else None
    began, ends = (day.isoformat() if day else None for day in validity)
    return {
        "type": "FeatureCollection",
        "level": level,
        "schematic": any(source == "schematic" for _, _, _, source, _ in units),
        "valid_from": began or "0001-01-01",
        "valid_to": ends,
        "without_shape": len(units) - len(found),
        "outline": json.loads(outline) if outline else None,
        "features": [
            {"type": "Feature", "properties": {"unit_id": unit_id, "code": code, "name": name}, "geometry": json.loads(found[unit_id])}
            for unit_id, code, name, _, _ in units
            if unit_id in found
        ],
    }


class Maps:
    """Maps that were made, by what they show: units, names and shapes."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._made: OrderedDict[str, Document] = OrderedDict()

    def document(self, ask: Ask, level: str, on: dt.date) -> Document:
        """The map of a level on a day; the store is asked for shapes only when they are not those of before."""
        if level not in LEVELS:
            raise MapRefused(WRONG["level"])
        asked = {"level": level, "on": on}
        (validity,), units = ask(VALIDITY, asked), ask(UNITS, asked)
        key = sha256(f"{level} {validity!r} {units!r}".encode()).hexdigest()
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        body = json.dumps(make_map(ask, level, on, units, validity), ensure_ascii=False, separators=(",", ":")).encode()
        made = Document(body, gzip.compress(body, mtime=0), sha256(body).hexdigest()[:32])
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most_kept:
                self._made.popitem(last=False)
        return made


def register(app: Any) -> None:
    """Serve the maps to who has the permission `can_read` on `IocMap`."""
    from flask import Response, g, jsonify, request
    from flask_appbuilder.api import BaseApi, expose, protect
    from flask_appbuilder.security.decorators import permission_name
    from superset.extensions import appbuilder

    from superset_ioc.store import store_of

    maps = Maps()

    def answer(level: str) -> Any:
        audience = audience_of(g.user if hasattr(g, "user") else None)
        store = store_of(app)
        try:
            on = asked_day(request.args.get("on"), dt.datetime.now(ZONE).date())
            made = maps.document(lambda query, parameters: store.ask(audience, query, parameters), level, on)
        except MapRefused as problem:
            refused = jsonify(message=str(problem))
            refused.status_code = 400
            return refused
        packed = request.accept_encodings.quality("gzip") > 0
        sent = Response(made.compressed if packed else made.body, mimetype="application/json")
        if packed:
            sent.headers["Content-Encoding"] = "gzip"
        sent.headers["Vary"] = "Accept-Encoding, Cookie"
        sent.headers["Cache-Control"] = f"private, max-age={SECONDS_KEPT_BY_BROWSER}"
        sent.set_etag(made.etag, weak=True)
        return sent.make_conditional(request.environ)

    class IocMap(BaseApi):  # type: ignore[misc]
        """Shapes of units for maps."""

        route_base = ADDRESS
        class_permission_name = "IocMap"
        allow_browser_login = True

        @expose("/<level>.json", methods=("GET",))  # type: ignore[untyped-decorator]
        @protect()  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def read(self, level: str) -> Any:
            """Units of a level on a day, with their shapes.
            ---
            get:
              summary: Units of a level on a day, with their shapes
              parameters:
              - {in: path, name: level, schema: {type: string, enum: [commune, district]}}
              - {in: query, name: on, schema: {type: string, format: date}}
              responses:
                200: {description: A GeoJSON FeatureCollection}
                400: {description: The level or the day is not one}
                401: {$ref: '#/components/responses/401'}
            """
            return answer(level)

    appbuilder.add_api(IocMap)
