"""Administrative units in their time: one unit is one code from the day it began to the day it ended."""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from datasets.model.contract import Level

if TYPE_CHECKING:
    import polars

FIRST_DAY = date(2004, 1, 1)
"""Where the oldest vintage begins: on that day the last provinces were split before the long lists that the packages carry."""

UNIT_COLUMNS = ("unit_id", "code", "valid_from", "valid_to", "level", "parent", "name", "name_en", "lon", "lat")


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, district or commune while its code, level, name and parent stay the same."""

    unit_id: str
    """`17011.202507`: the code and the month in which the unit began."""
    code: str
    valid_from: date
    valid_to: date | None
    """First day on which it is no longer valid; None while it is."""
    level: Level
    parent: str | None
    """unit_id of the unit above, valid as long as this one is."""
    name: str
    """With its kind, as in "Phường Thành Vinh"; NFC."""
    name_en: str
    lon: float | None
    """Centroid, degrees of EPSG:4326; None where no source has one."""
    lat: float | None

    def is_valid(self, on: date) -> bool:
        """Whether the unit exists on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a code is no unit on a day."""

    rule: Literal["unit_unknown", "unit_not_valid_on"]
    params: dict[str, str]
    """For `unit_not_valid_on`: on, name, valid_from and valid_to (may be "") of the unit nearest in time, ISO dates. For both: level."""


@dataclass(frozen=True, slots=True)
class CrosswalkPart:
    """The share of one former unit that became part of a later one."""

    from_unit: str
    to_unit: str
    weight: float
    """0 to 1; the weights of one from_unit sum to 1."""
    method: str
    """`whole` (it went there entirely) or `commune-count` (by how many of its communes went there: an estimate)."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A unit of today that lies in what is no longer a unit."""

    group_id: str
    unit_id: str
    title: str
    title_en: str
    title_fr: str


def name_key(name: str) -> str:
    """A name as it is compared: NFC, lower case, and the two ways of placing a tone mark (Hoà, Hòa) made one."""
    folded = unicodedata.normalize("NFD", name.casefold())
    for late, early in (("oa", "o{}a"), ("oe", "o{}e"), ("uy", "u{}y")):
        for tone in "\u0300\u0301\u0303\u0309\u0323":
            folded = folded.replace(late + tone, early.format(tone))
    return unicodedata.normalize("NFC", folded)


class UnitIndex:
    """All units by code, level and day. Built once, read by many."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units: tuple[Unit, ...] = tuple(units)
        self.by_id: dict[str, Unit] = {u.unit_id: u for u in self.units}
        self._by_code: dict[tuple[str, Level], list[Unit]] = defaultdict(list)
        for unit in sorted(self.units, key=lambda u: u.valid_from):
            self._by_code[unit.code, unit.level].append(unit)

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def resolve(self, code: str, level: Level, on: date) -> Unit | None:
        """The unit that bears this code at this level on that day, or None; `why_not` then says why."""
        return next((u for u in self._by_code.get((code, level), ()) if u.is_valid(on)), None)

    def why_not(self, code: str, level: Level, on: date) -> Unresolved | None:
        """Why `resolve` gives None: the code is unknown, or it was valid on other days only. None when it does resolve."""
        if self.resolve(code, level, on) is not None:
            return None
        known = self._by_code.get((code, level))
        if not known:
            return Unresolved("unit_unknown", {"level": level.value})
        nearest = min(known, key=lambda u: _days_away(u, on))
        until = nearest.valid_to.isoformat() if nearest.valid_to else ""
        return Unresolved(
            "unit_not_valid_on",
            {
                "level": level.value,
                "on": on.isoformat(),
                "name": nearest.name,
                "valid_from": nearest.valid_from.isoformat(),
                "valid_to": until,
            },
        )

    def valid(self, level: Level, on: date, province: str | None = None) -> list[Unit]:
        """Units of a level on a day, in order of code; with a province's code, only those inside it."""
        found = (u for u in self.units if u.level is level and u.is_valid(on))
        return sorted((u for u in found if province is None or self.province_of(u) == province), key=lambda u: u.code)

    def province_of(self, unit: Unit) -> str | None:
        """Code of the province that the unit is or lies in; None for the country."""
        above: Unit | None = unit
        while above is not None and above.level is not Level.PROVINCE:
            above = self.by_id.get(above.parent) if above.parent else None
        return above.code if above else None

    def frame(self) -> polars.DataFrame:
        """One row a unit: code, level (text), valid_from, valid_to (9999-12-31 while it is valid), unit_id; sorted by code and valid_from.

        Made to be joined: on code, then valid_from <= day < valid_to.
        """
        import polars as pl

        return pl.DataFrame(
            {
                "code": [u.code for u in self.units],
                "level": [u.level.value for u in self.units],
                "valid_from": [u.valid_from for u in self.units],
                "valid_to": [u.valid_to or date.max for u in self.units],
                "unit_id": [u.unit_id for u in self.units],
            },
            schema={"code": pl.String, "level": pl.String, "valid_from": pl.Date, "valid_to": pl.Date, "unit_id": pl.String},
        ).sort("code", "level", "valid_from")

    def resolve_frame(self, rows: polars.DataFrame, code: str, on: str, level: Level) -> polars.Series:
        """The unit_id of each row, null where there is none; `code` and `on` name the columns (text, date). Keeps the rows' order."""
        import polars as pl

        vintages = self.frame().filter(pl.col("level") == level.value).select("code", "valid_from", "valid_to", "unit_id")
        numbered = rows.select(pl.col(code).alias("code"), pl.col(on).cast(pl.Date).alias("day")).with_row_index("row")
        nearest = numbered.sort("day", nulls_last=True).join_asof(
            vintages.sort("valid_from"), left_on="day", right_on="valid_from", by="code", strategy="backward", check_sortedness=False
        )
        valid = pl.when(pl.col("day") < pl.col("valid_to")).then(pl.col("unit_id"))
        return nearest.select("row", valid.alias("unit_id")).sort("row").get_column("unit_id")


def _days_away(unit: Unit, on: date) -> int:
    if on < unit.valid_from:
        return (unit.valid_from - on).days
    return (on - unit.valid_to).days + 1 if unit.valid_to else 0


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_units(folder: Path) -> list[Unit]:
    """Units of `provinces.csv` and `communes.csv` in a folder, in the files' order. Raises ValueError naming file and unit."""
    units: list[Unit] = []
    for name in ("provinces.csv", "communes.csv"):
        path = folder / name
        for row in _rows(path):
            try:
                units.append(_unit(row))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path}: unit {row.get('unit_id')!r}: {error}; the file is written by make_units.py") from error
    return units


def _unit(row: dict[str, str]) -> Unit:
    return Unit(
        unit_id=row["unit_id"],
        code=row["code"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        level=Level(row["level"]),
        parent=row["parent"] or None,
        name=row["name"],
        name_en=row["name_en"],
        lon=float(row["lon"]) if row["lon"] else None,
        lat=float(row["lat"]) if row["lat"] else None,
    )


def read_crosswalk(folder: Path) -> list[CrosswalkPart]:
    """Rows of `crosswalk.csv`, in its order."""
    return [CrosswalkPart(r["from_unit"], r["to_unit"], float(r["weight"]), r["method"]) for r in _rows(folder / "crosswalk.csv")]


def read_groups(folder: Path) -> list[GroupMember]:
    """Rows of `groups.csv`, in its order."""
    return [GroupMember(r["group_id"], r["unit_id"], r["title"], r["title_en"], r["title_fr"]) for r in _rows(folder / "groups.csv")]
