"""`ioc export`: what people changed in Superset comes back beside the exports, so that the next apply keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from control.compile.edits import EditError, Edits, edited, read_edits
from control.compile.edits.file import write_edits
from control.compile.edits.found import Found, look
from control.compile.superset.bundle import write
from control.compile.superset.export import compile_superset
from control.compile.superset.site import SupersetSite
from control.contracts import EXPORTS, export_folder
from datasets.model.contract import Contract
from datasets.model.problem import ContractError, ContractProblem


@dataclass(frozen=True)
class Exported:
    """What an export did."""

    kept: list[str] = field(default_factory=list)
    """Edits of people that were brought back, in words."""
    not_kept: list[str] = field(default_factory=list)
    """Edits that cannot be kept, in words with what to do instead."""
    files: list[Path] = field(default_factory=list)
    """Files that were written or removed."""


def export_dashboards(contracts: Sequence[Contract], site: SupersetSite | None) -> Exported:
    """Write each contract's export with the hand edits that Superset holds; without a site only with those that lie there already.

    Superset is asked and not changed. Raises SupersetError; and ContractError, after the hand edits were written, when one of them names a
    column or a metric that the contracts no longer have.
    """
    compiled = compile_superset(contracts)
    folders = {contract.name: export_folder(contract) for contract in contracts}
    edits = {name: _read(folder) for name, folder in folders.items()}
    found = Found(edits) if site is None else look(site, compiled, edits)
    files: list[Path] = []
    for name, folder in folders.items():
        files += write_edits(found.edits[name], folder)
    try:
        whole = edited(compiled, found.edits)
    except EditError as error:
        raise ContractError([ContractProblem(EXPORTS, "", None, problem) for problem in error.problems]) from error
    for name, folder in folders.items():
        files += write(whole[name], folder)
    return Exported(found.new, found.not_kept, files)


def _read(folder: Path) -> Edits:
    try:
        return read_edits(folder)
    except EditError as error:
        raise ContractError([ContractProblem(str(folder), "", None, problem) for problem in error.problems]) from error
