"""Facts of a tile go in, its state and reason come out: the table that Python and JavaScript share."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from datasets.model import tile_state as module
from datasets.model.calendar import ZONE
from datasets.model.supply_state import Event, state_of
from datasets.model.tile_state import SUPPLY_ORDER, Coverage, Reason, State, Supply, TileFacts, TileState, supply_of, tile_state

pytestmark = pytest.mark.unit

TABLE: dict[str, Any] = yaml.safe_load(Path(module.__file__).with_name("tile_state_examples.yaml").read_text(encoding="utf-8"))
EXAMPLES: list[dict[str, Any]] = TABLE["examples"]


def facts_of(example: dict[str, Any]) -> TileFacts:
    given = TABLE["defaults"] | {key: value for key, value in example.items() if key not in ("case", "state", "reason")}
    if given["coverage"] is not None:
        given["coverage"] = Coverage(**given["coverage"])
    return TileFacts(**given)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["case"] for example in EXAMPLES])
def test_a_tile_says_what_the_table_says(example: dict[str, Any]) -> None:
    assert tile_state(facts_of(example)) == TileState(example["state"], example.get("reason"))


def test_the_table_has_every_state_reason_direction_and_word_of_supply() -> None:
    assert {example["state"] for example in EXAMPLES} == set(get_args(State))
    assert {example["reason"] for example in EXAMPLES if "reason" in example} == set(get_args(Reason))
    assert {facts_of(example).supply for example in EXAMPLES} == set(get_args(Supply)) == set(SUPPLY_ORDER)
    for state in ("good", "watch", "bad"):
        assert {example["direction"] for example in EXAMPLES if example["state"] == state} >= {"up", "down"}
    assert len({example["case"] for example in EXAMPLES}) == len(EXAMPLES) >= 40


def test_the_defaults_of_the_table_are_those_of_the_facts() -> None:
    assert TileFacts(**TABLE["defaults"]) == TileFacts()
    assert set(TABLE["defaults"]) == {field.name for field in fields(TileFacts)}


def test_what_is_grey_stays_grey_whatever_the_value() -> None:
    for example in EXAMPLES:
        if example["state"] == "grey" and example.get("reason") != "no_value":
            for value in (-1e9, 0, 1, 95, 1e9):
                assert tile_state(facts_of(example | {"value": value})).state == "grey", example["case"]


def test_only_colours_come_without_a_reason() -> None:
    for example in EXAMPLES:
        assert ("reason" in example) == (example["state"] in ("grey", "neutral")), example["case"]


DUE = datetime(2026, 3, 4, 17, tzinfo=ZONE)
LATER = datetime(2026, 3, 6, 9, tzinfo=ZONE)
LATE = Event("accepted", datetime(2026, 3, 5, 8, tzinfo=ZONE))
IN_TIME = Event("accepted", datetime(2026, 3, 4, 8, tzinfo=ZONE))
REFUSED = Event("refused", datetime(2026, 3, 4, 8, tzinfo=ZONE))
EXCUSED = Event("excused", datetime(2026, 3, 4, 8, tzinfo=ZONE), until=datetime(2026, 3, 31, tzinfo=ZONE), by="a/b")


@pytest.mark.parametrize(
    ("reports", "says"),
    [
        ([], "none"),
        ([[IN_TIME]], "ok"),
        ([[LATE]], "late"),
        ([[IN_TIME], [LATE]], "late"),
        ([[]], "missing"),
        ([[IN_TIME], []], "missing"),
        ([[EXCUSED]], "excused"),
        ([[EXCUSED], []], "missing"),
        ([[REFUSED], []], "refused"),
        ([[IN_TIME, REFUSED]], "ok"),
    ],
)
def test_the_worst_of_its_last_due_reports_speaks_for_a_tile(reports: list[list[Event]], says: str) -> None:
    states = [state_of(DUE, sorted(events, key=lambda event: event.at), LATER) for events in reports]
    assert supply_of(states) == says


def test_a_refused_report_that_is_not_yet_due_is_not_missed() -> None:
    assert supply_of([state_of(DUE, [REFUSED], datetime(2026, 3, 4, 9, tzinfo=ZONE))]) == "due_soon"
