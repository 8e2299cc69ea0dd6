"""A subsystem as Superset's own export format, and the exports as they lie in `dashboards_export/` with people's edits over them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from control.compile.edits import edited, read_edits
from control.compile.superset.bundle import METADATA, Files, text, write
from control.compile.superset.chart import chart_file
from control.compile.superset.dashboard import arrange, dashboard_file, pages
from control.compile.superset.dataset import database
from control.compile.superset.datasets import datasets, reference, source
from control.compile.superset.points import points_datasets
from control.compile.superset.wide import wide_datasets
from datasets.model.contract import Contract


def compile_contract(contract: Contract, contracts: Sequence[Contract] = ()) -> Files:
    """The export of one subsystem, complete in itself: any Superset 6.1 can import it.

    `contracts` are those whose measures its indicators may use. Raises ContractError for an indicator that cannot be computed.
    """
    everyone = contracts or [contract]
    files = {"metadata.yaml": text(METADATA), **database(), **source(), **reference(), **datasets(contract), **points_datasets(contract)}
    for page in pages(contract, everyone):
        grid = arrange(page)
        if page.is_open and len(grid.charts) == 1:
            continue  # only the table of sources: nothing that it declares is open
        files |= wide_datasets(list(page.views().values()))
        for chart in grid.charts:
            files |= chart_file(chart)
        files |= dashboard_file(page, grid)
    return files


def compile_superset(contracts: Sequence[Contract]) -> dict[str, Files]:
    """The exports by subsystem's name. Raises ContractError for an indicator that cannot be computed."""
    return {contract.name: compile_contract(contract, contracts) for contract in contracts}


def write_export(contracts: Sequence[Contract], root: Path) -> list[Path]:
    """Write each subsystem's export under `root/<subsystem>/`, with the hand edits that lie there. Returns the files that changed."""
    compiled = compile_superset(contracts)
    changed: list[Path] = []
    for name, files in edited(compiled, {name: read_edits(root / name) for name in compiled}).items():
        changed += write(files, root / name)
    return changed
