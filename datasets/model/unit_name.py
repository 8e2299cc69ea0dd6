"""Units by the names that files give them: with or without marks, with or without their kind, in Vietnamese or in English letters."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from datasets.model.contract import Level
from datasets.model.unit import Unit, name_key

KINDS = ("thành phố", "thị xã", "thị trấn", "tỉnh", "huyện", "quận", "phường", "xã")
SHORT = {"tp": "thành phố", "tx": "thị xã", "tt": "thị trấn", "p": "phường", "h": "huyện", "q": "quận"}
ENGLISH = ("province", "city", "district", "town", "township", "ward", "commune")
MARKS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name is on a day: one unit; or why it is none."""

    unit: Unit | None
    rule: str = ""
    """`unit_name_unknown`, `unit_name_not_valid_on` or `unit_name_ambiguous`; empty when there is a unit."""
    near: tuple[Unit, ...] = ()
    """The units that share the name, or those of that name on other days, the nearest in time first."""


class UnitNames:
    """The names of the units of one level.

    A name is looked up as it is written first, then without its kind, then in plain letters: "Xã Nghi Phú", "Nghi Phú", "Nghi Phu".
    """

    def __init__(self, units: Iterable[Unit], level: Level) -> None:
        self._known: list[dict[str, list[Unit]]] = [defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)]
        for unit in units:
            if unit.level is level:
                kind, bare = _parted(unit.name)
                for key, known in zip((f"{kind} {bare}", bare, plain(f"{kind} {bare}"), plain(bare)), self._known, strict=True):
                    known[key.strip()].append(unit)
                if (english := _bare_english(unit.name_en)) != plain(bare):
                    self._known[3][english].append(unit)

    def find(self, name: str, on: date) -> Named:
        """The unit of that name on that day."""
        former: list[Unit] = []
        for key, known in self._keys(name):
            found = known.get(key, [])
            if valid := list({unit.unit_id: unit for unit in found if unit.is_valid(on)}.values()):
                return Named(valid[0]) if len(valid) == 1 else Named(None, "unit_name_ambiguous", tuple(valid))
            former += [unit for unit in found if unit not in former]
        if former:
            return Named(None, "unit_name_not_valid_on", tuple(sorted(former, key=lambda unit: _away(unit, on))))
        return Named(None, "unit_name_unknown")

    def _keys(self, name: str) -> list[tuple[str, Mapping[str, list[Unit]]]]:
        """What to look up where, the most exact first."""
        full, bare, full_plain, bare_plain = self._known
        written = name_key(" ".join(name.split()))
        kind, rest = _parted(name)
        keys: list[tuple[str, Mapping[str, list[Unit]]]] = [(f"{kind} {rest}".strip(), full), (written, bare)]
        if not kind:
            return [*keys, (plain(written), full_plain), (plain(written), bare_plain), (_bare_english(name), bare_plain)]
        # A kind that is written has to be the unit's: Phường Vinh Tân is not a xã of that name. Without marks it may be part of the name.
        return [*keys, (plain(f"{kind} {rest}"), full_plain), (plain(written), bare_plain)]


def plain(name: str) -> str:
    """Letters a to z and digits only: "Thừa Thiên - Huế" is thuathienhue."""
    folded = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", MARKS.sub("", folded))


def _parted(name: str) -> tuple[str, str]:
    """A name's kind, spelt out, and the rest; an empty kind when it has none. "TP.Hồ Chí Minh" is thành phố and hồ chí minh."""
    key = name_key(" ".join(name.split()))
    if short := re.match(r"(tp|tx|tt|p|h|q)(?:\.\s*|\s+)(?=\S)", key):
        return SHORT[short[1]], key[short.end() :]
    for kind in KINDS:
        if key.startswith(f"{kind} "):
            return kind, key[len(kind) + 1 :]
    ascii_key = MARKS.sub("", unicodedata.normalize("NFD", key))
    for kind in KINDS:
        without = MARKS.sub("", unicodedata.normalize("NFD", kind))
        if ascii_key == unicodedata.normalize("NFD", key) and key.startswith(f"{without} "):
            return kind, key[len(without) + 1 :]
    return "", key


def _bare_english(name: str) -> str:
    words = name.casefold().split()
    return plain(" ".join(words[:-1] if len(words) > 1 and words[-1] in ENGLISH else words))


def _away(unit: Unit, on: date) -> int:
    """Days between a day and the unit's time."""
    if on < unit.valid_from:
        return (unit.valid_from - on).days
    return (on - unit.valid_to).days + 1 if unit.valid_to else 0
