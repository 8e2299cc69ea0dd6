"""Read contracts from their folders; whatever is wrong is said before anything is changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from datasets.model.consistency import faults
from datasets.model.consistency_contracts import faults_between_contracts
from datasets.model.contract import Contract
from datasets.model.explain import explain
from datasets.model.problem import ContractError, ContractProblem, shown_path
from datasets.model.yaml_document import YamlDocument, read_yaml

if TYPE_CHECKING:
    from datasets.model.reference import Reference

__all__ = [
    "FILE_NAME",
    "ContractError",
    "ContractProblem",
    "contract_bytes",
    "contract_folders",
    "parse_contract",
    "problems_between",
    "read_all",
    "read_applied",
    "read_contract",
]

FILE_NAME = "datapackage.yaml"
DATASETS = Path(__file__).parents[1]
OUTSIDE = "IOC_CONTRACTS"
"""Names a folder of a province's own contracts outside the checkout."""


def contract_folders(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders whose subfolders are contracts: `datasets/`, and the one that IOC_CONTRACTS names. Raises ContractError if it is none."""
    outside = environ.get(OUTSIDE, "")
    if not outside:
        return [DATASETS]
    folder = Path(outside).expanduser().absolute()
    if not folder.is_dir():
        message = f'"{outside}" is no folder; make it, or take {OUTSIDE} out of the environment'
        raise ContractError([ContractProblem(OUTSIDE, "", outside, message)])
    return [DATASETS, folder] if folder != DATASETS else [DATASETS]


def contract_bytes(folder: Path) -> bytes:
    """Bytes that a contract's SHA-256 is taken of: those of its datapackage.yaml. Raises ContractError when it is not there."""
    path = folder / FILE_NAME
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot be read ({error.strerror}); a contract is a folder with a {FILE_NAME}"
        raise ContractError([ContractProblem(shown_path(path), "", None, message)]) from error


def read_contract(folder: Path, reference: Reference | None = None) -> Contract:
    """The contract of one folder, its example files and, with a reference, its agencies checked. Raises ContractError."""
    return parse_contract(contract_bytes(folder), reference, folder=folder)


def parse_contract(content: bytes, reference: Reference | None = None, folder: Path | None = None, file: str | None = None) -> Contract:
    """The contract written in these bytes; without a folder its example files go unchecked.

    `file` is its name in messages, otherwise the path in the folder. Raises ContractError.
    """
    name = file or (shown_path(folder / FILE_NAME) if folder else FILE_NAME)
    contract, document = _parsed(content, name, folder)
    problems = [document.problem(*fault) for fault in faults(contract, folder, reference)]
    if problems:
        raise ContractError(sorted(problems, key=lambda problem: problem.line or 0))
    return contract


def read_applied(content: bytes, name: str) -> Contract:
    """A contract that was applied, from the bytes that the ledger keeps; `name` is for messages.

    It was right then, so rules that came later are not asked: its rows have to be read as long as they are there. Raises ContractError for
    keys that are no longer known.
    """
    return _parsed(content, name, None)[0]


def read_all(*roots: Path, reference: Reference | None = None) -> list[Contract]:
    """The contracts of every folder under `roots` that has a datapackage.yaml, in the order of their subsystems.

    Without `roots`, those of `contract_folders()`. Raises ContractError with the problems of all of them, and with those between them.
    """
    contracts: list[Contract] = []
    problems: list[ContractProblem] = []
    for path in (path for root in roots or contract_folders() for path in sorted(root.glob(f"*/{FILE_NAME}"))):
        try:
            contracts.append(read_contract(path.parent, reference))
        except ContractError as error:
            problems += error.problems
    problems += problems_between(contracts)
    if problems:
        raise ContractError(problems)
    return sorted(contracts, key=lambda contract: (contract.subsystem.order, contract.name))


def _parsed(content: bytes, file: str, folder: Path | None) -> tuple[Contract, YamlDocument]:
    document = read_yaml(content, file)
    try:
        contract = Contract.model_validate(document.data)
    except ValidationError as error:
        raise ContractError(explain(document, error.errors())) from error
    contract._source, contract._folder = content, folder
    return contract, document


def problems_between(contracts: Sequence[Contract]) -> list[ContractProblem]:
    """What does not agree between contracts that are each right alone: names that two claim, measures of another that are not there."""
    problems: list[ContractProblem] = []
    for contract, faults_ in faults_between_contracts(contracts):
        document = read_yaml(contract.source, _file_of(contract)) if contract.source else YamlDocument(_file_of(contract), {}, {})
        problems += [document.problem(*fault) for fault in faults_]
    return problems


def _file_of(contract: Contract) -> str:
    return shown_path(contract.folder / FILE_NAME) if contract.folder else contract.name
