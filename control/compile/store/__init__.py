"""The store as the contracts and the reference want it: plan everything first, then apply each part in one transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from ckan_harvesters import clock
from ckan_harvesters import measure as cells
from ckan_harvesters.supply.reports import make_ahead
from control.compile.changes import Changes
from control.compile.store.contract import ContractPlan, plan_contract, record
from control.compile.store.edition import begin, publish
from control.compile.store.measures import apply_measures, follow_access
from control.compile.store.policies import measure_policy_steps
from control.compile.store.reference import apply_reference
from control.compile.store.roles import audience_steps
from control.compile.store.step import Step, lines, run
from control.compile.store.supply import bring_supply, supply_changes
from datasets.model.audience import areas
from datasets.model.contract import Contract
from datasets.model.problem import ContractError
from datasets.model.reference import Reference

APPLY_LOCK = 7_402_012
"""Session lock that keeps two applies from planning over each other."""

LOCK_TIMEOUT = "SET LOCAL lock_timeout = '60s'"
"""A table that a running load holds is waited for this long; then apply fails and may be run again."""


@dataclass
class StorePlan:
    """What an apply would do."""

    roles: list[Step] = field(default_factory=list)
    policies: list[Step] = field(default_factory=list)
    """Of `measure.value`, which all contracts share."""
    reference: list[str] = field(default_factory=list)
    contracts: list[ContractPlan] = field(default_factory=list)

    def changes(self) -> Changes:
        """The plan in words."""
        done = Changes()
        done.extend([*lines(self.roles), *lines(self.policies)])
        done.extend(self.reference, kind="changed")
        for plan in self.contracts:
            done.extend(plan.changes())
        return done


def plan_store(
    conn: psycopg.Connection[Any],
    contracts: Sequence[Contract],
    reference: Reference,
    secret: str | None = None,
    cells: Mapping[str, bytes] | None = None,
) -> StorePlan:
    """What `apply_store` would do; changes nothing. Raises ContractError when a contract asks for what only a new major version may do."""
    with alone(conn):
        return _plan(conn, contracts, reference, secret, cells or {})


def apply_store(
    conn: psycopg.Connection[Any],
    contracts: Sequence[Contract],
    reference: Reference,
    secret: str | None = None,
    cells: Mapping[str, bytes] | None = None,
    now: datetime | None = None,
) -> Changes:
    """Brings roles, `ref` and every contract's schema to what is declared; a second run changes nothing.

    `conn`: as ioc_owner, in no transaction. `secret`: IOC_SECRET, read from the environment when not given. `cells`: unit_id → WKB polygon
    (EPSG:4326) drawn where no boundary was delivered. `now`: the moment at which measures that the clock changes are computed. Raises
    ContractError before anything is changed, and psycopg.errors.LockNotAvailable when a load holds a table for more than a minute: what
    came before stays, run it again.
    """
    with alone(conn):
        plan = _plan(conn, contracts, reference, secret, cells or {})
        with conn.transaction():
            run(conn, plan.roles)
        if plan.policies:
            with conn.transaction():
                conn.execute(LOCK_TIMEOUT)
                run(conn, plan.policies)
        if plan.reference:
            with conn.transaction():
                apply_reference(conn, reference, cells or {})
        for part in plan.contracts:
            _apply_contract(conn, part, contracts, reference, now or clock.now())
        with conn.transaction():
            make_ahead(conn)
        return plan.changes()


def _plan(
    conn: psycopg.Connection[Any], contracts: Sequence[Contract], reference: Reference, secret: str | None, cells: Mapping[str, bytes]
) -> StorePlan:
    chosen = os.environ.get("IOC_SECRET", "") if secret is None else secret
    local = areas(reference)
    plan = StorePlan(roles=audience_steps(conn, reference.agencies, local, chosen))
    plan.policies = measure_policy_steps(conn, contracts, reference.agencies)
    plan.contracts = [plan_contract(conn, contract, contracts, reference, local) for contract in contracts]
    problems = [problem for part in plan.contracts for problem in part.problems]
    if problems:
        raise ContractError(problems)
    for part in plan.contracts:
        part.supply = supply_changes(conn, part.contract, contracts, reference)
    with conn.transaction(force_rollback=True):
        plan.reference = apply_reference(conn, reference, cells)
    return plan


def _apply_contract(
    conn: psycopg.Connection[Any], part: ContractPlan, contracts: Sequence[Contract], reference: Reference, now: datetime
) -> None:
    """Tables, views and grants, obligations, the ledger's line, definitions and the measures that follow from them, the edition: one
    transaction."""
    if not part.changes():
        return
    with conn.transaction():
        conn.execute(LOCK_TIMEOUT)
        cells.alone_with_contract(conn, part.contract.name)
        run(conn, part.steps)
        if part.supply:
            bring_supply(conn, part.contract, contracts, reference)
        if not part.is_edition:
            follow_access(conn, part.measures)
            return
        record(conn, part.contract)
        load_id = begin(conn, "contract", scope=part.contract.name, contract_sha256=part.contract.sha256)
        apply_measures(conn, part.contract, part.measures, load_id, now)
        publish(conn, load_id)


@contextmanager
def alone(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Autocommit, so that each part is a transaction of its own, and no other apply at the same time."""
    if conn.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("apply_store takes a connection that is in no transaction")
    before = conn.autocommit
    conn.autocommit = True
    conn.execute("SELECT pg_advisory_lock(%s)", (APPLY_LOCK,))
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", (APPLY_LOCK,))
            conn.autocommit = before
