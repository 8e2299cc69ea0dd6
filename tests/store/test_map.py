"""Maps of units: who is on them, on which day, and that neighbours still touch after simplification."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from superset_ioc.maps import MapRefused, Maps, asked_day
from tests.store.conftest import Store

TODAY = dt.date(2026, 11, 22)
MOST_BYTES = 300_000


class Viewer:
    """The store as one audience reads it, and how often it was asked."""

    def __init__(self, store: Store, role: str = "aud_public") -> None:
        self._connection = psycopg.connect(store.audience(role), autocommit=True)
        self.asked: list[str] = []

    def __call__(self, query: str, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        self.asked.append(query)
        return self._connection.execute(query.encode(), parameters).fetchall()


def squares(store: Store, source: str = "schematic") -> None:
    """Today's communes as a chessboard of squares of a tenth of a degree that touch, thirteen in a row."""
    square = "ST_MakeEnvelope(103 + n % 13 * 0.1, 18 + n / 13 * 0.1, 103.1 + n % 13 * 0.1, 18.1 + n / 13 * 0.1, 4326)"
    with psycopg.connect(store.owner) as conn:
        conn.execute(
            f"""UPDATE ref.unit u SET geom = {square}, geom_source = '{source}'
            FROM (SELECT unit_id, (row_number() OVER (ORDER BY unit_id) - 1)::int AS n FROM ref.unit
                  WHERE level = 'commune' AND valid_to IS NULL) c WHERE c.unit_id = u.unit_id""".encode()
        )


def test_a_map_holds_the_units_of_its_day(store: Store) -> None:
    squares(store)
    made = json.loads(Maps().document(Viewer(store), "commune", TODAY).body)
    ids = {feature["properties"]["unit_id"] for feature in made["features"]}
    wanted = {row[0] for row in store.ask("SELECT unit_id FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL")}
    assert ids == wanted
    assert len(ids) == 130
    assert (made["schematic"], made["valid_from"], made["valid_to"], made["without_shape"]) == (True, "2025-07-01", None, 0)


def test_the_units_before_the_reform_are_others_and_those_without_shape_are_counted(store: Store) -> None:
    squares(store)
    made = json.loads(Maps().document(Viewer(store), "commune", dt.date(2025, 6, 30)).body)
    assert made["features"] == []
    assert (made["valid_from"], made["valid_to"], made["without_shape"]) == ("2024-12-01", "2025-07-01", 412)
    districts = json.loads(Maps().document(Viewer(store), "district", TODAY).body)
    assert (districts["features"], districts["without_shape"], districts["valid_from"]) == ([], 0, "2025-07-01")


def test_an_equal_map_is_made_once_and_a_new_shape_makes_a_new_one(store: Store) -> None:
    squares(store)
    maps, viewer = Maps(), Viewer(store)
    first = maps.document(viewer, "commune", TODAY)
    asked = len(viewer.asked)
    assert maps.document(viewer, "commune", TODAY - dt.timedelta(days=40)) is first
    assert len(viewer.asked) == asked + 2
    squares(store, "boundaries")
    second = maps.document(viewer, "commune", TODAY)
    assert second.etag != first.etag
    assert json.loads(second.body)["schematic"] is False


def area(ring: list[list[float]]) -> float:
    """Area of a ring in square degrees, by the shoelace formula."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))) / 2


def total(geometry: dict[str, Any]) -> float:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return sum(area(rings[0]) - sum(area(hole) for hole in rings[1:]) for rings in polygons)


@pytest.mark.real
def test_real_boundaries_are_small_and_leave_no_gap_between_neighbours(store: Store, shared_data: Path) -> None:
    features = json.loads((shared_data / "boundaries" / "nghe-an-communes-2025-07.geojson").read_text())["features"]
    with psycopg.connect(store.owner) as conn:
        conn.cursor().executemany(
            """UPDATE ref.unit SET geom = ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326), geom_source = 'boundaries'
            WHERE code = %s AND level = 'commune' AND valid_to IS NULL""",
            [(json.dumps(feature["geometry"]), feature["properties"]["code"]) for feature in features],
        )
    document = Maps().document(Viewer(store), "commune", TODAY)
    made = json.loads(document.body)
    assert len(document.body) < MOST_BYTES
    assert len(made["features"]) == 130
    assert made["schematic"] is False
    units = sum(total(feature["geometry"]) for feature in made["features"])
    assert total(made["outline"]) == pytest.approx(units, rel=1e-4), "neighbours overlap or leave gaps"
    truth = {feature["properties"]["code"]: total(feature["geometry"]) for feature in features}
    for feature in made["features"]:
        assert total(feature["geometry"]) == pytest.approx(truth[feature["properties"]["code"]], rel=0.25)


@pytest.mark.parametrize("text", ["22/11/2026", "2026-11-31", "2026-1-1", "now", "", "2026-11-22'--"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MapRefused, match="2026-11-22"):
        asked_day(text, TODAY)


def test_a_level_that_has_no_map_is_refused(store: Store) -> None:
    with pytest.raises(MapRefused, match="commune, district"):
        Maps().document(Viewer(store), "country", TODAY)
