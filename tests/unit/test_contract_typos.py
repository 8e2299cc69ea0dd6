"""A typo in measures, indicators and the dashboard of a contract is named with its key and what to write."""

from __future__ import annotations

import pytest

from tests.unit.test_contract_measures import problems

pytestmark = pytest.mark.unit

SHAPES = [
    (
        "over_time: sum, over_units: sum, absent",
        "over_time: summ, over_units: sum, absent",
        "measures.received.over_time",
        'write "sum" or another',
    ),
    (
        "over_time: sum, over_units: sum, absent",
        "over_units: sum, absent",
        "measures.received.over_time",
        "is missing; write over_time: sum",
    ),
    ("by: [kind], over", "bye: [kind], over", "measures.received.bye", 'the key "bye" is not known; write "by"'),
    ("calendar: day, also: [week, month]", "calendar: daily, also: [week]", "measures.received.calendar", 'write "day" or another of'),
    ("direction: up", "direction: high", "indicators.solved-share.direction", "write one of up, down, none"),
    (
        "    value: solved_cases / received * 100\n",
        "",
        "indicators.solved-share.value",
        "is missing; write value: beds_occupied / beds_available",
    ),
    ("when_zero: missing\n    min_n", "when_zero: none\n    min_n", "indicators.solved-share.when_zero", "write"),
    ("{value: 10, from: 2022-01-01,", "{value: 10, from: 1/1/2022,", "indicators.rate.targets[1].from", "write a day, like 2026-01-31"),
    ("{value: 10, from: 2022-01-01,", "{value: 10,", "indicators.rate.targets[1].from", "is missing; write from: 2021-01-01"),
    ("basis: {kind: law, clause: a/1}", "basis: law", "indicators.rate.targets[1].basis", "write keys and values"),
    (
        "{map: solved-share}",
        "{map: solved-share, table: people}",
        "dashboard.rows[0][1]",
        "a panel is exactly one of trend, map, ranking, scores, season, curve, points and table",
    ),
    ("width: 6", "width: 13", "dashboard.rows[0][0].width", "write a number of at most 12"),
    ("first_row: [rate, solved-share]", "first_row: [a, b, c, d, e, f, g]", "dashboard.first_row", "write at most 6"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), SHAPES, ids=[f"{n}-{s[2]}" for n, s in enumerate(SHAPES)])
def test_a_typo_is_named_with_its_key_and_what_to_write(right: str, wrong: str, key: str, words: str) -> None:
    found = [(p.key, p.message) for p in problems(right, wrong)]
    assert any(k == key and words in m for k, m in found), found
