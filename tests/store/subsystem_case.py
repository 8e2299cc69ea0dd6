"""A small fixed delivery of a subsystem and what its indicators are then, worked out by hand: `tests/store/subsystems/<contract>.yaml`.

    now: 2026-02-01T08:00:00+07:00        # optional: the moment of the loads, for measures that depend on it
    audience: leader                      # optional: who asks, an official without it; restricted figures are for leaders
    deliveries:
      - resource: files                   # of the file's contract; of another one: health/population
        agency: phuong-thanh-vinh
        period: 2026-01                   # where the resource is delivered by period
        rows: |                           # the file as the agency writes it, from its header on: the contract's dialect
          ngay;ma_xa;tiep_nhan
          05/01/2026;16681;10
      # Of a workbook the cells are divided by ";", days and numbers are written as in its contract's fields.
    expect:
      - indicator: on-time
        calendar: month
        period: 2026-01                   # or several: [2026-01, 2026-02]
        unit: "16681"                     # optional: a unit's code, as the dashboard's filter has it
        agency: phuong-thanh-vinh         # optional: who delivered
        breakdown: {office: so-y-te}      # optional: columns of the wide view
        value: 87.5                       # null: shown as missing; written to four decimals is enough
        why: 7 on time of 8 that were closed or are open and late

Nothing of the product makes the expected numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import psycopg
import xlsxwriter
import yaml
from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, field_validator

from ckan_harvesters.applied import places
from ckan_harvesters.delivery import scope_of
from ckan_harvesters.load import load
from ckan_harvesters.outcome import Checked, Outcome
from ckan_harvesters.reading import read
from datasets.demonstration.encode import encodable
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, ContractField, Resource, Scope
from datasets.model.formula import formulas
from tests.store.conftest import Store

FOLDER = Path(__file__).parent / "subsystems"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class FixedDelivery(_Strict):
    """One file of one agency."""

    resource: str
    agency: str
    period: str | None = None
    rows: str
    rejected: int = 0
    """Rows of it that break the contract on purpose."""

    @field_validator("period", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return None if value is None else str(value)


class Expected(_Strict):
    """One figure, with the working that gave it."""

    indicator: str
    calendar: Calendar
    period: list[str] = Field(min_length=1)
    unit: str | None = None
    agency: str | None = None
    breakdown: dict[str, str | int | bool] = {}
    value: float | None
    why: str = Field(min_length=8)

    @field_validator("period", mode="before")
    @classmethod
    def _as_texts(cls, value: Any) -> list[str]:
        return [str(part) for part in (value if isinstance(value, list) else [value])]

    def __str__(self) -> str:
        where = {"unit": self.unit, "agency": self.agency, **self.breakdown}
        parts = [f"{name} {value}" for name, value in where.items() if value is not None]
        return ", ".join([self.indicator, f"{self.calendar} {' and '.join(self.period)}", *parts]) + f" ({self.why})"


class SubsystemCase(_Strict):
    """The file of one contract."""

    now: datetime | None = None
    audience: Literal["official", "leader", "public"] = "official"
    deliveries: list[FixedDelivery]
    expect: list[Expected]


def read_case(path: Path) -> SubsystemCase:
    """A case as it is written. Raises ValidationError for one that is not written as this module says."""
    return SubsystemCase.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def contracts_needed(case: SubsystemCase, contract: Contract, known: Mapping[str, Contract]) -> list[Contract]:
    """The contract, those whose measures its indicators use, and those that the case delivers under."""
    used = {ref.subsystem for formula in formulas(contract, list(known.values())).values() for ref in formula.measures}
    used |= {delivery.resource.partition("/")[0] for delivery in case.deliveries if "/" in delivery.resource}
    return [contract, *(known[name] for name in sorted(used - {contract.name}))]


def deliver(store: Store, contract: Contract, known: Mapping[str, Contract], fixed: FixedDelivery, number: int, folder: Path) -> Outcome:
    """Writes the delivery's file, reads it as the harvest does and loads it. Raises Refused."""
    name, _, rest = fixed.resource.rpartition("/")
    owner = known[name] if name else contract
    resource = owner.resource(rest)
    path = folder / f"{number}{Path(resource.path).suffix}"
    write_file(path, resource, fixed.rows)
    # A second file of the same scope corrects the first, as a clerk does in the same delivery of CKAN.
    again = f"{fixed.resource} of {fixed.agency} for {fixed.period}"
    upload = f"delivery {number}" if resource.delivery.scope is Scope.ADDITION else again
    scope = scope_of(resource, fixed.agency, fixed.period, upload)
    with psycopg.connect(store.loader) as conn:
        known_places = places(conn)
    reading = read(path, resource, scope, known_places)
    content = path.read_bytes()
    checked = Checked(
        contract=owner,
        resource=resource,
        scope=scope.key,
        agency=fixed.agency,
        ckan_resource=upload,
        file_sha256=hashlib.sha256(content).hexdigest(),
        file_size=len(content),
        contract_sha256=owner.sha256,
        decoder=reading.decoder,
        simulated=True,
        rows=reading.rows,
        rejected=reading.rejected,
        rejected_rows=reading.rejected_rows,
    )
    outcome = load(store.loader, checked, f"job {number}")
    problems = [f"line {r.line}, {r.column}: {r.rule} {r.value!r} {r.params}" for r in reading.rejected]
    assert (outcome.code, outcome.rejected) == (None, fixed.rejected), f"{fixed.resource} of {fixed.agency}: {problems}"
    return outcome


