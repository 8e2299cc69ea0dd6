"""What an apply would do in Superset, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from control.compile.changes import Change, Changes
from control.compile.superset.bundle import Files
from control.compile.superset.inventory import Inventory
from control.compile.superset.mark import KINDS, Mark, Part, ours_before, parts, read_mark
from control.compile.superset.removal import goes, goes_in_words
from control.compile.superset.site import SupersetSite
from datasets.model.contract import Contract


@dataclass
class SupersetPlan:
    """Lines by subsystem; "" stands for what all of them share."""

    lines: dict[str, list[Change]] = field(default_factory=dict)

    def of_subsystem(self, name: str) -> list[Change]:
        return self.lines.get(name, [])

    def changes(self) -> Changes:
        """All of them, what is shared first."""
        found = Changes()
        for _, lines in sorted(self.lines.items()):
            found.extend(lines)
        return found


def plan_exports(site: SupersetSite, exports: Mapping[str, Files], contracts: Sequence[Contract] = ()) -> SupersetPlan:
    """What the import of these exports (by subsystem) would make, change and take away. Raises SupersetError."""
    return compare(exports, read_mark(site), Inventory.read(site), contracts)


def compare(exports: Mapping[str, Files], mark: Mark, there: Inventory, contracts: Sequence[Contract] = ()) -> SupersetPlan:
    """The difference between the exports and what is there; `contracts` tell what was ours before marks named it."""
    made: dict[str, list[Part]] = {}
    changed: dict[str, list[Change]] = {}
    for part in parts(exports):
        if there.get(part.kind, part.uuid) is None:
            made.setdefault(part.subsystem, []).append(part)
        elif mark.parts.get(part.subsystem, {}).get(part.uuid) != [part.kind, part.digest]:
            changed.setdefault(part.subsystem, []).append(Change("changed", f"{part.words} is changed"))
    before = ours_before(mark, contracts)
    leaving = goes(exports, before)
    ours = {uuid for listed in before.values() for uuid in listed} | {part.uuid for part in parts(exports)}
    plan = SupersetPlan()
    for name in sorted({*made, *changed, *exports}):
        mine = {uuid: kind for uuid, kind in leaving.items() if uuid in before.get(name, {})}
        lines = [*_made(made.get(name, []), exports.get(name, {})), *changed.get(name, []), *goes_in_words(there, mine, ours)]
        if lines:
            plan.lines[name] = lines
    return plan


def _made(new: Sequence[Part], files: Files) -> list[Change]:
    """A new dashboard is named with the number of its charts, of which those that are new are not named again."""
    shown: dict[str, set[str]] = {}
    for content in (content for path, content in files.items() if path.startswith(KINDS["dashboard"])):
        document = yaml.load(content, Loader=yaml.CSafeLoader)
        places = [place for place in document["position"].values() if isinstance(place, dict) and place["type"] == "CHART"]
        shown[document["uuid"]] = {place["meta"]["uuid"] for place in places}
    with_it = {uuid for part in new if part.kind == "dashboard" for uuid in shown.get(part.uuid, ())}
    lines = []
    for part in new:
        if part.kind == "dashboard":
            lines.append(f"{part.words} is made with {len(shown.get(part.uuid, ()))} charts")
        elif part.kind != "chart" or part.uuid not in with_it:
            lines.append(f"{part.words} is made")
    return [Change("made", line) for line in lines]
