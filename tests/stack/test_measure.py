"""A file handed in at CKAN, and the measures that the store has of it: the running system, on figures worked by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.running import Running
from tests.stack.deliveries import BED_DAYS, COMMUNE, UNIT, Editor, bed_file, fetch, wait_withdrawn

pytestmark = pytest.mark.stack

AGENCY = "so-y-te"
DAYS = ("2020-03-14", "2020-03-15")

CELLS = """
SELECT measure, calendar, period, value::int, n FROM measure.value
WHERE measure IN ('health.beds_occupied', 'health.intensive_beds_occupied') AND unit_id = %s AND agency = %s AND breakdown LIKE %s
AND starts BETWEEN '2020-03-01' AND '2020-03-31' AND closed_by IS NULL
ORDER BY 1, 2, 3
"""
OF_LOAD = "SELECT count(*) FROM measure.value JOIN ledger.edition USING (load_id) WHERE edition = %s"


def beds(day: str, general: int | str, intensive: int) -> bytes:
    """One facility's two wards on one day."""
    written = "/".join(reversed(day.split("-")))
    rows = [f"{written};{COMMUNE};70101;thuong;50;{general}", f"{written};{COMMUNE};70101;hoi-suc;10;{intensive}"]
    return bed_file(rows)


def test_a_delivery_changes_the_figures_of_its_day_and_of_the_month_and_its_end_takes_them_away(
    instance: Running, editors: Callable[[str, str], Editor]
) -> None:
    editor = editors(AGENCY, BED_DAYS)

    def cells(measure: str) -> dict[tuple[str, str], int | None]:
        found = fetch(instance, CELLS, UNIT, AGENCY, "%70101%")
        return {
            (calendar, period): value for name, calendar, period, value, _ in found if name == f"health.{measure}" and calendar != "week"
        }

    first, second = (editor.deliver(beds(day, general, 3), day) for day, general in zip(DAYS, (20, 31), strict=True))
    editions = [editor.receipt(delivery)["edition"] for delivery in (first, second)]
    assert all(editions)
    # Beds occupied are a flow of bed days: a month's are the sum of its days'.
    assert cells("beds_occupied") == {("day", DAYS[0]): 20, ("day", DAYS[1]): 31, ("month", "2020-03"): 51}
    assert cells("intensive_beds_occupied") == {("day", DAYS[0]): 3, ("day", DAYS[1]): 3, ("month", "2020-03"): 6}

    editor.replace(first, beds(DAYS[0], "-", 3))
    corrected = editor.receipt(first)["edition"]
    assert cells("beds_occupied")["day", DAYS[0]] is None
    assert fetch(instance, OF_LOAD, corrected)[0][0] > 0

    for delivery in (first, second):
        editor.delete(delivery)
    wait_withdrawn(instance, [first, second])
    assert (cells("beds_occupied"), cells("intensive_beds_occupied")) == ({}, {})
