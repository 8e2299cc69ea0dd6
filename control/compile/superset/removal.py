"""What goes from Superset: what contracts no longer say, and all of a subsystem that is removed. What people made stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from control.compile.changes import Change, Changes
from control.compile.superset.bundle import Files
from control.compile.superset.inventory import Found, Inventory
from control.compile.superset.mark import SHARED, ours_before, parts, read_mark, write_mark
from control.compile.superset.site import SupersetError, SupersetSite

ORDER = ("dashboard", "chart", "dataset")
"""In this order nothing is taken away that something of ours still shows."""


def goes(exports: Mapping[str, Files], before: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Kind by UUID of what earlier exports of these subsystems brought and these no longer hold."""
    wanted = {part.uuid for part in parts(exports)}
    return {uuid: kind for name in exports for uuid, kind in before.get(name, {}).items() if uuid not in wanted}


def _there(there: Inventory, leaving: Mapping[str, str]) -> list[Found]:
    found = [there.get(kind, uuid) for kind in ORDER for uuid, one in sorted(leaving.items()) if one == kind]
    return [one for one in found if one is not None]


def goes_in_words(there: Inventory, leaving: Mapping[str, str], ours: Collection[str]) -> list[Change]:
    """What goes, and what people made that loses its figures or its charts with it; `ours`: UUIDs of all that was ever compiled."""
    lines = []
    for found in _there(there, leaving):
        lines.append(Change("dropped", f"{found.words} goes"))
        others = [other for other in there.resting_on(found) if other.uuid not in ours]
        lines += [Change("kept", f"{other.words}, which somebody made, stays without {found.words}") for other in others]
    return lines


def remove(site: SupersetSite, leaving: Mapping[str, str]) -> list[Found]:
    """Delete these of ours (kind by UUID); one that is not there is left alone. Returns what was deleted. Raises SupersetError."""
    if not leaving:
        return []
    found = _there(Inventory.read(site), leaving)
    for one in found:
        site.call("DELETE", f"/api/v1/{one.kind}/{one.id}")
    return found


def plan_removal(site: SupersetSite, name: str) -> Changes:
    """What the removal of a subsystem takes away in Superset. Raises SupersetError."""
    before = ours_before(read_mark(site))
    changes = Changes()
    changes.extend(goes_in_words(Inventory.read(site), before.get(name, {}), {uuid for listed in before.values() for uuid in listed}))
    return changes


def remove_superset(site: SupersetSite, name: str) -> Changes:
    """Take away every dashboard, chart and dataset that contracts of this subsystem brought. Again: nothing.

    Raises SupersetError, also when something of it is still there afterwards.
    """
    if name == SHARED:
        raise SupersetError("what all subsystems share is not removed")
    changes, mark = plan_removal(site, name), read_mark(site)
    leaving = ours_before(mark).get(name, {})
    remove(site, leaving)
    if left := _there(Inventory.read(site), leaving):
        raise SupersetError(f"Superset still has {', '.join(one.words for one in left[:5])}")
    if mark.parts.pop(name, None) is not None:
        write_mark(site, mark)
    return changes
