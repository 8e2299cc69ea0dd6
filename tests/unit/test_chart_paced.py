"""A target that follows the year, as Node judges it: the amber band moves with it, and the tile says that it is the pace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_chart_figures import NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]

# At the end of October the pace of 100 is 83.29, and its amber band (105 of 100) begins at 87.45.
PACE = 100 * 304 / 365
LOOK = {"direction": "up", "amber": None, "amberShare": 1.05, "paced": True, "scale": 100, "unit": "%", "decimals": 1, "calendar": "month"}


@pytest.mark.parametrize(("value", "state"), [(90.0, "good"), (86.0, "watch"), (83.0, "bad")])
def test_the_amber_band_moves_with_the_pace(value: float, state: str) -> None:
    script = """const { barsOf } = await load('ranking_data');
    const parts = [{ name: 'Thu', value, numerator: null, denominator: null }];
    console.log(JSON.stringify(barsOf({ parts, target }, look, 15).bars[0].look))"""
    assert run(script, value=value, target=PACE, look=LOOK) == state


def test_a_fixed_amber_band_stays_where_it_is() -> None:
    script = "const { amberOf } = await load('figures'); console.log(JSON.stringify(looks.map((look) => amberOf(look, target))))"
    looks: list[dict[str, Any]] = [{"amber": 97, "amberShare": None}, {"amber": None, "amberShare": None}, LOOK]
    fixed, none, paced = run(script, looks=looks, target=PACE)
    assert (fixed, none, paced) == (97, None, pytest.approx(PACE * 1.05))


def test_the_tile_says_that_its_target_is_the_pace_of_the_year() -> None:
    script = """const { courseOf, tileOf } = await load('tile_data');
    const course = courseOf([{ period_starts: '2026-10-01', v: 90, t: target }], { value: 'v', target: 't' });
    console.log(JSON.stringify([look, { ...look, paced: false }].map((one) => tileOf(course, one, false).target.words)))"""
    paced, plain = run(script, look=LOOK, target=PACE)
    assert paced.startswith("Tiến độ năm ≥") and "83,3" in paced
    assert plain.startswith("Mục tiêu ≥")
