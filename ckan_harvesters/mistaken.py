"""Files that were meant for something else: another dataset, the contract of before, another period. Each is told by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from ckan_harvesters.applied import Places, Terms, contracts_of, parsed
from ckan_harvesters.decode.header import canonical
from ckan_harvesters.decode.stamp import UNSAFE, Stamp, stamp_of
from ckan_harvesters.delivery import TIME_ZONE, DeliveryScope
from ckan_harvesters.errors import HeaderRefused, Refused
from ckan_harvesters.reading import Reading, read
from datasets.model.contract import Resource, Scope
from datasets.model.problem import ContractError

OLDER_CONTRACTS = 50

OTHERS = "SELECT contract, resource, dataset, title, title_en, title_fr FROM ledger.dataset WHERE is_current ORDER BY position"
TITLE = "SELECT title, title_en, title_fr FROM ledger.dataset WHERE dataset = %s ORDER BY is_current DESC LIMIT 1"
OLDER = "SELECT bytes, sha256 FROM ledger.contract WHERE name = %s AND sha256 <> %s ORDER BY applied_at DESC LIMIT %s"
SAME_FILE = """
SELECT l.report_period, c.committed_at FROM ledger.current_load c JOIN ledger.load l USING (load_id)
WHERE c.table_name = %s AND c.agency = %s AND c.file_sha256 = %s AND c.kind = 'file' AND c.scope <> %s AND c.accepted > 0
ORDER BY c.edition DESC LIMIT 1
"""
WORDS = {"vi": ("thêm cột", "bỏ cột"), "en": ("columns added", "columns removed"), "fr": ("colonnes ajoutées", "colonnes supprimées")}

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class SameFile:
    """Where a file stands already: the period it was delivered for, when that is known, and the moment."""

    period: str | None
    at: datetime

    @property
    def refused(self) -> Refused:
        return Refused("same_file_as", found=self.period or "", at=f"{self.at:%d/%m/%Y}")


def read_as_meant(conn: Connection, path: Path, terms: Terms, scope: DeliveryScope, known: Places, file_sha256: str) -> Reading:
    """Decode and check a file; one that was meant for something else is refused with what it was meant for. Raises as `read`."""
    try:
        reading = read(path, terms.resource, scope, known)
    except Refused as refused:
        stamp = None if refused.code in UNSAFE else stamp_of(path)
        if meant := meant_otherwise(conn, terms, stamp, refused):
            raise meant from refused
        raise
    if told := meant_otherwise(conn, terms, stamp_of(path), None):
        raise told
    if reading.rows.height and (again := same_file(conn, terms, scope, file_sha256)):
        raise again.refused
    return reading


def meant_otherwise(conn: Connection, terms: Terms, stamp: Stamp | None, refused: Refused | None) -> Refused | None:
    """Refused `other_dataset`, `only_rejected_rows` or `template_outdated`, when the file's stamp or its header says so."""
    dataset = terms.contract.dataset_name(terms.resource)
    if stamp is not None and stamp.dataset != dataset and (row := conn.execute(TITLE, (stamp.dataset,)).fetchone()):
        return _other_dataset(stamp.dataset, row)
    if stamp is not None and stamp.is_part and refused is None:
        return Refused("only_rejected_rows")
    if not isinstance(refused, HeaderRefused):
        return None
    header = {canonical(cell) for cell in refused.cells} - {""}
    return _of_another(conn, dataset, header) or _of_before(conn, terms, header, stamp)


def same_file(conn: Connection, terms: Terms, scope: DeliveryScope, file_sha256: str) -> SameFile | None:
    """The delivery in which this very file stands already, where a second one would be counted beside it.

    Only additions can be: any other delivery takes the place of what stands for its agency or its period.
    """
    if terms.resource.delivery.scope is not Scope.ADDITION:
        return None
    table = f"{terms.contract.pg_schema}.{terms.contract.table(terms.resource)}"
    row = conn.execute(SAME_FILE, (table, scope.agency, file_sha256, scope.key)).fetchone()
    return SameFile(row[0], row[1].astimezone(TIME_ZONE)) if row else None


def _of_another(conn: Connection, dataset: str, header: set[str]) -> Refused | None:
    others = [row for row in conn.execute(OTHERS).fetchall() if row[2] != dataset]
    contracts = contracts_of(conn, {row[0] for row in others})
    for contract, resource, name, *titles in others:
        found = contracts.get(contract)
        if found is not None and _headers(next(r for r in found.resources if r.name == resource)) == header:
            return _other_dataset(name, titles)
    return None


def _of_before(conn: Connection, terms: Terms, header: set[str], stamp: Stamp | None) -> Refused | None:
    """Whether the header, or else the stamp, is of an earlier state of this contract with other columns."""
    now = terms.resource
    for source, sha256 in conn.execute(OLDER, (terms.contract.name, terms.contract.sha256, OLDER_CONTRACTS)).fetchall():
        try:
            older = parsed(bytes(source), sha256)
        except ContractError:
            continue
        before = next((r for r in older.resources if r.name == now.name), None)
        if before is None or _headers(before) == _headers(now):
            continue
        if _headers(before) == header or (stamp is not None and stamp.contract_sha256 == sha256):
            return Refused("template_outdated", version=terms.contract.version, changes=_changes(before, now))
    return None


def _headers(resource: Resource) -> set[str]:
    return {canonical(f.name) for f in resource.schema_.fields}


def _changes(before: Resource, now: Resource) -> dict[str, str]:
    """What was added and removed since, in words of each language."""
    known, wanted = _headers(before), _headers(now)
    added = [f.name for f in now.schema_.fields if canonical(f.name) not in known]
    removed = [f.name for f in before.schema_.fields if canonical(f.name) not in wanted]
    return {language: _listed(words, (added, removed)) for language, words in WORDS.items()}


def _listed(words: Sequence[str], columns: Iterable[Sequence[str]]) -> str:
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in zip(words, columns, strict=True) if names)


def _other_dataset(name: str, titles: Sequence[str | None]) -> Refused:
    title, title_en, title_fr = titles
    return Refused("other_dataset", dataset=name, title={"vi": title, "en": title_en or title, "fr": title_fr or title_en or title})
