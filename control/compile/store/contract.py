"""What one contract asks of the store: schema, tables, views, grants, its lines in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from control.compile.changes import Change, Kind
from control.compile.store.home import home_steps
from control.compile.store.indexes import measure_index_steps
from control.compile.store.measures import MeasurePlan, plan_measures, rows_of
from control.compile.store.points import clustered, points_steps, view_name
from control.compile.store.policies import access_steps, table_policy_steps
from control.compile.store.roles import Grant, grant_steps, table_grants
from control.compile.store.step import Step, lines
from control.compile.store.tables import StoreTable, alter, create, existing_columns, primary_key
from control.compile.store.views import CHANGED, MADE, as_of_steps, view_steps
from control.compile.store.wide import clashes, wide_steps, wides
from datasets.model.audience import DESK, LOADER, READER, AgencyLike, Areas, who_reads
from datasets.model.contract import Contract, Resource
from datasets.model.problem import ContractError, ContractProblem
from datasets.model.reference import Reference

CONTRACT_THERE = "SELECT sha256, major, minor FROM ledger.current_contract WHERE name = %s"
DATASETS_THERE = "SELECT table_name, view_name, resource, major FROM ledger.dataset WHERE contract = %s"

RECORD_CONTRACT = (
    "INSERT INTO ledger.contract (sha256, name, major, minor, bytes) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (sha256) DO NOTHING"
)

DATASET_COLUMNS = (
    "table_name",
    "view_name",
    "dataset",
    "contract",
    "resource",
    "subsystem",
    "position",
    "title",
    "title_en",
    "title_fr",
    "owner",
    "access",
    "major",
    "sources",
)
DATASET_THERE = sql.SQL("SELECT {}, is_current FROM ledger.dataset WHERE table_name = %s").format(
    sql.SQL(", ").join(map(sql.Identifier, DATASET_COLUMNS))
)
RECORD_DATASET = sql.SQL(
    "INSERT INTO ledger.dataset ({columns}, is_current) VALUES ({values}, true) "
    "ON CONFLICT (table_name) DO UPDATE SET ({columns}, is_current) = ROW({new}, true)"
).format(
    columns=sql.SQL(", ").join(map(sql.Identifier, DATASET_COLUMNS)),
    values=sql.SQL(", ").join([sql.Placeholder()] * len(DATASET_COLUMNS)),
    new=sql.SQL(", ").join(sql.Identifier("excluded", c) for c in DATASET_COLUMNS),
)
RETIRE = "UPDATE ledger.dataset SET is_current = false WHERE view_name = %s AND table_name <> %s AND is_current"


@dataclass
class ContractPlan:
    """Steps that bring the store to one contract, or why it cannot be brought there."""

    contract: Contract
    steps: list[Step] = field(default_factory=list)
    problems: list[ContractProblem] = field(default_factory=list)
    is_first: bool = False
    """Whether no contract of this name is applied."""
    is_new: bool = False
    """Whether the contract's bytes are not those applied last."""
    measures: MeasurePlan = field(default_factory=MeasurePlan)
    supply: list[Change] = field(default_factory=list)
    """What becomes of its obligations."""
    remade: set[str] = field(default_factory=set)
    """Stable views that are dropped and made anew."""

    @property
    def is_edition(self) -> bool:
        """Whether applying it is a load with an edition of its own."""
        return self.is_new or self.measures.is_edition

    def changes(self) -> list[Change]:
        """What is done, in words and in order."""
        done = [*lines(self.steps), *self.measures.changes, *self.supply]
        if self.is_edition:
            kind: Kind = "made" if self.is_first else "changed"
            done.append(Change(kind, f"contract {self.contract.name} {self.contract.version} becomes the next edition of the ledger"))
        return done


