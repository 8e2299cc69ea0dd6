"""Routes that check a file or rows of a form before they are published."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from ckan_harvesters.applied import Places
from ckan_harvesters.desk.asked import Asked, Unanswerable, asked
from ckan_harvesters.desk.beside import seen_beside_others
from ckan_harvesters.desk.child import Job
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.reading import WORKBOOK, attachment, language
from ckan_harvesters.desk.store import Store
from ckan_harvesters.desk.written import Written, write_rows
from ckan_harvesters.errors import Refused

MOST_JSON = 32 * 1024**2
"""Bytes of rows that come as JSON; a form is small, and JSON takes ten times its size in memory."""
MOST_ROWS = 200_000
MOST_COLUMNS = 500
MOST_LETTERS = 131_072
NOTHING: dict[str, Any] = {
    "state": "refused", "rows": None, "accepted": 0, "rejected": 0, "problems": [], "problems_total": 0, "warnings": [], "notes": [],
    "seconds": None,
}  # fmt: skip
"""Of a file that could not be checked to its end."""


@dataclass(frozen=True)
class Given:
    """The file of a request, and for rows of a form which line is which row."""

    about: Asked
    path: Path
    sha256: str
    lines: Mapping[int, int] | None = None


def checking_routes(app: Flask, store: Store, pool: Pool) -> None:
    @app.post("/check")
    def check() -> Response:
        with tempfile.TemporaryDirectory(prefix="desk-") as folder:
            return jsonify(_checked(store, pool, Path(folder)))

    @app.post("/rejected.xlsx")
    def rejected() -> Response:
        with tempfile.TemporaryDirectory(prefix="desk-") as folder:
            book = Path(folder) / "rejected.xlsx"
            given, job = _job(store, Path(folder))
            said = pool.check(replace(job, book=book, book_language=language()))
            if not said["written"]:
                raise Unanswerable("nothing_rejected", 404)
            return attachment(book.read_bytes(), f"{given.about.dataset}.xlsx", WORKBOOK)

    @app.post("/file")
    def file() -> Response:
        given = _body()
        with store.reading() as conn:
            about = asked(conn, given)
        written = _written(given, about)
        return attachment(written.data, f"{about.dataset}.csv", "text/csv; charset=utf-8")


def _job(store: Store, folder: Path) -> tuple[Given, Job]:
    given, version, places = _given(store, folder)
    about = given.about
    return given, Job(
        contract_sha256=about.contract.sha256,
        contract=about.contract.source,
        resource=about.resource.name,
        agency=about.agency,
        period=about.period,
        path=given.path,
        places_version=version,
        places=places,
        lines=given.lines,
    )


def _checked(store: Store, pool: Pool, folder: Path) -> dict[str, Any]:
    given, job = _job(store, folder)
    try:
        said = pool.check(job)
    except Refused as refused:
        return {**NOTHING, "refused_code": refused.code, "params": refused.params, "file_sha256": given.sha256}
    answer: dict[str, Any] = {**said["answer"], "file_sha256": given.sha256}
    with store.reading() as conn:
        return seen_beside_others(conn, given.about, said, answer)


def _given(store: Store, folder: Path) -> tuple[Given, str, Places]:
    """What was sent, kept in `folder` before the store is asked for anything, and the units and agencies of now."""
    path = folder / "delivery"
    body = _body() if request.is_json else None
    if body is None:
        upload = request.files.get("file")
        if upload is None:
            raise Unanswerable("parameter_missing", name="file")
        upload.save(path)
    with store.reading() as conn:
        about = asked(conn, body or request.form)
        version, places = store.places(conn)
    written = _written(body, about) if body is not None else None
    if written is not None:
        path.write_bytes(written.data)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Given(about, path, sha256, written.rows if written else None), version, places


def _body() -> dict[str, Any]:
    if (request.content_length or 0) > MOST_JSON:
        raise RequestEntityTooLarge
    body = request.get_json()
    if not isinstance(body, dict):
        raise Unanswerable("bad_request")
    return body


def _written(body: Mapping[str, Any], about: Asked) -> Written:
    """Rows of a form as a file. Raises Unanswerable for a body that is no table of texts."""
    header, rows = body.get("header"), body.get("rows")
    if not _texts(header) or not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise Unanswerable("bad_request")
    if not all(_texts(row) and len(row) == len(header or []) for row in rows):
        raise Unanswerable("bad_request")
    return write_rows(header or [], rows, about.resource)


def _texts(cells: Any) -> bool:
    return isinstance(cells, list) and 0 < len(cells) <= MOST_COLUMNS and all(isinstance(c, str) and len(c) <= MOST_LETTERS for c in cells)
