"""Contracts to Superset: what they say as Superset's own export format, and that export in a running Superset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from control.compile.changes import Changes
from control.compile.edits import edited, read_edits
from control.compile.superset.apply import apply_exports
from control.compile.superset.bundle import METADATA, Files, text, write
from control.compile.superset.chart import chart_file
from control.compile.superset.dashboard import arrange, dashboard_file, pages
from control.compile.superset.dataset import database
from control.compile.superset.datasets import datasets, reference, source
from control.compile.superset.plan import SupersetPlan, plan_exports
from control.compile.superset.removal import plan_removal, remove_superset
from control.compile.superset.site import SupersetError, SupersetSite, ensure_user
from control.compile.superset.wide import wide_datasets
from datasets.model.contract import Contract

__all__ = [
    "SupersetError",
    "SupersetPlan",
    "SupersetSite",
    "apply_superset",
    "compile_contract",
    "compile_superset",
    "ensure_user",
    "plan_removal",
    "plan_superset",
    "remove_superset",
    "write_export",
]


def compile_contract(contract: Contract, contracts: Sequence[Contract] = ()) -> Files:
    """The export of one subsystem, complete in itself: any Superset 6.1 can import it.

    `contracts` are those whose measures its indicators may use. Raises ContractError for an indicator that cannot be computed.
    """
    everyone = contracts or [contract]
    files = {"metadata.yaml": text(METADATA), **database(), **source(), **reference(), **datasets(contract)}
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


def apply_superset(url: str, username: str, password: str, contracts: Sequence[Contract]) -> Changes:
    """Make a running Superset show what the contracts say; ids of what was there stay.

    `username` is an administrator of Superset. Raises SupersetError.
    """
    return apply_exports(SupersetSite(url, username, password), compile_superset(contracts), contracts)


def plan_superset(site: SupersetSite, contracts: Sequence[Contract]) -> SupersetPlan:
    """What apply_superset would do, in words, by subsystem. Raises SupersetError."""
    return plan_exports(site, compile_superset(contracts), contracts)
