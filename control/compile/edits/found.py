"""Which edits people made: what Superset holds now against what it held after the last import."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from control.compile.edits import belongs_to_compiler, edited
from control.compile.edits.file import Change, Changed, Edits, difference, element
from control.compile.edits.form import (
    EMPTY,
    Document,
    chart_numbers,
    form_of,
    is_noise,
    leaves,
    read,
)
from control.compile.edits.site import Base, Held, base, held, held_of, own_files, saved
from control.compile.superset.bundle import Files, text
from control.compile.superset.dataset import DATABASE_UUID
from control.compile.superset.inventory import Inventory
from control.compile.superset.site import SupersetSite

CROSS_FILTERS = "metadata/chart_configuration/"
CHART_FILE_KEYS = (
    "slice_name",
    "description",
    "certified_by",
    "certification_details",
    "viz_type",
    "cache_timeout",
    "uuid",
    "version",
    "dataset_uuid",
)


@dataclass(frozen=True)
class Found:
    """The hand edits of all subsystems, with those that Superset holds and the files do not yet."""

    edits: dict[str, Edits] = field(default_factory=dict)
    """By subsystem: as they should lie beside its export."""
    new: list[str] = field(default_factory=list)
    """What the files do not hold yet, in words; an import would overwrite it."""
    not_kept: list[str] = field(default_factory=list)
    """What people did and cannot be kept, in words with what to do instead."""


def found_edits(
    now: Held, before: Base, compiled: Mapping[str, Files], kept: Mapping[str, Edits], only: Collection[str] | None = None
) -> Found:
    """Compare a running Superset with its last import. `kept` are the hand edits that lie beside the exports, by subsystem.

    `only`: the subsystems that are looked at; without it all of them.
    """
    found = Found()
    owner = {uuid: name for name, files in compiled.items() for uuid in own_files(files).values()}
    for name, files in compiled.items():
        if only is not None and name not in only:
            continue
        disk = kept.get(name, Edits())
        changes = _changes(name, files, now, before, disk, found)
        hand_made = _hand_made(name, files, now, before, disk, owner, found)
        found.edits[name] = Edits({path: changed for path, changed in changes.items() if changed}, hand_made)
    return found


def look(site: SupersetSite, compiled: Mapping[str, Files], kept: Mapping[str, Edits]) -> Found:
    """Ask a running Superset what people changed since the last import.

    Where that import is not remembered, it is taken to have been of these files with these edits. Raises SupersetError.
    """
    return found_edits(held(site), base(site) or assumed(compiled, kept), compiled, kept)


def unexported(site: SupersetSite, compiled: Mapping[str, Files], kept: Mapping[str, Edits]) -> list[str]:
    """What an import would overwrite that people did and no file holds, in words; nothing before the first remembered import."""
    before = base(site)
    if before is None:
        return []
    there = Inventory.read(site)
    own = {name: own_files(files) for name, files in compiled.items()}
    touched = {name for name in own if before.saved.get(name) != saved(own[name], there) or kept.get(name, Edits()).hand_made}
    if not touched:
        return []
    found = found_edits(held_of(site, there, [own[name] for name in touched]), before, compiled, kept, touched)
    return [*found.new, *found.not_kept]


def assumed(compiled: Mapping[str, Files], kept: Mapping[str, Edits]) -> Base:
    """What Superset would hold right after an import of these."""
    forms: dict[str, Document] = {}
    made: set[str] = set()
    for name, files in edited(compiled, kept).items():
        for path, uuid in own_files(files).items():
            form = form_of(path, read(files[path]))
            forms |= {} if form is None else {uuid: form}
            made |= set() if path in compiled[name] else {uuid}
    return Base(forms, {name: one.changes for name, one in kept.items()}, frozenset(made))


def _changes(name: str, files: Files, now: Held, last: Base, disk: Edits, found: Found) -> dict[str, Changed]:
    changes = {path: dict(changed) for path, changed in disk.changes.items()}
    for path, uuid in own_files(files).items():
        document, before = now.document(path, uuid), last.forms.get(uuid)
        form = None if document is None else form_of(path, document)
        if document is None or form is None or before is None:
            continue  # taken away in Superset or not imported yet: the next apply makes it
        if before.get("dataset_uuid") != form.get("dataset_uuid"):
            found.not_kept.append(
                f"{name}: {_title(path, document)} shows another dataset, which the contract decides; save it as a chart of its own instead"
            )
            continue
        imported = last.edits.get(name, {}).get(path, {})
        by_hand = changes_since(path, before, form, imported)
        touched = [key for key in sorted(by_hand.keys() | imported.keys()) if by_hand.get(key) != imported.get(key)]
        on_disk = changes.setdefault(path, {})
        fresh = [key for key in touched if _sides(on_disk.get(key)) != _sides(by_hand.get(key))]
        for key in fresh:
            on_disk.pop(key, None)
            if key in by_hand:
                on_disk[key] = by_hand[key]
        if fresh:
            found.new.append(f"{name}: {_title(path, document)}: {_what(fresh)}")
    return changes


def _sides(change: Change | None) -> Any:
    return None if change is None else change.now


def _title(path: str, document: Mapping[str, Any]) -> str:
    kind = path.split("/", 1)[0].removesuffix("s")
    return f"{kind} {document.get('slice_name') or document.get('dashboard_title') or document.get('table_name')!r}"


def _what(paths: list[str]) -> str:
    """The changed paths in few words: a component or a filter once."""
    words = list(dict.fromkeys(element(path) or path for path in paths))
    return ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "")


def changes_since(path: str, before: Document, now: Document, imported: Changed) -> Changed:
    """All hand edits of one document: those that the import held (`imported`), with what changed since.

    `was` is always the compiler's value. Empty values that a form of Superset's pages added say nothing and are left out, and so is
    what belongs to the compiler.
    """
    kind = path.split("/", 1)[0]
    found = dict(imported)
    by_hand = {thing for key, change in imported.items() if change.added and (thing := element(key)) is not None}
    for key, change in difference(leaves(before), leaves(now)).items():
        if kind == "datasets" and not _of_dataset(key, change, before, now, by_hand):
            continue
        if belongs_to_compiler(kind, key, kind == "datasets"):
            continue
        if (key not in imported or key.startswith(CROSS_FILTERS)) and _by_a_page(key, change, before, now):
            continue
        was = imported[key].was if key in imported else change.was
        found.pop(key, None)
        if was != change.now:
            found[key] = Change(was, change.now)
    return {key: found[key] for key in sorted(found)}


def _by_a_page(key: str, change: Change, before: Document, now: Document) -> bool:
    """Whether a page of Superset wrote this when it saved something else."""
    if f"{key}/" == CROSS_FILTERS:
        return True  # there are none, or no longer none
    if key.startswith(CROSS_FILTERS):
        # It drops those that cannot filter others, and writes "global" for those of whom nobody said anything.
        uuid = key.removeprefix(CROSS_FILTERS).split("/")[0]
        scopes = [form["metadata"]["chart_configuration"].get(uuid) for form in (before, now)]
        return scopes[1] is None or (scopes[0] is None and scopes[1] == {"scope": "global"})
    return change.added and change.now in EMPTY and not key.startswith("layout/")


def _of_dataset(key: str, change: Change, before: Document, now: Document, by_hand: set[str]) -> bool:
    """Whether a change of a dataset is a person's: labels and formats, and metrics and computed columns that people added."""
    thing = element(key)
    if thing is None:
        return True
    part, name = thing.split("/")
    name = name.replace("~1", "/").replace("~0", "~")
    if thing in by_hand:
        return True
    if name in before[part]:
        return not change.removed and not belongs_to_compiler("datasets", key, False)
    return bool(now[part].get(name, {}).get("expression"))


