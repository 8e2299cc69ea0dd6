"""From CKAN's fields to the state of a report: the upload's moment, a declaration of zero, the report that a whole delivery is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ckan_harvesters.harvest import Services, harvest_delivery
from ckan_harvesters.portal import Portal
from ckan_harvesters.settings import Settings
from tests.small_portal import TOKEN, SmallPortal, small_portal
from tests.store.conftest import Store
from tests.store.supplied import at, events, owed, owing, state

HEADER = "ngay,ma_xa,benh,so_ca,ti_le,ghi_chu\n"
PERIOD = "2026-03-04"
ROWS = HEADER + f"{PERIOD},16681,sxh,3,0.5,\n"


class Supplied:
    """A portal and a store in which owing-cases is owed each day since 1 March 2026, and owing-register each month."""

    def __init__(self, portal: SmallPortal, store: Store, folder: Path) -> None:
        settings = Settings(folder, folder, store.loader, "", portal.url, TOKEN, folder / "files", 10_000_000)
        self.portal, self.store, self.services = portal, store, Services(settings, Portal(settings))
        register = owed("register", "month", "+3wd 17:00", "whole", since="2026-01-01")
        store.apply(owing(owed("cases", "day", "17:00", since="2026-03-01"), register))
        self.datasets = {name: portal.dataset(f"owing/{name}") for name in ("cases", "register")}

    def deliver(self, content: str, last_modified: str, name: str = "cases", period: str | None = PERIOD, **fields: Any) -> str:
        """A delivery that CKAN says was uploaded at that moment (UTC, as it writes it), harvested; its id."""
        key = self.portal.deliver(self.datasets[name], content, "so-y-te", period, **fields)
        self.portal.resource(key)["last_modified"] = last_modified
        harvest_delivery(key, self.services)
        return key

    def received(self, period: str = PERIOD, obligation: str = "owing-cases@so-y-te") -> Any:
        query = "SELECT received_at FROM supply.report WHERE obligation = %s AND period = %s"
        return self.store.ask(query, obligation, period)[0][0]


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Iterator[Supplied]:
    with small_portal() as portal:
        yield Supplied(portal, store, tmp_path)


def test_a_delivery_was_received_when_ckan_took_the_upload(world: Supplied) -> None:
    delivery = world.deliver(ROWS, "2026-03-04T09:59:30.123456")
    assert (world.received(), state(world.store, PERIOD)) == (at("2026-03-04 16:59:30.123456"), ("on_time", "accepted"))
    assert harvest_delivery(delivery, world.services).state == "unchanged"
    assert events(world.store, PERIOD) == ["accepted"]


def test_only_a_simulated_delivery_says_itself_when_it_came(world: Supplied) -> None:
    said = {"delivered_at": "2026-03-04T16:35:00+07:00"}
    world.deliver(ROWS, "2026-03-20T02:00:00", simulated="true", **said)
    assert (world.received(), state(world.store, PERIOD)[0]) == (at("2026-03-04 16:35"), "on_time")
    world.deliver(ROWS.replace(PERIOD, "2026-03-05"), "2026-03-20T02:00:00", period="2026-03-05", **said)
    assert (world.received("2026-03-05"), state(world.store, "2026-03-05")[0]) == (at("2026-03-20 09:00"), "late")


def test_zero_is_declared_with_a_file_that_has_only_its_header(world: Supplied) -> None:
    by = "Nguyễn Thị Hoa (hoa.nt), 2026-03-04T15:00:00+07:00"
    world.deliver(HEADER, "2026-03-04T08:00:00", zero_by=by)
    found = world.store.ask("SELECT punctuality, is_zero, zero_by FROM supply.state WHERE period = %s AND agency = 'so-y-te'", PERIOD)
    assert found[0] == ("on_time", True, by)


def test_zero_may_be_declared_over_an_empty_file_that_is_there(world: Supplied) -> None:
    delivery = world.deliver(HEADER, "2026-03-04T08:00:00")
    assert events(world.store, PERIOD) == ["accepted"]
    world.portal.resource(delivery)["zero_by"] = "Nguyễn Thị Hoa (hoa.nt)"
    harvest_delivery(delivery, world.services)
    harvest_delivery(delivery, world.services)
    assert events(world.store, PERIOD) == ["accepted", "zero"]
    assert world.received() == at("2026-03-04 15:00")


def test_a_refused_delivery_is_told_with_its_reason_and_the_next_one_mends_it(world: Supplied) -> None:
    delivery = world.deliver("cột;lạ\n1;2\n", "2026-03-04T08:00:00")
    assert (events(world.store, PERIOD), state(world.store, PERIOD)) == (["refused"], ("missing", "refused"))
    code = world.portal.receipt(delivery)["refused_code"]
    assert world.store.ask("SELECT refused_code FROM supply.report WHERE last_event IS NOT NULL") == [(code,)]
    world.portal.upload(delivery, ROWS)
    world.portal.resource(delivery)["last_modified"] = "2026-03-05T08:00:00"
    harvest_delivery(delivery, world.services)
    assert (events(world.store, PERIOD), state(world.store, PERIOD)) == (["refused", "accepted"], ("late", "accepted"))


def test_a_whole_delivery_is_for_the_report_that_ckans_field_names(world: Supplied) -> None:
    register = "owing-register@so-y-te"
    world.deliver(ROWS, "2026-02-02T08:00:00", "register", None)
    assert state(world.store, "2026-01", register) == ("on_time", "accepted")
    delivery = world.deliver(ROWS.replace("3,0.5", "4,0.5"), "2026-04-01T08:00:00", "register", None, report_period="2026-02")
    # Another delivery of the whole is refused, and says so at the report that it named.
    assert world.portal.receipt(delivery)["refused_code"] == "duplicate_scope"
    assert events(world.store, "2026-02", register) == ["refused"]


def test_a_deleted_delivery_leaves_its_report_owed(world: Supplied) -> None:
    delivery = world.deliver(ROWS, "2026-03-04T08:00:00")
    world.portal.remove(delivery)
    assert harvest_delivery(delivery, world.services).state == "withdrawn"
    assert (events(world.store, PERIOD), state(world.store, PERIOD)) == (["accepted", "withdrawn"], ("missing", "none"))
