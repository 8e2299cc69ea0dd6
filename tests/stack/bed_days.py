"""Files of bed days, delivered as a hospital's editor would, for tests that look at what becomes of a delivery."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ckanapi

from tests.running import PATIENCE, Running

AGENCY = "benh-vien-san-nhi"
DATASET = "health-bed-days"
COMMUNE = "17011"
HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"
FIRST_FACILITY = 50_000
WARDS = ("thuong", "hoi-suc")

Row = tuple[str, str, int, int]
"""Facility, ward, beds available, beds occupied."""

ROWS = """
SELECT facility, ward, beds_available::int, beds_occupied::int FROM health.bed_days WHERE agency = %s AND day = %s ORDER BY facility, ward
"""
LOADS = """
SELECT l.state, e.edition FROM ledger.load l LEFT JOIN ledger.edition e USING (load_id) WHERE l.ckan_resource = %s ORDER BY l.load_id
"""


@dataclass(frozen=True)
class BedDays:
    """The file of one day: two wards for each of `facilities` hospitals."""

    day: date
    facilities: int
    occupied: int = 7

    @property
    def rows(self) -> list[Row]:
        """In the order in which the store gives them."""
        numbers = range(FIRST_FACILITY, FIRST_FACILITY + self.facilities)
        return [(str(n), ward, 10 + n % 90, self.occupied) for n in numbers for ward in sorted(WARDS)]

    @property
    def content(self) -> bytes:
        day = f"{self.day:%d/%m/%Y}"
        lines = [HEADER, *(f"{day};{COMMUNE};{facility};{ward};{beds};{used}" for facility, ward, beds, used in self.rows)]
        return ("\n".join(lines) + "\n").encode()

    def with_occupied(self, occupied: int) -> BedDays:
        return replace(self, occupied=occupied)

    def deliver(self, instance: Running) -> str:
        """Uploads the file as the hospital's editor; gives the id of the CKAN resource."""
        made = editor(instance).call_action(
            "resource_create",
            {"package_id": DATASET, "agency": AGENCY, "period": self.day.isoformat(), "simulated": "true"},
            files={"upload": ("bed-days.csv", io.BytesIO(self.content))},
        )
        return str(made["id"])

    def deliver_again(self, instance: Running, resource_id: str) -> None:
        """Uploads the file in the place of the one that is there."""
        editor(instance).call_action("resource_patch", {"id": resource_id}, files={"upload": ("bed-days.csv", io.BytesIO(self.content))})

    def in_store(self, instance: Running) -> list[Row]:
        """The rows that the store shows now for this agency and day."""
        with instance.store() as connection:
            return connection.execute(ROWS, (AGENCY, self.day)).fetchall()


def editor(instance: Running) -> ckanapi.RemoteCKAN:
    return instance.ckan(instance.editor(AGENCY).token)


def loads(instance: Running, resource_id: str) -> list[tuple[str, int | None]]:
    """State and edition of each load of a delivery, in order."""
    with instance.store() as connection:
        return connection.execute(LOADS, (resource_id,)).fetchall()


def progress(instance: Running, resource_id: str) -> str | None:
    """State in which the harvest has a delivery, None when it has not begun."""
    with instance.store() as connection:
        row = connection.execute("SELECT state FROM ledger.delivery WHERE ckan_resource = %s", (resource_id,)).fetchone()
    return row[0] if row else None


@contextlib.contextmanager
def no_delivery_left(instance: Running, file: BedDays) -> Iterator[None]:
    """Withdraws whatever is delivered for the file's day, before the block and after it, so that it can be delivered again."""
    withdraw(instance, file)
    try:
        yield
    finally:
        withdraw(instance, file)


def withdraw(instance: Running, file: BedDays, timeout: float = PATIENCE) -> None:
    """Deletes the day's deliveries in CKAN and waits until the store shows none of their rows."""
    site = editor(instance)
    shown: dict[str, Any] = site.call_action("package_show", {"id": DATASET})
    for resource in shown["resources"]:
        if (resource.get("agency"), resource.get("period")) == (AGENCY, file.day.isoformat()):
            site.call_action("resource_delete", {"id": resource["id"]})
    deadline = time.monotonic() + timeout
    while file.in_store(instance):
        assert time.monotonic() < deadline, f"rows of a withdrawn delivery are still shown after {timeout} s"
        time.sleep(0.3)
