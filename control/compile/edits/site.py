"""What people changed in a running Superset since the last import.

Right after each import Superset is asked for what it holds, in comparable form, and that is kept as the base of the next comparison,
together with the hand edits that the import held, and with when each thing was saved last: a subsystem of which nothing was saved since
needs no comparison, for which Superset takes seconds. It is kept inside Superset (as a CSS template, the one thing there that is a named
text), so that it can neither be lost without Superset's database nor belong to another one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from control.compile.edits import hand_made_files
from control.compile.edits.file import Changed, Edits, folded, parsed
from control.compile.edits.form import Document, form_of, read
from control.compile.superset.bundle import Files, value_of
from control.compile.superset.inventory import Inventory
from control.compile.superset.mark import KINDS, read_mark
from control.compile.superset.site import SupersetError, SupersetSite

TEMPLATE = "Toàn Cảnh: last import (kept by ./ioc apply, do not change)"
SHARED = ("databases/", "datasets/ledger/", "datasets/ref/", "metadata.yaml")
"""Files that are not one subsystem's own."""


@dataclass(frozen=True)
class Held:
    """What a running Superset holds: documents by UUID."""

    charts: dict[str, dict[str, Any]] = field(default_factory=dict)
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)

    def document(self, path: str, uuid: str) -> dict[str, Any] | None:
        """The document of that UUID; `path` of an export says of which kind."""
        kind: dict[str, dict[str, Any]] = getattr(self, path.split("/", 1)[0])
        return kind.get(uuid)


@dataclass(frozen=True)
class Base:
    """What Superset held right after the last import."""

    forms: Mapping[str, Document]
    """Comparable forms by UUID."""
    edits: Mapping[str, Mapping[str, Changed]]
    """Changes of hand edits that the import held: by subsystem and file."""
    hand_made: frozenset[str]
    """UUIDs of the charts and datasets that people made and the import held."""
    saved: Mapping[str, str] = field(default_factory=dict)
    """What `saved` said of each subsystem then."""


def held(site: SupersetSite) -> Held:
    """Everything that Superset exports now. Raises SupersetError."""
    found = Held()
    _unzip(site.download("/api/v1/assets/export/"), found)
    return found


def held_of(site: SupersetSite, there: Inventory, own: Iterable[Mapping[str, str]]) -> Held:
    """What Superset holds now of these (UUID by file, of each subsystem), and of all that is on the dashboards among them.

    Raises SupersetError.
    """
    uuids = [item for one in own for item in one.items()]
    found = Held()
    for kind in ("dashboard", "chart", "dataset"):  # an export of dashboards holds their charts, and one of charts their datasets
        folder = KINDS[kind]
        wanted = {uuid for path, uuid in uuids if path.startswith(folder)} - getattr(found, folder.rstrip("/")).keys()
        numbers = sorted(one.id for uuid in wanted if (one := there.get(kind, uuid)) is not None)
        if numbers:
            _unzip(site.download(f"/api/v1/{kind}/export/?q=!({','.join(map(str, numbers))})"), found)
    return found


def _unzip(archive: bytes, found: Held) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            kind = name.split("/")[1]
            if kind in ("charts", "datasets", "dashboards"):
                document = read(files.read(name).decode())
                getattr(found, kind)[document["uuid"]] = document


def saved(uuids: Mapping[str, str], there: Inventory) -> str:
    """Digest of when each of these (UUID by file), and each chart on the dashboards among them, was saved last."""
    ours = [there.get(kind, uuid) for kind, folder in KINDS.items() for path, uuid in uuids.items() if path.startswith(folder)]
    dashboards = {one.id for one in ours if one is not None and one.kind == "dashboard"}
    shown = [chart for chart in there.by_kind["chart"].values() if not dashboards.isdisjoint(chart.dashboards)]
    lines = {f"{one.kind} {one.uuid} {one.changed} {sorted(one.dashboards)}" for one in (*ours, *shown) if one is not None}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def own_files(files: Files) -> dict[str, str]:
    """UUID by file of what belongs to one subsystem alone."""
    own = (path for path in files if not path.startswith(SHARED) and path.split("/", 1)[0] in ("charts", "datasets", "dashboards"))
    return {path: str(value_of(files[path], "uuid")) for path in own}