def plan_contract(
    conn: psycopg.Connection[Any], contract: Contract, contracts: Sequence[Contract], reference: Reference, areas: Areas
) -> ContractPlan:
    """Reads the store and plans; changes nothing. `contracts`: all that are applied together, whose measures it may use."""
    plan = ContractPlan(contract)
    agencies = reference.agencies
    applied = conn.execute(CONTRACT_THERE, (contract.name,)).fetchone()
    plan.is_first = applied is None
    plan.is_new = applied is None or applied[0] != contract.sha256
    if applied and contract.major < applied[1]:
        message = f"version {applied[1]}.{applied[2]} is applied already; write a major version of at least {applied[1]}"
        plan.problems.append(_problem(contract, "version", contract.version, message))
    schema = sql.Identifier(contract.pg_schema)
    known = conn.execute("SELECT to_regnamespace(%s) IS NOT NULL", (f'"{contract.pg_schema}"',)).fetchone()
    fresh = known is None or not known[0]
    if fresh:
        plan.steps.append(Step(f"schema {contract.pg_schema} is made", sql.SQL("CREATE SCHEMA {}").format(schema)))
    usage = {Grant(role, "USAGE") for role in (READER, LOADER, DESK)}
    plan.steps += grant_steps(conn, "SCHEMA", f'"{contract.pg_schema}"', schema, usage, fresh)
    older = conn.execute(DATASETS_THERE, (contract.name,)).fetchall()
    before_tables = len(plan.steps)
    for position, resource in enumerate(contract.resources):
        _plan_resource(conn, plan, resource, agencies, areas, position)
        for table_name, _, name, major in older:
            if name == resource.name and major != contract.major:
                _plan_older_table(conn, plan, table_name, resource, agencies, areas)
    _plan_gone(conn, plan, older)
    points = points_steps(conn, contract, agencies, areas, plan.remade)
    plan.steps[before_tables:before_tables] = points.drop
    plan.steps += points.make
    _plan_measures(conn, plan, contracts, reference)
    return plan


def _plan_measures(conn: psycopg.Connection[Any], plan: ContractPlan, contracts: Sequence[Contract], reference: Reference) -> None:
    contract = plan.contract
    try:
        plan.measures = plan_measures(conn, contract, contracts, reference)
        views = wides(contract, contracts)
    except ContractError as error:
        plan.problems += error.problems
        return
    plan.problems += plan.measures.problems
    taken = {contract.view(resource): resource.name for resource in contract.resources}
    for name in (view_name(measure) for measure in clustered(contract) if view_name(measure) in taken):
        message = f"{name} is the view of points in clusters; write another name"
        plan.problems.append(_problem(contract, f"resources[{taken[name]}].name", taken[name], message))
    for wide in views:
        if wide.name in taken:
            message = f"{wide.name} is the view of the indicators by {wide.calendar.value}; write another name"
            plan.problems.append(_problem(contract, f"resources[{taken[wide.name]}].name", taken[wide.name], message))
        for column in clashes(wide):
            message = f"two columns of {wide.schema}.{wide.name} would be called {column}; give the measure another name"
            plan.problems.append(_problem(contract, f"measures.{column}", column, message))
    if not plan.problems:
        plan.steps += wide_steps(conn, contract.pg_schema, views)
        plan.steps += home_steps(conn, contract, contracts)


def record(conn: psycopg.Connection[Any], contract: Contract) -> None:
    """Keeps the contract's bytes in the ledger."""
    conn.execute(RECORD_CONTRACT, (contract.sha256, contract.name, contract.major, contract.minor, contract.source))


def _plan_resource(
    conn: psycopg.Connection[Any],
    plan: ContractPlan,
    resource: Resource,
    agencies: Mapping[str, AgencyLike],
    areas: Areas,
    position: int,
) -> None:
    contract = plan.contract
    table = StoreTable.of(contract, resource)
    there = existing_columns(conn, table.schema, table.name)
    alteration = alter(table, there, primary_key(conn, table), rows_of(conn, table.text)) if there else (create(table), [], False)
    steps, problems, retyped = alteration
    advice = f"write version {contract.major + 1}.0.0, which makes a new table beside this one"
    for text in problems:
        plan.problems.append(_problem(contract, f"resources[{resource.name}].schema", None, f"{text}; {advice}"))
    if problems:
        return
    view = view_steps(conn, contract, resource, table, there, retyped)
    as_of = as_of_steps(conn, contract, resource, table, there, retyped)
    steps += measure_index_steps(conn, contract, resource, table)
    plan.steps += [*view.drop, *as_of.drop, *steps, *view.make, *as_of.make]
    plan.remade |= {contract.view(resource)} if view.drop else set()
    plan.steps += table_policy_steps(conn, table.schema, table.name, resource, agencies, areas, not there)
    _plan_grants(conn, plan, resource, table, agencies, areas, not there, bool(view.drop), bool(as_of.make))
    plan.steps += access_steps(conn, contract, resource)
    line = _dataset_line(contract, resource, table, position)
    before = conn.execute(DATASET_THERE, (table.text,)).fetchone()
    if before != (*line, True):
        plan.steps.append(Step("", sql.SQL(RETIRE), (line[1], table.text)))
        text, kind = f"dataset {line[2]} is entered in the ledger, over {table.text}", MADE
        if before is not None:
            differs = [c for c, old, new in zip(DATASET_COLUMNS, before, line, strict=False) if old != new] or ["the table it is over"]
            text, kind = f"dataset {line[2]} is changed in the ledger: {', '.join(differs)}", CHANGED
        plan.steps.append(Step(text, RECORD_DATASET, line, kind=kind))


