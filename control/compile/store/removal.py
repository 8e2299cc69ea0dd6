"""A contract taken out of the store: its tables, views, measures and stored files go; the ledger keeps what was loaded, and says so.

Every delivery that stands is withdrawn by a load of its own, as it is when CKAN deletes it, so that nothing later takes it for current.
The contract's removal is the last edition of them. The chain of editions stays whole; of files that nothing else uses the SHA-256 and a
tombstone are left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ckan_harvesters import measure as cells
from ckan_harvesters.edition import REMOVED_TABLES, tables_digest
from control.compile.changes import Changes
from control.compile.store import LOCK_TIMEOUT, alone
from control.compile.store.edition import begin, publish
from control.compile.store.policies import measure_policy_steps
from control.compile.store.step import run
from datasets.model.problem import ContractError, ContractProblem

TABLES = "SELECT table_name FROM ledger.dataset WHERE contract = %s ORDER BY 1"
APPLIED = "SELECT sha256 FROM ledger.current_contract WHERE name = %s"
USED_BY = """
SELECT d.indicator, array_agg(m ORDER BY m) FROM indicator.definition d, unnest(d.measures) m
WHERE d.closed_by IS NULL AND d.contract <> %(name)s AND starts_with(m, %(name)s || '.')
GROUP BY 1 ORDER BY 1
"""
# Whatever stands in the schema and is none of the contract's tables or what is made over them.
STRANGERS = """
SELECT format('%%s.%%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND format('%%s.%%s', n.nspname, c.relname) <> ALL (%(tables)s)
    AND NOT (c.relkind = 'v' AND obj_description(c.oid, 'pg_class') ~ '^(definition|wide view) ')
ORDER BY 1
"""
COUNTS = """
SELECT (SELECT count(DISTINCT measure) FROM measure.definition WHERE contract = %(name)s),
    (SELECT count(*) FROM measure.value WHERE starts_with(measure, %(name)s || '.')),
    (SELECT count(DISTINCT indicator) FROM indicator.definition WHERE contract = %(name)s),
    (SELECT count(*) FROM ledger.load l JOIN ledger.edition USING (load_id) WHERE l.table_name = ANY (%(tables)s)),
    (SELECT count(*) FROM supply.obligation WHERE contract = %(name)s),
    (SELECT count(*) FROM supply.report JOIN supply.obligation USING (obligation) WHERE contract = %(name)s)
"""
ROWS = """
SELECT t.name, coalesce(sum(l.added - l.removed), 0)::bigint
FROM unnest(%s::text[]) t (name) LEFT JOIN (ledger.load l JOIN ledger.edition USING (load_id)) ON l.table_name = t.name
GROUP BY 1 ORDER BY 1
"""
STANDING = """
SELECT c.table_name, c.scope, c.ckan_resource, c.agency, c.simulated, (
    SELECT sum(l.added - l.removed) FROM ledger.load l JOIN ledger.edition USING (load_id)
    WHERE l.table_name = c.table_name AND l.scope = c.scope
) FROM ledger.current_load c WHERE c.table_name = ANY (%s) AND c.kind = 'file' ORDER BY 1, 2
"""
WITHDRAW = """
INSERT INTO ledger.load (kind, state, table_name, scope, ckan_resource, agency, simulated, removed)
VALUES ('withdrawal', 'done', %s, %s, %s, %s, %s, %s) RETURNING load_id
"""
# Files that were delivered to these tables and to nothing else, nor are being read for another contract now.
OWN_FILES = """
SELECT f.sha256 FROM ledger.file f
WHERE f.erased_at IS NULL
    AND EXISTS (SELECT FROM ledger.load l WHERE l.file_sha256 = f.sha256 AND l.table_name = ANY (%(tables)s))
    AND NOT EXISTS (SELECT FROM ledger.load l WHERE l.file_sha256 = f.sha256 AND (l.table_name = ANY (%(tables)s)) IS NOT TRUE)
    AND NOT EXISTS (
        SELECT FROM ledger.delivery d WHERE d.file_sha256 = f.sha256 AND NOT starts_with(d.contract_resource, %(name)s || '/')
    )
"""
ERASE = "UPDATE ledger.file SET erased_at = now(), erased_why = %(why)s WHERE sha256 = ANY (%(files)s)"
ERASED = "SELECT path FROM ledger.file WHERE erased_why = %s ORDER BY 1"
SAY_TABLES = "UPDATE ledger.load SET params = jsonb_build_object(%s::text, %s::jsonb) WHERE load_id = %s"
FORGET = (
    "DELETE FROM measure.value WHERE starts_with(measure, %(name)s || '.')",
    "DELETE FROM measure.definition WHERE contract = %(name)s",
    "DELETE FROM indicator.target WHERE starts_with(indicator, %(name)s || '.')",
    "DELETE FROM indicator.definition WHERE contract = %(name)s",
    "DELETE FROM indicator.headline WHERE subsystem = %(name)s",
    "DELETE FROM ledger.subsystem WHERE subsystem = %(name)s",
    "DELETE FROM ledger.rejected_row r USING ledger.load l WHERE l.load_id = r.load_id AND l.table_name = ANY (%(tables)s)",
    "DELETE FROM ledger.delivery WHERE starts_with(contract_resource, %(name)s || '/')",
    "DELETE FROM ledger.dataset WHERE contract = %(name)s",
    "DELETE FROM supply.rests_on WHERE starts_with(indicator, %(name)s || '.')",
    "DELETE FROM supply.event e USING supply.report r JOIN supply.obligation o USING (obligation) "
    "WHERE e.report = r.report AND o.contract = %(name)s",
    "DELETE FROM supply.report r USING supply.obligation o WHERE o.obligation = r.obligation AND o.contract = %(name)s",
    "DELETE FROM supply.obligation WHERE contract = %(name)s",
)


@dataclass
class Removed:
    """What a removal did."""

    changes: Changes = field(default_factory=Changes)
    files: list[str] = field(default_factory=list)
    """Paths under the folder of files, which the caller deletes; those of an earlier removal that was stopped before it did, too."""


def plan_removal(conn: psycopg.Connection[Any], name: str) -> Changes:
    """What `remove_contract` would do; changes nothing. Raises as it does."""
    with alone(conn):
        return _plan(conn, name, _tables(conn, name))


def remove_contract(conn: psycopg.Connection[Any], name: str) -> Removed:
    """Takes the contract out of the store in one transaction; a second time there is nothing to do.

    `conn`: as ioc_owner, in no transaction. Raises ContractError when another contract's indicators use its measures, or when its schema
    holds what no contract made, and psycopg.errors.LockNotAvailable when a load holds a table for more than a minute.
    """
    with alone(conn):
        tables = _tables(conn, name)
        done = Removed(_plan(conn, name, tables))
        if done.changes:
            with conn.transaction():
                conn.execute(LOCK_TIMEOUT)
                cells.alone_with_contract(conn, name)
                _remove(conn, name, tables)
        # Row rules name datasets. They are locked for a moment, and not while many rows are deleted.
        with conn.transaction():
            conn.execute(LOCK_TIMEOUT)
            run(conn, measure_policy_steps(conn, [], {}))
        done.files = [row[0] for row in conn.execute(ERASED, (_why(name),))]
        return done


def _remove(conn: psycopg.Connection[Any], name: str, tables: list[str]) -> None:
    withdrawn = []
    for line in conn.execute(STANDING, (tables,)).fetchall():
        withdrawn += [int(row[0]) for row in conn.execute(WITHDRAW, line)]
    files = [row[0] for row in conn.execute(OWN_FILES, {"tables": tables, "name": name})]
    conn.execute(ERASE, {"why": _why(name), "files": files})
    for statement in FORGET:
        conn.execute(statement.encode(), {"name": name, "tables": tables})
    conn.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(_schema(name))))
    load_id = begin(conn, "contract", scope=name, row_digest=tables_digest(tables))
    conn.execute(SAY_TABLES, (REMOVED_TABLES, Jsonb(tables), load_id))
    for gone in withdrawn:
        publish(conn, gone)
    publish(conn, load_id)


def _plan(conn: psycopg.Connection[Any], name: str, tables: list[str]) -> Changes:
    changes = Changes()
    if conn.execute(APPLIED, (name,)).fetchone() is None and not tables:
        return changes
    problems = [
        ContractProblem(
            used.partition(".")[0], f"indicators.{used.partition('.')[2]}", None, f"it uses {', '.join(measures)}; remove it first"
        )
        for used, measures in conn.execute(USED_BY, {"name": name})
    ]
    strangers = [row[0] for row in conn.execute(STRANGERS, {"schema": _schema(name), "tables": tables})]
    if strangers:
        message = f"the schema {_schema(name)} holds {', '.join(strangers)}, which no contract made; move or drop it first"
        problems.append(ContractProblem(name, "name", name, message))
    if problems:
        raise ContractError(problems)
    for table, rows in conn.execute(ROWS, (tables,)):
        changes.add(f"table {table} goes with its {rows:,} rows and all that they were before", "dropped")
    changes.add(f"schema {_schema(name)} goes with its views and functions", "dropped")
    counted = conn.execute(COUNTS, {"name": name, "tables": tables}).fetchone() or (0, 0, 0, 0, 0, 0)
    changes.add(f"{counted[0]:,} measures go with their {counted[1]:,} values, {counted[2]:,} indicators with their targets", "dropped")
    if counted[4]:
        changes.add(f"{counted[4]:,} obligations go with their {counted[5]:,} expected reports and what became of them", "dropped")
    standing = len(conn.execute(STANDING, (tables,)).fetchall())
    changes.add(f"{standing:,} deliveries are withdrawn, each as an edition", "changed")
    files = len(conn.execute(OWN_FILES, {"tables": tables, "name": name}).fetchall())
    changes.add(f"{files:,} delivered files that nothing else uses are erased; their SHA-256 stays in the ledger", "dropped")
    changes.add(f"contract {name} is removed, as an edition", "dropped")
    changes.add(f"the ledger keeps the {counted[3]:,} editions of what was loaded, and contract {name} as it was applied", "kept")
    return changes


def _tables(conn: psycopg.Connection[Any], name: str) -> list[str]:
    """Tables of the contract, of all major versions."""
    return [row[0] for row in conn.execute(TABLES, (name,))]


def _schema(name: str) -> str:
    return name.replace("-", "_")


def _why(name: str) -> str:
    return f"contract {name} was removed"
