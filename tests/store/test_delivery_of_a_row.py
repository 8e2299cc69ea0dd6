"""A row leads to its delivery in the portal: what every audience may ask of a load, and nothing more of the ledger."""

from __future__ import annotations

import psycopg
import pytest

from tests.store.conftest import Store
from tests.store.supplied import deliver, delivery, owing

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
