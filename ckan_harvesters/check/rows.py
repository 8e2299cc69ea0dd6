"""Rows against each other and against the contract's own rules."""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError

from ckan_harvesters.check.findings import LINE, VALUE, Findings
from ckan_harvesters.errors import MASK, TerminalError
from datasets.model.contract import ContractField, Resource, RowCheck


def check_keys(rows: pl.DataFrame, resource: Resource, findings: Findings) -> pl.DataFrame:
    """Reject every row whose key, or whose unique value, an earlier row has; gives the rows that are left.

    `rows`: typed columns by field name. The key is the contract's, as written.
    """
    by_key = {f.name: f for f in resource.schema_.fields}
    key = resource.schema_.primaryKey
    rows = _first_of_each(rows, key, None if len(key) > 1 else by_key[key[0]], "duplicate_key", resource, findings)
    for field in resource.schema_.fields:
        if field.constraints.unique:
            rows = _first_of_each(rows, [field.name], field, "not_unique", resource, findings)
    return rows


def _first_of_each(
    rows: pl.DataFrame, columns: list[str], field: ContractField | None, rule: str, resource: Resource, findings: Findings
) -> pl.DataFrame:
    first = rows.select(pl.struct(columns).is_first_distinct() | pl.any_horizontal(pl.col(columns).is_null())).to_series()
    if first.all():
        return rows
    personal = {f.name for f in resource.schema_.fields if f.personal != "none"}
    parts = [pl.lit(MASK) if name in personal else pl.col(name).cast(pl.String).fill_null("") for name in columns]
    again = rows.filter(~first)
    firsts = (
        rows.filter(first).select(pl.col(LINE).alias("first_line"), *columns).join(again.select(columns).unique(), on=columns, how="semi")
    )
    named = again.join(firsts, on=columns, how="left", maintain_order="left")
    shown = named.select(LINE, "first_line", pl.concat_str(parts, separator=" | ").alias(VALUE))
    findings.reject(shown, field, rule, lambda row: {"first_line": findings.line(row["first_line"])})
    return rows.filter(first)


def check_rules(rows: pl.DataFrame, resource: Resource, findings: Findings) -> None:
    """The contract's rules over the columns of one row; as in a CHECK of SQL, an unknown answer passes.

    `rows`: typed columns by field name. Raises TerminalError for a rule that cannot be computed.
    """
    if not resource.checks:
        return
    stored = rows.select(LINE, *[_computable(rows, f).alias(f.stored_as) for f in resource.schema_.fields])
    for rule in resource.checks:
        try:
            passes = stored.select(pl.sql_expr(rule.rule).alias("passes"))["passes"]
        except PolarsError as error:
            raise TerminalError(
                f"The contract's check {rule.name!r} ({rule.rule}) cannot be computed: {error}", "Correct it in the contract."
            ) from error
        failing = stored.filter(~passes.fill_null(value=True)).select(LINE)
        if rule.level == "warn":
            findings.warn(failing, None, "row_check", _said(rule))
        else:
            findings.reject(failing, None, "row_check", _said(rule))


def _said(rule: RowCheck) -> dict[str, object]:
    first = rule.say.get("vi") or next(iter(rule.say.values()), rule.rule)
    return {"check": rule.name, "say": {language: rule.say.get(language, first) for language in ("vi", "en", "fr")}}


def _computable(rows: pl.DataFrame, field: ContractField) -> pl.Expr:
    return pl.col(field.name).cast(pl.Float64) if isinstance(rows.schema[field.name], pl.Decimal) else pl.col(field.name)
