"""A row leads to its delivery in the portal: what every audience may ask of a load, and nothing more of the ledger."""

from __future__ import annotations

import re

import psycopg
import pytest

from control.compile.superset.dataset import quoted
from control.compile.superset.datasets import NO_MARKUP
from superset_ioc.downloads import plain
from tests.store.conftest import Store
from tests.store.supplied import deliver, delivery, owed, owing

DELIVERY = "SELECT dataset, ckan_resource FROM ledger.delivery_of(%s)"


@pytest.mark.parametrize("role", ["aud_public", "aud_official", "aud_leader"])
def test_a_row_s_load_names_its_dataset_and_its_delivery(store: Store, role: str) -> None:
    store.apply(owing())
    deliver(store, delivery(owing(), "so-y-te|2026-03-02", ckan_resource="resource 7"), "job 1")
    ((load,),) = store.ask("SELECT load_id FROM owing.cases")
    assert store.ask(DELIVERY, load, url=store.audience(role)) == [("owing-cases", "resource 7")]
    assert store.ask(DELIVERY, -1, url=store.audience(role)) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        store.ask("SELECT ckan_resource FROM ledger.load", url=store.audience(role))


def test_a_load_of_a_table_that_an_audience_may_not_read_leads_it_nowhere(store: Store) -> None:
    shared = owing(owed("cases", "day", "17:00", access="shared"))
    store.apply(shared)
    deliver(store, delivery(shared, "so-y-te|2026-03-02", ckan_resource="resource 7"), "job 1")
    ((load,),) = store.ask("SELECT load_id FROM owing.cases")
    assert store.ask(DELIVERY, load, url=store.audience("aud_official")) == [("owing-cases", "resource 7")]
    assert store.ask(DELIVERY, load, url=store.audience("aud_public")) == []


@pytest.mark.parametrize("text", ["<a href='https://elsewhere.example/'>Bấm vào đây</a>", "trẻ <5 tuổi", "<<b>", "không có dấu"])
def test_a_text_beside_the_link_begins_no_tag_and_is_whole_in_a_file(store: Store, text: str) -> None:
    ((shown,),) = store.ask(f"SELECT {NO_MARKUP.format(column=quoted('said'))} FROM (VALUES (%s::text)) t (said)", text)
    assert re.search("<[a-z/!?]", shown, re.IGNORECASE) is None
    assert plain(shown, "") == text
