"""The source of the portal as it runs here, for whoever uses it: what its licence, the AGPL, asks to be offered."""

from __future__ import annotations

import functools
import io
import tarfile
from importlib import metadata
from pathlib import Path
from typing import Any

import flask

import datasets.model

ADDRESS = "/ioc/source.tar.gz"
NAME = "ckanext-ioc"


def _files() -> dict[str, Path]:
    """Files by their name in the archive: the installed extension with its licence, and the domain model and texts that it imports."""
    installed = metadata.distribution(NAME).files or []
    found = {f"{NAME}/{file}": Path(str(file.locate())) for file in installed}
    model = Path(datasets.model.__path__[0])
    found |= {f"datasets/model/{path.name}": path for path in model.glob("*.py")}
    found |= {f"locale/{path.name}": path for path in (model.parents[1] / "locale").glob("*.yaml")}
    return {name: path for name, path in sorted(found.items()) if path.is_file() and path.suffix != ".pyc"}


@functools.cache
def archive() -> bytes:
    """A .tar.gz of the files; made once in a process, which a change of the code ends."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, path in _files().items():
            packed.add(path, arcname=name, recursive=False)
    return buffer.getvalue()


def source() -> Any:
    answer = flask.Response(archive(), mimetype="application/gzip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{NAME}.tar.gz"'
    return answer


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule(ADDRESS, "source", source)
