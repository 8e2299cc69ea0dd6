"""One delivery from a portal to the store and back, without Celery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ckan_harvesters import discover, progress
from ckan_harvesters import harvest as harvest_module
from ckan_harvesters.harvest import Services, harvest_delivery
from ckan_harvesters.portal import Portal
from ckan_harvesters.settings import Settings
from tests.small_portal import TOKEN, SmallPortal, small_portal
from tests.store.conftest import Store
from tests.store.contracts import contract, resource

HEADER = "ngay,ma_xa,benh,so_ca,ti_le,ghi_chu\n"
A = HEADER + "2025-08-04,16681,sxh,3,0.5,\n2025-08-04,16690,sxh,4,,\n"
B = HEADER + "2025-08-04,16681,sxh,5,0.5,\n"
DAY = "2025-08-04"


class World:
    """A portal, a store, and the harvest between them."""

    def __init__(self, portal: SmallPortal, store: Store, folder: Path) -> None:
        settings = Settings(folder, folder, store.loader, "", portal.url, TOKEN, folder / "files", 10_000_000)
        self.portal, self.store, self.services = portal, store, Services(settings, Portal(settings))
        self.dataset = portal.dataset("clinic/cases")

    def deliver(self, content: str, agency: str = "so-y-te", period: str = DAY) -> str:
        return self.portal.deliver(self.dataset, content, agency, period)

    def harvest(self, delivery: str) -> str:
        return harvest_delivery(delivery, self.services).state

    def receipt(self, delivery: str) -> dict[str, Any]:
        return self.portal.receipt(delivery)

    def rows(self) -> list[tuple[Any, ...]]:
        """Unit and number of cases of the current rows."""
        return self.store.ask("SELECT unit_id, cases FROM clinic.cases__v1 WHERE closed_by IS NULL ORDER BY unit_id")

    def editions(self) -> int:
        return int(self.store.ask("SELECT count(*) FROM ledger.edition")[0][0])


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Iterator[World]:
    with small_portal() as portal:
        yield World(portal, store, tmp_path)


def test_a_delivery_is_loaded_and_its_receipt_says_so(world: World) -> None:
    delivery = world.deliver(A)
    assert world.harvest(delivery) == "done"
    assert world.rows() == [("16681.202507", 3), ("16690.202507", 4)]
    assert [r["state"] for r in world.portal.receipts] == ["checking", "done"]
    receipt = world.receipt(delivery)
    assert (receipt["rows_accepted"], receipt["rows_rejected"], receipt["problems"]) == (2, 0, [])
    assert receipt["edition"] == world.editions()


def test_a_message_that_comes_twice_changes_nothing(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    before, asked = world.editions(), len(world.portal.requests)
    assert world.harvest(delivery) == "unchanged"
    assert (world.editions(), len(world.portal.requests)) == (before, asked)


def test_a_then_b_then_a_again_loads_a_again(world: World) -> None:
    delivery = world.deliver(A)
    for content, cases in ((A, [3, 4]), (B, [5]), (A, [3, 4])):
        world.portal.upload(delivery, content)
        assert world.harvest(delivery) == "done"
        assert [row[1] for row in world.rows()] == cases


def test_the_same_file_uploaded_again_is_no_new_edition_and_has_its_receipt(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    before = world.editions()
    world.portal.upload(delivery, A)
    assert world.harvest(delivery) == "done"
    assert world.editions() == before
    assert (world.receipt(delivery)["edition"], world.receipt(delivery)["rows_accepted"]) == (before, 2)


def test_bad_rows_are_told_with_line_column_and_reason(world: World) -> None:
    delivery = world.deliver(A + "2025-08-04,99999,sxh,1,,\n")
    assert world.harvest(delivery) == "done_with_rejects"
    receipt = world.receipt(delivery)
    assert (receipt["rows_accepted"], receipt["rows_rejected"]) == (2, 1)
    problem = receipt["problems"][0]
    assert (problem["line"], problem["column"], problem["rule"], problem["value"]) == (4, "ma_xa", "unit_unknown", "99999")


def test_a_refused_file_leaves_what_was_served_and_a_good_one_follows(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    world.portal.upload(delivery, "<html>login</html>")
    assert world.harvest(delivery) == "refused"
    assert (world.receipt(delivery)["refused_code"], len(world.rows())) == ("html", 2)
    assert world.harvest(delivery) == "unchanged"
    world.portal.upload(delivery, B)
    assert (world.harvest(delivery), [r[1] for r in world.rows()]) == ("done", [5])


def test_wrong_periods_and_strangers_are_refused(world: World) -> None:
    for agency, period, code in (("so-y-te", "04/08/2025", "period_wrong"), ("so-tai-chinh", DAY, "not_a_publisher")):
        delivery = world.deliver(A, agency, period)
        assert world.harvest(delivery) == "refused"
        assert world.receipt(delivery)["refused_code"] == code


def test_a_deleted_delivery_is_withdrawn(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    world.portal.remove(delivery)
    assert world.harvest(delivery) == "withdrawn"
    assert world.rows() == []
    assert world.harvest(delivery) == "unchanged"


def test_a_second_delivery_of_a_scope_is_refused_unless_the_first_is_gone(world: World) -> None:
    first = world.deliver(A)
    world.harvest(first)
    second = world.deliver(B)
    assert world.harvest(second) == "refused"
    assert world.receipt(second)["refused_code"] == "duplicate_scope"
    world.portal.remove(first)
    third = world.deliver(B)
    assert world.harvest(third) == "done"
    assert [r[1] for r in world.rows()] == [5]


def test_a_second_delivery_is_looked_at_again_when_the_first_is_withdrawn(world: World) -> None:
    first = world.deliver(A)
    world.harvest(first)
    second = world.deliver(B)
    world.harvest(second)
    world.portal.remove(first)
    assert world.harvest(first) == "withdrawn"
    assert discover.poll(world.services) == [second]
    assert (world.harvest(second), [r[1] for r in world.rows()]) == ("done", [5])


def test_a_delivery_whose_period_was_corrected_moves(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    world.portal.resource(delivery)["period"] = "2025-08-05"
    world.portal.upload(delivery, A.replace("2025-08-04", "2025-08-05"))
    assert world.harvest(delivery) == "done"
    assert len(world.rows()) == 2
    assert world.store.ask("SELECT DISTINCT day::text FROM clinic.cases__v1 WHERE closed_by IS NULL") == [("2025-08-05",)]


def test_an_open_dataset_that_turns_private_is_withdrawn_and_comes_back(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    world.portal.datasets[world.dataset]["private"] = True
    world.portal.touch(world.dataset)
    assert discover.poll(world.services) == [delivery]
    assert (world.harvest(delivery), world.rows()) == ("withdrawn", [])
    assert discover.poll(world.services) == []
    world.portal.datasets[world.dataset]["private"] = False
    assert discover.poll(world.services) == [delivery]
    assert (world.harvest(delivery), len(world.rows())) == ("done", 2)


def test_a_platform_that_is_away_for_now_is_tried_again(world: World) -> None:
    delivery = world.deliver(A)
    path = next(iter(world.portal.files))
    world.portal.statuses[path] = [503]
    result = harvest_delivery(delivery, world.services)
    assert (result.state, result.retry_seconds) == ("failed", 10)
    assert world.receipt(delivery)["refused_code"] == "platform_for_now"
    assert world.harvest(delivery) == "done"


def test_an_unexpected_error_is_a_failure_that_can_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = world.deliver(A)
    monkeypatch.setattr(harvest_module, "read_as_meant", lambda *_: 1 / 0)
    assert world.harvest(delivery) == "failed"
    assert world.receipt(delivery)["refused_code"] == "platform"
    assert "ZeroDivisionError" in world.store.ask("SELECT error FROM ledger.delivery")[0][0]
    monkeypatch.undo()
    assert world.harvest(delivery) == "unchanged"
    assert discover.reconcile(world.services) == [delivery]
    assert world.harvest(delivery) == "done"


def test_a_receipt_that_ckan_did_not_take_is_sent_again(world: World) -> None:
    delivery = world.deliver(A)
    world.portal.statuses["ioc_receipt_update"] = [503, 503]
    assert world.harvest(delivery) == "done"
    assert world.portal.receipts == []
    assert discover.poll(world.services) == []
    assert world.receipt(delivery)["state"] == "done"
    assert len(world.portal.receipts) == 1
    discover.poll(world.services)
    assert len(world.portal.receipts) == 1


def test_a_receipt_that_ckan_lost_is_sent_again_at_night(world: World) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    world.portal.receipts.append({"resource_id": delivery, "state": "received"})
    discover.reconcile(world.services)
    assert world.receipt(delivery)["state"] == "done"


def test_the_poll_finds_what_no_event_told(world: World) -> None:
    first = world.deliver(A)
    assert discover.poll(world.services) == [first]
    world.harvest(first)
    assert discover.poll(world.services) == []
    world.portal.upload(first, B)
    second = world.deliver(A.replace("08-04", "08-05"), period="2025-08-05")
    assert discover.poll(world.services) == [first, second]


def test_the_poll_begins_again_what_a_killed_worker_left(world: World) -> None:
    delivery = world.deliver(A)
    with progress.connect(world.services.settings.store_url) as conn:
        progress.begin(conn, world.services.portal.delivery(delivery), contract().sha256)
        with progress.alone(conn, delivery):
            assert discover.poll(world.services) == []
            assert world.harvest(delivery) == "busy"
    assert discover.poll(world.services) == [delivery]
    assert world.harvest(delivery) == "done"


def test_a_delivery_that_kills_its_workers_is_put_aside_for_an_hour(world: World) -> None:
    delivery = world.deliver(A)
    with progress.connect(world.services.settings.store_url) as conn:
        for _ in range(3):
            progress.begin(conn, world.services.portal.delivery(delivery), contract().sha256)
    result = harvest_delivery(delivery, world.services)
    assert (result.state, result.retry_seconds) == ("failed", 3600)
    assert world.receipt(delivery)["refused_code"] == "worker_lost"
    assert discover.poll(world.services) == []


def test_the_nightly_comparison_sees_what_was_deleted_but_believes_no_empty_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = world.deliver(A)
    world.harvest(delivery)
    with monkeypatch.context() as patch:
        patch.setattr(world.services.portal, "datasets", lambda since=None: iter(()))
        assert discover.reconcile(world.services) == [delivery]
        assert world.harvest(delivery) == "unchanged"
    del world.portal.datasets[world.dataset]
    assert discover.reconcile(world.services) == [delivery]
    assert world.harvest(delivery) == "withdrawn"


def test_events_name_a_delivery_or_a_dataset(world: World) -> None:
    delivery = world.deliver(A)
    assert discover.changed({"kind": "resource_create", "dataset": world.dataset, "resource": "r"}, world.services) == ["r"]
    assert discover.changed({"kind": "dataset_update", "dataset": world.dataset, "resource": None}, world.services) == [delivery]
    world.harvest(delivery)
    assert discover.changed({"kind": "dataset_update", "dataset": world.dataset, "resource": None}, world.services) == []
    del world.portal.datasets[world.dataset]
    assert discover.changed({"kind": "dataset_purge", "dataset": world.dataset, "resource": None}, world.services) == [delivery]


def test_what_was_refused_is_looked_at_again_under_another_contract(world: World) -> None:
    delivery = world.deliver(HEADER + "2025-08-04,16681,sxh,3,,\n2025-08-04,16681,sxh,4,,\n2025-08-04,99999,x,1,,\n")
    assert world.harvest(delivery) == "refused"
    world.store.apply(contract({**resource(), "allowed_reject_share": 1.0}, version="1.1.0"))
    assert world.harvest(delivery) == "done_with_rejects"


def test_a_resource_under_no_contract_is_left_alone(world: World) -> None:
    other = world.portal.deliver(world.portal.dataset("nothing/here"), A, "so-y-te", DAY)
    assert world.harvest(other) == "not_a_delivery"
    assert world.portal.receipts == []


def test_the_loader_needs_no_more_than_it_has(world: World) -> None:
    with psycopg.connect(world.services.settings.store_url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("DELETE FROM ledger.delivery")
