"""Tables as files (CSV, XLSX) without markup: a cell with a link holds its words and where they lead, a text is as it was delivered."""

from __future__ import annotations

import re
from functools import wraps
from html import unescape
from typing import Any

LINK = re.compile(r'<a href="(?P<address>/[^"]*)"[^<>]*>(?P<words>[^<>]*)</a>')
"""A cell that is a link to a page of ours, as the exported datasets write it."""
NO_TAG, LESS = "<\u200b", "<"
"""How the exported datasets write "<" in a text of a file, so that a table shows no markup of it; and the sign itself."""


def plain(cell: Any, origin: str) -> Any:
    """A cell without markup; `origin` is ours, without a slash at its end: "dòng 7 (https://ioc.example/ioc/delivery/load/12)"."""
    if not isinstance(cell, str):
        return cell
    found = LINK.fullmatch(cell)
    if found is None:
        return cell.replace(NO_TAG, LESS)
    return f"{unescape(found['words'])} ({origin}{unescape(found['address'])})"


def _is_changed(cell: str) -> bool:
    return NO_TAG in cell or LINK.fullmatch(cell) is not None


def without_markup(frame: Any, origin: str) -> Any:
    """The frame (pandas) with the links and texts among its cells made plain; one without any is given back as it is."""
    changed = [
        place
        for place, kind in enumerate(frame.dtypes)
        if kind.kind == "O" and any(isinstance(cell, str) and _is_changed(cell) for cell in frame.iloc[:, place])
    ]
    if not changed:
        return frame
    made = frame.copy(deep=False)
    for place in changed:
        column = frame.iloc[:, place]
        made.isetitem(place, type(column)([plain(cell, origin) for cell in column], index=column.index, dtype=object))
    return made


def register(app: Any) -> None:
    """Let Superset write files without markup: it has no setting for what a cell of a file holds."""
    del app  # what is asked to write is a class of Superset's, the same for all applications of a process
    from superset.common.chart_data import ChartDataResultFormat
    from superset.common.query_context_processor import QueryContextProcessor

    given = QueryContextProcessor.get_data

    @wraps(given)
    def get_data(self: Any, df: Any, coltypes: Any) -> Any:
        if self._query_context.result_format in ChartDataResultFormat.table_like():
            df = without_markup(df, _origin())
        return given(self, df, coltypes)

    QueryContextProcessor.get_data = get_data


def _origin() -> str:
    """Address of this Superset as the viewer has it; empty where nobody asked for a page, as in a report by mail."""
    from flask import has_request_context, request

    return request.host_url.rstrip("/") if has_request_context() else ""
