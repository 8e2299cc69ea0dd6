"""Superset's datasets over the wide views: a metric for each indicator, for its target, and for each measure it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control.compile.store.wide import OPEN_SUFFIX, PREFIX
from control.compile.superset.bundle import Files, identifier
from control.compile.superset.chart import lower_first
from control.compile.superset.dataset import TIME_COLUMN, column_entry, dataset_entry, label_entry, literal, metric_entry, shown_column
from control.compile.superset.datasets import in_languages
from datasets.model.aggregate import parse_aggregate
from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, ContractField, Resource
from datasets.model.figure_status import LABELS, STATUSES
from datasets.model.formula import (
    Formula,
    formulas,
    measure_metric,
    measure_of,
    metric_name,
)
from datasets.model.formula_reading import MeasureRef
from datasets.model.indicator import Indicator
from datasets.model.measure import Measure
from datasets.model.measure_unit import measure_unit
from datasets.model.sql_text import TIME_ZONE
from datasets.model.table_schema import Level
from datasets.model.target import target_metric

TARGET = "Mục tiêu"
FIRMNESS_WORDS = "1: ước tính, 2: sơ bộ, 3: chính thức; của số liệu kém chắc chắn nhất"
NUMERATOR, DENOMINATOR = "Tử số", "Mẫu số"
ANY_MOMENT = datetime(2026, 1, 1, tzinfo=TIME_ZONE)
"""Only which columns a measure reads is asked for, which is the same at any moment."""
# In this order the rows behind a figure are shown: what a person reads, then the breakdown and the figures, then codes.
READ_FIRST = (
    (TIME_COLUMN, "DATE", "Thời gian"),
    ("unit_name", "TEXT", "Đơn vị hành chính"),
)
READ_LAST = (
    ("agency_title", "TEXT", "Cơ quan gửi"),
    ("period", "TEXT", "Kỳ"),
    ("figure_status", "TEXT", "Mã tính chất số liệu"),
    ("measure", "TEXT", "Chỉ số thành phần"),
    ("unit_level", "TEXT", "Cấp hành chính"),
    ("unit_code", "TEXT", "Mã đơn vị hành chính"),
    ("unit_id", "TEXT", "Mã đơn vị và hiệu lực"),
    ("agency", "TEXT", "Mã cơ quan gửi"),
    ("breadth", "INTEGER", "Độ rộng của ô"),
)
CALENDAR_NAMES = {
    Calendar.DAY: "ngày",
    Calendar.WEEK: "tuần",
    Calendar.MONTH: "tháng",
    Calendar.QUARTER: "quý",
    Calendar.YEAR: "năm",
    Calendar.ADMINISTRATIVE_MONTH: "tháng hành chính",
    Calendar.ADMINISTRATIVE_QUARTER: "quý hành chính",
    Calendar.ADMINISTRATIVE_YEAR: "năm hành chính",
    Calendar.SCHOOL_YEAR: "năm học",
}


@dataclass(frozen=True)
class Part:
    """A measure as a column of a wide view."""

    ref: MeasureRef
    column: str
    measure: Measure
    resource: Resource

    @property
    def level(self) -> Level:
        """Level of the units that it is counted by."""
        unit = self.resource.unit_field
        return unit.refers.unit if unit and unit.refers and unit.refers.unit else Level.PROVINCE

    @property
    def title(self) -> str:
        """Its name in Vietnamese, or that of the only column it sums."""
        if self.measure.title:
            return self.measure.title
        columns = parse_aggregate(self.measure.value, self.resource, ANY_MOMENT).columns if self.measure.value else ()
        named = {f.stored_as: f.title for f in self.resource.schema_.fields}
        return named.get(columns[0], self.ref.full) if len(columns) == 1 else self.ref.full

    @property
    def unit(self) -> str | None:
        return measure_unit(self.measure, self.resource)


@dataclass(frozen=True)
class Wide:
    """One wide view of a contract, for one calendar and either everyone or those who are let in."""

    contract: Contract
    calendar: Calendar
    is_open: bool
    formulas: dict[str, Formula]
    """By indicator, in the contract's order; only those shown by this calendar and, in an open view, open."""
    parts: dict[str, Part]
    """By full name of the measure."""

    @property
    def table(self) -> str:
        return f"{PREFIX}{self.calendar.value.replace('-', '_')}{OPEN_SUFFIX if self.is_open else ''}"

    @property
    def uuid(self) -> str:
        return identifier("dataset", self.contract.name, "wide", self.table)

    def indicator(self, name: str) -> Indicator:
        return self.contract.indicators[name]

    def measures(self, names: Sequence[str]) -> list[str]:
        """Full names of the measures that these indicators read, each once."""
        return list(dict.fromkeys(ref.full for name in names for ref in self.formulas[name].measures))

    def parts_of(self, name: str) -> list[Part]:
        return [self.parts[ref.full] for ref in self.formulas[name].measures]

    def level(self, name: str) -> Level:
        """Level of the units that an indicator can be compared by: that of its first measure."""
        return self.parts_of(name)[0].level

    def breakdown(self) -> dict[str, ContractField]:
        """Fields by which any of its measures are broken down, by column."""
        found: dict[str, ContractField] = {}
        for part in self.parts.values():
            fields = {f.column: f for f in part.resource.value_fields}
            for column in part.measure.by:
                found.setdefault(column, fields[column])
        return found


