"""What was imported last: Superset keeps it in the dataset of sources, so that it is known what changed since and what was ours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from control.compile.superset.bundle import Files, digest, identifier, merged, text, value_of
from control.compile.superset.datasets import SOURCE_UUID
from control.compile.superset.site import SupersetSite
from datasets.model.contract import Contract

KINDS = {"database": "databases/", "dataset": "datasets/", "chart": "charts/", "dashboard": "dashboards/"}
MARKED_FILE = "datasets/ledger/source.yaml"
"""The file whose row in Superset holds the mark."""
DIGEST = "toan_canh_export"
PARTS = "toan_canh_parts"
SHARED = ""
"""Stands for the subsystem of what all of them share: the store, sources, units and agencies."""
SHARED_FOLDERS = ("databases/", "datasets/ledger/", "datasets/ref/")


@dataclass(frozen=True)
class Part:
    """One dataset, chart or dashboard of an export."""

    kind: str
    uuid: str
    title: str
    """What a person calls it."""
    subsystem: str
    digest: str

    @property
    def words(self) -> str:
        return f"{self.kind} {self.title}" if self.kind == "dataset" else f'{self.kind} "{self.title}"'


@dataclass
class Mark:
    """The last import."""

    digest: str | None = None
    parts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By subsystem and UUID: kind and digest."""
    is_old: bool = False
    """Whether it was written before parts were kept."""


def _title(kind: str, content: str) -> str:
    named = {"database": "database_name", "dataset": "table_name", "chart": "slice_name", "dashboard": "dashboard_title"}
    title = str(value_of(content, named[kind]))
    return f"{value_of(content, 'schema')}.{title}" if kind == "dataset" else title


def parts(exports: Mapping[str, Files]) -> Iterator[Part]:
    """Everything in the exports (by subsystem), each once; what they share belongs to none of them."""
    seen: set[str] = set()
    for subsystem, files in sorted(exports.items()):
        for path, content in sorted(files.items()):
            kind = next((kind for kind, folder in KINDS.items() if path.startswith(folder)), None)
            if kind is None or "/hand_made/" in path:
                continue  # what people made is imported with the rest, but it is theirs to take away
            uuid, title, short = _described(kind, content)
            if uuid not in seen:
                seen.add(uuid)
                yield Part(kind, uuid, title, SHARED if path.startswith(SHARED_FOLDERS) else subsystem, short)


@lru_cache(maxsize=4096)
def _described(kind: str, content: str) -> tuple[str, str, str]:
    """UUID, title and digest of a file."""
    return value_of(content, "uuid"), _title(kind, content), hashlib.sha256(content.encode()).hexdigest()[:12]


def _row(site: SupersetSite) -> dict[str, Any] | None:
    return next((row for row in site.every("dataset", ["id", "uuid", "extra"]) if row["uuid"] == SOURCE_UUID), None)


def read_mark(site: SupersetSite) -> Mark:
    """The mark of the last import; an empty one when there was none or somebody removed it. Raises SupersetError."""
    row = _row(site)
    extra = json.loads(row["extra"] or "{}") if row else {}
    if isinstance(extra, dict) and extra.get(DIGEST):
        return Mark(extra[DIGEST], extra.get(PARTS) or {}, PARTS not in extra)
    return Mark()


def write_mark(site: SupersetSite, mark: Mark) -> None:
    """Put the mark where the next apply reads it, without an import. Raises SupersetError."""
    row = _row(site)
    if row is not None:
        extra = json.dumps({DIGEST: mark.digest, PARTS: mark.parts}, ensure_ascii=False)
        site.call("PUT", f"/api/v1/dataset/{row['id']}", json={"extra": extra})


def ours_before(mark: Mark, contracts: Sequence[Contract] = ()) -> dict[str, dict[str, str]]:
    """Kind by UUID, by subsystem, of what the last import brought.

    An old mark names nothing; what was compiled from these contracts then is known by its keys.
    """
    if not mark.is_old:
        return {subsystem: {uuid: kind for uuid, (kind, _) in listed.items()} for subsystem, listed in mark.parts.items()}
    found: dict[str, dict[str, str]] = {}
    for contract in contracts:
        views = [contract.view(resource) for resource in contract.resources]
        keys = [f"{view}_{key}" for view in views for key in ("table", *(f"trend_{number}" for number in range(1, 13)))]
        found[contract.name] = {identifier("chart", contract.name, key): "chart" for key in [*keys, f"{contract.pg_schema}_source"]}
    return found


def marked(exports: Mapping[str, Files], before: Mark) -> Files:
    """The exports as one, with the mark written where Superset keeps it; subsystems that are not in them stay in it."""
    files = merged(exports)
    listed = {name: content for name, content in before.parts.items() if name not in exports and name != SHARED}
    for part in parts(exports):
        listed.setdefault(part.subsystem, {})[part.uuid] = [part.kind, part.digest]
    document = yaml.load(files[MARKED_FILE], Loader=yaml.CSafeLoader)
    document["extra"] = {DIGEST: digest(files), PARTS: listed}
    return {**files, MARKED_FILE: text(document)}
