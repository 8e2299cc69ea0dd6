"""How many clusters of rows there are: rows that lie close to one another in place and time, as an outbreak or a spot of complaints does.

Source: DBSCAN, Ester M, Kriegel H-P, Sander J, Xu X. A density-based algorithm for discovering clusters in large spatial databases with
noise. Proc. KDD-96, 226-231. Two rows are neighbours when at most `radius_m` metres and at most `days` days lie between them (space and
time apart as in ST-DBSCAN, doi:10.1016/j.datak.2006.01.013). A row with at least `least` neighbours, itself counted, is a core; cores
that are neighbours are of one cluster, and so is every neighbour of one of its cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ckan_harvesters.measure.functions.measure_function import DAY, LATITUDE, LONGITUDE, MeasureFunction
from datasets.model.measure_function import ClusteredCount
from datasets.model.period import Period

METRES = "EPSG:32648"
"""UTM zone 48N, which the province lies in: a metre on the map is within 0.1 % of one on the ground."""


@lru_cache(maxsize=1)
def _to_metres() -> Transformer:
    return Transformer.from_crs("EPSG:4326", METRES, always_xy=True)


def compute(rows: pl.DataFrame, period: Period, arguments: Mapping[str, Any]) -> tuple[float | None, int]:
    """Number of clusters that hold a row of the period; rows of the `days` days before it help to make one.

    n counts the rows of the period that have a place. None when none has one; 0 when no cluster is found among those that have.
    """
    wanted = ClusteredCount.model_validate(dict(arguments))
    x, y = wanted.longitude or LONGITUDE, wanted.latitude or LATITUDE
    placed = rows.select(pl.col(DAY), pl.col(x).cast(pl.Float64).alias("x"), pl.col(y).cast(pl.Float64).alias("y")).drop_nulls()
    placed = placed.filter(pl.col(DAY) < period.ends)
    inside = (placed[DAY] >= period.starts).to_numpy()
    n = int(inside.sum())
    if n == 0:
        return None, 0
    first, second = _neighbours(placed, wanted)
    cores = np.bincount(first, minlength=len(placed)) >= wanted.least
    cluster_of = _clusters(first, second, cores)
    # A row at the edge of two clusters makes both of them clusters of the period.
    touching = cores[first] & inside[second]
    return float(len({cluster_of[core] for core in first[touching].tolist()})), n


def _neighbours(placed: pl.DataFrame, wanted: ClusteredCount) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows (their positions) that are neighbours, both ways and each with itself."""
    east, north = _to_metres().transform(placed["x"].to_numpy(), placed["y"].to_numpy())
    points = shapely.points(east, north)
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=wanted.radius_m)
    days = placed[DAY].cast(pl.Int32).to_numpy().astype(np.int64)
    near = np.abs(days[first] - days[second]) <= wanted.days
    return first[near], second[near]


def _clusters(first: NDArray[np.int64], second: NDArray[np.int64], cores: NDArray[np.bool_]) -> dict[int, int]:
    """For each core the core that stands for its cluster: neighbours that are both cores are joined."""
    parent = {core: core for core in np.flatnonzero(cores).tolist()}

    def top(core: int) -> int:
        while parent[core] != core:
            parent[core] = core = parent[parent[core]]
        return core

    both = cores[first] & cores[second] & (first < second)
    for one, other in zip(first[both].tolist(), second[both].tolist(), strict=True):
        parent[top(one)] = top(other)
    return {core: top(core) for core in parent}


def _columns(arguments: Mapping[str, Any]) -> list[str]:
    wanted = ClusteredCount.model_validate(dict(arguments))
    return [column for column in (wanted.longitude, wanted.latitude) if column is not None]


def _reach(arguments: Mapping[str, Any]) -> int:
    return ClusteredCount.model_validate(dict(arguments)).days


def _needs_location(arguments: Mapping[str, Any]) -> bool:
    return ClusteredCount.model_validate(dict(arguments)).longitude is None


FUNCTION = MeasureFunction("clustered_count", compute, _columns, _reach, _needs_location)
