"""Editions: what a corrected, repeated, withdrawn delivery does to the figures of now, and to those of before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.running import Running
from tests.stack.deliveries import OPEN, OPEN_VIEW, Editor, counts, fetch, wait_until, wait_withdrawn

pytestmark = pytest.mark.stack

Editors = Callable[[str, str], Editor]
AGENCY = "so-y-te"
ANOTHER = "benh-vien-san-nhi"
OTHER_COMMUNE = "16669"


@dataclass(frozen=True)
class Month:
    """A month of 2019 that one test has to itself."""

    running: Running
    number: int

    @property
    def period(self) -> str:
        return f"2019-{self.number:02}"

    def file(self, *amounts: int, **commune: str) -> bytes:
        """A file with these amounts on the month's first days."""
        return counts(*((f"{n:02}/{self.number:02}/2019", amount, "") for n, amount in enumerate(amounts, start=1)), **commune)

    def amounts(self, edition: int | None = None) -> list[int]:
        """The amounts that the store shows of the month by day, now or as of an edition."""
        source = OPEN_VIEW if edition is None else f"{OPEN_VIEW}__as_of({edition})"
        rows = fetch(self.running, f"SELECT amount FROM {source} WHERE to_char(day, 'YYYY-MM') = %s ORDER BY day, unit_id", self.period)
        return [amount for (amount,) in rows]


@pytest.fixture
def month(instance: Running, request: pytest.FixtureRequest) -> Month:
    """Another month for each test of this module."""
    tests = [item for item in request.session.items if item.path == request.path]
    return Month(instance, 1 + tests.index(request.node))


def done(editor: Editor, delivery: str) -> dict[str, Any]:
    receipt = editor.receipt(delivery)
    assert receipt["state"] == "done", receipt
    return receipt


def test_a_corrected_file_replaces_the_rows_and_the_edition_before_stays_readable(editors: Editors, month: Month) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(1, 2, 3), month.period)
    first = done(editor, delivery)["edition"]
    assert month.amounts() == [1, 2, 3]
    editor.replace(delivery, month.file(1, 20))
    second = done(editor, delivery)["edition"]
    assert second > first
    assert month.amounts() == [1, 20]
    assert month.amounts(first) == [1, 2, 3]
    assert month.amounts(second) == [1, 20]
    assert month.amounts(first - 1) == []
    assert f"Ấn bản số {second}" in editor.page(delivery).text


def test_a_correction_touches_no_other_period_and_no_other_agency(editors: Editors, month: Month) -> None:
    editor, other = editors(AGENCY, OPEN), editors(ANOTHER, OPEN)
    delivery = editor.deliver(month.file(1, 2), month.period)
    neighbour = other.deliver(month.file(7, commune=OTHER_COMMUNE), month.period)
    done(editor, delivery)
    done(other, neighbour)
    editor.replace(delivery, month.file(5))
    done(editor, delivery)
    assert month.amounts() == [5, 7]


def test_a_row_that_another_agency_delivered_is_not_taken_over(editors: Editors, month: Month) -> None:
    editor, other = editors(AGENCY, OPEN), editors(ANOTHER, OPEN)
    done(editor, editor.deliver(month.file(1, 2), month.period))
    delivery = other.deliver(month.file(9), month.period)
    receipt = other.receipt(delivery)
    assert (receipt["state"], receipt["refused_code"]) == ("refused", "too_many_bad"), receipt
    assert month.amounts() == [1, 2]
    [(line, column, _, why)] = other.page(delivery).problems
    assert (line, column) == ("2", "ngay")
    assert "đã có trong lần nộp khác" in why


def test_the_same_file_again_changes_nothing(instance: Running, editors: Editors, month: Month) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(1, 2), month.period)
    first = done(editor, delivery)
    editor.replace(delivery, month.file(1, 2), "ten-khac.csv")
    again = done(editor, delivery)
    assert (again["edition"], again["rows_accepted"]) == (first["edition"], 2)
    loads = fetch(instance, "SELECT state FROM ledger.load WHERE ckan_resource = %s ORDER BY load_id", delivery)
    assert loads == [("done",), ("unchanged",)]
    written = f"SELECT count(*) FROM {OPEN_VIEW}__v1 WHERE load_id IN (SELECT load_id FROM ledger.load WHERE ckan_resource = %s)"
    rows = fetch(instance, written, delivery)
    assert rows == [(2,)], "no row was written a second time"


def test_a_b_a_loads_a_again(editors: Editors, month: Month) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(1, 2), month.period)
    editions = [done(editor, delivery)["edition"]]
    for amounts in ((3,), (1, 2)):
        editor.replace(delivery, month.file(*amounts))
        editions.append(done(editor, delivery)["edition"])
        assert month.amounts() == list(amounts)
    assert editions == sorted(set(editions))
    assert [month.amounts(edition) for edition in editions] == [[1, 2], [3], [1, 2]]


def test_a_deleted_delivery_takes_its_rows_with_it(instance: Running, editors: Editors, month: Month) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(4, 5), month.period)
    edition = done(editor, delivery)["edition"]
    editor.delete(delivery)
    wait_withdrawn(instance, [delivery])
    assert month.amounts() == []
    assert month.amounts(edition) == [4, 5]
    query = """
    SELECT edition, kind FROM ledger.current_load
    WHERE scope IN (SELECT scope FROM ledger.load WHERE ckan_resource = %s) AND edition > %s
    """
    [(withdrawal, kind)] = fetch(instance, query, delivery, edition)
    assert kind == "withdrawal"
    assert month.amounts(withdrawal) == []


def test_the_period_of_a_deleted_delivery_can_be_delivered_anew(editors: Editors, month: Month) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(4, 5), month.period)
    done(editor, delivery)
    editor.delete(delivery)
    done(editor, editor.deliver(month.file(6), month.period))
    assert month.amounts() == [6]


@pytest.fixture
def made_private(instance: Running, editors: Editors) -> Iterator[Callable[[bool], None]]:
    """Makes the open dataset private or public as an administrator; public again at the end."""
    site = instance.ckan(instance.sysadmin_token)

    def make(private: bool) -> None:
        site.call_action("package_patch", {"id": OPEN, "private": private})

    yield make
    make(False)


def test_an_open_dataset_that_is_made_private_is_withdrawn_and_comes_back(
    instance: Running, editors: Editors, month: Month, made_private: Callable[[bool], None]
) -> None:
    editor = editors(AGENCY, OPEN)
    delivery = editor.deliver(month.file(8), month.period)
    edition = done(editor, delivery)["edition"]
    made_private(True)
    wait_until(lambda: month.amounts() == [], "what is not public any more is withdrawn")
    assert month.amounts(edition) == [8], "the edition before stays readable to who may read it"
    sources = "SELECT rows FROM ledger.source WHERE dataset = %s"
    wait_until(lambda: fetch(instance, sources, OPEN) == [(0,)], "the table of sources counts none of its rows")
    made_private(False)
    wait_until(lambda: month.amounts() == [8], "what is public again is loaded again")
