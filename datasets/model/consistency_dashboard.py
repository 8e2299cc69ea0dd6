"""What must agree in a contract's dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datasets.model.audience import readable_fields
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, Resource
from datasets.model.dashboard import Panel
from datasets.model.explain import nearest
from datasets.model.formula import Formula, analyse, measure_of
from datasets.model.measure import Measure
from datasets.model.problem import Fault, KeyPath
from datasets.model.sql_text import can_parse

MAX_PANELS = 4
WIDTH = 12
MOST_CHARTS = 12
"""On one dashboard, the table of sources among them: who opens it must see what needs attention, not everything that is known."""
MIN_SCORES, MAX_SCORES = 2, 8
BAND_ENDS = 2
PLACE = ("longitude", "latitude")
"""Columns that say where a row of points lies, in degrees (WGS 84)."""
UNDIVIDED = ("scores", "season")
FINE_CALENDARS = (Calendar.DAY, Calendar.WEEK)
SEASON_CALENDARS = (*FINE_CALENDARS, Calendar.MONTH, Calendar.QUARTER)


def dashboard_faults(contract: Contract) -> Iterator[Fault]:
    """Everything on the dashboard that is not there or cannot be shown so."""
    board = contract.dashboard
    for index, name in enumerate(board.first_row):
        here: KeyPath = ("dashboard", "first_row", index)
        yield from _named_faults(here, name, contract)
        if name in board.first_row[:index]:
            yield here, name, f"{name} is written twice; remove one"
    shown = len(board.first_row) + sum(map(len, board.rows))
    if shown >= MOST_CHARTS:
        message = (
            f"it has {shown} tiles and panels; write at most {MOST_CHARTS - 1}: with the table of sources, which every dashboard gets, "
            f"{MOST_CHARTS} charts are as many as are read"
        )
        yield ("dashboard", "rows"), shown, message
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
    if panel.resource is not None:
        yield from _rows_faults(at, panel, panel.resource, contract)
        return
    several = isinstance(getattr(panel, panel.kind), list)
    if several and not panel.own_indicators:
        yield (*at, panel.kind), [], "the list is empty; write at least one indicator"
    for index, name in enumerate(panel.own_indicators):
        yield from _named_faults((*at, panel.kind, index) if several else (*at, panel.kind), name, contract)
    for index, name in enumerate(panel.band or []):
        yield from _named_faults((*at, "band", index), name, contract)
    names = [name for name in panel.indicators if name in contract.indicators]
    yield from _drawing_faults(at, panel)
    yield from _axis_faults(at, panel, names, contract)
    yield from _grouping_faults(at, panel, names, contract)
    yield from _calendar_faults(at, panel, names, contract, formulas)
    if panel.kind == "map" or (panel.kind == "ranking" and panel.by in (None, "unit")):
        yield from _unit_faults((*at, panel.kind), names, contract, formulas)


def _drawing_faults(at: KeyPath, panel: Panel) -> Iterator[Fault]:
    """What a kind of chart cannot draw."""
    if panel.scores is not None and not MIN_SCORES <= len(panel.scores) <= MAX_SCORES:
        message = f"it has {len(panel.scores)} indicators; write {MIN_SCORES} to {MAX_SCORES}, a line each"
        yield (*at, "scores"), panel.scores, message
    for name in dict.fromkeys(name for name in panel.scores or () if (panel.scores or []).count(name) > 1):
        yield (*at, "scores"), name, f"{name} is written twice; remove one"
    if panel.band is not None and len(panel.band) != BAND_ENDS:
        yield (*at, "band"), panel.band, f"it has {len(panel.band)} indicators; write two, the low end and the high end"
    if panel.band is not None and (len(panel.own_indicators) != 1 or panel.by is not None or panel.as_ not in (None, "lines")):
        yield (*at, "band"), panel.band, "a band lies behind the line of one indicator; remove it, by and as, or the other indicators"
    if panel.as_ == "stacked" and len(panel.own_indicators) == 1 and panel.by is None:
        yield (*at, "as"), panel.as_, "there is nothing to stack; write as: columns, add by, or name several indicators"


def _axis_faults(at: KeyPath, panel: Panel, names: Sequence[str], contract: Contract) -> Iterator[Fault]:
    units = dict.fromkeys(contract.indicators[name].unit for name in names)
    if len(units) > 1 and panel.scores is None:
        message = f"indicators of several units of measure ({', '.join(units)}) share no axis; give each a panel of its own"
        yield (*at, panel.kind), names, message


def _rows_faults(at: KeyPath, panel: Panel, name: str, contract: Contract) -> Iterator[Fault]:
    """What a panel that shows rows says wrongly."""
    by_name = {resource.name: resource for resource in contract.resources}
    if name not in by_name:
        yield (*at, panel.kind), name, f'"{name}" is no resource here; write {nearest(name, by_name) or " or ".join(by_name)}'
        return
    if panel.calendar is not None:
        yield (*at, "calendar"), panel.calendar.value, "rows are listed as they are; remove calendar"
    if panel.table is not None and panel.by is not None:
        yield (*at, "by"), panel.by, "a table lists rows as they are; remove by"
    columns = [f.column for f in by_name[name].value_fields if f.type != "geojson"]
    for key, column in (("empty", panel.empty), ("first", panel.first)):
        if column is not None and column not in columns:
            hint = f"write {near}" if (near := nearest(column, columns)) else f"the columns are {', '.join(columns)}"
            yield (*at, key), column, f"{name} has no column {column}; {hint}"
    yield from _column_faults((*at, "columns"), panel, by_name[name])
    if panel.points is not None:
        yield from _points_faults(at, panel, by_name[name], contract)


def _column_faults(at: KeyPath, panel: Panel, resource: Resource) -> Iterator[Fault]:
    """Columns of a table that its readers do not see, or see twice."""
    if panel.columns is None:
        return
    if not panel.columns:
        yield at, [], "the list is empty; write at least one column, or remove it"
    seen = [*(["unit"] if resource.unit_field else []), *(f.column for f in readable_fields(resource) if f.type != "geojson")]
    for index, column in enumerate(panel.columns):
        if column not in seen:
            hint = f"write {near}" if (near := nearest(column, seen)) else f"the columns are {', '.join(seen)}"
            yield (*at, index), column, f"{resource.name} shows no column {column}; {hint}"
        elif column in panel.columns[:index]:
            yield (*at, index), column, f"{column} is written twice; remove one"


def _points_faults(at: KeyPath, panel: Panel, resource: Resource, contract: Contract) -> Iterator[Fault]:
    columns = {f.column for f in readable_fields(resource)}
    if not columns.issuperset(PLACE):
        message = f"the rows of {resource.name} say no place that readers may see; add {' and '.join(PLACE)}, or write another resource"
        yield (*at, "points"), resource.name, message
    if panel.by is not None and panel.by not in columns:
        yield (*at, "by"), panel.by, f"{resource.name} has no column {panel.by}; write {nearest(panel.by, columns) or 'one of its columns'}"
    if panel.clusters is not None and resource.access_class == "restricted":
        message = f"some see a part of the rows of {resource.name} only, and clusters of a part would look like all; remove clusters"
        yield (*at, "clusters"), panel.clusters, message
    elif panel.clusters is not None:
        counting = [name for name, measure in contract.measures.items() if _counts_points(measure, resource)]
        if panel.clusters not in counting:
            choice = f"write {' or '.join(counting)}" if counting else "count them by longitude and latitude, or remove clusters"
            yield (*at, "clusters"), panel.clusters, f"{panel.clusters} is no measure that counts clusters of {resource.name}; {choice}"


def _counts_points(measure: Measure, resource: Resource) -> bool:
    """Whether it counts clusters of these rows by the columns in which their places are drawn."""
    return measure.of == resource.name and measure.function == "clustered_count" and all(measure.with_.get(one) == one for one in PLACE)


def _grouping_faults(at: KeyPath, panel: Panel, names: Sequence[str], contract: Contract) -> Iterator[Fault]:
    if panel.by is None:
        return
    if panel.map is not None:
        yield (*at, "by"), panel.by, "a map is by unit always; remove by"
        return
    if panel.kind in UNDIVIDED:
        yield (*at, "by"), panel.by, f"a panel of {panel.kind} shows the whole; remove by"
        return
    if isinstance(panel.trend, list) and len(panel.trend) > 1:
        yield (*at, "by"), panel.by, "several indicators have a line each; remove by, or give each a panel of its own"
    for name in names:
        shown_by = contract.indicators[name].shown_by
        if panel.by not in shown_by:
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
            key: KeyPath = (*at, "calendar") if panel.calendar else (*at, panel.kind)
            yield key, calendar.value, f"{formula.indicator} is not shown by {calendar.value}; write calendar: one of {choice}"
    if panel.aligned == "tet" and calendar not in FINE_CALENDARS:
        message = "years are aligned to Tết by days or weeks only; write calendar: day or week, or remove aligned"
        yield (*at, "aligned"), panel.aligned, message
    if panel.season is not None and calendar not in SEASON_CALENDARS:
        message = f"a {calendar.value} has no season; write calendar: day, week, month or quarter"
        yield (*at, "season"), panel.season, message


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
    rows = {panel.resource for panel in panels if panel.resource}
    names = {*contract.dashboard.first_row, *(name for panel in panels for name in panel.indicators)}
    # An indicator that uses another contract's measures may be open: that is known only together with it.
    unknown = names - set(formulas)
    return bool(unknown) or any(formulas[name].access == "open" for name in names) or any(_is_open(r, rows) for r in contract.resources)


def _is_open(resource: Resource, shown: set[str]) -> bool:
    return resource.name in shown and resource.access_class == "open"
