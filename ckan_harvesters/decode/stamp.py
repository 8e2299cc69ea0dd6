"""What a template carries unseen: the dataset and the contract that it was made from."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

DATASET = "toan_canh_dataset"
CONTRACT = "toan_canh_contract"
VERSION = "toan_canh_version"
PART = "toan_canh_part"
ENTRY = "docProps/custom.xml"
LARGEST = 64 * 1024
UNSAFE = {"not_a_workbook", "workbook_too_large", "workbook_swollen", "workbook_locked"}
"""Refusals after which an archive is not opened again."""


@dataclass(frozen=True)
class Stamp:
    """`health-bed-days`, and the SHA-256 of the contract's file."""

    dataset: str
    contract_sha256: str
    is_part: bool = False
    """Whether the workbook has only the rejected rows of a larger file."""


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a workbook that the guard has let pass; None for one without, and for anything that is no workbook."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(ENTRY) as part:
            text = part.read(LARGEST).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError):
        return None
    dataset, contract = _property(text, DATASET), _property(text, CONTRACT)
    return Stamp(dataset, contract, _property(text, PART) is not None) if dataset and contract else None


def _property(text: str, name: str) -> str | None:
    found = re.search(rf'name="{name}"[^>]*>\s*<vt:lpwstr>([A-Za-z0-9_.-]{{1,100}})</vt:lpwstr>', text)
    return found[1] if found else None
