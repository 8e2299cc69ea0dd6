"""The tables of supply as the store's readers see them."""

from __future__ import annotations

import psycopg
import pytest

from tests.store.conftest import Store


def test_officials_read_states_and_the_public_those_of_open_datasets_without_persons(store: Store) -> None:
    official, public = store.audience("aud_official"), store.audience("aud_public")
    store.ask("SELECT * FROM supply.state, supply.rate, supply.event, supply.states_at(now())", url=official)
    store.ask("SELECT * FROM supply.state__open, supply.rests_on__open", url=public)

    for hidden in ("supply.state", "supply.report", "supply.event", "supply.obligation", "supply.rests_on", "supply.rate"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            store.ask(f"SELECT * FROM {hidden}", url=public)
