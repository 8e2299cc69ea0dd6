"""The layout of a dashboard that a person arranged and the compiler made anew: one tree out of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Layout = dict[str, dict[str, Any]]
"""Components by name: type, meta, and for all but charts children."""

ROOT, GRID = "ROOT_ID", "GRID_ID"
GRID_COLUMNS = 12
CONTAINERS_TO_DROP = {"ROW", "COLUMN"}
"""Containers that are of no use without children."""


def merged_order(was: Sequence[str], now: Sequence[str], ours: Sequence[str]) -> list[str]:
    """The order that a person gave (`was` → `now`), with what the compiler has since added or taken away (`was` → `ours`).

    A new item comes after the item that it follows in `ours`.
    """
    found = [item for item in now if item in ours or item not in was]
    for index, item in enumerate(ours):
        if item in was or item in found:
            continue
        before = next((found.index(one) for one in reversed(ours[:index]) if one in found), -1)
        found.insert(before + 1, item)
    return found


def repaired(layout: Layout, compiled: Layout, arranged: set[str]) -> Layout:
    """A layout in which each chart has one place that can be reached, and no row is wider than the page.

    `arranged` are the containers whose children a person changed: where two containers claim one component, it stays in theirs.
    """
    layout = {name: {**part, "children": list(part["children"])} if "children" in part else dict(part) for name, part in layout.items()}
    _one_place_each(layout, arranged)
    _drop_empty(layout)
    _place_lost_charts(layout, compiled)
    _wrap_wide_rows(layout)
    reached = set(_reached(layout))
    return {name: part for name, part in layout.items() if name in reached}


def _one_place_each(layout: Layout, arranged: set[str]) -> None:
    taken: set[str] = {ROOT}
    for name in sorted(layout, key=lambda name: (name not in arranged, name)):
        if "children" not in layout[name]:
            continue
        kept = []
        for child in layout[name]["children"]:
            if child in layout and child not in taken:
                taken.add(child)
                kept.append(child)
        layout[name]["children"] = kept


def _drop_empty(layout: Layout) -> None:
    """Containers without children go, and then those that held only them."""
    empty = {name for name, part in layout.items() if part["type"] in CONTAINERS_TO_DROP and not part.get("children")}
    while empty:
        for name in empty:
            del layout[name]
        for part in layout.values():
            if "children" in part:
                part["children"] = [child for child in part["children"] if child not in empty]
        empty = {name for name, part in layout.items() if part["type"] in CONTAINERS_TO_DROP and not part.get("children")}


def _reached(layout: Layout, start: str = ROOT) -> Iterator[str]:
    if start in layout:
        yield start
        for child in layout[start].get("children", []):
            yield from _reached(layout, child)


def _place_lost_charts(layout: Layout, compiled: Layout) -> None:
    """Charts of the compiler whose row is gone get a row of their own at the end."""
    reached = list(_reached(layout))
    home = GRID if GRID in reached else next((name for name in reached if layout[name]["type"] == "TAB"), ROOT)
    for name in sorted(layout):
        if layout[name]["type"] == "CHART" and name in compiled and name not in reached:
            _new_row(layout, home, len(layout[home]["children"]), [name])


def _new_row(layout: Layout, container: str, place: int, children: list[str]) -> None:
    name = f"ROW-for-{children[0]}"
    layout[name] = {"type": "ROW", "meta": {"background": "BACKGROUND_TRANSPARENT"}, "children": children}
    layout[container]["children"].insert(place, name)


def _wrap_wide_rows(layout: Layout) -> None:
    """What does not fit beside the others goes into a row below."""
    for container in list(layout):
        for row in list(layout[container].get("children", [])):
            if row not in layout or layout[row]["type"] != "ROW":
                continue
            kept: list[str] = []
            over: list[str] = []
            width = 0
            for child in layout[row]["children"]:
                width += (layout[child].get("meta") or {}).get("width", 0)
                (over if kept and width > GRID_COLUMNS else kept).append(child)
            if over:
                layout[row]["children"] = kept
                _new_row(layout, container, layout[container]["children"].index(row) + 1, over)


def parents(layout: Layout) -> dict[str, list[str]]:
    """For each component the containers that it lies in, the outermost first."""
    found: dict[str, list[str]] = {ROOT: []}

    def walk(name: str) -> None:
        for child in layout[name].get("children", []):
            found[child] = [*found[name], name]
            walk(child)

    walk(ROOT)
    return found
