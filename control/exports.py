"""What Superset is to hold: what the contracts are compiled to, with the hand edits that lie beside their exports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from control.compile.changes import Changes
from control.compile.edits import EditError, Edits, edited, fallen_away, read_edits
from control.compile.edits.found import unexported
from control.compile.edits.site import remember
from control.compile.superset.apply import apply_exports
from control.compile.superset.bundle import Files
from control.compile.superset.export import compile_superset
from control.compile.superset.site import SupersetSite
from control.contracts import EXPORTS, export_folder
from datasets.model.contract import Contract
from datasets.model.problem import ContractError, ContractProblem

KEEP_OR_LOSE = "run ./ioc export to keep it, or ./ioc apply --discard-edits to lose it"


@dataclass(frozen=True)
class Exports:
    """By subsystem."""

    compiled: dict[str, Files] = field(default_factory=dict)
    """What the contracts say."""
    edits: dict[str, Edits] = field(default_factory=dict)
    """What people changed by hand, as `ioc export` brought it back."""
    edited: dict[str, Files] = field(default_factory=dict)
    """Both together: what is imported."""

    def without_effect(self) -> list[ContractProblem]:
        """Hand edits of what the contracts no longer make."""
        texts = [text for name, one in sorted(self.edits.items()) for text in fallen_away(self.compiled.get(name, {}), one)]
        return [ContractProblem(EXPORTS, "", None, text) for text in texts]

    def lost(self, site: SupersetSite) -> list[ContractProblem]:
        """What people changed in Superset since the last import and no file holds; another import would overwrite it."""
        return [ContractProblem(EXPORTS, "", None, f"{text}; {KEEP_OR_LOSE}") for text in unexported(site, self.compiled, self.edits)]

    def bring(self, site: SupersetSite, contracts: Sequence[Contract], *, discard_edits: bool = False) -> Changes:
        """Makes Superset hold them, and keeps what it then holds, so that later hand edits can be told. Raises SupersetError."""
        again = discard_edits and bool(self.lost(site))
        return apply_exports(site, self.edited, contracts, self._remember(site), again=again)

    def _remember(self, site: SupersetSite) -> Callable[[Collection[str]], None]:
        """Keeps what Superset holds of the subsystems that were imported."""
        return lambda names: remember(site, {name: files for name, files in self.compiled.items() if name in names}, self.edits)


def exports_of(contracts: Sequence[Contract]) -> Exports:
    """The exports of all contracts.

    Raises ContractError for an indicator that cannot be computed, and for a hand edit that names a column or a metric which is gone.
    """
    problems: list[ContractProblem] = []
    edits: dict[str, Edits] = {}
    for contract in contracts:
        folder = export_folder(contract)
        try:
            edits[contract.name] = read_edits(folder)
        except EditError as error:
            problems += [ContractProblem(str(folder), "", None, text) for text in error.problems]
    compiled = compile_superset(contracts)
    if not problems:
        try:
            return Exports(compiled, edits, edited(compiled, edits))
        except EditError as error:
            problems += [ContractProblem(EXPORTS, "", None, text) for text in error.problems]
    raise ContractError(problems)
