"""Supply of a contract: its obligations with the reports expected, and which datasets its indicators rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from ckan_harvesters.supply.oblige import difference, oblige
from control.compile.changes import Change, Kind
from datasets.model.contract import Contract
from datasets.model.formula import formulas, measure_of
from datasets.model.reference import Reference

RESTS_ON_THERE = "SELECT indicator, dataset, as_of FROM supply.rests_on WHERE starts_with(indicator, %s)"
FORGET = "DELETE FROM supply.rests_on WHERE starts_with(indicator, %s)"
REST_ON = "INSERT INTO supply.rests_on (indicator, dataset, as_of) VALUES (%s, %s, %s)"


def rests_on(contract: Contract, contracts: Sequence[Contract]) -> set[tuple[str, str, bool]]:
    """(indicator, dataset, whether only what stands is read from it), those of other contracts' datasets too.

    A stock stands until its next value, and what the clock alone changes ("overdue now") until the next tick: neither waits for its
    period to end.

    Raises ContractError when an indicator cannot be computed.
    """
    found: dict[tuple[str, str], bool] = {}
    for name, formula in formulas(contract, contracts).items():
        for ref in formula.measures:
            owner, measure, resource = measure_of(ref, contracts)
            key = (f"{contract.name}.{name}", owner.dataset_name(resource))
            found[key] = found.get(key, True) and (measure.as_of or measure.tick is not None)
    return {(*key, as_of) for key, as_of in found.items()}


def supply_changes(conn: psycopg.Connection[Any], contract: Contract, contracts: Sequence[Contract], reference: Reference) -> list[Change]:
    """What `bring_supply` would do, in words; changes nothing."""
    changes = [Change(kind, text) for kind, text in difference(conn, contract, reference).words]
    there = set(conn.execute(RESTS_ON_THERE, (f"{contract.name}.",)).fetchall())
    differs = sorted({indicator for indicator, _, _ in there ^ rests_on(contract, contracts)})
    if differs:
        kind: Kind = "changed" if there else "made"
        changes.append(Change(kind, f"what {', '.join(differs)} {'rests' if len(differs) == 1 else 'rest'} on is noted"))
    return changes


def bring_supply(conn: psycopg.Connection[Any], contract: Contract, contracts: Sequence[Contract], reference: Reference) -> None:
    """Brings obligations, expected reports and supply.rests_on to the contract in the current transaction, which holds its lock."""
    oblige(conn, contract, reference)
    conn.execute(FORGET, (f"{contract.name}.",))
    with conn.cursor() as cursor:
        cursor.executemany(REST_ON, sorted(rests_on(contract, contracts)))
