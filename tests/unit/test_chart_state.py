"""The honest state of a chart, as Node computes it: held to the table of examples and to the Python that stands beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import datasets.model
from datasets.model.small_number import binomial_tails, change_is_clear, poisson_tails
from tests.unit.test_chart_figures import NODE, run

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="no Node.js here")]
EXAMPLES = Path(datasets.model.__file__).with_name("tile_state_examples.yaml")


def test_the_browser_and_the_model_agree_on_every_example() -> None:
    table = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    cases = [{**table["defaults"], **example} for example in table["examples"]]
    script = "const { tileState } = await load('tile_state'); console.log(JSON.stringify(cases.map(tileState)))"
    found = run(script, cases=cases)
    wrong = [
        (case["case"], said)
        for case, said in zip(cases, found, strict=True)
        if (said["state"], said["reason"]) != (case["state"], case.get("reason"))
    ]
    assert len(cases) > 50
    assert not wrong


def test_exact_tails_are_those_of_the_model() -> None:
    shares: list[tuple[int, int, float]] = [
        (0, 20, 0.15),
        (8, 10, 0.95),
        (18, 21, 0.97),
        (995, 1000, 0.99),
        (3, 3_120_000, 2e-6),
        (5, 5, 1.0),
    ]
    counts: list[tuple[int, float]] = [(0, 3.0), (3, 5.0), (9, 4.12), (0, 0.0), (2, 0.0)]
    script = """const { binomialTails, poissonTails } = await load('small_number');
    console.log(JSON.stringify([shares.map((one) => binomialTails(...one)), counts.map((one) => poissonTails(...one))]))"""
    of_shares, of_counts = run(script, shares=shares, counts=counts)
    for one, said in zip(shares, of_shares, strict=True):
        assert said == pytest.approx(binomial_tails(*one), abs=1e-8), one
    for one_, said in zip(counts, of_counts, strict=True):
        assert said == pytest.approx(poisson_tails(*one_), abs=1e-9), one_


def test_a_change_between_small_counts_is_clear_where_the_model_says_so() -> None:
    changes: list[list[Any]] = [[3, 5], [1, 9], [0, 6], [0, 5], [12, 30], [2, 9, 40, 35], [7, 7]]
    script = (
        "const { changeIsClear } = await load('small_number'); console.log(JSON.stringify(changes.map((one) => changeIsClear(...one))))"
    )
    assert run(script, changes=changes) == [change_is_clear(*one) for one in changes]
    assert change_is_clear(0, 6)
    assert not change_is_clear(0, 5)
