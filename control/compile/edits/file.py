"""Hand edits of a subsystem's dashboards as files: `edits.yaml` (what was changed of what the compiler makes) and `hand-made/` (the rest).

`edits.yaml` holds, by file of the export and path within it, the value now and the one before:

    charts/cases_trend.yaml:
      slice_name: {was: Ca mắc mới, now: Ca mắc mới theo tuần}
    dashboards/health.yaml:
      layout/CHART-cases_trend/meta/width: {was: 6, now: 8}
      layout/ROW-x1: {now: {type: ROW, children: [CHART-x2]}}
      metadata/refresh_frequency: {was: 30}

Without `was` a value was added, without `now` it was taken away. Paths are those of `superset_edits_form`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import yaml

from control.compile.edits.form import Leaves, leaves, nested
from control.compile.superset.bundle import Files, text, write_texts

EDITS_FILE = "edits.yaml"
HAND_MADE = "hand-made"
HEADING = "# Edits that people made in Superset, brought here by ./ioc export. They are laid over what the contract says.\n"
ELEMENT_DEPTH = {"layout": 2, "filters": 2, "metrics": 2, "columns": 2}
"""Length of the path of a thing that can be added or taken away as a whole, by the first part of its paths."""


class _Absent(Enum):
    ABSENT = "absent"


Absent = Literal[_Absent.ABSENT]
ABSENT: Absent = _Absent.ABSENT
"""There is no such key; None is a value."""


@dataclass(frozen=True)
class Change:
    """One value that was changed by hand."""

    was: Any = ABSENT
    now: Any = ABSENT

    @property
    def added(self) -> bool:
        return self.was is ABSENT

    @property
    def removed(self) -> bool:
        return self.now is ABSENT

    def written(self) -> dict[str, Any]:
        """As in `edits.yaml`."""
        return {name: value for name, value in (("was", self.was), ("now", self.now)) if value is not ABSENT}


Changed = dict[str, Change]
"""Changes of one file by path."""


@dataclass(frozen=True)
class Edits:
    """All hand edits of one subsystem."""

    changes: Mapping[str, Changed] = field(default_factory=dict)
    """By file of the export."""
    hand_made: Files = field(default_factory=dict)
    """Charts and datasets that people made: texts by their path under `hand-made/`."""

    def __bool__(self) -> bool:
        return bool(self.hand_made) or any(self.changes.values())


class EditError(ValueError):
    """Hand edits cannot be laid over what the contracts say; each problem names file, chart and what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


def element(path: str) -> str | None:
    """The component, filter, metric or column that a path lies in; None for other paths."""
    parts = path.split("/")
    depth = ELEMENT_DEPTH.get(parts[0])
    return "/".join(parts[:depth]) if depth is not None and len(parts) >= depth else None


def difference(before: Leaves, after: Leaves) -> Changed:
    """What changed between two sets of values."""
    changed = {path: Change(before.get(path, ABSENT), after.get(path, ABSENT)) for path in sorted(before.keys() | after.keys())}
    return {path: change for path, change in changed.items() if change.was != change.now}


def read_edits(folder: Path) -> Edits:
    """The hand edits that lie in an export's folder; none when there is no such file. Raises EditError for a file that cannot be read."""
    source = folder / EDITS_FILE
    changes: dict[str, Changed] = {}
    if source.is_file():
        try:
            document = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
            changes = {file: parsed(written) for file, written in document.items()}
        except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
            raise EditError([f"{source}: {error}; write file, then path, then {{was: …, now: …}}, or run ./ioc export again"]) from error
    kept = folder / HAND_MADE
    hand_made = {path.relative_to(kept).as_posix(): path.read_text(encoding="utf-8") for path in sorted(kept.rglob("*.yaml"))}
    return Edits(changes, hand_made)


def parsed(written: Mapping[str, Any]) -> Changed:
    """The changes of one file as `edits.yaml` holds them. Raises ValueError for another key than `was` and `now`."""
    found: Changed = {}
    for path, entry in written.items():
        if not isinstance(entry, dict) or not entry or entry.keys() - {"was", "now"}:
            raise ValueError(f"{path}: {entry!r} is no change")
        was, now = _flat(path, entry.get("was", ABSENT)), _flat(path, entry.get("now", ABSENT))
        found |= {leaf: Change(was.get(leaf, ABSENT), now.get(leaf, ABSENT)) for leaf in sorted(was.keys() | now.keys())}
    return found


def _flat(path: str, value: Any) -> Leaves:
    if value is ABSENT:
        return {}
    return leaves(value, path + "/") if isinstance(value, dict) and value else {path: value}


def folded(changed: Changed) -> dict[str, dict[str, Any]]:
    """As `edits.yaml` holds them: a thing that was added or taken away as a whole is one entry."""
    things: dict[str, list[str]] = {}
    for path in changed:
        things.setdefault(element(path) or path, []).append(path)
    found: dict[str, dict[str, Any]] = {}
    for thing, paths in things.items():
        parts = [changed[path] for path in paths]
        if len(paths) > 1 and (all(p.added for p in parts) or all(p.removed for p in parts)):
            side = "now" if parts[0].added else "was"
            inside = {path.removeprefix(thing + "/"): getattr(changed[path], side) for path in paths}
            found[thing] = {side: nested(inside)}
        else:
            found |= {path: changed[path].written() for path in paths}
    return found


def edits_text(edits: Edits) -> str | None:
    """Content of `edits.yaml`; None when there is nothing to write."""
    document = {file: folded(changed) for file, changed in edits.changes.items() if changed}
    return HEADING + text(document) if document else None


def write_edits(edits: Edits, folder: Path) -> list[Path]:
    """Make `edits.yaml` and `hand-made/` of an export's folder hold these edits. Returns the paths that were written or removed."""
    wanted: Files = {f"{HAND_MADE}/{path}": content for path, content in edits.hand_made.items()}
    changes = edits_text(edits)
    if changes is not None:
        wanted[EDITS_FILE] = changes
    there = [folder / EDITS_FILE, *sorted((folder / HAND_MADE).rglob("*.yaml"))]
    done = []
    for path in there:
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            done.append(path)
    return done + write_texts(wanted, folder)
