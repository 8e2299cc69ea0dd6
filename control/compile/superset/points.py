"""Points: the rows of a resource where they happened, over the units."""

from __future__ import annotations

from dataclasses import replace

from control.compile.superset.chart import Chart
from control.compile.superset.charts import table
from datasets.model.contract import Contract
from datasets.model.dashboard import Panel


def points(contract: Contract, panel: Panel) -> Chart:
    """The rows with a longitude and a latitude."""
    resource = contract.resource(panel.points or "")
    drawn = table(contract, resource, is_narrow=True, heading=panel.title)
    return replace(drawn, key=f"{contract.view(resource)}_points")
