"""Reference data: agencies, positions, regulation, and the working calendar."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from datasets.model.calendar import ZONE, WorkCalendar
from datasets.model.consistency import TAKEN_SCHEMAS
from datasets.model.contract import Level
from datasets.model.read import read_all
from datasets.model.reference import FOLDER, Reference, ReferenceProblem, read_reference
from datasets.model.regulation import read_regulations

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def calendar(reference: Reference) -> WorkCalendar:
    return reference.calendar


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the reference that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "reference"))


def test_every_agency_has_titles_in_three_languages(reference: Reference) -> None:
    assert len(reference.agencies) >= 30
    for agency in reference.agencies.values():
        assert agency.title and agency.titles.en and agency.titles.fr


def test_every_locality_is_a_commune_of_today(reference: Reference) -> None:
    localities = [a for a in reference.agencies.values() if a.kind == "locality"]
    assert len(localities) >= 6
    for agency in localities:
        unit = reference.unit_index.resolve(str(agency.unit), Level.COMMUNE, date(2026, 1, 1))
        assert unit is not None
        assert unit.name.lower() in agency.title.lower()


def test_the_province_has_a_unit_of_its_own(reference: Reference) -> None:
    assert reference.province == "40"
    assert reference.province_unit.unit_id == "40.200401"


def test_every_agency_has_a_chief_of_office_and_some_have_stewards(reference: Reference) -> None:
    assert all(f"{agency}/chanh-van-phong" in reference.positions for agency in reference.agencies)
    assert reference.positions["so-y-te/truong-phong-nghiep-vu-y"].agency == "so-y-te"
    bodies = {p.body for p in reference.positions.values()}
    assert {"steering-committee", "working-group"} <= bodies


def test_the_nine_subsystems_and_data_supply_are_known_in_their_order(reference: Reference) -> None:
    assert [entry.order for entry in reference.subsystems.values()] == list(range(10))
    assert next(iter(reference.subsystems)) == "data_supply"
    for name, entry in reference.subsystems.items():
        assert name not in TAKEN_SCHEMAS, "a contract could not have this name"
        assert entry.title and entry.titles.fr and entry.description and entry.descriptions.fr
        assert entry.owner in reference.agencies


def test_every_contract_of_a_subsystem_agrees_with_its_entry(reference: Reference) -> None:
    for contract in read_all(reference=reference):
        entry = reference.subsystems.get(contract.name)
        if entry is not None:
            assert (contract.title, contract.titles, contract.subsystem.order) == (entry.title, entry.titles, entry.order)
            assert contract.subsystem.owner == entry.owner


def test_a_legal_basis_is_found_by_its_name(reference: Reference) -> None:
    assert reference.clauses["quy-che-ioc/dieu-12"].title == "Thời hạn cung cấp số liệu"
    assert [f"{r.name}/{c.name}" for r in read_regulations().values() for c in r.clauses] == list(reference.clauses)


def test_a_clause_is_in_force_from_its_own_days_or_those_of_its_regulation(folder: Path) -> None:
    path = folder / "regulation.yaml"
    text = path.read_text(encoding="utf-8").replace("valid_from: 2025-07-01", "valid_from: 2025-07-01\n    valid_to: 2030-01-01")
    path.write_text(
        text.replace("article: Điều 13", "article: Điều 13\n        valid_from: 2026-01-01\n        valid_to: 2027-01-01"), encoding="utf-8"
    )
    found = read_reference(folder)
    whole, part = found.clauses["quy-che-ioc/dieu-12"], found.clauses["quy-che-ioc/dieu-13"]
    assert (whole.valid_from, whole.valid_to) == (date(2025, 7, 1), date(2030, 1, 1))
    assert (part.valid_from, part.valid_to) == (date(2026, 1, 1), date(2027, 1, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [part.is_in_force(day) for day in days] == [False, True, True, False]
    assert found.regulations["quy-che-ioc"].clauses == list(found.clauses.values())


def test_the_example_regulation_says_what_it_is(reference: Reference) -> None:
    regulation = reference.regulations["quy-che-ioc"]
    assert regulation.model and "mẫu" in regulation.number and regulation.adopted <= regulation.valid_from
    assert [clause.article for clause in regulation.clauses] == [f"Điều {number}" for number in (5, 9, 12, 13, 15, 18)]
    assert all(clause.texts.en and clause.texts.fr for clause in regulation.clauses)


def test_every_contract_names_a_steward_and_a_legal_basis_that_exist(reference: Reference) -> None:
    for contract in read_all():
        for resource in contract.resources:
            assert resource.steward in reference.positions, f"{contract.name}/{resource.name}"
            assert resource.legal_basis in reference.clauses, f"{contract.name}/{resource.name}"


WRONG = [
    ("agencies.yaml", "kind: hospital", "kind: clinic", ["kind", "clinic", "hospital"]),
    ("agencies.yaml", "name: so-y-te,", "name: So Y Te,", ["agencies[8 So Y Te].name", "pattern"]),
    ("agencies.yaml", "name: so-noi-vu,", "name: so-y-te,", ["'so-y-te' stands twice"]),
    ("agencies.yaml", "parent: so-y-te", "parent: so-yte", ["so-yte", "is no agency; write"]),
    ("agencies.yaml", 'unit: "16681", ', "", ["phuong-thanh-vinh.unit", "locality"]),
    ("agencies.yaml", "kind: department", "kind: department, colour: red", ["colour", "red", "not permitted"]),
    ("people.yaml", "name: so-y-te/", "name: so-yte/", ["so-yte", "<agency>/<position>"]),
    ("subsystems.yaml", "order: 4", "order: 5", ["education.order", "5 is that of 'health' too", "write another number"]),
    ("subsystems.yaml", "owner: so-y-te", "owner: so-yte", ["health.owner", "so-yte", "write the name of one in agencies.yaml"]),
    ("subsystems.yaml", "name: health", "name: education", ["'education' stands twice"]),
    ("regulation.yaml", "name: dieu-12", "name: dieu-13", ["quy-che-ioc/dieu-13", "stands twice"]),
    (
        "regulation.yaml",
        "adopted: 2025-06-25",
        "adopted: 2025-07-02",
        ["quy-che-ioc.valid_from", "2025-07-01 is before the day 2025-07-02"],
    ),
    ("regulation.yaml", "valid_from: 2025-07-01", "valid_from: 2025-07-01\n    valid_to: 2025-07-01", ["valid_to", "write a later day"]),
    ("regulation.yaml", "valid_from: 2025-07-01", "valid_from: tháng 7", ["valid_from", "tháng 7"]),
    ("regulation.yaml", "    number: 01/QC-IOC (mẫu)\n", "", ["regulations[0 quy-che-ioc].number", "Field required"]),
    ("regulation.yaml", "article: Điều 12", "artikel: Điều 12", ["clauses[2 dieu-12].article", "clauses[2 dieu-12].artikel"]),
    ("regulation.yaml", "article: Điều 12", "article: Điều 12\n        valid_from: 2025-06-30", ["dieu-12.valid_from", "write 2025-07-01"]),
    ("regulation.yaml", "article: Điều 12", "article: Điều 12\n        valid_to: 2025-07-01", ["dieu-12.valid_to", "write a later day"]),
    ("province.yaml", 'code: "40"', "code: 40", ["province.yaml", "code", "40"]),
    ("province.yaml", "code:", "code: [", ["province.yaml", "not YAML"]),
]


@pytest.mark.parametrize(("name", "right", "wrong", "says"), WRONG)
def test_an_error_names_the_file_the_key_and_the_value(folder: Path, name: str, right: str, wrong: str, says: list[str]) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ReferenceProblem) as error:
        read_reference(folder)
    assert name in str(error.value)
    for part in says:
        assert part in str(error.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "people.yaml").unlink()
    with pytest.raises(ReferenceProblem, match=r"people\.yaml: the file is missing"):
        read_reference(folder)


def test_a_province_without_units_is_named(folder: Path) -> None:
    path = folder / "province.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"40"', '"99"'), encoding="utf-8")
    with pytest.raises(ReferenceProblem, match=r"province\.yaml: code: '99'"):
        _ = read_reference(folder).province_unit


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2021, 2, 11), "Giao thừa Tết Nguyên Đán"),
        (date(2021, 2, 12), "Tết Nguyên Đán"),
        (date(2022, 2, 1), "Tết Nguyên Đán"),
        (date(2023, 1, 22), "Tết Nguyên Đán"),
        (date(2024, 2, 10), "Tết Nguyên Đán"),
        (date(2025, 1, 29), "Tết Nguyên Đán"),
        (date(2026, 2, 17), "Tết Nguyên Đán"),
        (date(2021, 4, 21), "Ngày Giỗ Tổ Hùng Vương"),
        (date(2021, 9, 2), "Quốc khánh"),
        (date(2021, 5, 3), "Ngày Quốc tế Lao động (nghỉ bù)"),
    ],
)
def test_holidays_by_the_sun_and_by_the_moon(calendar: WorkCalendar, day: date, name: str) -> None:
    assert calendar.holiday(day) == name
    assert not calendar.is_working_day(day)


def test_tet_of_2021_left_these_working_days_in_february(calendar: WorkCalendar) -> None:
    worked = calendar.working_days(date(2021, 2, 1), date(2021, 3, 1))
    assert [d.day for d in worked] == [1, 2, 3, 4, 5, 8, 9, 17, 18, 19, 22, 23, 24, 25, 26]


@pytest.mark.parametrize(
    ("off", "made_up"),
    [
        (date(2024, 4, 29), date(2024, 5, 4)),
        (date(2025, 5, 2), date(2025, 4, 26)),
        (date(2018, 12, 31), date(2019, 1, 5)),
        (date(2026, 1, 2), date(2026, 1, 10)),
    ],
)
def test_an_exchanged_day_is_off_and_its_saturday_is_worked(calendar: WorkCalendar, off: date, made_up: date) -> None:
    assert off.weekday() < 5 and not calendar.is_working_day(off)
    assert made_up.weekday() == 5 and calendar.is_working_day(made_up)


def test_working_days_are_counted_over_tet(calendar: WorkCalendar) -> None:
    assert calendar.add_working_days(date(2021, 2, 9), 1) == date(2021, 2, 17)
    assert calendar.add_working_days(date(2021, 2, 9), 0) == date(2021, 2, 9)
    assert calendar.add_working_days(date(2021, 2, 13), 0) == date(2021, 2, 17)
    assert calendar.next_working_day(date(2021, 2, 10)) == date(2021, 2, 17)
    assert calendar.nth_working_day(date(2021, 2, 1), date(2021, 3, 1), 8) == date(2021, 2, 17)
    with pytest.raises(ValueError, match="0 or more"):
        calendar.add_working_days(date(2021, 2, 9), -1)
    with pytest.raises(ValueError, match="15 working days"):
        calendar.nth_working_day(date(2021, 2, 1), date(2021, 3, 1), 16)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ((2021, 8, 2, 7, 30), (2021, 8, 2, 17, 0), 7.5),
        ((2021, 8, 2, 11, 0), (2021, 8, 2, 14, 0), 1.0),
        ((2021, 8, 2, 12, 0), (2021, 8, 2, 13, 0), 0.0),
        ((2021, 8, 6, 16, 0), (2021, 8, 9, 8, 0), 1.5),
        ((2021, 2, 9, 16, 0), (2021, 2, 17, 8, 30), 2.0),
        ((2021, 8, 3, 8, 0), (2021, 8, 2, 8, 0), 0.0),
    ],
)
def test_working_hours_leave_out_noon_nights_weekends_and_tet(
    calendar: WorkCalendar, start: tuple[int, ...], end: tuple[int, ...], hours: float
) -> None:
    assert calendar.working_hours(_moment(start), _moment(end)) == hours


def _moment(parts: tuple[int, ...]) -> datetime:
    year, month, day, hour, minute = parts
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def test_hours_without_a_time_zone_are_refused(calendar: WorkCalendar) -> None:
    with pytest.raises(ValueError, match="time zone"):
        calendar.working_hours(datetime(2021, 8, 2, 8, 0), _moment((2021, 8, 2, 9, 0)))  # noqa: DTZ001
