"""How many bars a ranking draws, and how many it folds behind the line that opens them all, as Node computes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_chart_figures import NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

# What is left for bars in a ranking's frame on a laptop, in pixels.
ROOM = 380
LOOK = {"direction": "down", "decimals": 1, "unit": "vụ", "amber": None, "scale": 100}


def fold(count: int, room: int = ROOM) -> dict[str, int]:
    script = "const { foldOf } = await load('ranking_data'); console.log(JSON.stringify(foldOf(count, room)))"
    found: dict[str, int] = run(script, count=count, room=room)
    return found


def bars(direction: str, most: int) -> dict[str, Any]:
    script = """const { barsOf } = await load('ranking_data');
    console.log(JSON.stringify(barsOf({ parts, target: null }, look, most)))"""
    parts = [{"name": name, "value": value, "numerator": None, "denominator": None} for name, value in (("A", 1), ("B", 3), ("C", 2))]
    found: dict[str, Any] = run(script, parts=parts, look={**LOOK, "direction": direction}, most=most)
    return found


@pytest.mark.parametrize("count", [1, 9, 20, 25])
def test_up_to_twenty_five_parts_are_all_drawn(count: int) -> None:
    found = fold(count)
    assert (found["shown"], found["folded"]) == (count, 0)
    assert found["size"] * count <= ROOM


@pytest.mark.parametrize("count", [26, 130])
def test_of_more_the_first_fifteen_are_drawn_and_the_others_counted(count: int) -> None:
    assert fold(count) == {"shown": 15, "folded": count - 15, "size": (ROOM - 24) // 15}


def test_what_has_no_room_is_counted_too() -> None:
    found = fold(20, room=200)
    assert found == {"shown": 11, "folded": 9, "size": 16}
    assert found["size"] * found["shown"] + 24 <= 200


@pytest.mark.parametrize(("direction", "order"), [("down", ["B", "C", "A"]), ("none", ["B", "C", "A"]), ("up", ["A", "C", "B"])])
def test_the_worst_stand_first_and_each_has_its_rank(direction: str, order: list[str]) -> None:
    assert [(bar["rank"], bar["name"]) for bar in bars(direction, 3)["bars"]] == list(enumerate(order, start=1))
    assert [bar["name"] for bar in bars(direction, 1)["bars"]] == order[:1]


def test_the_line_says_how_many_more_there_are() -> None:
    script = "const { say } = await load('texts'); console.log(JSON.stringify(say('ranking_more', { count: 115 })))"
    assert run(script) == "và 115 đơn vị khác: xem tất cả"
