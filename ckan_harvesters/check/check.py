"""The check as a whole: decoded text in, the store's rows and the rejected ones out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from ckan_harvesters.check.columns import check_columns
from ckan_harvesters.check.example_row import set_aside_examples
from ckan_harvesters.check.figure_status import with_status
from ckan_harvesters.check.findings import LINE, Findings
from ckan_harvesters.check.references import check_agencies, check_period, check_units, other_period, province_column
from ckan_harvesters.check.rows import check_keys, check_rules
from ckan_harvesters.decode.decoded import Decoded
from ckan_harvesters.delivery import DeliveryScope
from ckan_harvesters.errors import Refused, Rejected, TerminalError
from datasets.model.contract import Resource, Scope
from datasets.model.unit import UnitIndex


@dataclass(frozen=True)
class CheckedRows:
    """Rows that keep their contract, with the columns of the store (`unit_id`, the fields' columns, `line`), typed. `line` is that of
    `Decoded`: of a wide table it tells the column too.

    `rejected` has every problem of the rejected rows, so it may be longer than `rejected_rows`. `warnings` are about
    rows that are kept.
    """

    rows: pl.DataFrame
    rejected: list[Rejected]
    rejected_rows: int
    warnings: list[Rejected]


def check(
    decoded: Decoded, resource: Resource, units: UnitIndex, agencies: Collection[str], delivery: DeliveryScope, province: str
) -> CheckedRows:
    """Check a delivery against its contract.

    `agencies`: names of all agencies; `province`: code of the province that is installed, whose unit is given to rows
    without one. Raises Refused `no_rows`, `only_example`, `other_period` and `too_many_bad`, TerminalError when the contract itself
    cannot be computed.
    """
    aside = set_aside_examples(decoded, resource)
    decoded = aside.decoded
    total = decoded.frame.height + len(decoded.rejected)
    if total == 0 and resource.delivery.scope is not Scope.PERIOD:
        raise Refused("no_rows")
    findings = Findings(resource, decoded.headers, decoded.columns)
    findings.warnings += [*decoded.left_out, *aside.left_out]
    rows = check_columns(with_status(decoded.frame, resource, findings), resource, findings)
    check_agencies(rows, resource, agencies, findings)
    check_period(rows, resource, delivery, findings)
    if elsewhere := other_period(rows, resource, delivery):
        problems = sorted([*decoded.rejected, *findings.rejected], key=lambda r: r.line or 0)
        raise Refused("other_period", problems, findings.total + len(decoded.rejected), **elsewhere)
    rows = check_units(rows, resource, units, delivery, findings)
    rows = check_keys(findings.good(rows), resource, findings)
    check_rules(rows, resource, findings)
    rows = findings.good(rows)
    bad = findings.bad_lines().len() + len(decoded.rejected)
    rejected = sorted([*decoded.rejected, *findings.rejected], key=lambda r: r.line or 0)
    if total and bad / total > resource.allowed_reject_share:
        shares = {"share": _percent(bad / total), "allowed": _percent(resource.allowed_reject_share)}
        raise Refused("too_many_bad", rejected, findings.total + len(decoded.rejected), rejected=bad, total=total, **shares)
    return CheckedRows(_stored(rows, resource, units, province, delivery), rejected, bad, findings.warnings)


def _stored(rows: pl.DataFrame, resource: Resource, units: UnitIndex, province: str, delivery: DeliveryScope) -> pl.DataFrame:
    unit = resource.unit_field
    unit_id = rows[unit.name] if unit else province_column(rows, resource, units, province, delivery)
    if unit_id.null_count():
        if unit is None:
            raise TerminalError(f"The province {province!r} has no unit on the days of this delivery.", "Correct datasets/reference/units.")
        # A unit that may be missing and is missing: the fact is about the province as a whole.
        unit_id = unit_id.fill_null(province_column(rows, resource, units, province, delivery))
    values = [rows[f.name].alias(f.column) for f in resource.value_fields]
    return pl.DataFrame([unit_id.alias("unit_id"), *values, rows[LINE].cast(pl.Int32)])


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".rstrip("0").rstrip(".")
