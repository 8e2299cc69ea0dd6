"""Measures: the cells that a load touches are computed in its own transaction, and versioned as rows are."""

from __future__ import annotations

from ckan_harvesters.measure.compute import compute, recompute
from ckan_harvesters.measure.lock import alone_with_contract, under_contract
from ckan_harvesters.measure.tick import Ticked, tick
from ckan_harvesters.measure.touched import Change
from ckan_harvesters.measure.write import close_measure as close

__all__ = ["Change", "Ticked", "alone_with_contract", "close", "compute", "recompute", "tick", "under_contract"]
