"""Administrative units: vintages, codes that come back, what became of what."""

import csv
import itertools
import json
import unicodedata
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from datasets.model.contract import Level
from datasets.model.reference import Reference, read_reference
from datasets.model.unit import Unit, UnitIndex, name_key

pytestmark = pytest.mark.unit

OLD, BETWEEN, NEW = date(2021, 8, 1), date(2025, 3, 1), date(2025, 7, 1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def index(reference: Reference) -> UnitIndex:
    return reference.unit_index


@pytest.mark.parametrize(
    ("day", "provinces", "districts", "communes"),
    [
        (OLD, 63, 21, 460),
        (date(2024, 11, 30), 63, 21, 460),
        (date(2024, 12, 1), 63, 20, 412),
        (BETWEEN, 63, 20, 412),
        (date(2025, 6, 30), 63, 20, 412),
        (NEW, 34, 0, 130),
        (date(2026, 1, 1), 34, 0, 130),
    ],
)
def test_each_day_has_the_units_of_its_vintage(index: UnitIndex, day: date, provinces: int, districts: int, communes: int) -> None:
    assert len(index.valid(Level.PROVINCE, day)) == provinces
    assert len(index.valid(Level.DISTRICT, day)) == districts
    assert len(index.valid(Level.COMMUNE, day, "40")) == len(index.valid(Level.COMMUNE, day)) == communes
    assert [u.unit_id for u in index.valid(Level.COUNTRY, day)] == ["VN.200401"]


def test_all_new_communes_reuse_codes_and_the_day_decides(index: UnitIndex) -> None:
    before = {u.code: u for u in index.valid(Level.COMMUNE, BETWEEN)}
    for unit in index.valid(Level.COMMUNE, NEW):
        assert unit.code in before
        assert unit.unit_id == f"{unit.code}.202507" != before[unit.code].unit_id
        assert index.resolve(unit.code, Level.COMMUNE, date(2025, 6, 30)) is before[unit.code]
        assert index.resolve(unit.code, Level.COMMUNE, date(2025, 7, 1)) is unit


def test_17011_is_one_ward_before_the_reform_and_another_after(index: UnitIndex) -> None:
    before = index.resolve("17011", Level.COMMUNE, date(2025, 6, 30))
    after = index.resolve("17011", Level.COMMUNE, date(2025, 7, 1))
    assert before is not None and before.unit_id == "17011.200401" and before.valid_to == date(2025, 7, 1)
    assert after is not None and after.unit_id == "17011.202507" and after.name == "Phường Tây Hiếu"


def test_unchanged_units_keep_their_id_through_a_change_of_vintage(index: UnitIndex) -> None:
    assert index.by_id["40.200401"].valid_to is None
    assert index.resolve("417", Level.DISTRICT, OLD) is index.resolve("417", Level.DISTRICT, BETWEEN)
    went_on = [u for u in index.valid(Level.COMMUNE, BETWEEN) if u.valid_from < date(2024, 12, 1)]
    assert len(went_on) == 321
    assert not any(u.valid_from < NEW for u in index.valid(Level.COMMUNE, NEW))


def test_a_district_whose_territory_changed_is_another_unit(index: UnitIndex) -> None:
    for code in ("412", "429"):
        before, after = index.resolve(code, Level.DISTRICT, OLD), index.resolve(code, Level.DISTRICT, BETWEEN)
        assert before is not None and after is not None
        assert before.name == after.name and before.unit_id != after.unit_id
    assert index.resolve("413", Level.DISTRICT, BETWEEN) is None


def test_a_merged_province_that_kept_its_name_is_another_unit(index: UnitIndex) -> None:
    tuyen_quang = [u.unit_id for u in index if u.code == "08"]
    assert tuyen_quang == ["08.200401", "08.202507"]


def test_an_unknown_code_and_a_code_of_another_day_are_told_apart(index: UnitIndex) -> None:
    unknown = index.why_not("99999", Level.COMMUNE, OLD)
    assert unknown is not None and unknown.rule == "unit_unknown"
    gone = index.why_not("16684", Level.COMMUNE, NEW)
    assert gone is not None and gone.rule == "unit_not_valid_on"
    assert gone.params == {
        "level": "commune",
        "on": "2025-07-01",
        "name": "Phường Đội Cung",
        "valid_from": "2004-01-01",
        "valid_to": "2024-12-01",
    }
    early = index.why_not("16681", Level.COMMUNE, date(1999, 1, 1))
    assert early is not None and early.params["valid_from"] == "2004-01-01"
    assert index.why_not("16681", Level.COMMUNE, NEW) is None
    assert index.resolve("412", Level.COMMUNE, OLD) is None, "a district's code is no commune's"


def test_every_row_of_the_lists_is_sound(index: UnitIndex) -> None:
    assert len(index.by_id) == len(index.units)
    assert len({(u.code, u.level, u.valid_from) for u in index}) == len(index.units)
    for u in index:
        assert u.unit_id == f"{u.code}.{u.valid_from:%Y%m}"
        assert u.name == unicodedata.normalize("NFC", u.name)
        assert u.name_en.isascii()
        assert (u.lon is None) == (u.lat is None)


def test_a_unit_lives_within_the_life_of_the_one_above_it(index: UnitIndex) -> None:
    for u in index:
        if u.level is Level.COUNTRY:
            assert u.parent is None
            continue
        above = index.by_id[str(u.parent)]
        assert above.valid_from <= u.valid_from
        assert above.valid_to is None or (u.valid_to is not None and u.valid_to <= above.valid_to)


def test_units_of_one_code_never_overlap(index: UnitIndex) -> None:
    by_code: dict[tuple[str, Level], list[Unit]] = defaultdict(list)
    for u in index:
        by_code[u.code, u.level].append(u)
    for same in by_code.values():
        same.sort(key=lambda u: u.valid_from)
        for before, after in itertools.pairwise(same):
            assert before.valid_to is not None and before.valid_to <= after.valid_from


def test_eight_names_repeat_among_the_old_communes(index: UnitIndex) -> None:
    names = [name_key(u.name) for u in index.valid(Level.COMMUNE, OLD)]
    assert len({n for n in names if names.count(n) > 1}) == 8


def test_weights_of_each_former_unit_sum_to_one(reference: Reference, index: UnitIndex) -> None:
    total: dict[str, float] = defaultdict(float)
    for part in reference.crosswalk:
        total[part.from_unit] += part.weight
        before, after = index.by_id[part.from_unit], index.by_id[part.to_unit]
        assert before.level is after.level
        assert before.valid_to == after.valid_from
    assert all(abs(weight - 1) < 1e-12 for weight in total.values())


def test_the_conversion_covers_all_that_ended_and_all_that_began(reference: Reference, index: UnitIndex) -> None:
    from_units, to_units = {p.from_unit for p in reference.crosswalk}, {p.to_unit for p in reference.crosswalk}
    assert {u.unit_id for u in index.valid(Level.COMMUNE, BETWEEN)} <= from_units
    assert {u.unit_id for u in index.valid(Level.COMMUNE, NEW)} <= to_units
    ended = {u.unit_id for u in index if u.level is Level.PROVINCE and u.valid_to is not None}
    assert ended <= from_units
    assert {"412.200401", "413.200401", "429.200401"} == {p for p in from_units if index.by_id[p].level is Level.DISTRICT}


def test_the_former_city_of_vinh_is_six_wards_of_today(reference: Reference, index: UnitIndex) -> None:
    vinh = sorted(index.by_id[g.unit_id].name for g in reference.groups if g.group_id == "former-vinh")
    assert vinh == ["Phường Cửa Lò", "Phường Thành Vinh", "Phường Trường Vinh", "Phường Vinh Hưng", "Phường Vinh Lộc", "Phường Vinh Phú"]


def test_each_commune_of_today_lies_in_one_former_district(reference: Reference, index: UnitIndex) -> None:
    members = [g.unit_id for g in reference.groups]
    assert sorted(members) == [u.unit_id for u in index.valid(Level.COMMUNE, NEW)]
    assert len({g.group_id for g in reference.groups}) == 20


def test_a_frame_of_rows_is_resolved_as_single_rows_are(index: UnitIndex) -> None:
    days = [date(2024, 11, 29) + timedelta(days=n) for n in range(220)]
    rows: list[tuple[str | None, date | None]] = [(code, day) for day in days for code in ("16681", "17011", "16684", "99999", None)]
    rows += [("16681", None)]
    frame = pl.DataFrame(rows, schema={"code": pl.String, "day": pl.Date}, orient="row").sample(fraction=1, shuffle=True, seed=7)
    found = index.resolve_frame(frame, "code", "day", Level.COMMUNE)
    expected = []
    for code, day in frame.iter_rows():
        unit = index.resolve(code, Level.COMMUNE, day) if code and day else None
        expected.append(unit.unit_id if unit else None)
    assert found.to_list() == expected
    assert found.null_count() < len(expected)


def test_a_million_rows_are_resolved_in_seconds(index: UnitIndex) -> None:
    codes = [u.code for u in index.valid(Level.COMMUNE, BETWEEN)]
    frame = pl.DataFrame({"code": codes}).join(
        pl.DataFrame({"day": [date(2021, 1, 1) + timedelta(days=n) for n in range(2430)]}), how="cross"
    )
    found = index.resolve_frame(frame, "code", "day", Level.COMMUNE)
    assert len(found) == 412 * 2430
    assert found.n_unique() > 412


def test_tone_marks_in_either_place_make_one_name() -> None:
    assert name_key("Xã Yên Hoà") == name_key("xã Yên Hòa")
    assert name_key(unicodedata.normalize("NFD", "Phường Thu Thuỷ")) == name_key("Phường Thu Thủy")
    assert name_key("Xã Lượng Minh") != name_key("Xã Lương Minh")


@pytest.mark.real
def test_the_oldest_vintage_is_the_list_of_2021(index: UnitIndex, shared_data: Path) -> None:
    with (shared_data / "units" / "nghe-an-units-2021.csv").open(encoding="utf-8-sig") as file:
        listed = {row["ma_xa"]: row for row in csv.DictReader(file)}
    units = {u.code: u for u in index.valid(Level.COMMUNE, OLD)}
    assert units.keys() == listed.keys()
    differ = {code for code, row in listed.items() if name_key(row["ten_xa"]) != name_key(units[code].name)}
    assert differ == {"16774", "16906", "18007"}, "the spellings that make_units.py corrects"
    assert all(index.by_id[str(units[code].parent)].code == row["ma_huyen"] for code, row in listed.items())


@pytest.mark.real
def test_the_communes_of_today_are_those_of_the_boundaries(index: UnitIndex, shared_data: Path) -> None:
    content = json.loads((shared_data / "boundaries" / "nghe-an-communes-2025-07.geojson").read_text(encoding="utf-8"))
    listed = {f["properties"]["code"]: f["properties"]["fullName"] for f in content["features"]}
    units = {u.code: u.name for u in index.valid(Level.COMMUNE, NEW)}
    assert units.keys() == listed.keys()
    assert all(name_key(units[code]) == name_key(name) for code, name in listed.items())
