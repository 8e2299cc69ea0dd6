"""Cached answers: shared within an audience, never between two."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import combinations

import pytest

from datasets.model.audience import PUBLIC, superset_roles
from tests.running import Running
from tests.stack.leaks import (
    AREA,
    LEADER,
    NAMED,
    OFFICIAL,
    ROWS,
    STRANGER,
    TOTAL,
    Chart,
    Exposed,
    Viewer,
    delivered,
    exposed,
    expression,
    figures,
    superset_site,
    viewers,
    warmed,
)
from tests.stack.superset_questions import in_one_edition

__all__ = ["delivered", "exposed", "superset_site", "viewers", "warmed"]
pytestmark = pytest.mark.stack
Viewers = Callable[[str], Viewer]


def key_of(viewer: Viewer, exposed: Exposed) -> str:
    return str(viewer.ask(exposed.totals, TOTAL).json()["result"][0]["cache_key"])


def test_two_viewers_of_one_audience_share_an_answer(instance: Running, viewers: Viewers, warmed: Exposed) -> None:
    """The demonstration's leader and another leader; the second is answered from what the first asked for."""
    first, second = viewers(LEADER), Viewer(LEADER, instance.superset_url, instance.superset(instance.leader))
    answers = in_one_edition(instance, lambda: [viewer.ask(warmed.totals, TOTAL).json()["result"][0] for viewer in (first, second)])
    before, after = answers
    assert (after["is_cached"], after["cache_key"]) == (True, before["cache_key"])
    assert after["data"] == before["data"]


def test_no_two_audiences_have_one_key(viewers: Viewers, warmed: Exposed) -> None:
    keys = {audience: key_of(viewers(audience), warmed) for audience in (LEADER, NAMED, OFFICIAL, STRANGER, AREA)}
    for one, other in combinations(keys, 2):
        assert keys[one] != keys[other], f"{one} {other}"


def test_an_open_chart_is_asked_anew_for_who_has_not_logged_in(viewers: Viewers) -> None:
    anyone = viewers(PUBLIC)
    dashboard = anyone.get("/api/v1/dashboard/health-open").json()["result"]["id"]
    shown = anyone.get("/api/v1/dashboard/health-open/charts").json()["result"][0]
    chart = Chart(shown["id"], int(shown["form_data"]["datasource"].split("__")[0]), dashboard)
    question = {"columns": [], "metrics": [expression("COUNT(*)", secrets.token_hex(4))]}
    first = viewers(LEADER).ask(chart, question).json()["result"][0]
    second = anyone.ask(chart, question).json()["result"][0]
    assert not second["is_cached"]
    assert first["cache_key"] != second["cache_key"]


@pytest.mark.parametrize("audience", [NAMED, OFFICIAL, PUBLIC])
def test_the_first_question_of_an_audience_is_asked_of_the_store(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    """Another condition for each, so that nobody has asked it before but the leader, just now."""
    question = {**ROWS, "row_limit": 700 + len(audience)}
    assert figures(viewers(LEADER).ask(warmed.rows, question))
    answer = viewers(audience).ask(warmed.rows, question)
    assert answer.status_code != 200 or not answer.json()["result"][0]["is_cached"]


def test_a_key_does_not_name_who_asked(viewers: Viewers, warmed: Exposed) -> None:
    for audience in (LEADER, NAMED):
        assert not [role for role in (audience, *superset_roles(audience)) if role in key_of(viewers(audience), warmed)]
