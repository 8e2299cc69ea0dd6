"""Definitions of measures, indicators and targets as versioned rows, and which measures a contract asks to be computed anew.

The rows that stand are compared with the contract. What differs is closed by the contract's own load and opened by it, in the transaction
that applies the contract; a measure of another meaning is computed from all its rows there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ckan_harvesters import measure as cells
from control.compile.changes import Change
from control.compile.store.definitions import Lines, indicator_lines, measure_lines, target_lines
from control.compile.store.step import names
from datasets.model.contract import Contract
from datasets.model.problem import ContractProblem
from datasets.model.reference import Reference

OPEN = sql.SQL("SELECT {columns} FROM {table} WHERE closed_by IS NULL AND starts_with({name}, %s)")
CLOSE = sql.SQL("UPDATE {table} SET closed_by = %s WHERE closed_by IS NULL AND ({key}) = ({values})")
INSERT = sql.SQL("INSERT INTO {table} ({columns}, load_id) VALUES ({values}, %s)")
SET_ACCESS = sql.SQL("UPDATE {table} SET access = %s WHERE {name} = %s AND access <> %s")
ROWS = """
SELECT coalesce(sum(l.added - l.removed), 0)::bigint FROM ledger.load l JOIN ledger.edition USING (load_id) WHERE l.table_name = %s
"""


@dataclass(frozen=True)
class Kept:
    """One of the tables of definitions."""

    schema: str
    table: str
    name: str
    """Column with the full name."""
    key: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.table)


MEASURES = Kept("measure", "definition", "measure", ("measure",))
INDICATORS = Kept("indicator", "definition", "indicator", ("indicator",))
TARGETS = Kept("indicator", "target", "indicator", ("unit_id", "indicator", "valid_from"))


@dataclass
class Difference:
    """What one table of definitions has otherwise than the contract, by key."""

    kept: Kept
    opened: Lines = field(default_factory=dict)
    """New lines and lines that replace one."""
    closed: Lines = field(default_factory=dict)
    """Lines that go or are replaced, as they were."""
    access: dict[str, str] = field(default_factory=dict)
    """Class of access by name, where it alone differs: it is changed in place, for past editions too."""


@dataclass
class MeasurePlan:
    """What a contract asks of measures, indicators and targets."""

    differences: list[Difference] = field(default_factory=list)
    recompute: list[str] = field(default_factory=list)
    """Measures whose cells are computed from all rows, by their name in the contract."""
    gone: list[str] = field(default_factory=list)
    """Full names of measures whose cells are closed."""
    changes: list[Change] = field(default_factory=list)
    problems: list[ContractProblem] = field(default_factory=list)

    @property
    def is_edition(self) -> bool:
        """Whether any definition is opened or closed, which only a load does."""
        return any(difference.opened or difference.closed for difference in self.differences)


def plan_measures(conn: psycopg.Connection[Any], contract: Contract, contracts: Sequence[Contract], reference: Reference) -> MeasurePlan:
    """Reads the definitions that stand and compares them. Raises ContractError when an indicator cannot be computed."""
    plan = MeasurePlan()
    targets, plan.problems = target_lines(contract, reference)
    for kept, wanted in ((MEASURES, measure_lines(contract)), (INDICATORS, indicator_lines(contract, contracts)), (TARGETS, targets)):
        plan.differences.append(_difference(conn, kept, contract.name, wanted))
    measures = plan.differences[0]
    for key, line in measures.opened.items():
        before = measures.closed.get(key)
        if before is None or before["meaning"] != line["meaning"]:
            plan.recompute.append(key[0].removeprefix(f"{contract.name}."))
    plan.gone = [key[0] for key in measures.closed if key not in measures.opened]
    plan.changes = [*_of_measures(conn, measures), *_of_indicators(plan.differences[1]), *_of_targets(plan.differences[2])]
    return plan


def apply_measures(conn: psycopg.Connection[Any], contract: Contract, plan: MeasurePlan, load_id: int, now: datetime) -> None:
    """Closes and opens definitions, closes cells of measures that go, and computes what is new or means something else.

    In the transaction that applies the contract, after its tables are changed; `now`: the moment that NOW() in a ticking measure means.
    """
    for difference in plan.differences:
        kept = difference.kept
        key = sql.SQL(", ").join(map(sql.Identifier, kept.key))
        close = CLOSE.format(table=kept.identifier, key=key, values=sql.SQL(", ").join([sql.Placeholder()] * len(kept.key)))
        for gone in difference.closed:
            conn.execute(close, (load_id, *gone))
        for line in difference.opened.values():
            values = sql.SQL(", ").join([sql.Placeholder()] * len(line))
            insert = INSERT.format(table=kept.identifier, columns=names(line), values=values)
            conn.execute(insert, (*(Jsonb(v) if isinstance(v, dict) else v for v in line.values()), load_id))
    follow_access(conn, plan)
    for full in plan.gone:
        cells.close(conn, full, load_id)
    for name in plan.recompute:
        cells.recompute(conn, contract, name, load_id, now)


def follow_access(conn: psycopg.Connection[Any], plan: MeasurePlan) -> None:
    """Definitions say the class that their dataset has now, those of earlier editions too; cells follow with the dataset itself."""
    for difference in plan.differences:
        for name, access in difference.access.items():
            change = SET_ACCESS.format(table=difference.kept.identifier, name=sql.Identifier(difference.kept.name))
            conn.execute(change, (access, name, access))


def _difference(conn: psycopg.Connection[Any], kept: Kept, contract: str, wanted: Lines) -> Difference:
    done = Difference(kept)
    columns = conn.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(kept.identifier)).description or []
    shown = [c.name for c in columns if c.name not in ("load_id", "closed_by", "scale")]
    query = OPEN.format(columns=names(shown), table=kept.identifier, name=sql.Identifier(kept.name))
    there = {
        tuple(line[part] for part in kept.key): line
        for line in (dict(zip(shown, row, strict=True)) for row in conn.execute(query, (f"{contract}.",)))
    }
    for key, line in wanted.items():
        before = there.get(key)
        if before == line:
            continue
        if before is not None and before.get("access") != line.get("access"):
            done.access[line[kept.name]] = line["access"]
            if {**before, "access": line["access"]} == line:
                continue
        done.opened[key] = line
        if before is not None:
            done.closed[key] = before
    done.closed |= {key: line for key, line in there.items() if key not in wanted}
    return done


def _of_measures(conn: psycopg.Connection[Any], difference: Difference) -> list[Change]:
    lines = []
    for (name,), line in difference.opened.items():
        before, rows = difference.closed.get((name,)), rows_of(conn, line["table_name"])
        of = f"{rows:,} rows of {line['table_name']}" if rows else f"{line['table_name']}, which has no rows yet"
        if before is None:
            lines.append(Change("made", f"measure {name} is made and computed from {of}"))
        elif before["table_name"] != line["table_name"]:
            text = f"measure {name} is computed from {of}; its values so far stay in the editions before"
            lines.append(Change("changed", text))
        elif before["meaning"] != line["meaning"]:
            lines.append(Change("changed", f"measure {name} means something else and is computed anew from {of}"))
        else:
            lines.append(Change("changed", f"measure {name} is described in other words; its values stay"))
    for (name,) in difference.closed.keys() - difference.opened.keys():
        lines.append(Change("dropped", f"measure {name} goes; its values stay in the editions before"))
    lines += [Change("changed", f"measure {name} is {access} from now on") for name, access in difference.access.items()]
    return lines


def rows_of(conn: psycopg.Connection[Any], table_name: str) -> int:
    """Rows that a contract table shows now, as the ledger counts them."""
    row = conn.execute(ROWS, (table_name,)).fetchone()
    return int(row[0]) if row else 0


def _of_indicators(difference: Difference) -> list[Change]:
    lines = []
    for (name,), line in difference.opened.items():
        before = difference.closed.get((name,))
        if before is None:
            lines.append(Change("made", f"indicator {name} is made: {line['expression']}"))
        elif before["expression"] != line["expression"]:
            lines.append(Change("changed", f"indicator {name} becomes {line['expression']}; it was {before['expression']}"))
        else:
            lines.append(Change("changed", f"indicator {name} is described otherwise; its expression stays"))
    lines += [Change("dropped", f"indicator {name} goes") for (name,) in difference.closed.keys() - difference.opened.keys()]
    lines += [Change("changed", f"indicator {name} is {access} from now on") for name, access in difference.access.items()]
    return lines


def _of_targets(difference: Difference) -> list[Change]:
    lines = []
    for key, line in difference.opened.items():
        unit_id, name, since = key
        before, of = difference.closed.get(key), f"target of {name} for {unit_id} from {since}"
        if before is None:
            lines.append(Change("made", f"{of} is set: {line['value']}"))
        elif before["value"] != line["value"]:
            lines.append(Change("changed", f"{of} becomes {line['value']}; it was {before['value']}"))
        else:
            lines.append(Change("changed", f"{of}, {line['value']}, has another end, amber band, pace or basis"))
    for unit_id, name, since in difference.closed.keys() - difference.opened.keys():
        lines.append(Change("dropped", f"target of {name} for {unit_id} from {since} goes"))
    return lines
