"""Boundaries as they are delivered: what is read, what is rejected and why."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from ckan_harvesters.boundaries import CLEAR_UNIT_GEOMETRY, SET_UNIT_GEOMETRY, read_boundaries
from datasets.model.messages import LANGUAGES, say
from datasets.model.read import read_contract
from datasets.model.reference import read_reference
from datasets.model.unit import UnitIndex

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
ON = date(2025, 8, 1)
SQUARE = [[105.64, 18.65], [105.68, 18.65], [105.68, 18.69], [105.64, 18.69], [105.64, 18.65]]
BOWTIE = [[105.0, 18.0], [106.0, 19.0], [106.0, 18.0], [105.0, 19.0], [105.0, 18.0]]


@pytest.fixture(scope="module")
def units() -> UnitIndex:
    return read_reference().unit_index


def feature(code: Any, geometry: Any, name: str = "Thành Vinh") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}


def polygon(ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def written(folder: Path, *features: dict[str, Any], **members: Any) -> Path:
    path = folder / "delivery"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features), **members}), encoding="utf-8")
    return path


def test_the_example_is_read_whole(units: UnitIndex) -> None:
    reading = read_boundaries(ROOT / "datasets/administration/examples/administrative-boundaries.geojson", units, ON)
    assert reading.refused is None and reading.rejected == []
    assert reading.frame["unit_id"].to_list() == ["16681.202507", "16690.202507"]
    assert reading.frame["line"].to_list() == [1, 2]
    geometry = shapely.from_wkb(reading.frame["geometry"][0])
    assert geometry.geom_type == "MultiPolygon" and shapely.get_srid(geometry) == 4326
    assert geometry.equals(shapely.Polygon(SQUARE))


def test_the_map_is_drawn_from_the_table_of_the_contract() -> None:
    contract = read_contract(ROOT / "datasets" / "administration")
    table = f"{contract.pg_schema}.{contract.table(contract.resource('administrative-boundaries'))}"
    assert f" {table} AS" in SET_UNIT_GEOMETRY
    assert f" {table} AS" in CLEAR_UNIT_GEOMETRY


def test_the_day_decides_which_unit_a_code_is(units: UnitIndex, tmp_path: Path) -> None:
    path = written(tmp_path, feature("16681", polygon(SQUARE)))
    assert read_boundaries(path, units, date(2025, 6, 30)).frame["unit_id"].to_list() == ["16681.202412"]
    assert read_boundaries(path, units, ON).frame["unit_id"].to_list() == ["16681.202507"]


def swapped(ring: list[list[float]]) -> list[list[float]]:
    return [[y, x] for x, y in ring]


HARD = [
    ("16681", polygon(BOWTIE), "geometry_invalid"),
    ("16681", polygon(swapped(SQUARE)), "outside_viet_nam_swapped"),
    ("16681", {"type": "Point", "coordinates": [18.67, 105.69]}, "outside_viet_nam_swapped"),
    ("16681", polygon([[2.2, 48.8], [2.4, 48.8], [2.4, 48.9], [2.2, 48.8]]), "outside_viet_nam"),
    ("16681", polygon([[560000, 2060000], [570000, 2060000], [570000, 2070000], [560000, 2060000]]), "outside_viet_nam"),
    ("16681", {"type": "Point", "coordinates": [105.69, 18.67]}, "geometry_kind"),
    ("16681", {"type": "LineString", "coordinates": SQUARE}, "geometry_kind"),
    ("16681", polygon(SQUARE[:2]), "geometry_invalid"),
    ("16681", {"type": "Polygon", "coordinates": "đất"}, "geometry_invalid"),
    ("16681", {"type": "Polygon", "coordinates": []}, "required"),
    ("16681", None, "required"),
    (None, polygon(SQUARE), "required"),
    ("99999", polygon(SQUARE), "unit_unknown"),
    ("16684", polygon(SQUARE), "unit_not_valid_on"),
]


@pytest.mark.parametrize(("code", "geometry", "rule"), HARD)
def test_a_wrong_feature_is_rejected_with_its_reason_and_the_others_stay(
    units: UnitIndex, tmp_path: Path, code: str | None, geometry: Any, rule: str
) -> None:
    other = feature("16690", polygon(SQUARE))
    reading = read_boundaries(written(tmp_path, other, feature(code, geometry)), units, ON)
    assert reading.refused is None
    assert reading.frame["unit_id"].to_list() == ["16690.202507"]
    assert [(r.line, r.rule) for r in reading.rejected] == [(2, rule)]


def test_the_reason_is_said_in_three_languages(units: UnitIndex, tmp_path: Path) -> None:
    features = [feature(code, geometry) for code, geometry, rule in HARD if rule.startswith(("geometry", "outside"))]
    for problem in read_boundaries(written(tmp_path, *features), units, ON).rejected:
        for language in LANGUAGES:
            text = say(f"rule.{problem.rule}", language, column=problem.column, value=problem.value, **problem.params)
            assert "{" not in text and "rule." not in text


def test_a_second_feature_of_one_unit_is_rejected(units: UnitIndex, tmp_path: Path) -> None:
    reading = read_boundaries(written(tmp_path, feature("16681", polygon(SQUARE)), feature("16681", polygon(SQUARE))), units, ON)
    assert len(reading.frame) == 1
    assert [(r.line, r.rule, r.params["first_line"]) for r in reading.rejected] == [(2, "duplicate_key", 1)]


def test_a_code_written_as_a_number_is_read_as_text(units: UnitIndex, tmp_path: Path) -> None:
    assert read_boundaries(written(tmp_path, feature(16681, polygon(SQUARE))), units, ON).frame["code"].to_list() == ["16681"]


def test_coordinates_in_another_system_are_brought_to_wgs84(units: UnitIndex, tmp_path: Path) -> None:
    flat = geopandas.GeoSeries([shapely.Polygon(SQUARE)], crs=4326).to_crs(32648)[0]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32648"}}
    path = written(tmp_path, feature("16681", json.loads(shapely.to_geojson(flat))), crs=crs)
    reading = read_boundaries(path, units, ON)
    assert shapely.from_wkb(reading.frame["geometry"][0]).hausdorff_distance(shapely.Polygon(SQUARE)) < 1e-6


def test_crs84_in_the_file_changes_nothing(units: UnitIndex, tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    reading = read_boundaries(written(tmp_path, feature("16681", polygon(SQUARE)), crs=crs), units, ON)
    assert shapely.from_wkb(reading.frame["geometry"][0]).equals(shapely.Polygon(SQUARE))


@pytest.mark.filterwarnings("ignore:File .* has GPKG application_id")
def test_a_geopackage_is_told_by_its_content(units: UnitIndex, tmp_path: Path) -> None:
    made, kept = tmp_path / "made.gpkg", tmp_path / "0fe1"
    table = geopandas.GeoDataFrame({"code": ["16681"], "name": ["Thành Vinh"]}, geometry=[shapely.Polygon(SQUARE)], crs=4326)
    table.to_file(made, driver="GPKG")
    made.rename(kept)
    reading = read_boundaries(kept, units, ON)
    assert reading.frame["unit_id"].to_list() == ["16681.202507"]


REFUSED = [
    (b"<html>\xc4\x90\xc4\x83ng nh\xe1\xba\xadp</html>", "not_geojson"),
    (b"", "not_geojson"),
    (b'{"type": "FeatureCollection", "features": [', "not_geojson"),
    (b"\xff\xfe\x00", "not_geojson"),
    (b'{"type": "Topology"}', "not_geojson"),
    (b'{"type": "FeatureCollection", "features": []}', "no_features"),
    (b'{"type": "FeatureCollection", "features": [{}], "crs": {"properties": {"name": "VN-X"}}}', "crs_unknown"),
    (b"SQLite format 3\x00" + b"\x00" * 52 + b"GPKG" + b"\x00" * 100, "not_geojson"),
    (b"[" * 100_000, "not_geojson"),
]


@pytest.mark.parametrize(("content", "code"), REFUSED)
def test_a_file_that_is_no_boundaries_is_refused_whole(units: UnitIndex, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "delivery"
    path.write_bytes(content)
    reading = read_boundaries(path, units, ON)
    assert reading.refused == code
    assert reading.frame.is_empty() and reading.rejected == []
    for language in LANGUAGES:
        assert "{" not in say(f"refused.{code}", language, **reading.params).replace("{'", "").replace('{"', "")


@pytest.mark.real
def test_the_real_boundaries_are_read_whole(units: UnitIndex, shared_data: Path) -> None:
    reading = read_boundaries(shared_data / "boundaries" / "nghe-an-communes-2025-07.geojson", units, ON)
    assert reading.refused is None
    assert reading.rejected == []
    assert len(reading.frame) == 130
    areas = geopandas.GeoSeries(shapely.from_wkb(reading.frame["geometry"].to_numpy()), crs=4326).to_crs(32648).area
    assert areas.sum() / 1e6 == pytest.approx(16486, rel=0.01)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "rule"), [("gen_bowtie.geojson", "geometry_invalid"), ("gen_latlon_swapped.geojson", "outside_viet_nam_swapped")]
)
def test_the_hard_files_are_rejected_and_never_repaired(units: UnitIndex, shared_data: Path, name: str, rule: str) -> None:
    reading = read_boundaries(shared_data / "hard-files" / name, units, ON)
    assert reading.frame.is_empty()
    assert [r.rule for r in reading.rejected] == [rule]