def remember(site: SupersetSite, compiled: Mapping[str, Files], edits: Mapping[str, Edits]) -> None:
    """Keep what Superset holds now as the base of the next comparison: to be called right after an import of these.

    What is kept of other subsystems stays, while they are there. Raises SupersetError.
    """
    uuids = {name: own_files({**files, **hand_made_files(edits.get(name, Edits()))}) for name, files in compiled.items()}
    there = Inventory.read(site)  # before the documents: what is saved in between is then looked at again
    now = held_of(site, there, uuids.values())
    template = _template(site)
    before = None if template is None else _unpacked(template["css"])
    mark = read_mark(site)
    kept: dict[str, Any] = {name: one for name, one in before["subsystems"].items() if name in mark.parts} if before else {}
    for name in compiled:
        hand = edits.get(name, Edits())
        added = own_files(hand_made_files(hand))
        forms: dict[str, Document] = {}
        for path, uuid in uuids[name].items():
            document = now.document(path, uuid)
            form = None if document is None else form_of(path, document)
            if form is not None:
                forms[uuid] = form
        changes = {file: folded(changed) for file, changed in hand.changes.items()}
        kept[name] = {"forms": forms, "edits": changes, "hand_made": sorted(added.values()), "saved": saved(uuids[name], there)}
    _keep(site, template, {"import": mark.digest, "subsystems": kept})


def _keep(site: SupersetSite, template: dict[str, Any] | None, content: dict[str, Any]) -> None:
    packed = base64.b64encode(gzip.compress(json.dumps(content, ensure_ascii=False, sort_keys=True).encode(), mtime=0)).decode()
    if template is None:
        site.call("POST", "/api/v1/css_template/", json={"template_name": TEMPLATE, "css": packed})
    elif template["css"] != packed:
        site.call("PUT", f"/api/v1/css_template/{template['id']}", json={"css": packed})


def _unpacked(packed: str) -> dict[str, Any] | None:
    """What was kept, by subsystem; None when somebody changed it."""
    try:
        content = json.loads(gzip.decompress(base64.b64decode(packed)))
    except (ValueError, OSError, EOFError):
        return None
    return content if isinstance(content, dict) and content.keys() == {"import", "subsystems"} else None


def _template(site: SupersetSite) -> dict[str, Any] | None:
    query = quote(f"(columns:!(id,css,template_name),filters:!((col:template_name,opr:eq,value:'{TEMPLATE}')))")
    found: list[dict[str, Any]] = site.call("GET", f"/api/v1/css_template/?q={query}")["result"]
    return found[0] if found else None


def base(site: SupersetSite) -> Base | None:
    """What was kept after the last import; None before the first, when somebody took it away, or when that import was not remembered.

    Raises SupersetError when it was changed by hand.
    """
    template = _template(site)
    if template is None:
        return None
    content = _unpacked(template["css"])
    if content is None:
        raise SupersetError(f"the CSS template {TEMPLATE!r} in Superset was changed; delete it there, then run ./ioc apply again")
    if content["import"] != read_mark(site).digest:
        return None
    content = content["subsystems"]
    forms = {uuid: form for one in content.values() for uuid, form in one["forms"].items()}
    edits = {name: {file: parsed(changed) for file, changed in one["edits"].items()} for name, one in content.items()}
    stamps = {name: one["saved"] for name, one in content.items() if "saved" in one and not one["hand_made"]}
    return Base(forms, edits, frozenset(uuid for one in content.values() for uuid in one["hand_made"]), stamps)


def remembered(site: SupersetSite) -> frozenset[str]:
    """Subsystems of which is known what the last import of all brought. Raises SupersetError."""
    template = _template(site)
    content = None if template is None else _unpacked(template["css"])
    known = content is not None and content["import"] == read_mark(site).digest
    return frozenset(content["subsystems"]) if known and content is not None else frozenset()
