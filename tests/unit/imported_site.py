"""A Superset in memory, as far as an import, an export and its lists go: what it was sent, and what it was asked for."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import yaml

from control.compile.superset.mark import KINDS, MARKED_FILE
from control.compile.superset.roles import OPEN_READERS
from control.compile.superset.site import SupersetSite

FOLDERS = {folder.rstrip("/"): kind for kind, folder in KINDS.items()}


@dataclass
class Thing:
    """One database, dataset, chart or dashboard."""

    kind: str
    path: str
    document: dict[str, Any]
    id: int
    changed: int
    """Number of the call that saved it last."""


@dataclass
class ImportedSite(SupersetSite):
    """Holds what it imported; `sent` are the paths of each import, `asked` the addresses of each export."""

    things: dict[str, Thing] = field(default_factory=dict)
    """By UUID."""
    sent: list[set[str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    templates: list[dict[str, Any]] = field(default_factory=list)
    roles: dict[int, list[int]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def role_ids(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(OPEN_READERS, start=1)}

    def every(self, kind: str, columns: list[str]) -> Iterator[dict[str, Any]]:
        for uuid, thing in self.things.items():
            if thing.kind == kind:
                row = {"id": thing.id, "uuid": uuid, "changed_on_utc": str(thing.changed), **thing.document}
                row["extra"] = json.dumps(row.get("extra"))
                shown = [{"id": one.id} for one in self.things.values() if one.kind == "dashboard" and uuid in json.dumps(one.document)]
                yield row | ({"datasource_id": self.things[row["dataset_uuid"]].id, "dashboards": shown} if kind == "chart" else {})

    def call(self, method: str, path: str, **options: Any) -> Any:
        if path == "/api/v1/assets/import/":
            self._take_in(options["files"]["bundle"][1])
        elif path.startswith("/api/v1/css_template/") and method == "GET":
            return {"result": self.templates}
        elif path.startswith("/api/v1/css_template/"):
            self.templates = [{"id": 1, "css": options["json"]["css"]}]
        elif method == "DELETE":
            number = int(path.rsplit("/", 1)[1])
            self.things = {uuid: thing for uuid, thing in self.things.items() if thing.id != number}
        elif path.startswith("/api/v1/dashboard/"):
            number = int(path.rsplit("/", 1)[1])
            if method == "PUT":
                self.roles[number] = options["json"]["roles"]
                next(thing for thing in self.things.values() if thing.id == number).changed = next(self._numbers)
            return {"result": {"roles": [{"id": role} for role in self.roles.get(number, [])], "dashboard_title": str(number)}}
        else:
            raise AssertionError(f"{method} {path} is not asked of this Superset")
        return {}

    def download(self, path: str) -> bytes:
        self.asked.append(path)
        kind = path.split("/")[3]
        ids = None if kind == "assets" else {int(number) for number in path.split("!(")[1].rstrip(")").split(",")}
        chosen = {uuid for uuid, one in self.things.items() if ids is None or (one.kind == kind and one.id in ids)}
        for _ in range(2):  # a dashboard comes with its charts, a chart with its dataset
            words = json.dumps([self.things[uuid].document for uuid in chosen])
            chosen |= {uuid for uuid in self.things if uuid in words}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            for uuid in chosen:
                target.writestr(f"export/{self.things[uuid].path}", json.dumps(self.things[uuid].document))
        return buffer.getvalue()

    def save(self, uuid: str, **values: Any) -> None:
        """What a person does in Superset's pages."""
        self.things[uuid].document |= values
        self.things[uuid].changed = next(self._numbers)

    def _take_in(self, archive: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            texts = {name.removeprefix("export/"): files.read(name).decode() for name in files.namelist()}
        self.sent.append(set(texts))
        now = next(self._numbers)
        for path, content in texts.items():
            kind = FOLDERS.get(path.split("/")[0])
            if kind is not None:
                document = yaml.load(content, Loader=yaml.CSafeLoader)
                before = self.things.get(document["uuid"])
                number = before.id if before else next(self._ids)
                self.things[document["uuid"]] = Thing(kind, path, document, number, now)
        assert MARKED_FILE in texts
