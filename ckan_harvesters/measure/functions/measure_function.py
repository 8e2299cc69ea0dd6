"""What a function of measures is to the code that computes cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from datasets.model.period import Period

DAY = "_day"
"""Column of the frame with the day (pl.Date) that says which period a row belongs to."""
LONGITUDE, LATITUDE = "_lon", "_lat"
"""Columns of the frame with the place of a row in degrees (WGS 84), null without one."""


@dataclass(frozen=True)
class MeasureFunction:
    """One function by name. Its arguments are declared in `datasets.model.measure_function`."""

    name: str
    compute: Callable[[pl.DataFrame, Period, Mapping[str, Any]], tuple[float | None, int]]
    """(rows of one cell, its period, arguments) → (value or None, n).

    The frame holds DAY, the columns of `columns`, and LONGITUDE and LATITUDE when `needs_location`; its rows are those of the period
    and of the `reach` days before it. None means that there is no figure, never zero; n counts the rows that the value rests on.
    """
    columns: Callable[[Mapping[str, Any]], list[str]]
    """Columns of the store that the frame must hold, by the arguments."""
    reach: Callable[[Mapping[str, Any]], int]
    """Days before the period's first from which rows are needed: a changed row touches the cells of so many days after it too."""
    needs_location: Callable[[Mapping[str, Any]], bool]
    """Whether LONGITUDE and LATITUDE have to be taken from the resource's geometry."""