def wide_views(contract: Contract, contracts: Sequence[Contract] = (), *, is_open: bool = False) -> dict[Calendar, Wide]:
    """The contract's wide views by calendar, in the order in which its indicators name them. Raises ContractError."""
    known = formulas(contract, contracts)
    everyone = {name: f for name, f in known.items() if not is_open or f.access == "open"}
    found: dict[Calendar, Wide] = {}
    for calendar in dict.fromkeys(calendar for formula in everyone.values() for calendar in formula.calendars):
        shown = {name: formula for name, formula in everyone.items() if calendar in formula.calendars}
        parts: dict[str, Part] = {}
        for ref in (ref for formula in shown.values() for ref in formula.measures):
            _, measure, resource = measure_of(ref, contracts or [contract])
            parts[ref.full] = Part(ref, ref.column(contract.name), measure, resource)
        found[calendar] = Wide(contract, calendar, is_open, shown, parts)
    return found


def shown_breakdown(wide: Wide, column: str) -> str:
    """The column that says a breakdown's value in words: the label of its category, the title of its agency, or the value itself."""
    field = wide.breakdown()[column]
    if field.refers is not None and field.refers.agency:
        return f"{column}_title"
    return shown_column(field)


def target_name(indicator: str) -> str:
    """Name of the metric that is an indicator's target."""
    return f"target_{metric_name(indicator)}"


def numerator_name(indicator: str) -> str:
    """Name of the metric that counts what an indicator is a share of: bed_occupancy__numerator."""
    return f"{metric_name(indicator)}__numerator"


def denominator_name(indicator: str) -> str:
    """Name of the metric that counts out of how many: bed_occupancy__denominator."""
    return f"{metric_name(indicator)}__denominator"


def counted_parts(wide: Wide, name: str, sql: str) -> list[Part]:
    """Measures that stand in one side of an indicator's share."""
    return [part for part in wide.parts_of(name) if f'"{part.column}"' in sql]


def counted_title(wide: Wide, name: str, sql: str) -> str:
    """What one side of an indicator's share counts: "hồ sơ đã giải quyết + hồ sơ quá hạn"."""
    return " + ".join(lower_first(part.title) for part in counted_parts(wide, name, sql))


def firmness_name(wide: Wide, indicator: str) -> str | None:
    """Name of the metric that tells how firm an indicator's figures are; None when the contract says it of all of them."""
    says_it = any(part.resource.status_field for part in wide.parts_of(indicator))
    return f"{metric_name(indicator)}__firmness" if says_it else None


def firmness_sql(wide: Wide, name: str) -> str | None:
    """SQL of that metric, as the least firm: 1 an estimate, 2 preliminary, 3 official; None when the contract says it of all of them."""
    if firmness_name(wide, name) is None:
        return None
    places = " ".join(f"WHEN {literal(status)} THEN {place}" for place, status in enumerate(STATUSES, start=1))
    measures = ", ".join(literal(full) for full in wide.measures([name]))
    return f"MIN(CASE figure_status {places} END) FILTER (WHERE measure IN ({measures}))"


