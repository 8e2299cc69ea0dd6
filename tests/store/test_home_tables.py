"""What apply tells the home page of a contract, and what the home page reads of it."""

from __future__ import annotations

from tests.store.conftest import Store
from tests.store.contracts import contract


def test_an_applied_contract_is_named_once_and_says_since_when(store: Store) -> None:
    (line,) = store.ask("SELECT subsystem, position, title, title_en, title_fr, version, datasets FROM ledger.subsystem")
    assert line == ("clinic", 4, "Phòng khám", "Clinic", "Clinique", "1.0.0", 1)
    before = store.ask("SELECT applied_at FROM ledger.subsystem")
    assert not store.apply()
    store.apply(contract(version="1.1.0"))
    assert store.ask("SELECT version FROM ledger.subsystem") == [("1.1.0",)]
    assert store.ask("SELECT applied_at FROM ledger.subsystem") == before


def test_every_audience_reads_what_the_home_page_is_told(store: Store) -> None:
    for role in ("aud_public", "aud_leader"):
        assert store.ask("SELECT count(*) FROM ledger.subsystem", url=store.audience(role)) == [(1,)]
        assert store.ask("SELECT count(*) FROM indicator.headline", url=store.audience(role)) == [(0,)]
