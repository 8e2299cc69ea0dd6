"""What must agree in a contract's measures."""

from __future__ import annotations

from collections.abc import Iterator

from datasets.model.aggregate import EXAMPLE_VALUE, parse_aggregate, parse_condition
from datasets.model.calendar_nesting import lies_within, longer_than
from datasets.model.contract import Calendar, Contract, ContractField, Resource, Scope
from datasets.model.explain import nearest
from datasets.model.measure import Measure, OverTime, OverUnits
from datasets.model.measure_function import MEASURE_FUNCTIONS, arguments_of
from datasets.model.measure_function import columns_of as columns_of_function
from datasets.model.measure_unit import ANY_MOMENT
from datasets.model.problem import Fault, KeyPath
from datasets.model.sql_text import SqlFault, can_parse, one_expression

WIDE_COLUMNS = (
    *("unit_id", "unit_code", "unit_name", "unit_level", "agency", "agency_title"),
    *("measure", "breadth", "period", "period_starts"),
)
"""Columns that the views of measures have beside one for each measure."""

DATED = ("date", "datetime", "year")


def measure_faults(contract: Contract) -> Iterator[Fault]:
    """Everything that does not agree in the contract's measures."""
    broken_down = {column for measure in contract.measures.values() for column in measure.by}
    resources = {resource.name: resource for resource in contract.resources}
    for name, measure in contract.measures.items():
        at: KeyPath = ("measures", name)
        if name in WIDE_COLUMNS or name in broken_down:
            yield at, name, f"{name} is a column of the measures' view already; write another name, like {name}_total"
        if measure.of not in resources:
            near = nearest(measure.of, resources)
            message = f'"{measure.of}" is no resource here; write {near or " or ".join(resources)}'
            yield (*at, "of"), measure.of, message
            continue
        resource = resources[measure.of]
        yield from _value_faults(at, measure, resource)
        yield from _period_faults(at, measure, resource)
        yield from _way_of_adding_faults(at, measure)
        yield from _breakdown_faults(at, measure, resource)
        yield from _stock_faults(at, measure)
        yield from _absent_faults(at, measure, resource)


def _value_faults(at: KeyPath, measure: Measure, resource: Resource) -> Iterator[Fault]:
    if (measure.value is None) == (measure.function is None):
        given = "both value and function are written; keep one" if measure.value else "it says neither value nor function"
        yield (*at, "value"), measure.value, f"{given}; write value: SUM(column), or function: and with:"
        return
    if measure.function is not None:
        yield from _function_faults(at, measure, resource)
    elif measure.with_:
        yield (*at, "with"), measure.with_, "with: holds the arguments of a function; remove it"
    if not can_parse():
        return
    clock = ANY_MOMENT if measure.tick else None
    try:
        if measure.value is not None:
            parse_aggregate(measure.value, resource, clock)
    except SqlFault as fault:
        yield (*at, "value"), measure.value, f'"{measure.value}" {fault}'
    try:
        if measure.where is not None:
            parse_condition(measure.where, resource, clock)
    except SqlFault as fault:
        yield (*at, "where"), measure.where, f'"{measure.where}" {fault}'


def _function_faults(at: KeyPath, measure: Measure, resource: Resource) -> Iterator[Fault]:
    function = measure.function or ""
    if function not in MEASURE_FUNCTIONS:
        near = nearest(function, MEASURE_FUNCTIONS)
        hint = f"write {near}" if near else f"write one of {', '.join(MEASURE_FUNCTIONS)}"
        yield (*at, "function"), measure.function, f'the function "{measure.function}" does not exist; {hint}'
        return
    try:
        arguments_of(function, measure.with_)
    except ValueError as error:
        yield (*at, "with"), measure.with_, str(error)
        return
    declaration = MEASURE_FUNCTIONS[function]
    fields = {field.column: field for field in resource.value_fields}
    named = columns_of_function(function, measure.with_)
    for argument, column in named.items():
        if fault := _column_fault(column, fields, resource):
            yield (*at, "with", argument), column, fault
        elif fields[column].type not in declaration.columns[argument]:
            fitting = [f.column for f in fields.values() if f.type in declaration.columns[argument]]
            hint = f"write {' or '.join(fitting)}" if fitting else f"it takes a column of type {' or '.join(declaration.columns[argument])}"
            yield (*at, "with", argument), column, f"{column} is of type {fields[column].type}; {hint}"
    if declaration.located_by == "geometry" and not named and not any(f.type == "geojson" for f in fields.values()):
        message = f"{function} needs to know where rows are; name their columns (longitude, latitude) or add a field of type geojson"
        yield (*at, "with"), measure.with_, message


def _column_fault(column: str, fields: dict[str, ContractField], resource: Resource) -> str | None:
    if column in fields:
        return None
    near = nearest(column, fields)
    return f"{column} is no column of {resource.name}; {f'write {near}' if near else 'the columns are ' + ', '.join(fields)}"


