"""Superset's datasets over the rows: one for each stable view of the store, and those that all subsystems share."""

from __future__ import annotations

from control.compile.store.views import agency_titles
from control.compile.superset.bundle import Files, identifier
from control.compile.superset.dataset import (
    SUPERSET_TYPE,
    TIME_COLUMN,
    column_entry,
    dataset_entry,
    label_entry,
    metric_entry,
    quoted,
)
from control.compile.superset.period_words import period_words
from datasets.model.audience import readable_fields
from datasets.model.contract import Contract, ContractField, Resource

SOURCE_UUID = identifier("dataset", "ledger", "source")
UNIT_UUID = identifier("dataset", "ref", "unit")
AGENCY_UUID = identifier("dataset", "ref", "agency")

VIEW_COLUMNS = (
    ("unit_id", "TEXT", "Mã đơn vị và hiệu lực"),
    ("unit_code", "TEXT", "Mã đơn vị hành chính"),
    ("unit_name", "TEXT", "Đơn vị hành chính"),
    ("unit_level", "TEXT", "Cấp hành chính"),
    ("agency", "TEXT", "Mã cơ quan gửi"),
    ("agency_title", "TEXT", "Cơ quan gửi"),
    ("load_id", "BIGINT", "Lần nạp"),
    ("line", "INTEGER", "Dòng trong tệp"),
)
SOURCE_COLUMNS = (
    ("subsystem", "TEXT", "Phân hệ"),
    ("dataset", "TEXT", "Bộ dữ liệu"),
    ("title", "TEXT", "Tên bộ dữ liệu"),
    ("last_loaded_at", "TIMESTAMP WITH TIME ZONE", "Nạp lần cuối (UTC)"),
    ("edition", "BIGINT", "Ấn bản"),
    ("rows", "BIGINT", "Số dòng"),
    ("simulated", "BOOLEAN", "Mô phỏng"),
    ("note", "TEXT", "Nguồn gốc"),
    ("sources", "TEXT", "Trích từ"),
)
# Superset shows moments in UTC; the province reads its own clock.
LOCAL = "{column} AT TIME ZONE 'Asia/Ho_Chi_Minh'"
SOURCE_TIME_COLUMN = "last_loaded_local"
SOURCE_TIME_EXPRESSION = LOCAL.format(column="last_loaded_at")

DELIVERY_COLUMN = "delivery_link"
DELIVERY_LINK = "'<a href=\"/ioc/delivery/load/' || load_id || '\" target=\"_blank\" rel=\"noopener\">dòng ' || line || '</a>'"
"""The row's place in its delivery, as a link to that in the portal (superset_ioc.deliveries)."""
NO_MARKUP = "replace({column}, '<', '<' || chr(8203))"
"""Text of a file, of which no tag can begin: a table of rows shows markup, for the links to deliveries. Downloads have the text again."""
TITLE_COLUMN = "title_link"
TITLE_LINK = (
    '\'<a href="/ioc/delivery/\' || dataset || \'" target="_blank" rel="noopener">\' || '
    "replace(replace(title, '&', '&amp;'), '<', '&lt;') || '</a>'"
)


def has_time(resource: Resource) -> bool:
    """Whether the view says when a row's period begins."""
    return resource.delivery.column is not None


def summed_fields(resource: Resource) -> list[ContractField]:
    """Numbers whose sum means something and that audiences see."""
    return [field for field in readable_fields(resource) if field.is_summable]


def sum_metric(field: ContractField) -> str:
    """Name of the metric that sums a field."""
    return f"sum_{field.column}"


def dataset_uuid(contract: Contract, resource: Resource) -> str:
    return identifier("dataset", contract.name, resource.name)


def number_format(field: ContractField) -> str:
    """d3 format of a field's values."""
    return ",d" if field.type == "integer" else ",.2~f"


def in_languages(vietnamese: str | None, titles: tuple[str, str | None] | None) -> str | None:
    """A description that says the English and the French name too, since a dataset's names have one language."""
    english, french = titles or (None, None)
    lines = [vietnamese, f"English: {english}" if english else None, f"Français: {french}" if french else None]
    return "\n".join(line for line in lines if line) or None


def field_description(field: ContractField) -> str | None:
    """Unit of measure or what the field is, and its names in other languages."""
    said = f"Đơn vị tính: {field.unit}" if field.unit else field.description
    return in_languages(said, (field.titles.en, field.titles.fr) if field.titles else None)