def write_file(path: Path, resource: Resource, rows: str) -> None:
    """The delivery's file: the lines that the contract has above its header, then the rows, in the contract's encoding or as cells."""
    above = resource.dialect.header_row - 1
    if path.suffix != ".xlsx":
        path.write_bytes(encodable("Số liệu mô phỏng\n" * above + rows, resource.encoding).encode(resource.encoding))
        return
    lines = [[cell.strip() for cell in line.split(";")] for line in rows.splitlines() if line.strip()]
    fields = [next((f for f in resource.schema_.fields if f.name == name), None) for name in lines[0]]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(resource.dialect.sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number in range(above):
            sheet.write_string(number, 0, "Số liệu mô phỏng")
        sheet.write_row(above, 0, lines[0])
        for number, cells in enumerate(lines[1:], start=above + 1):
            for column, (field, cell) in enumerate(zip(fields, cells, strict=True)):
                value = _cell(field, cell, resource.schema_.missingValues)
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, value, day)
                elif value is not None:
                    sheet.write(number, column, value)


def _cell(field: ContractField | None, cell: str, missing: Sequence[str]) -> datetime | float | str | None:
    """A cell with the type that Excel would give it; what is no day and no number stays text."""
    if cell == "":
        return None
    if field is None or cell in missing or field.type not in ("date", "integer", "number"):
        return cell
    if field.type == "date":
        return datetime.strptime(cell, field.format or "%Y-%m-%d")  # noqa: DTZ007 - a day, not a moment
    return float(cell.replace(field.decimalChar, "."))


def found(store: Store, contract: Contract, known: Mapping[str, Contract], expected: Expected, audience: str) -> float | None:
    """The indicator as a chart asks an audience's question: its metric over the wide view of the calendar."""
    formula = formulas(contract, list(known.values()))[expected.indicator]
    conditions: dict[str, Any] = {"unit_code": expected.unit, "agency": expected.agency, **expected.breakdown}
    asked = {name: value for name, value in conditions.items() if value is not None}
    view = f"indicators_{expected.calendar.value.replace('-', '_')}{'__open' if audience == 'public' else ''}"
    parts = [
        sql.SQL("measure = ANY(%s)"),
        sql.SQL("period = ANY(%s)"),
        *(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in asked),
    ]
    query = sql.SQL("SELECT ({metric})::float8 FROM {view} WHERE {where}").format(
        metric=sql.SQL(formula.metric), view=sql.Identifier(contract.pg_schema, view), where=sql.SQL(" AND ").join(parts)
    )
    with psycopg.connect(store.audience(f"aud_{audience}")) as conn:
        row = conn.execute(query, ([ref.full for ref in formula.measures], expected.period, *asked.values())).fetchone()
    return row[0] if row else None
