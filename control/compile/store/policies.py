"""Row-level policies, as the difference between what is wanted and what is there.

A restricted contract table has row-level security with one policy for those who read all rows and one for each audience that reads some;
any other table has none. `measure.value` has it always: cells are read by their class, and those of a restricted dataset by its readers.

Policies compare columns with literals, never with a subquery or a function that reads a table, so that they work across nodes. They are
written here the way PostgreSQL shows them, so that the comparison is with what is in force and not with a note of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from control.compile.store.step import Step, names
from datasets.model.audience import DESK, IDENTIFIER_LIMIT, LOADER, OPEN, SHARED, AgencyLike, Areas, RowRule, measure_readers, row_rules
from datasets.model.contract import Contract, Resource

VALUE = "measure.value"
EVERYTHING = "true"
SELECT, ALL = "SELECT", "ALL"
_COMMANDS = {"r": SELECT, "*": ALL}

POLICIES_THERE = """
SELECT p.polname, p.polcmd::text, p.polpermissive,
    array(SELECT coalesce(r.rolname, 'PUBLIC') FROM unnest(p.polroles) o LEFT JOIN pg_roles r ON r.oid = o),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = to_regclass(%s)
"""
SECURED = "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)"
OTHER_DATASETS = "SELECT dataset, access FROM ledger.dataset WHERE is_current AND contract <> ALL (%s)"
ACCESS_THERE = "SELECT access FROM ledger.dataset WHERE dataset = %s AND is_current"
SET_ACCESS = sql.SQL("UPDATE measure.value SET access = %s WHERE dataset = %s AND access <> %s")


@dataclass(frozen=True)
class Policy:
    """One permissive policy; `using` and `check` as PostgreSQL writes them."""

    name: str
    roles: tuple[str, ...]
    using: str
    command: str = SELECT
    check: str | None = None

    def clauses(self) -> sql.Composed:
        """Who and which rows, as CREATE POLICY and ALTER POLICY take them."""
        check = sql.SQL("") if self.check is None else sql.SQL(" WITH CHECK ({})").format(sql.SQL(self.check))
        return sql.SQL("TO {} USING ({}){}").format(names(self.roles), sql.SQL(self.using), check)


LOADER_POLICY = Policy("loader", (LOADER,), EVERYTHING, ALL, EVERYTHING)
DESK_POLICY = Policy("desk", (DESK,), EVERYTHING)


def table_policy_steps(
    conn: psycopg.Connection[Any], schema: str, name: str, resource: Resource, agencies: Mapping[str, AgencyLike], areas: Areas, fresh: bool
) -> list[Step]:
    """Steps that give a contract table its row rules, or take them off a dataset that is no longer restricted.

    `fresh`: the table is about to be made. They belong into the transaction that grants the table.
    """
    rules = row_rules(resource, agencies, areas)
    wanted = _table_policies(rules)
    return _policy_steps(conn, f"{schema}.{name}", sql.Identifier(schema, name), wanted, secured=bool(rules), fresh=fresh)


def access_steps(conn: psycopg.Connection[Any], contract: Contract, resource: Resource) -> list[Step]:
    """A dataset whose class has changed: its cells say so, those of earlier editions too, since policies read the class from the cell."""
    dataset, wanted = contract.dataset_name(resource), resource.access_class
    row = conn.execute(ACCESS_THERE, (dataset,)).fetchone()
    if row is None or row[0] == wanted:
        return []
    text = f"measures over {dataset} were {row[0]} and are {wanted}, in earlier editions too"
    return [Step(text, SET_ACCESS, (wanted, dataset, wanted), kind="changed")]


def measure_policy_steps(conn: psycopg.Connection[Any], contracts: Sequence[Contract], agencies: Mapping[str, AgencyLike]) -> list[Step]:
    """Steps that bring the policies of `measure.value` to what these contracts say; those of contracts not among them stay.

    Cells are read by their class. A dataset that is not open, or is restricted, is named in those policies too: a load that began under the
    contract of before may still write cells of the wider class.
    """
    classes = {contract.dataset_name(r): (r, r.access_class) for contract in contracts for r in contract.resources}
    closed: dict[str, set[str]] = {"shared": set(), "restricted": set()}
    for dataset, (_, access) in classes.items():
        closed.get(access, set()).add(dataset)
    others = dict(conn.execute(OTHER_DATASETS, ([contract.name for contract in contracts],)).fetchall())
    for dataset, access in others.items():
        closed.get(access, set()).add(dataset)
    wanted = [
        LOADER_POLICY,
        Policy("open", (OPEN,), _of_class("open", closed["shared"] | closed["restricted"])),
        Policy("shared", (SHARED,), _of_class("shared", closed["restricted"])),
    ]
    for dataset, (resource, access) in classes.items():
        if access == "restricted":
            readers = tuple(sorted(measure_readers(resource, agencies)))
            wanted.append(Policy(_restricted_name(dataset), readers, f"(dataset = {_text(dataset)})"))
    kept = {_restricted_name(dataset) for dataset, access in others.items() if access == "restricted"}
    return _policy_steps(conn, VALUE, sql.Identifier("measure", "value"), wanted, secured=True, kept=kept)


def _table_policies(rules: Sequence[RowRule]) -> list[Policy]:
    if not rules:
        return []
    everything = tuple(sorted(rule.role for rule in rules if rule.all_rows))
    some = [Policy(rule.role, (rule.role,), _rows(rule)) for rule in rules if not rule.all_rows]
    return [LOADER_POLICY, DESK_POLICY, Policy("readers", everything, EVERYTHING), *some]


def _rows(rule: RowRule) -> str:
    parts = [f"(agency = {_text(rule.agency)})"] if rule.agency is not None else []
    parts += [f"(unit_id = ANY ({_array(rule.units)}))"] if rule.units else []
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _of_class(access: str, but: Iterable[str]) -> str:
    mine = f"(access = {_text(access)})"
    return f"({mine} AND (dataset <> ALL ({_array(sorted(but))})))" if but else mine


def _text(value: str) -> str:
    """A text literal the way PostgreSQL prints one."""
    return "'" + value.replace("'", "''") + "'::text"


def _array(values: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(map(_text, values))}]"


def _restricted_name(dataset: str) -> str:
    name = f"restricted {dataset}"
    if len(name) <= IDENTIFIER_LIMIT:
        return name
    return f"{name[: IDENTIFIER_LIMIT - 9]} {hashlib.sha256(dataset.encode()).hexdigest()[:8]}"


def _policy_steps(
    conn: psycopg.Connection[Any],
    table: str,
    target: sql.Identifier,
    wanted: Sequence[Policy],
    *,
    secured: bool,
    fresh: bool = False,
    kept: Iterable[str] = (),
) -> list[Step]:
    """Row security first when it is turned on, last when it is turned off: at no moment does anyone read more than before or after."""
    there = {} if fresh else _policies(conn, target.as_string(conn))
    is_secured = not fresh and _is_secured(conn, target.as_string(conn))
    steps: list[Step] = []
    if secured and not is_secured:
        steps.append(Step(f"{table} has row rules", sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(target), kind="changed"))
    for name in sorted(there.keys() - {policy.name for policy in wanted} - set(kept)):
        gone = sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(name), target)
        steps.append(Step(f'row rule "{name}" of {table} goes', gone, kind="dropped"))
    for policy in wanted:
        steps += _bring(table, target, policy, there.get(policy.name))
    if is_secured and not secured:
        off = sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(target)
        steps.append(Step(f"{table} has no row rules any more: its class lets all rows be read", off, kind="changed"))
    return steps


def _bring(table: str, target: sql.Identifier, wanted: Policy, there: Policy | None) -> list[Step]:
    if there == wanted:
        return []
    name = sql.Identifier(wanted.name)
    if there is not None and there.command == wanted.command and (there.check is None) == (wanted.check is None):
        change = sql.SQL("ALTER POLICY {} ON {} {}").format(name, target, wanted.clauses())
        return [Step(f'row rule "{wanted.name}" of {table} is changed', change, kind="changed")]
    gone = [] if there is None else [Step("", sql.SQL("DROP POLICY {} ON {}").format(name, target))]
    make = sql.SQL("CREATE POLICY {} ON {} FOR {} {}").format(name, target, sql.SQL(wanted.command), wanted.clauses())
    return [*gone, Step(f'row rule "{wanted.name}" of {table} is made', make)]


def _policies(conn: psycopg.Connection[Any], table: str) -> dict[str, Policy]:
    """Policies that are there by name; one that is not permissive, or of another command, differs from every policy of ours."""
    found = {}
    for name, command, permissive, roles, using, check in conn.execute(POLICIES_THERE, (table,)):
        shown = _COMMANDS.get(command, command) if permissive else f"restrictive {command}"
        found[name] = Policy(name, tuple(sorted(roles)), using or "", shown, check)
    return found


def _is_secured(conn: psycopg.Connection[Any], table: str) -> bool:
    row = conn.execute(SECURED, (table,)).fetchone()
    return row is not None and bool(row[0])
