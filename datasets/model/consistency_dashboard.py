"""What must agree in a contract's dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datasets.model.contract import Contract, Resource
from datasets.model.dashboard import Panel
from datasets.model.explain import nearest
from datasets.model.formula import Formula, analyse, measure_of
from datasets.model.problem import Fault, KeyPath
from datasets.model.sql_text import can_parse

MAX_PANELS = 4
WIDTH = 12


def dashboard_faults(contract: Contract) -> Iterator[Fault]:
    """Everything on the dashboard that is not there or cannot be shown so."""
    board = contract.dashboard
    for index, name in enumerate(board.first_row):
        here: KeyPath = ("dashboard", "first_row", index)
        yield from _named_faults(here, name, contract)
        if name in board.first_row[:index]:
            yield here, name, f"{name} is written twice; remove one"
    formulas = analyse(contract, None)[0] if can_parse() else {}
    for row_index, row in enumerate(board.rows):
        at: KeyPath = ("dashboard", "rows", row_index)
        if not row or len(row) > MAX_PANELS:
            yield at, len(row), f"the row has {len(row)} panels; write one to {MAX_PANELS}"
        if sum(panel.width or 0 for panel in row) > WIDTH:
            yield at, None, f"the widths of the row add up to {sum(panel.width or 0 for panel in row)}; write at most {WIDTH}"
        for index, panel in enumerate(row):
            yield from _panel_faults((*at, index), panel, contract, formulas)
    if board.open and not _something_open(contract, formulas):
        yield ("dashboard", "open"), True, "nothing on it is open; write open: false, or open the access of a dataset"


def _named_faults(path: KeyPath, name: str, contract: Contract) -> Iterator[Fault]:
    if name not in contract.indicators:
        near = nearest(name, contract.indicators)
        hint = f"write {near}" if near else f"the indicators are {', '.join(contract.indicators) or 'none yet'}"
        yield path, name, f'"{name}" is no indicator here; {hint}'


def _panel_faults(at: KeyPath, panel: Panel, contract: Contract, formulas: dict[str, Formula]) -> Iterator[Fault]:
    if panel.table is not None:
        yield from _table_faults(at, panel, contract)
        return
    kind = "trend" if panel.trend is not None else "map" if panel.map is not None else "ranking"
    several = isinstance(panel.trend, list)
    if several and not panel.trend:
        yield (*at, kind), [], "the list is empty; write at least one indicator"
    for index, name in enumerate(panel.indicators):
        yield from _named_faults((*at, kind, index) if several else (*at, kind), name, contract)
    names = [name for name in panel.indicators if name in contract.indicators]
    units = dict.fromkeys(contract.indicators[name].unit for name in names)
    if len(units) > 1:
        message = f"indicators of several units of measure ({', '.join(units)}) share no axis; give each a panel of its own"
        yield (*at, kind), names, message
    yield from _grouping_faults(at, panel, names, contract)
    yield from _calendar_faults(at, panel, names, contract, formulas)
    if kind == "map" or (kind == "ranking" and panel.by in (None, "unit")):
        yield from _unit_faults((*at, kind), names, contract, formulas)


def _table_faults(at: KeyPath, panel: Panel, contract: Contract) -> Iterator[Fault]:
    names = [resource.name for resource in contract.resources]
    if panel.table not in names:
        near = nearest(panel.table or "", names)
        yield (*at, "table"), panel.table, f'"{panel.table}" is no resource here; write {near or " or ".join(names)}'
    for key, value in (("by", panel.by), ("calendar", panel.calendar)):
        if value is not None:
            yield (*at, key), str(value), f"a table lists rows as they are; remove {key}"


def _grouping_faults(at: KeyPath, panel: Panel, names: Sequence[str], contract: Contract) -> Iterator[Fault]:
    if panel.by is None:
        return
    if panel.map is not None:
        yield (*at, "by"), panel.by, "a map is by unit always; remove by"
    elif isinstance(panel.trend, list) and len(panel.trend) > 1:
        yield (*at, "by"), panel.by, "several indicators have a line each; remove by, or give each a panel of its own"
    for name in names:
        shown_by = contract.indicators[name].shown_by
        if panel.map is None and panel.by not in shown_by:
            near = nearest(panel.by, shown_by)
            hint = f"write {near}" if near else f"write one of its shown_by ({', '.join(shown_by) or 'none'}), or add {panel.by} there"
            yield (*at, "by"), panel.by, f"{name} is not shown by {panel.by}; {hint}"


def _calendar_faults(at: KeyPath, panel: Panel, names: Sequence[str], contract: Contract, formulas: dict[str, Formula]) -> Iterator[Fault]:
    known = [formulas[name] for name in names if name in formulas]
    if not known:
        return
    calendar = panel.calendar or known[0].calendars[0]
    for formula in known:
        if calendar not in formula.calendars:
            choice = ", ".join(c.value for c in formula.calendars)
            key: KeyPath = (*at, "calendar") if panel.calendar else (*at, "trend")
            yield key, calendar.value, f"{formula.indicator} is not shown by {calendar.value}; write calendar: one of {choice}"


def _unit_faults(path: KeyPath, names: Sequence[str], contract: Contract, formulas: dict[str, Formula]) -> Iterator[Fault]:
    for name in names:
        if "unit" not in contract.indicators[name].shown_by:
            yield path, name, f"{name} is not shown by unit; add unit to its shown_by, or write another indicator"
        elif name in formulas:
            resources = [measure_of(ref, [contract])[2] for ref in formulas[name].measures]
            for resource in dict.fromkeys(r.name for r in resources if r.unit_field is None):
                yield path, name, f"the rows of {resource} are of no unit below the province; write another indicator"


def _something_open(contract: Contract, formulas: dict[str, Formula]) -> bool:
    panels = [panel for row in contract.dashboard.rows for panel in row]
    tables = {panel.table for panel in panels if panel.table}
    names = {*contract.dashboard.first_row, *(name for panel in panels for name in panel.indicators)}
    # An indicator that uses another contract's measures may be open: that is known only together with it.
    unknown = names - set(formulas)
    return bool(unknown) or any(formulas[name].access == "open" for name in names) or any(_is_open(r, tables) for r in contract.resources)


def _is_open(resource: Resource, tables: set[str]) -> bool:
    return resource.name in tables and resource.access_class == "open"
