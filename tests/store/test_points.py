"""Views of points: the clusters that a map draws are those that its measure counts, and only of rows that the asker may read."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import psycopg
import pytest

from ckan_harvesters.load import load
from control.compile.changes import Change
from control.compile.store import plan_store
from datasets.model.contract import Contract
from tests.store.conftest import Store
from tests.store.contracts import UNITS, checked, contract, indicator, resource

ROOM = (105.67, 18.67)
"""A place in the province (degrees)."""
METRE_EAST, METRE_NORTH = 1 / 105_400, 1 / 110_700
"""Degrees of a metre there."""
CALENDAR = {"calendar": "week", "also": ["month"], "over_time": "none", "over_units": "none"}
SPOTS = {
    "of": "reports",
    "function": "clustered_count",
    "with": {"radius_m": 100, "least": 3, "days": 30, "longitude": "longitude", "latitude": "latitude"},
    "where": "kind <> 'trung-lap'",
    **CALENDAR,
}
FIELDS: list[dict[str, Any]] = [
    {"name": "ma", "column": "code", "title": "Mã", "type": "string", "constraints": {"required": True}},
    {"name": "ngay", "column": "day_seen", "title": "Ngày", "type": "date", "constraints": {"required": True}},
    {"name": "xa", "column": "commune", "title": "Xã", "type": "string", "refers": {"unit": "commune", "on": "ngay"}},
    {"name": "loai", "column": "kind", "title": "Loại", "type": "string", "constraints": {"required": True}},
    {"name": "kinh_do", "column": "longitude", "title": "Kinh độ", "type": "number"},
    {"name": "vi_do", "column": "latitude", "title": "Vĩ độ", "type": "number"},
]
SIZED: list[dict[str, Any]] = [*FIELDS, {"name": "co", "column": "size", "title": "Cỡ", "type": "number"}]

Seen = tuple[str, str, float, float, str]
"""Code, day, metres east and north of ROOM, kind."""


def made(
    access: Any = "open", version: str = "1.0.0", clusters: bool = True, fields: list[dict[str, Any]] = FIELDS, **more: Any
) -> Contract:
    reports = {**resource("reports", access=access, key=["ma"], fields=fields), "delivery": {"scope": "whole"}}
    panel = {"points": "reports", "by": "kind", **({"clusters": "spots"} if clusters else {})}
    spots = indicator("spots", "cụm", "week", "month")
    measures = {"spots": {**SPOTS, "on": "day_seen", **more}}
    return contract(
        reports, name="outdoors", version=version, measures=measures, indicators={"hot-spots": spots}, dashboard={"rows": [[panel]]}
    )


def deliver(store: Store, of: Contract, rows: Sequence[Seen]) -> None:
    places = [(ROOM[0] + east * METRE_EAST, ROOM[1] + north * METRE_NORTH) for _, _, east, north, _ in rows]
    table = pl.DataFrame(
        {
            "unit_id": [UNITS[0]] * len(rows),
            "code": [row[0] for row in rows],
            "day_seen": [date.fromisoformat(row[1]) for row in rows],
            "kind": [row[4] for row in rows],
            "longitude": pl.Series([f"{x:.7f}" for x, _ in places]).str.to_decimal(scale=7),
            "latitude": pl.Series([f"{y:.7f}" for _, y in places]).str.to_decimal(scale=7),
            "line": pl.Series(range(2, len(rows) + 2), dtype=pl.Int32),
        }
    )
    load(store.loader, checked(table, scope="so-y-te", of=of, resource_name="reports"), "reports")


def drawn(store: Store, period: str, url: str | None = None) -> dict[str, int | None]:
    """Cluster by the code of a row, of one period."""
    query = "SELECT code, cluster FROM outdoors.points_spots WHERE period = %s ORDER BY code"
    return dict(store.ask(query, period, url=url))


def groups(store: Store, period: str) -> list[str]:
    """The codes of each cluster, written together."""
    by_cluster: dict[int, str] = {}
    for code, cluster in drawn(store, period).items():
        if cluster is not None:
            by_cluster[cluster] = by_cluster.get(cluster, "") + code
    return sorted(by_cluster.values())


def test_three_reports_within_a_hundred_metres_and_thirty_days_are_one_spot(store: Store) -> None:
    of = made()
    store.apply(of)
    # a, b, c lie 80 m apart in a row: b has two neighbours, so all three are one spot, although a and c are 160 m apart. d is alone;
    # e and f are two only; g, h, i are as near as a, b, c, but g was 40 days before.
    rows: list[Seen] = [
        ("a", "2025-08-06", 0, 0, "rac"),
        ("b", "2025-08-07", 80, 0, "rac"),
        ("c", "2025-07-20", 160, 0, "ngap"),
        ("d", "2025-08-06", 1000, 0, "rac"),
        ("e", "2025-08-05", 2000, 0, "rac"),
        ("f", "2025-08-06", 2050, 0, "rac"),
        ("g", "2025-06-27", 3000, 0, "rac"),
        ("h", "2025-08-06", 3010, 0, "rac"),
        ("i", "2025-08-05", 3020, 0, "rac"),
        ("j", "2025-08-06", 2025, 0, "trung-lap"),
    ]
    deliver(store, of, rows)

    assert groups(store, "2025-W32") == ["abc"]
    # c is of a week before and is shown because it belongs to the spot; g is not, and duplicates are never.
    assert set(drawn(store, "2025-W32")) == set("abcdefhi")
    assert store.ask("SELECT code FROM outdoors.points_spots WHERE period = '2025-W32' AND NOT is_inside") == [("c",)]


def test_a_report_between_two_spots_is_drawn_in_one_and_both_are_counted(store: Store) -> None:
    of = made(**{"with": {**SPOTS["with"], "least": 4}})  # type: ignore[dict-item]
    store.apply(of)
    # Each side has four within 100 m of one another; m lies 95 m from the nearest of both, so that it is a core of neither.
    left: list[Seen] = [(f"a{n}", "2025-08-05", -95 - 20 * n, 0, "rac") for n in range(4)]
    right: list[Seen] = [(f"b{n}", "2025-08-05", 95 + 20 * n, 0, "rac") for n in range(4)]
    deliver(store, of, [*left, *right, ("m", "2025-08-06", 0, 0, "rac")])

    assert sorted(map(len, groups(store, "2025-W32"))) == [8, 9]  # two letters a code: four of one side, and four with m
    assert counted(store)["2025-W32"] == 2


def counted(store: Store) -> dict[str, int]:
    """Clusters of the whole province by period, as the measure counts them."""
    query = """
    SELECT v.period, v.value::integer FROM measure.value v JOIN ref.unit u USING (unit_id)
    WHERE v.measure = 'outdoors.spots' AND v.calendar = 'week' AND u.level = 'province' AND v.closed_by IS NULL AND v.value IS NOT NULL
    """
    return dict(store.ask(query))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_many_spots_are_drawn_as_the_measure_counts(store: Store, seed: int) -> None:
    draw = random.Random(seed)
    of = made()
    store.apply(of)
    centres = [(draw.uniform(0, 2500), draw.uniform(0, 2500)) for _ in range(25)]
    rows: list[Seen] = []
    for number in range(420):
        east, north = draw.choice(centres)
        day = date(2025, 7, 7) + timedelta(days=draw.randrange(100))
        kind = draw.choice(["rac", "ngap", "trung-lap"])
        rows.append((f"r{number}", day.isoformat(), east + draw.gauss(0, 90), north + draw.gauss(0, 90), kind))
    deliver(store, of, rows)

    shown = dict(store.ask("SELECT period, count(DISTINCT cluster)::integer FROM outdoors.points_spots GROUP BY period"))
    expected = counted(store)
    assert len(expected) >= 14 and max(expected.values()) >= 5
    assert shown == expected


def test_who_may_not_read_the_rows_sees_no_points(store: Store) -> None:
    of = made(access="shared")
    store.apply(of)
    deliver(store, of, [("a", "2025-08-06", 0, 0, "rac")])

    assert drawn(store, "2025-W32", store.audience("aud_official")) == {"a": None}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        drawn(store, "2025-W32", store.audience("aud_public"))


def test_everyone_sees_the_points_of_open_rows(store: Store) -> None:
    of = made()
    store.apply(of)
    deliver(store, of, [("a", "2025-08-06", 0, 0, "rac")])

    assert drawn(store, "2025-W32", store.audience("aud_public")) == {"a": None}


def changes(store: Store, of: Contract) -> list[Change]:
    with psycopg.connect(store.owner) as conn:
        lines = plan_store(conn, [of], store.reference, "a secret for tests").changes().lines
    return [line for line in lines if "points" in line.text]


def test_the_view_follows_its_measure_and_goes_with_its_panel(store: Store) -> None:
    store.apply(made())
    assert changes(store, made()) == []
    wider = made(version="1.1.0", **{"with": {**SPOTS["with"], "radius_m": 200}})  # type: ignore[dict-item]
    assert changes(store, wider)[0] == Change("changed", "view outdoors.points_spots is defined anew")
    store.apply(wider)
    without = made(version="1.2.0", clusters=False)
    assert changes(store, without) == [Change("dropped", "view outdoors.points_spots goes; no panel shows its clusters")]
    store.apply(without)
    assert store.ask("SELECT to_regclass('outdoors.points_spots')") == [(None,)]


def test_a_column_that_is_added_comes_into_the_view(store: Store) -> None:
    store.apply(made())
    note = {"name": "ghi_chu", "column": "note", "title": "Ghi chú", "type": "string"}
    store.apply(made(version="1.1.0", fields=[*FIELDS, note]))

    there = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'outdoors.points_spots'::regclass AND attname = 'note'"
    assert store.ask(there) == [(1,)]


def test_a_column_of_a_wider_type_takes_the_view_with_it(store: Store) -> None:
    narrow = [{**field, "type": "integer"} if field["column"] == "size" else field for field in SIZED]
    store.apply(made(fields=narrow))
    store.apply(made(version="1.1.0", fields=SIZED))

    kind = "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'outdoors.points_spots'::regclass AND attname = 'size'"
    assert store.ask(kind) == [("numeric",)]
