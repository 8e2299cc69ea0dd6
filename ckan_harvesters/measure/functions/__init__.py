"""Measures that an SQL aggregate cannot say, by name: each module is one function with the source of its formula."""

from __future__ import annotations

from ckan_harvesters.measure.functions import (
    clustered_count,
    percentile_elapsed,
    percentile_working_hours,
    reproduction_number,
    weighted_percentile,
)
from ckan_harvesters.measure.functions.measure_function import DAY, LATITUDE, LONGITUDE, MeasureFunction

__all__ = ["DAY", "FUNCTIONS", "LATITUDE", "LONGITUDE", "MeasureFunction"]

FUNCTIONS: dict[str, MeasureFunction] = {
    module.FUNCTION.name: module.FUNCTION
    for module in (percentile_working_hours, percentile_elapsed, weighted_percentile, reproduction_number, clustered_count)
}