def _firmness(wide: Wide, name: str) -> list[dict[str, Any]]:
    metric, sql = firmness_name(wide, name), firmness_sql(wide, name)
    if metric is None or sql is None:
        return []
    return [metric_entry(metric, sql, f"Tính chất số liệu: {wide.indicator(name).title}", ",d", FIRMNESS_WORDS)]


def _counts(wide: Wide, name: str) -> list[dict[str, Any]]:
    """Metrics of both sides of an indicator that is a share of counts."""
    share = wide.formulas[name].share
    if share is None or share.denominator is None:
        return []
    sides = ((numerator_name(name), NUMERATOR, share.numerator), (denominator_name(name), DENOMINATOR, share.denominator))
    counted = [f.share for other, f in wide.formulas.items() if other != name and f.share is not None]
    made = []
    for metric, side, sql in sides:
        indicator = wide.indicator(name)
        title = f"{side}: {counted_title(wide, name, sql)}"
        # Superset answers by these names, so no two metrics of a question may have the same: two shares may be of the same files.
        if any(sql in (other.numerator, other.denominator) for other in counted):
            title += f" ({lower_first(indicator.short or indicator.title)})"
        made.append(metric_entry(metric, sql, title, ",.0f", indicator.title))
    return made


def target_title(indicator: Indicator) -> str:
    """What the line of the target is called."""
    title = indicator.short or indicator.title
    return f"{TARGET}: {title[:1].lower()}{title[1:]}"


def indicator_format(indicator: Indicator) -> str:
    """d3 format of its values."""
    return f",.{indicator.decimals}f"


def indicator_description(indicator: Indicator) -> str | None:
    """Unit of measure, method and names in other languages, as help text."""
    words = f"{indicator.title}. {indicator.method.get('vi', '')} Đơn vị tính: {indicator.unit}."
    return in_languages(words, (indicator.titles.en, indicator.titles.fr))


def _dataset(wide: Wide) -> str:
    fields = wide.breakdown()
    columns = [column_entry(*column) for column in READ_FIRST]
    for column, field in fields.items():
        columns.append(column_entry(column, "TEXT", field.title, field.description))
        if field.categories:
            columns.append(label_entry(field))
        elif shown_breakdown(wide, column) != column:
            columns.append(column_entry(shown_breakdown(wide, column), "TEXT", field.title, field.description))
    metrics = []
    for name in wide.formulas:
        indicator = wide.indicator(name)
        shown = indicator_format(indicator)
        metrics.append(
            metric_entry(
                metric_name(name), wide.formulas[name].metric, indicator.short or indicator.title, shown, indicator_description(indicator)
            )
        )
        metrics += [*_counts(wide, name), *_firmness(wide, name)]
        target = target_metric(indicator, wide.calendar)
        if target is not None:
            basis = ", ".join(dict.fromkeys(t.basis.clause or t.basis.kind for t in indicator.targets))
            metrics.append(metric_entry(target_name(name), target, target_title(indicator), shown, f"Căn cứ: {basis}"))
    for part in wide.parts.values():
        words = f"Đơn vị tính: {part.unit}" if part.unit else None
        titles = (part.measure.titles.en, part.measure.titles.fr) if part.measure.titles else None
        columns.append(column_entry(part.column, "NUMERIC", part.title, in_languages(words, titles)))
        metrics.append(
            metric_entry(f"sum_{part.column}", measure_metric(part.measure, part.column), part.title, ",.2~f", in_languages(words, titles))
        )
    cases = " ".join(f"WHEN {literal(status)} THEN {literal(vi)}" for status, (vi, _, _) in LABELS.items())
    columns.append(column_entry("figure_status_label", "TEXT", "Tính chất số liệu", expression=f"CASE figure_status {cases} END"))
    columns += [column_entry(*column) for column in READ_LAST]
    who = ", phần công khai" if wide.is_open else ""
    description = f"{wide.contract.title}: chỉ số theo {CALENDAR_NAMES[wide.calendar]}{who}"
    return dataset_entry(wide.uuid, wide.contract.pg_schema, wide.table, description, columns, metrics, TIME_COLUMN)


def wide_datasets(views: Sequence[Wide]) -> Files:
    """The dataset files over these wide views."""
    return {f"datasets/{view.contract.pg_schema}/{view.table}.yaml": _dataset(view) for view in views}
