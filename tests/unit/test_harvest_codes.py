"""Tests about the code: every reason has words in three languages, every queue and task is known."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ckan_harvesters.app import app
from ckan_harvesters.queues import Queues, Tasks
from datasets.model.messages import LANGUAGES, catalogue, parameters

pytestmark = pytest.mark.unit

SOURCE = Path(__file__).resolve().parents[2] / "ckan_harvesters"
TYPES = ("integer", "number", "boolean", "year", "date", "datetime")
BY_NAME = {"type_integer", "row_check", "unit_unknown", "duplicate_key", "key_open_elsewhere"}
NOT_RULES = {"checking"}


def _calls(name: str, position: int) -> set[str]:
    """Constant texts at a position of the arguments of calls of that name, in all modules of the harvest."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and called == name and len(node.args) > position:
                found |= {n.value for n in ast.walk(node.args[position]) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


def rules() -> set[str]:
    """Every rule code that the harvest can give."""
    loops = {"month_not_in_calendar", "date_not_in_calendar", "duplicate_key", "not_unique", "row_check", "row_warning"}
    units = {"unit_unknown", "unit_not_valid_on", "unit_lost_zeros"}
    typed = {f"type_{name}" for name in TYPES}
    return (_calls("Rejected", 2) | _calls("reject", 2) | _calls("reject_where", 1) | loops | units | typed | {"key_open_elsewhere"}) - {
        "type_"
    }


def refusals() -> set[str]:
    """Every code of a refusal or a failure that the harvest can give."""
    from_sheet = {"sheet_missing", "workbook_locked"}
    return (_calls("Refused", 0) | _calls("HeaderRefused", 0) | _calls("_Refusal", 0) | _calls("_failed", 3) | from_sheet) - {"error"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_and_refusal_has_its_text(lang: str) -> None:
    codes = {f"rule.{c}" for c in rules()} | {f"refused.{c}" for c in refusals()}
    assert {"rule.row_cells", "rule.type_date", "rule.too_small", "refused.html", "refused.worker_lost", "refused.too_many_bad"} <= codes
    assert codes - set(catalogue(lang)) == set()


def test_texts_of_a_code_take_the_same_parameters_in_every_language() -> None:
    for code, text in catalogue("vi").items():
        if code.startswith(("rule.", "refused.")):
            assert {lang: parameters(catalogue(lang)[code]) for lang in LANGUAGES} == dict.fromkeys(LANGUAGES, parameters(text)), code


def test_every_task_is_registered_and_every_queue_is_the_workers() -> None:
    app.loader.import_default_modules()
    named = {value for key, value in vars(Tasks).items() if key.isupper()}
    assert named == {name for name in app.tasks if name.startswith("harvest.")}
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= named
    assert app.conf.task_default_queue in Queues.ALL
