"""What an expression needs to know of a measure: its unit of measure, and whether it can be zero."""

from __future__ import annotations

from datetime import datetime

from datasets.model.aggregate import Sign, parse_aggregate
from datasets.model.contract import Resource
from datasets.model.measure import Measure
from datasets.model.measure_function import unit_of_function
from datasets.model.sql_text import TIME_ZONE, SqlFault

ANY_MOMENT = datetime(2026, 1, 1, tzinfo=TIME_ZONE)
"""Where only the shape of a measure is looked at, its clock may stand anywhere."""


def measure_unit(measure: Measure, resource: Resource) -> str | None:
    """Unit of measure of a measure's values; None when neither it, nor its column, nor its function says one. Raises SqlFault."""
    if measure.unit is not None:
        return measure.unit
    if measure.function is not None:
        return unit_of_function(measure.function, measure.with_)
    return parse_aggregate(measure.value or "", resource, ANY_MOMENT).unit


def measure_sign(measure: Measure, resource: Resource) -> Sign:
    """What is known of the sign of a measure's values: a divisor that is not positive can be zero."""
    if measure.value is None:
        return "not negative"
    try:
        sign = parse_aggregate(measure.value, resource, ANY_MOMENT).sign
    except SqlFault:
        return "positive"  # the measure itself is named as wrong
    return "not negative" if sign == "positive" and measure.absent == "zero" else sign
