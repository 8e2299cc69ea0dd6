"""The centre's own report: what became of the reports of others goes in, the files that the centre delivers come out."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import psycopg
import pytest

from ckan_harvesters.applied import places
from ckan_harvesters.delivery import scope_of
from ckan_harvesters.errors import TerminalError
from ckan_harvesters.load import load
from ckan_harvesters.outcome import Checked
from ckan_harvesters.reading import read
from ckan_harvesters.supply.excuse import excuse
from ckan_harvesters.supply.own_report import OwnDelivery, changed_files, deliver_own_report
from datasets.model.contract import Contract
from datasets.model.read import DATASETS, read_contract
from tests.store.conftest import Store
from tests.store.supplied import at, deliver, delivery, do, owed, owing, set_clock
from tests.supply_events import POSITION

OWING = owing(owed("cases", "day", "17:00", publishers=["so-y-te"]))
REPORT, FRESHNESS = "data-supply-reports", "data-supply-freshness"


@pytest.fixture
def own(store: Store) -> Contract:
    """The contract that is shipped."""
    return read_contract(DATASETS / "data_supply", store.reference)


@pytest.fixture
def told(store: Store, own: Contract) -> Store:
    """Owed each day from 2 March 2026 at 17:00: the 2nd came a day late, the 3rd is missing, the 4th is in time; it is the 4th, 18:00."""
    set_clock(store, "2026-03-02 08:00")
    store.apply(OWING, own)
    set_clock(store, "2026-03-03 16:00")
    deliver(store, delivery(OWING, "so-y-te|2026-03-02", simulated=True), "job 1")
    set_clock(store, "2026-03-04 16:00")
    deliver(store, delivery(OWING, "so-y-te|2026-03-04"), "job 2")
    set_clock(store, "2026-03-04 18:00")
    return store


def changed(store: Store) -> dict[tuple[str, str], OwnDelivery]:
    """What the centre would deliver now, by dataset and period."""
    with psycopg.connect(store.loader, autocommit=True) as conn:
        return {(file.dataset, file.period): file for file in changed_files(conn)}


def lines(file: OwnDelivery) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


def harvested(store: Store, own: Contract, file: OwnDelivery, folder: Path, job: str) -> None:
    """The file read, checked and loaded as the harvest does; no line of it may be rejected or warned about."""
    resource = next(one for one in own.resources if own.dataset_name(one) == file.dataset)
    path = folder / f"{file.dataset}-{job}.csv"
    path.write_bytes(file.content)
    scope = scope_of(resource, file.agency, file.period, file.dataset)
    with psycopg.connect(store.loader) as conn:
        reading = read(path, resource, scope, places(conn))
    assert (reading.rejected_rows, list(reading.warnings), reading.rows.height) == (0, [], file.rows)
    sha256 = hashlib.sha256(file.content).hexdigest()
    checked = Checked(
        contract=own, resource=resource, scope=scope.key, agency=file.agency, ckan_resource=f"{file.dataset} {file.period}",
        file_sha256=sha256, file_size=len(file.content), contract_sha256=own.sha256, decoder=reading.decoder,
        simulated=file.simulated, rows=reading.rows, rejected=[], rejected_rows=0,
    )  # fmt: skip
    assert load(store.loader, checked, job).code is None


def test_each_report_that_came_due_is_a_line(told: Store) -> None:
    file = changed(told)[REPORT, "2026-03"]

    counted = ("ky", "phai_nop", "da_nop", "dung_han", "dong_nhan", "dinh_chinh")
    assert [tuple(line[name] for name in counted) for line in lines(file)] == [
        ("2026-03-02", "1", "1", "0", "1", "0"),
        ("2026-03-03", "1", "0", "0", "", "0"),
        ("2026-03-04", "1", "1", "1", "1", "0"),
    ]
    assert {(line["co_quan"], line["bo_du_lieu"]) for line in lines(file)} == {("so-y-te", "owing-cases")}
    assert (file.agency, file.simulated) == ("so-khoa-hoc-va-cong-nghe", True), "one of the reports is about simulated data"


def test_cells_are_those_of_the_rows_that_stand(told: Store) -> None:
    first = lines(changed(told)[REPORT, "2026-03"])[0]

    assert 0 < int(first["o_co_so_lieu"]) <= int(first["o_tong"])


def test_freshness_is_told_on_sundays_and_today(told: Store) -> None:
    set_clock(told, "2026-03-10 09:00")

    found = [(line["ngay"], line["nhan_cuoi"], line["so_ngay"], line["trang_thai"]) for line in lines(changed(told)[FRESHNESS, "2026-03"])]

    assert found == [("2026-03-08", "2026-03-04", "4", "qua-lau"), ("2026-03-10", "2026-03-04", "6", "qua-lau")]


def test_what_came_at_midnight_came_on_the_day_that_begins(told: Store) -> None:
    set_clock(told, "2026-03-09 00:00")
    deliver(told, delivery(OWING, "so-y-te|2026-03-08"), "job 3")
    set_clock(told, "2026-03-09 08:00")

    found = [(line["ngay"], line["nhan_cuoi"], line["so_ngay"]) for line in lines(changed(told)[FRESHNESS, "2026-03"])]

    assert found == [("2026-03-08", "2026-03-04", "4"), ("2026-03-09", "2026-03-09", "0")]


def test_an_excused_report_is_not_expected(told: Store) -> None:
    with psycopg.connect(told.owner) as conn:
        excuse(
            conn,
            "owing-cases@so-y-te",
            "2026-03-03",
            until=at("2026-03-09 17:00"),
            by=POSITION,
            reason="Mất điện",
            reference=told.reference,
        )

    assert lines(changed(told)[REPORT, "2026-03"])[1]["phai_nop"] == "0"


def test_what_was_delivered_is_not_delivered_again_until_something_happens(told: Store, own: Contract, tmp_path: Path) -> None:
    for number, file in enumerate(changed(told).values()):
        harvested(told, own, file, tmp_path, f"own {number}")
    assert changed(told) == {}

    deliver(told, delivery(OWING, "so-y-te|2026-03-02", cases=7), "job 3")

    again = changed(told)
    assert set(again) == {(REPORT, "2026-03")}
    assert lines(again[REPORT, "2026-03"])[0]["dinh_chinh"] == "1", "made again after its due moment"


class Refusing:
    """A portal that refuses one of the two datasets."""

    def __init__(self) -> None:
        self.delivered: list[str] = []

    def deliver(self, dataset: str, agency: str, period: str, file_name: str, content: bytes, *, simulated: bool) -> str:
        if dataset == REPORT:
            raise TerminalError("CKAN refused ioc_deliver: {'period': ['…']}.")
        self.delivered.append(dataset)
        return "a resource"


def test_a_file_that_is_refused_does_not_keep_back_the_next(told: Store) -> None:
    portal = Refusing()

    with pytest.raises(TerminalError, match="CKAN refused"):
        deliver_own_report(told.loader, portal)

    assert portal.delivered == [FRESHNESS]


def test_a_month_before_the_centre_owed_anything_is_delivered_once(store: Store, own: Contract, tmp_path: Path) -> None:
    set_clock(store, "2026-03-02 08:00")
    store.apply(owing(owed("cases", "day", "17:00", publishers=["so-y-te"], since="2026-02-27")), own)
    first = changed(store)
    assert set(first) >= {(REPORT, "2026-02"), (FRESHNESS, "2026-02")}

    for number, file in enumerate(first.values()):
        harvested(store, own, file, tmp_path, f"own {number}")

    assert changed(store) == {}


def test_the_centre_is_not_in_its_own_report(told: Store, own: Contract, tmp_path: Path) -> None:
    for number, file in enumerate(changed(told).values()):
        harvested(told, own, file, tmp_path, f"own {number}")
    set_clock(told, "2026-04-03 09:00")

    named = {line["bo_du_lieu"] for file in changed(told).values() for line in lines(file)}

    assert named == {"owing-cases"}


def test_a_month_that_is_over_and_delivered_stays_as_it_is(told: Store, own: Contract, tmp_path: Path) -> None:
    set_clock(told, "2026-04-02 09:00")
    for number, file in enumerate(changed(told).values()):
        harvested(told, own, file, tmp_path, f"own {number}")
    set_clock(told, "2026-04-05 09:00")

    assert {period for _, period in changed(told)} == {"2026-04"}


def test_nothing_is_delivered_where_the_centre_owes_nothing(store: Store) -> None:
    set_clock(store, "2026-03-02 08:00")
    store.apply(OWING)
    set_clock(store, "2026-03-04 18:00")

    assert deliver_own_report(store.loader, NoPortal()) == []


class NoPortal:
    """A portal that nothing may be handed in at."""

    def deliver(self, dataset: str, agency: str, period: str, file_name: str, content: bytes, *, simulated: bool) -> str:
        raise AssertionError(f"{file_name} was delivered")


def test_a_month_that_was_over_is_told_again_when_more_is_owed_of_it(told: Store, own: Contract, tmp_path: Path) -> None:
    set_clock(told, "2026-04-03 09:00")
    for number, file in enumerate(changed(told).values()):
        harvested(told, own, file, tmp_path, f"own {number}")
    # As if it had been a day ago: what happened shortly before such a load is looked at again.
    do(
        told,
        "UPDATE ledger.load SET began_at = began_at + interval '1 day', ended_at = ended_at + interval '1 day' WHERE job_id LIKE 'own %'",
    )
    assert changed(told) == {}

    since = owed("visits", "day", "17:00", publishers=["so-du-lich"], since="2026-03-30")
    told.apply(owing(owed("cases", "day", "17:00", publishers=["so-y-te"]), since, version="1.1.0"), own)

    again = changed(told)
    missing = [line["ky"] for line in lines(again[REPORT, "2026-03"]) if line["bo_du_lieu"] == "owing-visits"]
    never = [line["ngay"] for line in lines(again[FRESHNESS, "2026-03"]) if line["bo_du_lieu"] == "owing-visits"]
    assert (missing, never) == (["2026-03-30", "2026-03-31"], ["2026-03-31"])