def _period_faults(at: KeyPath, measure: Measure, resource: Resource) -> Iterator[Fault]:
    from_rows = measure.over_time is OverTime.NONE or measure.function is not None
    for index, calendar in enumerate(measure.also):
        if calendar in measure.calendars[: index + 1]:
            yield (*at, "also", index), calendar.value, f"{calendar.value} is written twice; remove one"
        elif not from_rows and not lies_within(measure.calendar, calendar):
            longer = [c.value for c in Calendar if c in longer_than(measure.calendar)]
            hint = (
                f"longer calendars of a {measure.calendar.value} are {', '.join(longer)}" if longer else "remove it, or write calendar: day"
            )
            message = f"a {calendar.value} is not made of whole {measure.calendar.value}s; {hint}"
            yield (*at, "also", index), calendar.value, message
    if measure.tick is not None:
        if measure.on is not None:
            yield (*at, "on"), measure.on, "a snapshot of a tick is of today's period; remove on"
        return
    fields = {field.column: field for field in resource.value_fields}
    dated = [column for column, field in fields.items() if field.type in DATED]
    hint = f"write on: {' or '.join(dated)}" if dated else f"add a field of type date to {resource.name}"
    if measure.on is None:
        column = next((f.column for f in resource.schema_.fields if f.name == resource.delivery.column), None)
        if column is None:
            yield (*at, "on"), None, f"{resource.name} has no column of its delivery's period; {hint}"
            return
    else:
        column = measure.on
        if column not in fields or fields[column].type not in DATED:
            yield (*at, "on"), column, f"{column} is no column of {resource.name} with a day; {hint}"
            return
    if fields[column].type == "year" and measure.calendar is not Calendar.YEAR:
        yield (
            (*at, "calendar"),
            measure.calendar.value,
            f"{column} holds years, which lie in no {measure.calendar.value}; write calendar: year",
        )


def _way_of_adding_faults(at: KeyPath, measure: Measure) -> Iterator[Fault]:
    does_not_add = None
    if measure.function is not None:
        does_not_add = f"what {measure.function} gives"
    elif measure.value is not None and can_parse():
        does_not_add = _part_that_does_not_add(measure.value)
    if does_not_add is None:
        return
    if measure.over_units is not OverUnits.NONE:
        message = f"{does_not_add} of several units is no sum of theirs; write over_units: none"
        yield (*at, "over_units"), measure.over_units.value, message
    if measure.over_time is OverTime.SUM or (measure.function is not None and measure.over_time is not OverTime.NONE):
        message = f"{does_not_add} of several periods is no sum of theirs; write over_time: none"
        yield (*at, "over_time"), measure.over_time.value, message


def _part_that_does_not_add(value: str) -> str | None:
    from sqlglot import exp

    try:
        expression = one_expression(value, EXAMPLE_VALUE)
    except SqlFault:
        return None  # said of the value itself
    for node in expression.find_all(exp.Avg, exp.Min, exp.Max, exp.Count, exp.Div):
        counts_values = isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct)
        ratio = isinstance(node, exp.Div) and node.expression.find(exp.AggFunc) is not None
        if ratio or counts_values or isinstance(node, exp.Avg | exp.Min | exp.Max):
            return f"{node.sql(dialect='postgres')}"
    return None


def _breakdown_faults(at: KeyPath, measure: Measure, resource: Resource) -> Iterator[Fault]:
    fields = {field.column: field for field in resource.value_fields}
    for index, column in enumerate(measure.by):
        here: KeyPath = (*at, "by", index)
        if column in measure.by[:index]:
            yield here, column, f"{column} is written twice; remove one"
        elif fault := _column_fault(column, fields, resource):
            unit = resource.unit_field
            is_unit = unit is not None and unit.column == column
            yield here, column, f"every measure is by unit already; remove {column}" if is_unit else fault
        elif column in WIDE_COLUMNS:
            yield here, column, f"{column} is a column of the measures' view already; give the field another column"
        elif fields[column].type == "geojson":
            yield here, column, f"{column} is a geometry; break down by a code or a name"
        elif fields[column].personal != "none" and resource.access_class != "restricted":
            message = f"{column} is personal and {resource.name} is {resource.access_class}; remove it, or restrict the access"
            yield here, column, message


def _stock_faults(at: KeyPath, measure: Measure) -> Iterator[Fault]:
    if measure.as_of and measure.over_time is not OverTime.LAST:
        message = "as_of says that a value stands until the next one; write over_time: last, or remove as_of"
        yield (*at, "over_time"), measure.over_time.value, message
    if measure.as_of and measure.also:
        yield (*at, "also"), [c.value for c in measure.also], "as_of gives the value for every other calendar; remove also"
    if measure.tick is None:
        return
    if measure.over_time is OverTime.SUM:
        yield (*at, "over_time"), measure.over_time.value, "snapshots of several moments do not add; write over_time: last"
    if measure.function is not None:
        yield (*at, "tick"), measure.tick, "a function is computed for the periods of its rows; remove tick"
    if measure.as_of:
        yield (*at, "as_of"), True, "a tick keeps the value of each period; remove as_of"


def _absent_faults(at: KeyPath, measure: Measure, resource: Resource) -> Iterator[Fault]:
    if measure.absent != "zero":
        return
    path: KeyPath = (*at, "absent")
    delivery = resource.delivery
    if delivery.scope is not Scope.PERIOD or delivery.calendar is None:
        yield (
            path,
            "zero",
            f"only a delivery of a period says that a unit has no row; {resource.name} is delivered as {delivery.scope.value}",
        )
    elif not lies_within(measure.calendar, delivery.calendar):
        message = f"a {measure.calendar.value} does not lie within a delivery's {delivery.calendar.value}; write calendar: day"
        yield path, "zero", message
    if resource.unit_field is None:
        yield path, "zero", f"{resource.name} has no field that refers to units; remove absent"
    if measure.function is not None or measure.tick is not None or not measure.adds:
        yield path, "zero", "only what adds is zero where there are no rows; write absent: missing"
    if measure.on is not None and measure.on != next((f.column for f in resource.schema_.fields if f.name == delivery.column), None):
        yield path, "zero", f"a delivery covers the days of {delivery.column}, not those of {measure.on}; remove on or absent"
