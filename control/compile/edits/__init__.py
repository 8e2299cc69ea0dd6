"""Hand edits laid over what the compiler makes: they survive the next apply, and what the compiler owns stays its own.

A value that a person changed wins, unless it says what is asked of the store and the compiler has changed it since. What is never a
person's: the dataset of a compiled chart, expressions of compiled metrics and columns, addresses and identifiers. An edit that names a
column or a metric that is no longer there is an error, so that nothing is lost unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control.compile.edits.document import chart_document, dashboard_document, dataset_document
from control.compile.edits.file import ABSENT, EDITS_FILE, Change, Changed, EditError, Edits, element, read_edits
from control.compile.edits.form import Document, Leaves, chart, dataset, form_of, leaves, nested, read
from control.compile.edits.layout import merged_order, repaired
from control.compile.edits.references import DATA_PARAMS, missing, missing_in_filter
from control.compile.superset.bundle import Files, text

__all__ = ["EditError", "Edits", "edited", "fallen_away", "read_edits", "with_edits"]

IDENTIFYING = {"layout": "type", "filters": "id", "metrics": "expression", "columns": "expression"}
"""The key whose coming says that a person added the whole thing."""

ADVICE = "is no longer in its dataset; change the {thing} in Superset and run ./ioc export, or keep the {kind} in the contract"


def with_edits(files: Files, edits: Edits, known: Files | None = None) -> Files:
    """One subsystem's export with its hand edits; without any, the same texts.

    `known` is where datasets of hand-made charts are looked up: the exports of all subsystems together; without it only this one.
    Raises EditError naming file, chart and column for edits that what is compiled no longer allows.
    """
    if not edits:
        return files
    added = hand_made_files(edits)
    found = {**files, **added}
    for path, changed in edits.changes.items():
        if path in files and changed and not path.startswith("dashboards/"):
            found[path] = _edited(path, files[path], changed, {})
    charts = {path: read(content) for path, content in found.items() if path.startswith("charts/")}
    titles = {document["uuid"]: document["slice_name"] for document in charts.values()}
    for path, changed in edits.changes.items():
        if path in files and changed and path.startswith("dashboards/"):
            found[path] = _edited(path, files[path], changed, titles)
    by_hand = {path: edits.changes.get(path, {}) for path in (*edits.changes, *added) if path in found}
    datasets = _datasets({**(known or {}), **found})
    problems = [problem for path, changed in sorted(by_hand.items()) for problem in _unknown_names(path, found[path], changed, datasets)]
    if problems:
        raise EditError(problems)
    return found


def edited(compiled: Mapping[str, Files], edits: Mapping[str, Edits]) -> dict[str, Files]:
    """The exports of all subsystems with their hand edits. Raises EditError with the problems of all of them."""
    known: Files = {}
    for name, files in compiled.items():
        known |= files | hand_made_files(edits.get(name, Edits()))
    found: dict[str, Files] = {}
    problems: list[str] = []
    for name, files in compiled.items():
        try:
            found[name] = with_edits(files, edits.get(name, Edits()), known)
        except EditError as error:
            problems += [f"{name}: {problem}" for problem in error.problems]
    if problems:
        raise EditError(problems)
    return found


def hand_made_files(edits: Edits) -> Files:
    """Charts and datasets that people made, where an export holds them."""
    return {f"{path.split('/', 1)[0]}/hand_made/{path.split('/', 1)[1]}": content for path, content in edits.hand_made.items()}


def fallen_away(files: Files, edits: Edits) -> list[str]:
    """Edits of what is no longer compiled, in words; they have no effect."""
    return [
        f"{EDITS_FILE}: {path}: the contract no longer makes it; its {len(changed)} hand edits have no effect"
        for path, changed in sorted(edits.changes.items())
        if path not in files and changed
    ]


def _datasets(files: Files) -> dict[str, Document]:
    documents = [read(content) for path, content in files.items() if path.startswith("datasets/")]
    return {document["uuid"]: dataset(document) for document in documents}


def _edited(path: str, compiled: str, changed: Changed, titles: Mapping[str, str]) -> str:
    document = read(compiled)
    form = form_of(path, document)
    if form is None:
        return compiled
    kind = path.split("/", 1)[0]
    merged = merge(kind, form, changed)
    if kind == "charts":
        return text(chart_document(document, merged))
    if kind == "datasets":
        return text(dataset_document(document, merged))
    arranged = {key.split("/")[1] for key in changed if key.endswith("/children")}
    merged["layout"] = _shown(repaired(merged["layout"], form["layout"], arranged), titles)
    return text(dashboard_document(document, merged, titles))


def _shown(layout: dict[str, dict[str, Any]], titles: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The layout without charts that no file describes: the importer stops at the first of them."""
    gone = {name for name, part in layout.items() if part["type"] == "CHART" and part["meta"]["uuid"] not in titles}
    return repaired({name: part for name, part in layout.items() if name not in gone}, {}, set()) if gone else layout


