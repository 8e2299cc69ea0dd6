"""What a measure says becomes SQL over its resource's own columns, or a fault that says what to write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from datasets.model.aggregate import SqlFault, columns_of, parse_aggregate, parse_condition
from datasets.model.contract import Resource

pytestmark = pytest.mark.unit

MIDNIGHT_IN_VIET_NAM = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


def field(column: str, kind: str = "integer", **more: Any) -> dict[str, Any]:
    return {"name": f"cot_{column}", "column": column, "title": column, "type": kind, **more}


def files() -> Resource:
    """A resource with a column of each type."""
    content = {
        "name": "files",
        "path": "examples/files.csv",
        "title": "Hồ sơ",
        "titles": {"en": "Files"},
        "publishers": ["so-y-te"],
        "steward": "so-y-te/thu-truong",
        "access": "open",
        "legal_basis": "x",
        "delivery": {"scope": "whole"},
        "obligation": {"calendar": "day", "due": "17:00"},
        "schema": {
            "fields": [
                field("day", "date", constraints={"required": True}),
                field("commune", "string", refers={"unit": "commune"}, constraints={"required": True}),
                field("due", "datetime"),
                field("closed", "datetime"),
                field("kind", "string"),
                field("files", unit="hồ sơ", constraints={"required": True, "minimum": 1}),
                field("late", unit="hồ sơ", constraints={"minimum": 0}),
                field("fee", "number", unit="đồng"),
                field("place", "geojson"),
            ],
            "primaryKey": ["cot_day"],
        },
    }
    return Resource.model_validate(content)


@pytest.fixture(scope="module")
def resource() -> Resource:
    return files()


def test_columns_are_those_of_the_store_without_geometries(resource: Resource) -> None:
    assert list(columns_of(resource)) == ["unit_id", "day", "due", "closed", "kind", "files", "late", "fee"]


AGGREGATES = [
    # what is written, SQL, unit of measure, whether it can be zero
    ("SUM(files)", 'SUM("files")', "hồ sơ", False),
    ("sum(late)", 'SUM("late")', "hồ sơ", True),
    ("SUM(files + late)", 'SUM("files" + "late")', "hồ sơ", False),
    ("SUM(files) * 2", 'SUM("files") * 2', "hồ sơ", False),
    ("SUM(files - late)", 'SUM("files" - "late")', "hồ sơ", True),
    ("COUNT(*)", "COUNT(*)", None, False),
    ("COUNT(late)", 'COUNT("late")', None, True),
    ("COUNT(files)", 'COUNT("files")', None, False),
    ("COUNT(DISTINCT unit_id)", 'COUNT(DISTINCT "unit_id")', None, False),
    ("COUNT(*) FILTER (WHERE late > 0)", 'COUNT(*) FILTER(WHERE "late" > 0)', None, True),
    ("AVG(fee)", 'AVG("fee")', "đồng", True),
    ("MIN(files)", 'MIN("files")', "hồ sơ", False),
    ("SUM(CASE WHEN kind = 'x' THEN files ELSE 0 END)", 'SUM(CASE WHEN "kind" = \'x\' THEN "files" ELSE 0 END)', "hồ sơ", True),
    ("SUM(COALESCE(late, 0))", 'SUM(COALESCE("late", 0))', "hồ sơ", True),
    ("SUM(EXTRACT(EPOCH FROM (closed - due)) / 3600)", 'SUM(EXTRACT(EPOCH FROM ("closed" - "due")) / 3600)', None, True),
    ("SUM(files::numeric)", 'SUM(CAST("files" AS DECIMAL))', None, True),
    (
        "SUM(closed::date - due::date)",
        """SUM(CAST(("closed") AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE) - CAST(("due") AT TIME ZONE 'Asia/Ho_Chi_Minh' AS DATE))""",
        None,
        True,
    ),
    ("SUM(fee / files)", 'SUM(CAST("fee" AS DECIMAL) / NULLIF("files", 0))', None, True),
]


@pytest.mark.parametrize(("text", "sql", "unit", "zero"), AGGREGATES, ids=[a[0] for a in AGGREGATES])
def test_an_aggregate_is_written_with_quoted_names(resource: Resource, text: str, sql: str, unit: str | None, zero: bool) -> None:
    made = parse_aggregate(text, resource)
    assert (made.sql, made.unit, made.can_be_zero) == (sql, unit, zero)


def test_the_columns_that_are_read_are_known(resource: Resource) -> None:
    made = parse_aggregate("SUM(files) FILTER (WHERE kind = 'x' AND late > 0)", resource)
    assert made.columns == ("files", "kind", "late")


@pytest.mark.parametrize(
    "text",
    [
        "pg_sleep(SUM(files))",
        "SUM(pg_read_file('/etc/passwd'))",
        "SUM((SELECT 1))",
        "SUM(files) OVER ()",
        "SUM(files); DROP TABLE x",
        "SUM(files) -- a comment",
        "SUM(files) FROM files",
        "SUM(files)) FROM pg_user WHERE (1 = 1",
        "SUM(files), SUM(late)",
        "SUM(load_id)",
        "SUM(closed_by)",
        "SUM(ledger.load.load_id)",
        "SUM(place)",
        "SUM(files) FILTER (WHERE EXISTS (SELECT 1))",
        "STRING_AGG(kind, ',')",
        "SUM(files::regclass)",
        "SUM(files::money)",
        "SUM(kind::integer)",
        "SUM(current_user)",
        "SUM($1)",
        "SUM(%(x)s)",
        "SUM(:x)",
        "SUM(DISTINCT files)",
        "SUM(*)",
        "SUM(SUM(files))",
        "files",
        "SUM(files) + files",
        "SUM(kind)",
        "SUM(due)",
        "MAX(day)",
        "SUM(files + fee)",
        "1",
        "",
    ],
)
def test_what_is_no_total_of_the_resource_s_columns_is_refused(resource: Resource, text: str) -> None:
    with pytest.raises(SqlFault):
        parse_aggregate(text, resource)


def test_the_nearest_column_is_named(resource: Resource) -> None:
    with pytest.raises(SqlFault, match="uses filess, which is no column here; write files"):
        parse_aggregate("SUM(filess)", resource)


CONDITIONS = [
    ("kind = 'x' AND late > 0", '"kind" = \'x\' AND "late" > 0'),
    ("kind IN ('a', 'b') OR kind IS NULL", "\"kind\" IN ('a', 'b') OR \"kind\" IS NULL"),
    ("NOT late BETWEEN 1 AND 3", 'NOT "late" BETWEEN 1 AND 3'),
    ("kind LIKE '50%'", "\"kind\" LIKE '50%'"),
    ("EXTRACT(MONTH FROM day) = 3", 'EXTRACT(MONTH FROM "day") = 3'),
    ("unit_id = '16681.202507'", "\"unit_id\" = '16681.202507'"),
    ("late / files > 0.5", 'CAST("late" AS DECIMAL) / NULLIF("files", 0) > 0.5'),
    ("kind = 'it''s -'", "\"kind\" = 'it''s -'"),
]


@pytest.mark.parametrize(("text", "sql"), CONDITIONS, ids=[c[0] for c in CONDITIONS])
def test_a_condition_is_written_with_quoted_names(resource: Resource, text: str, sql: str) -> None:
    assert parse_condition(text, resource) == sql


@pytest.mark.parametrize(
    "text", ["late", "true", "late = 1) OR (1 = 1", "SUM(late) > 1", "kind ~ 'x'", "late > (SELECT 1)", "day - 'x' > 1 LIMIT 1"]
)
def test_what_is_no_condition_over_a_row_is_refused(resource: Resource, text: str) -> None:
    with pytest.raises(SqlFault):
        parse_condition(text, resource)


NOT_COMPARED = [
    ("kind = 1", "compares a number with a text in kind = 1"),
    ("late = 'abc'", "compares a number with 'abc' in late = 'abc'; write a number without quotes"),
    ("late IN (1, 'x')", "compares a number with 'x'"),
    ("day > '31/12/2026'", "compares a date with '31/12/2026' in day > '31/12/2026'; write '2026-01-31'"),
    ("closed > '2026-01-31'", "write '2026-01-31 08:00+07:00'"),
    ("closed > day", "compares a date with a datetime in closed > day; write a moment as a day, like closed::date"),
    ("late LIKE '4%'", "takes a number in late LIKE '4%', where a text is needed"),
    ("late AND kind = 'x'", "takes a number in late AND kind = 'x', where a boolean is needed"),
    ("CASE WHEN late > 1 THEN kind ELSE 0 END = 'x'", "gives a text or a number"),
    ("day + INTERVAL '3 days' > day", "a day and a number of days give a day, like day + 3"),
    ("kind + 1 > 2", "adds a number to a text"),
    ("kind::integer > 2", "which would stop a load where it is no number"),
]


@pytest.mark.parametrize(("text", "words"), NOT_COMPARED, ids=[n[0] for n in NOT_COMPARED])
def test_what_the_store_could_not_compute_is_refused_before_a_load_does_it(resource: Resource, text: str, words: str) -> None:
    with pytest.raises(SqlFault) as caught:
        parse_condition(text, resource)
    assert words in str(caught.value)


def test_the_day_and_the_hour_of_a_moment_are_those_of_viet_nam(resource: Resource) -> None:
    local = "(\"closed\") AT TIME ZONE 'Asia/Ho_Chi_Minh'"
    assert parse_condition("closed::date = day", resource) == f'CAST({local} AS DATE) = "day"'
    assert parse_condition("EXTRACT(HOUR FROM closed) < 12", resource) == f"EXTRACT(HOUR FROM {local}) < 12"


def test_the_clock_is_that_of_a_measure_with_a_tick(resource: Resource) -> None:
    overdue = "COUNT(*) FILTER (WHERE due < NOW() AND day <= TODAY() - 1)"
    with pytest.raises(SqlFault, match=r"NOW\(\), which only a measure with tick may; write tick: hour or tick: day"):
        parse_aggregate(overdue, resource)
    made = parse_aggregate(overdue, resource, MIDNIGHT_IN_VIET_NAM).sql
    assert "CAST('2026-11-23T00:30:00+07:00' AS TIMESTAMPTZ)" in made
    assert "CAST('2026-11-23' AS DATE) - 1" in made, "the day is that of Viet Nam, where it has begun"


def test_the_day_may_be_written_as_postgresql_does(resource: Resource) -> None:
    assert parse_condition("day < CURRENT_DATE", resource, MIDNIGHT_IN_VIET_NAM) == "\"day\" < CAST('2026-11-23' AS DATE)"
