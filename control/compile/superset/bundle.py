"""Superset's export format: identifiers that never change, text that is always written the same way, and the archive that is imported."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

NAMESPACE = uuid.UUID("6f1c1a2e-0000-4000-8000-000000000001")
VERSION = "1.0.0"
METADATA = {"version": VERSION, "type": "assets"}
OWN_FOLDERS = ("charts", "dashboards", "databases", "datasets")
EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)

Files = dict[str, str]
"""Texts by their path, with `/`, inside the export's folder."""


LONGEST_KEY = 100
"""Bytes of a key that both writers write on one line."""


class _Writer(yaml.SafeDumper):
    """Writes no anchors: a chart must be readable alone."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _QuickWriter(yaml.CSafeDumper):
    """The same by libyaml, ten times as fast."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _is_simple(part: Any) -> bool:
    """Whether both writers write the same: what is in double quotes, long keys and empty ones libyaml writes otherwise."""
    if isinstance(part, str):
        if not part.isascii() and max(part) > "\uffff":
            return False
        return part.isprintable() or (part.replace("\n", "").isprintable() and " \n" not in part and "\n " not in part)
    if isinstance(part, Mapping):
        return all(map(_is_simple_key, part)) and all(map(_is_simple, part.values()))
    return not isinstance(part, list | tuple) or all(map(_is_simple, part))


def _is_simple_key(key: Any) -> bool:
    return not isinstance(key, str) or (_is_simple(key) and 0 < len(key.encode()) <= LONGEST_KEY)


def identifier(kind: str, *names: str) -> str:
    """The same UUID for the same thing, everywhere and always: importing again changes rows instead of adding them."""
    return str(uuid.uuid5(NAMESPACE, "/".join((kind, *names))))


def text(document: Mapping[str, Any]) -> str:
    """YAML with sorted keys and Vietnamese letters as they are."""
    writer = _QuickWriter if _is_simple(document) else _Writer
    return yaml.dump(dict(document), Dumper=writer, allow_unicode=True, sort_keys=True, width=120)


def value_of(content: str, key: str) -> Any:
    """The value that a file written by `text` has for a key that holds no other keys, without reading the rest of it.

    Some hundred files are asked for their UUID and title several times in each plan. Raises KeyError.
    """
    found = re.search(rf"^{re.escape(key)}:.*(?:\n(?: .*)?$)*", content, re.MULTILINE)
    if found is None:
        raise KeyError(key)
    return yaml.load(found[0], Loader=yaml.CSafeLoader)[key]


def merged(exports: Mapping[str, Files]) -> Files:
    """One export out of those of several subsystems; what they share (the database) must be equal.

    Raises ValueError when two differ under one path.
    """
    files: Files = {}
    for subsystem, export in sorted(exports.items()):
        for path, content in sorted(export.items()):
            if files.setdefault(path, content) != content:
                raise ValueError(f"{subsystem}: {path} differs from the file of that name in another subsystem")
    return files


def digest(files: Files) -> str:
    """SHA-256 over the paths and texts of an export."""
    total = hashlib.sha256()
    for path, content in sorted(files.items()):
        total.update(f"{path}\0{content}\0".encode())
    return total.hexdigest()


def archive(files: Files) -> bytes:
    """The zip file that `/api/v1/assets/import/` takes; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for path, content in sorted(files.items()):
            target.writestr(zipfile.ZipInfo(f"export/{path}", EARLIEST_IN_ZIP), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_texts(files: Files, folder: Path) -> list[Path]:
    """Write these files into the folder. Returns the paths of those that were not there or said something else."""
    changed = []
    for path, content in files.items():
        target = folder / path
        if not target.is_file() or target.read_text(encoding="utf-8") != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            changed.append(target)
    return changed


def write(files: Files, folder: Path) -> list[Path]:
    """Make the folders of the export hold exactly these files; hand edits beside them stay. Returns what was written or removed."""
    changed = write_texts(files, folder)
    for found in sorted(path for own in OWN_FOLDERS for path in (folder / own).rglob("*.yaml")):
        if found.relative_to(folder).as_posix() not in files:
            found.unlink()
            changed.append(found)
    return changed
