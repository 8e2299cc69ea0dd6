"""The check before publication, by the harvest's own decode and check. Runs in a child process, see `child`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckan_harvesters.applied import Places
from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.decode.stamp import UNSAFE, Stamp, stamp_of
from ckan_harvesters.delivery import DeliveryScope, scope_of
from ckan_harvesters.desk.example import Examples
from ckan_harvesters.errors import HeaderRefused, Refused, Rejected
from ckan_harvesters.reading import as_warning, is_geographic, read
from datasets.model.contract import Resource

LISTED = 1000


@dataclass
class Examined:
    """What a check found. `answer` is what CKAN gets; the rest is for the workbook of rejected rows and for the service itself."""

    answer: dict[str, Any]
    decoded: Decoded | None = None
    problems: list[Rejected] = field(default_factory=list)
    header: list[str] | None = None
    """The file's header row, when it is not the contract's."""
    stamp: Stamp | None = None
    """What the template was made from."""


def examine(
    path: Path, resource: Resource, agency: str, period: str | None, places: Places, lines: Mapping[int, int] | None = None
) -> Examined:
    """Check a file as the harvest will. `lines`: for rows of a form, physical line → row of the form.

    Raises TerminalError when the contract itself cannot be computed.
    """
    began = time.perf_counter()
    decoded: Decoded | None = None
    header: list[str] | None = None
    warnings: list[Rejected] = []
    answer: dict[str, Any] = {"state": "ok", "refused_code": None, "params": {}, "rows": None, "accepted": 0, "rejected": 0}
    try:
        scope = scope_of(resource, agency, period, "desk")
        if is_geographic(resource):
            problems, warnings = _boundaries(path, resource, scope, places, answer)
        else:
            decoded = decode(path, resource, apart=False)
            answer["rows"] = decoded.frame.height + len(decoded.rejected)
            result = check(decoded, resource, places.units, places.agencies, scope, places.province)
            problems, warnings = result.rejected, [as_warning(w) for w in result.warnings]
            answer |= {"accepted": result.rows.height, "rejected": result.rejected_rows}
        total = len(problems)
        answer["state"] = "ok_with_rejects" if answer["rejected"] else "ok"
    except Refused as refused:
        problems, total = refused.problems, refused.problems_total
        header = list(refused.cells) if isinstance(refused, HeaderRefused) else None
        answer |= {"state": "refused", "refused_code": refused.code, "params": refused.params}
        answer["rejected"] = refused.params.get("rejected", 0)
    told = Examples(resource, places, decoded.headers if decoded else {}, period, agency)
    answer["problems"] = [_plain(p, told, lines) for p in problems[:LISTED]]
    answer["problems_total"] = total
    answer["warnings"] = [_plain(w, told, lines) for w in warnings[:LISTED]]
    answer["notes"] = []
    answer["seconds"] = round(time.perf_counter() - began, 3)
    stamp = None if answer["refused_code"] in UNSAFE else stamp_of(path)
    return Examined(answer, decoded, problems, header, stamp)


def _boundaries(
    path: Path, resource: Resource, scope: DeliveryScope, places: Places, answer: dict[str, Any]
) -> tuple[list[Rejected], list[Rejected]]:
    reading = read(path, resource, scope, places)
    answer |= {"rows": reading.rows.height + reading.rejected_rows, "accepted": reading.rows.height, "rejected": reading.rejected_rows}
    return reading.rejected, reading.warnings


def _plain(problem: Rejected, told: Examples, lines: Mapping[int, int] | None) -> dict[str, Any]:
    line = problem.line if lines is None or problem.line is None else lines.get(problem.line, problem.line)
    params = dict(problem.params)
    if lines is not None and isinstance(first := params.get("first_line"), int):
        params["first_line"] = lines.get(first, first)
    return {
        "line": line,
        "column": problem.column,
        "field": told.field_of(problem.column),
        "rule": problem.rule,
        "value": problem.value.replace("\x00", "␀") if problem.value is not None else None,
        "params": params,
        "example": told.of(problem),
    }