def _plan_grants(
    conn: psycopg.Connection[Any],
    plan: ContractPlan,
    resource: Resource,
    table: StoreTable,
    agencies: Mapping[str, AgencyLike],
    areas: Areas,
    new_table: bool,
    new_view: bool,
    new_function: bool,
) -> None:
    schema, view = table.schema, plan.contract.view(resource)
    readers = who_reads(resource, agencies, areas)
    wanted = table_grants(resource, table.columns, agencies, areas)
    plan.steps += grant_steps(conn, "TABLE", f'"{schema}"."{table.name}"', table.identifier, wanted, new_table)
    reading = {Grant(role, "SELECT") for role in (*readers, LOADER)}
    plan.steps += grant_steps(conn, "TABLE", f'"{schema}"."{view}"', sql.Identifier(schema, view), reading, new_view)
    name = f'"{schema}"."{view}__as_of"(bigint)'
    target = sql.SQL("{}(bigint)").format(sql.Identifier(schema, f"{view}__as_of"))
    plan.steps += grant_steps(conn, "FUNCTION", name, target, {Grant(role, "EXECUTE") for role in readers}, new_function)


def _plan_older_table(
    conn: psycopg.Connection[Any],
    plan: ContractPlan,
    table_name: str,
    resource: Resource,
    agencies: Mapping[str, AgencyLike],
    areas: Areas,
) -> None:
    """The table of an earlier major version keeps its rows; who reads it follows the contract of today."""
    schema, name = table_name.split(".")
    columns = existing_columns(conn, schema, name)
    rows, now = rows_of(conn, table_name), f"{schema}.{plan.contract.table(resource)}"
    if not existing_columns(conn, schema, plan.contract.table(resource)):
        text = f"table {table_name} keeps its {rows:,} rows; {schema}.{plan.contract.view(resource)} shows those of {now} from now on"
        plan.steps.append(Step(text, None, kind="kept"))
    plan.steps += table_policy_steps(conn, schema, name, resource, agencies, areas, False)
    wanted = table_grants(resource, columns, agencies, areas)
    plan.steps += grant_steps(conn, "TABLE", f'"{schema}"."{name}"', sql.Identifier(schema, name), wanted, False)


def _plan_gone(conn: psycopg.Connection[Any], plan: ContractPlan, older: list[tuple[Any, ...]]) -> None:
    """Resources that the contract no longer has: only a new major version may drop one; its rows stay, unread."""
    names = {r.name for r in plan.contract.resources}
    for table_name, stable, name, major in older:
        if name in names:
            continue
        if major == plan.contract.major:
            advice = f"put it back, or write version {major + 1}.0.0"
            plan.problems.append(_problem(plan.contract, "resources", None, f"the resource {name} is no longer there; {advice}"))
            continue
        schema, view = stable.split(".")
        if existing_columns(conn, schema, view):
            function = sql.Identifier(schema, f"{view}__as_of")
            drop = sql.SQL("DROP VIEW {}").format(sql.Identifier(schema, view))
            plan.steps.append(Step(f"view {stable} goes", drop, kind="dropped"))
            kept = f"table {table_name} keeps its {rows_of(conn, table_name):,} rows, which nobody reads any more"
            plan.steps.append(Step(kept, None, kind="kept"))
            plan.steps.append(Step("", sql.SQL("DROP FUNCTION {}(bigint)").format(function)))
            plan.steps.append(Step("", sql.SQL(RETIRE), (stable, "")))
        table = table_name.split(".")[1]
        wanted = {Grant(LOADER, "SELECT"), Grant(LOADER, "INSERT"), Grant(LOADER, "UPDATE", "closed_by")}
        plan.steps += grant_steps(conn, "TABLE", f'"{schema}"."{table}"', sql.Identifier(schema, table), wanted, False)


def _dataset_line(contract: Contract, resource: Resource, table: StoreTable, position: int) -> tuple[Any, ...]:
    return (
        table.text,
        f"{table.schema}.{contract.view(resource)}",
        contract.dataset_name(resource),
        contract.name,
        resource.name,
        contract.name,
        contract.subsystem.order * 1000 + position,
        resource.title,
        resource.titles.en,
        resource.titles.fr,
        resource.owner,
        resource.access_class,
        contract.major,
        " · ".join(source.title for source in resource.sources) or None,
    )


def _problem(contract: Contract, key: str, value: Any, message: str) -> ContractProblem:
    file = str(contract.folder / "datapackage.yaml") if contract.folder else contract.name
    return ContractProblem(file, key, value, message)
