"""Cached answers follow the store's edition."""

from __future__ import annotations

import time

import pytest

from control.compile.superset.site import ensure_user
from tests.running import Account, Running
from tests.stack.superset_questions import ask, in_one_edition, question, site_of

pytestmark = pytest.mark.stack

NEW_LOAD = "INSERT INTO ledger.load (kind, state, scope) VALUES ('tick', 'done', 'test of the cache') RETURNING load_id"
LONGEST_SECONDS = 0.2 + 0.3
"""An edition is at most 0.2 s old in a process; the rest is this machine's."""


def test_an_answer_is_cached_until_the_next_edition(instance: Running) -> None:
    leader = instance.superset(instance.leader)
    body = question(leader, instance.superset_url, "health", "Hệ số lây nhiễm", "sum_new_cases")
    before, again = in_one_edition(instance, lambda: tuple(ask(leader, instance.superset_url, body) for _ in range(2)))
    assert again["is_cached"], "two questions in one edition have one answer"
    assert again["cache_key"] == before["cache_key"]
    with instance.store() as store:
        (load,) = store.execute(NEW_LOAD).fetchone() or (None,)
        store.execute("SELECT ledger.publish(%s)", (load,))
    time.sleep(LONGEST_SECONDS)
    after = ask(leader, instance.superset_url, body)
    assert not after["is_cached"]
    assert after["cache_key"] != before["cache_key"]
    assert after["data"] == before["data"]


def test_two_audiences_do_not_share_an_answer(instance: Running) -> None:
    """The leader's and the administrator's audience is one login of the store, and one key; the operator's is another."""
    operator = Account("thu-van-hanh", "Thu-van-hanh-9q2k-x7")
    ensure_user(
        site_of(instance, instance.superset_admin),
        operator.name,
        operator.password,
        "Thử",
        "Vận hành",
        "thu-van-hanh@localhost.localdomain",
        ["ioc_operator"],
    )
    sessions = [instance.superset(account) for account in (instance.leader, instance.superset_admin, operator)]
    url = instance.superset_url
    asked = [(session, url, question(session, url, "health", "Hệ số lây nhiễm", "sum_new_cases")) for session in sessions]
    leader, admin, other = in_one_edition(instance, lambda: [ask(*one)["cache_key"] for one in asked])
    assert leader == admin != other


def test_a_dashboard_refreshes_through_the_cache(instance: Running) -> None:
    """In the mode "force" each open dashboard would ask the store every 30 seconds for every viewer."""
    page = instance.superset(instance.leader).get(f"{instance.superset_url}/superset/dashboard/health/", timeout=60).text
    assert "&#34;DASHBOARD_AUTO_REFRESH_MODE&#34;: &#34;fetch&#34;" in page