def _hand_made(name: str, files: Files, now: Held, last: Base, disk: Edits, owner: Mapping[str, str], found: Found) -> Files:
    kept = {read(content)["uuid"]: path for path, content in disk.hand_made.items()}
    wanted: Files = {path: disk.hand_made[path] for uuid, path in kept.items() if uuid not in last.hand_made}
    for uuid in _shown(files, now):
        document = now.charts.get(uuid)
        if document is None or owner.get(uuid) == name:
            continue
        if uuid not in owner and uuid in last.forms and uuid not in last.hand_made:
            continue  # the contract made it and no longer does: it goes with the next import
        title = f"{name}: chart {document['slice_name']!r}"
        over = now.datasets.get(document.get("dataset_uuid", ""))
        if uuid in owner:
            found.not_kept.append(f"{title} belongs to {owner[uuid]}; show a copy of it instead (Save as)")
        elif over is None or over["database_uuid"] != DATABASE_UUID:
            found.not_kept.append(f"{title} does not read the store; it would be lost where this export is imported")
        else:
            parts = [("charts", chart_file(document))]
            parts += [] if over["uuid"] in owner else [("datasets", dict(over))]
            for kind, part in parts:
                path = kept.get(part["uuid"]) or f"{kind}/{file_name(part)}"
                unchanged = path in disk.hand_made and form_of(path, part) == last.forms.get(part["uuid"])
                wanted[path] = disk.hand_made[path] if unchanged else text(part)
    changed = sorted(path for path in wanted.keys() | disk.hand_made.keys() if wanted.get(path) != disk.hand_made.get(path))
    found.new.extend(f"{name}: {_made_in_words(path, wanted, disk)}" for path in changed)
    return wanted


def _made_in_words(path: str, wanted: Files, disk: Edits) -> str:
    content = wanted.get(path) or disk.hand_made[path]
    verb = "is taken away" if path not in wanted else "is changed" if path in disk.hand_made else "was made by hand"
    return f"{_title(path, read(content))} {verb}"


def _shown(files: Files, now: Held) -> Iterator[str]:
    """UUIDs of the charts on this subsystem's dashboards, each once."""
    seen: set[str] = set()
    for path, uuid in own_files(files).items():
        dashboard = now.document(path, uuid) if path.startswith("dashboards/") else None
        for chart in sorted(chart_numbers(dashboard["position"]).values()) if dashboard else []:
            if chart not in seen:
                seen.add(chart)
                yield chart


def chart_file(document: Mapping[str, Any]) -> dict[str, Any]:
    """A chart that a person made as a file that any Superset can import: without numbers of rows of this one."""
    params = {key: value for key, value in document["params"].items() if not is_noise(key, document["params"])}
    params["viz_type"] = document["viz_type"]
    return {**{key: document.get(key) for key in CHART_FILE_KEYS}, "params": params, "query_context": None}


def file_name(document: Mapping[str, Any]) -> str:
    """A name that says what it is and that no other has: `so_ca_theo_xa_1f2e3d4c.yaml`."""
    title = str(document.get("slice_name") or document.get("table_name")).replace("đ", "d").replace("Đ", "D")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '_', plain).strip('_')[:60]}_{document['uuid'][:8]}.yaml"
