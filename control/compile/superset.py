"""Contracts to Superset: what they say as Superset's own export format, and that export in a running Superset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from control.compile.changes import Changes
from control.compile.superset_apply import apply_files
from control.compile.superset_bundle import METADATA, Files, merged, text, write
from control.compile.superset_charts import chart_file
from control.compile.superset_dashboard import arrange, dashboard_file
from control.compile.superset_datasets import database, datasets, source
from control.compile.superset_site import SupersetError, SupersetSite, ensure_user
from datasets.model.contract import Contract

__all__ = ["SupersetError", "SupersetSite", "apply_superset", "compile_contract", "compile_superset", "ensure_user", "write_export"]


def compile_contract(contract: Contract) -> Files:
    """The export of one subsystem, complete in itself: any Superset 6.1 can import it."""
    files = {"metadata.yaml": text(METADATA), **database(), **source(), **datasets(contract)}
    grid = arrange(contract)
    for chart in grid.charts:
        files |= chart_file(chart)
    return files | dashboard_file(contract, grid)


def compile_superset(contracts: Sequence[Contract]) -> dict[str, Files]:
    """The exports by subsystem's name."""
    return {contract.name: compile_contract(contract) for contract in contracts}


def write_export(contracts: Sequence[Contract], root: Path) -> list[Path]:
    """Write each subsystem's export under `root/<subsystem>/`. Returns the files that changed."""
    changed: list[Path] = []
    for name, files in compile_superset(contracts).items():
        changed += write(files, root / name)
    return changed


def apply_superset(url: str, username: str, password: str, contracts: Sequence[Contract]) -> Changes:
    """Make a running Superset show what the contracts say; ids of what was there stay.

    `username` is an administrator of Superset. Raises SupersetError.
    """
    site = SupersetSite(url, username, password)
    return apply_files(site, merged(compile_superset(contracts)))
