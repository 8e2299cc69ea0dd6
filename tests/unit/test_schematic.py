"""Schematic cells: every unit a cell of its own, together the province."""

import json
from datetime import date
from pathlib import Path

import pytest
import shapely

from control.compile.schematic import find_outline, outline_or_hull, province_cells, reference_cells, schematic_cells
from control.hosts import OUTLINES
from datasets.model.contract import Level
from datasets.model.reference import Reference, read_reference
from datasets.model.unit import Unit

pytestmark = pytest.mark.unit

SQUARE = shapely.box(0, 0, 1, 1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


def unit(number: int, lon: float | None, lat: float | None) -> Unit:
    return Unit(f"{number}.202507", str(number), date(2025, 7, 1), None, Level.COMMUNE, None, f"Xã {number}", f"{number} Commune", lon, lat)


def assets(folder: Path, iso: str) -> Path:
    feature = {"type": "Feature", "properties": {"ISO": iso}, "geometry": json.loads(shapely.to_geojson(SQUARE))}
    (folder / "0a.geojson").write_text('{"no": "features"}')
    (folder / "1b.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return folder


def assert_tiles(cells: list[shapely.Geometry], outline: shapely.Geometry) -> None:
    """The cells fill the outline and do not overlap."""
    assert all(c.is_valid and c.geom_type == "MultiPolygon" and not c.is_empty for c in cells)
    assert sum(c.area for c in cells) == pytest.approx(outline.area, rel=1e-9)
    assert shapely.union_all(cells).area == pytest.approx(outline.area, rel=1e-9)


def test_cells_fill_the_outline_and_hold_their_centroids() -> None:
    units = [unit(1, 0.2, 0.2), unit(2, 0.8, 0.2), unit(3, 0.5, 0.9)]
    cells = schematic_cells(units, SQUARE)
    assert_tiles([c for c in cells.values() if c], SQUARE)
    for u in units:
        cell = cells[u.unit_id]
        assert cell is not None and cell.contains(shapely.Point(u.lon, u.lat))


def test_repeated_points_and_outsiders_get_cells_of_their_own() -> None:
    units = [unit(1, 0.5, 0.5), unit(2, 0.5, 0.5), unit(3, 0.5, 0.5), unit(4, 7.0, 0.5), unit(5, 7.0, 0.5)]
    cells = schematic_cells(units, SQUARE)
    assert_tiles([c for c in cells.values() if c], SQUARE)
    assert len({shapely.to_wkb(c) for c in cells.values()}) == 5


def test_a_unit_without_a_centroid_has_no_cell() -> None:
    cells = schematic_cells([unit(1, 0.5, 0.5), unit(2, None, None)], SQUARE)
    assert cells["2.202507"] is None
    assert_tiles([c for c in cells.values() if c], SQUARE)
    assert schematic_cells([unit(2, None, None)], SQUARE) == {"2.202507": None}


def test_the_order_of_the_units_changes_nothing() -> None:
    units = [unit(n, 0.5, 0.5 + n / 100) for n in range(1, 9)]
    forwards, backwards = schematic_cells(units, SQUARE), schematic_cells(units[::-1], SQUARE)
    assert {k: shapely.to_wkb(v) for k, v in forwards.items()} == {k: shapely.to_wkb(v) for k, v in backwards.items()}


def test_the_outline_is_found_by_its_iso_code_whatever_the_file_is_called(tmp_path: Path) -> None:
    found = find_outline(assets(tmp_path, "VN-22"), "VN-22")
    assert found is not None and found.geometry.equals(SQUARE)
    assert found.source == "1b.geojson" and not found.is_hull
    assert find_outline(tmp_path, "VN-99") is None


def test_without_an_outline_the_hull_is_used_and_said(tmp_path: Path) -> None:
    hull = outline_or_hull(tmp_path / "nowhere", "VN-22", [unit(1, 0.0, 0.0), unit(2, 1.0, 0.0), unit(3, 0.0, 1.0)])
    assert hull.is_hull and "no outline" in hull.note()
    assert hull.geometry.contains(shapely.Point(0, 0))
    with pytest.raises(ValueError, match="no unit has a centroid"):
        outline_or_hull(tmp_path, "VN-22", [unit(1, None, None)])


@pytest.mark.parametrize("with_superset", [False, True])
def test_each_time_of_the_province_is_tiled(reference: Reference, tmp_path: Path, with_superset: bool) -> None:
    own = [u for u in reference.units if reference.unit_index.province_of(u) == "40"]
    outline = outline_or_hull(OUTLINES if with_superset else tmp_path, "VN-22", own)
    assert outline.is_hull is not with_superset
    cells = province_cells(reference.unit_index, reference.crosswalk, "40", outline.geometry)
    for level, day in (
        (Level.DISTRICT, date(2021, 8, 1)),
        (Level.DISTRICT, date(2025, 3, 1)),
        (Level.COMMUNE, date(2025, 3, 1)),
        (Level.COMMUNE, date(2025, 7, 1)),
    ):
        drawn = [cells[u.unit_id] for u in reference.unit_index.valid(level, day, "40")]
        assert_tiles([c for c in drawn if c is not None], outline.geometry)
        assert None not in drawn
    province = cells["40.200401"]
    assert province is not None and province.equals(outline.geometry)
    ended = [u for u in own if u.level is Level.COMMUNE and u.valid_to == date(2024, 12, 1)]
    assert all(cells[u.unit_id] is None for u in ended)


def test_the_store_gets_the_same_bytes_each_time(reference: Reference, tmp_path: Path) -> None:
    cells, note = reference_cells(reference, tmp_path)
    assert "no outline" in note
    assert (cells, note) == reference_cells(read_reference(), tmp_path)
    assert len(cells) == 1 + 21 + 2 + 412 + 130
    assert all(shapely.from_wkb(c).geom_type == "MultiPolygon" for c in cells.values())