def merge(kind: str, form: Document, changed: Changed) -> Document:
    """A compiled document (comparable form) with changes laid over it."""
    values = leaves(form)
    there = {thing for thing in map(element, values) if thing is not None}
    added = {thing for path in changed if (thing := _added_by(path, changed[path])) is not None}
    for path, change in changed.items():
        thing = element(path)
        if thing is not None and thing not in there and thing not in added:
            continue
        if belongs_to_compiler(kind, path, thing in added - there):
            continue
        _lay_over(values, path, change)
    return nested(values)


def _added_by(path: str, change: Change) -> str | None:
    thing = element(path)
    identifying = thing is not None and path == f"{thing}/{IDENTIFYING[path.split('/')[0]]}"
    return thing if identifying and change.added else None


def belongs_to_compiler(kind: str, path: str, of_added: bool) -> bool:
    """Whether a path is never a person's; `of_added` says that it is of a metric or column that a person added."""
    if kind == "charts":
        return path == "dataset_uuid"
    if kind == "datasets":
        return not of_added and path.rsplit("/", 1)[-1] in ("expression", "type", "is_dttm")
    return False


def says_what_is_asked(path: str) -> bool:
    """Whether a path of a chart or dashboard says what is asked of the store, rather than how it looks."""
    parts = path.split("/")
    if parts[0] == "params" and len(parts) > 1:
        return parts[1] in DATA_PARAMS
    return parts[0] == "filters" and len(parts) > 2 and parts[2] == "targets"


def _lay_over(values: Leaves, path: str, change: Change) -> None:
    ours = values.get(path, ABSENT)
    if path.endswith("/children") or path == "filter_order":
        values[path] = merged_order(*([] if order is ABSENT else order for order in (change.was, change.now, ours)))
        return
    if says_what_is_asked(path) and ours != change.was and ours != change.now:
        return
    for other in [other for other in values if other.startswith(path + "/") or path.startswith(other + "/")]:
        del values[other]
    if change.now is ABSENT:
        values.pop(path, None)
    else:
        values[path] = change.now


def _unknown_names(path: str, content: str, changed: Changed, datasets: Mapping[str, Document]) -> list[str]:
    """What an edited chart or dashboard names and no dataset has; also what a person wrote and the compiler has since replaced."""
    document = read(content)
    if path.startswith("charts/"):
        title = document["slice_name"]
        over = datasets.get(document["dataset_uuid"])
        if over is None:
            return [f"{path}: chart {title!r}: its dataset is no longer made; take the chart away in Superset and run ./ioc export"]
        written = nested({key: change.now for key, change in changed.items() if not change.removed}).get("params", {})
        unknown = sorted({*missing(chart(document)["params"], over), *missing(written, over)})
        return [f"{path}: chart {title!r}: {one.kind} {one.name!r} {ADVICE.format(thing='chart', kind=one.kind)}" for one in unknown]
    if path.startswith("dashboards/"):
        filters = (document.get("metadata") or {}).get("native_filter_configuration") or []
        return [
            f"{path}: filter {one['name']!r}: {name.kind} {name.name!r} {ADVICE.format(thing='filter', kind=name.kind)}"
            for one in filters
            for name in missing_in_filter(one, datasets)
        ]
    return []