def _expression(field: ContractField) -> str | None:
    """What a column shows instead of its stored value: a moment by the province's clock, a period in words, free text without markup."""
    if field.type == "datetime":
        return LOCAL.format(column=quoted(field.column))
    if field.refers and field.refers.period:
        return period_words(quoted(field.column))
    is_free = field.type == "string" and not field.categories and not field.refers
    return NO_MARKUP.format(column=quoted(field.column)) if is_free else None


def _type(field: ContractField) -> str:
    return "TIMESTAMP" if field.type == "datetime" else SUPERSET_TYPE[field.type]


def _rows(contract: Contract, resource: Resource) -> str:
    fields = readable_fields(resource)
    title_of = {f.column: f.title for f in resource.schema_.fields}
    columns = [column_entry(f.column, _type(f), f.title, field_description(f), _expression(f)) for f in fields]
    columns += [label_entry(f) for f in fields if f.categories]
    columns += [column_entry(*column) for column in VIEW_COLUMNS]
    columns.append(column_entry(DELIVERY_COLUMN, "TEXT", "Tệp gốc", "Dòng trong tệp mà cơ quan đã gửi", DELIVERY_LINK))
    columns += [column_entry(named, "TEXT", title_of[column]) for column, named in agency_titles(resource).items()]
    if has_time(resource):
        columns.append(column_entry(TIME_COLUMN, "DATE", "Thời gian"))
    metrics = [
        metric_entry(sum_metric(f), f'SUM("{f.column}")', f.title, number_format(f), field_description(f)) for f in summed_fields(resource)
    ]
    metrics.append(metric_entry("count", "COUNT(*)", "Số dòng", ",d"))
    return dataset_entry(
        dataset_uuid(contract, resource),
        contract.pg_schema,
        contract.view(resource),
        in_languages(resource.description or resource.title, (resource.titles.en, resource.titles.fr)),
        columns,
        metrics,
        TIME_COLUMN if has_time(resource) else None,
    )


def datasets(contract: Contract) -> Files:
    """Dataset files over the rows of a subsystem, one for each resource."""
    return {f"datasets/{contract.pg_schema}/{contract.view(resource)}.yaml": _rows(contract, resource) for resource in contract.resources}


def source() -> Files:
    """The dataset over `ledger.source`, shared by all subsystems."""
    columns = [column_entry(*column) for column in SOURCE_COLUMNS]
    columns.append(column_entry(SOURCE_TIME_COLUMN, "TIMESTAMP", "Nạp lần cuối", expression=SOURCE_TIME_EXPRESSION))
    columns.append(column_entry(TITLE_COLUMN, "TEXT", "Tên bộ dữ liệu", expression=TITLE_LINK))
    counted = metric_entry("count", "COUNT(*)", "Số bộ dữ liệu", ",d")
    words = "Nguồn số liệu: lần nạp cuối, ấn bản, thật hay mô phỏng, trích từ đâu"
    return {"datasets/ledger/source.yaml": dataset_entry(SOURCE_UUID, "ledger", "source", words, columns, [counted])}


def reference() -> Files:
    """Units and agencies, shared by all subsystems: what the dashboards' filters offer, without a question to the figures."""
    units = [
        column_entry("unit_id", "TEXT", "Mã đơn vị và hiệu lực"),
        column_entry("code", "TEXT", "Mã đơn vị hành chính"),
        column_entry("level", "TEXT", "Cấp hành chính"),
        column_entry("valid_to", "DATE", "Hết hiệu lực từ ngày"),
        column_entry("unit_name", "TEXT", "Đơn vị hành chính", expression='"name"'),
    ]
    agencies = [column_entry("agency", "TEXT", "Mã cơ quan"), column_entry("agency_title", "TEXT", "Cơ quan gửi", expression='"title"')]
    counted = metric_entry("count", "COUNT(*)", "Số lượng", ",d")
    return {
        "datasets/ref/unit.yaml": dataset_entry(UNIT_UUID, "ref", "unit", "Đơn vị hành chính của tỉnh", units, [counted]),
        "datasets/ref/agency.yaml": dataset_entry(AGENCY_UUID, "ref", "agency", "Cơ quan gửi số liệu", agencies, [counted]),
    }
