"""Superset's datasets: one over each stable view of the store, with Vietnamese names for every column."""

from __future__ import annotations

from typing import Any

from control.compile.store_views import agency_titles
from control.compile.superset_bundle import VERSION, Files, identifier, text
from datasets.model.audience import readable_fields
from datasets.model.contract import Contract, ContractField, Resource

DATABASE_NAME = "Kho Toàn Cảnh"
DATABASE_FILE = "databases/kho_toan_canh.yaml"
DATABASE_UUID = identifier("database", "store")
SOURCE_UUID = identifier("dataset", "ledger", "source")
# The host stands for the store wherever it is installed; Superset's plugin puts address, login and password in its place for each viewer.
DATABASE_URI = "postgresql+psycopg2://aud_public@ioc-store:5432/ioc"

TIME_COLUMN = "period_starts"
SUPERSET_TYPE = {
    "string": "TEXT",
    "integer": "BIGINT",
    "number": "NUMERIC",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
    "year": "INTEGER",
    "geojson": "GEOMETRY",
}
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
)
# Superset shows moments in UTC; the province reads its own clock.
SOURCE_TIME_COLUMN = "last_loaded_local"
SOURCE_TIME_EXPRESSION = "last_loaded_at AT TIME ZONE 'Asia/Ho_Chi_Minh'"


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


def database() -> Files:
    """The store, once for all subsystems. It holds no password."""
    return {
        DATABASE_FILE: text(
            {
                "allow_csv_upload": False,
                "allow_ctas": False,
                "allow_cvas": False,
                "allow_dml": False,
                "allow_run_async": False,
                "cache_timeout": None,
                "database_name": DATABASE_NAME,
                "expose_in_sqllab": True,
                "extra": {"allows_virtual_table_explore": True, "disable_data_preview": True, "metadata_cache_timeout": {}},
                "impersonate_user": False,
                "sqlalchemy_uri": DATABASE_URI,
                "uuid": DATABASE_UUID,
                "version": VERSION,
            }
        )
    }


def _column(name: str, kind: str, title: str, description: str | None = None) -> dict[str, Any]:
    return {
        "advanced_data_type": None,
        "column_name": name,
        "description": description,
        "expression": None,
        "extra": None,
        "filterable": kind != "GEOMETRY",
        "groupby": kind != "GEOMETRY",
        "is_active": True,
        "is_dttm": kind in ("DATE", "TIMESTAMP WITH TIME ZONE"),
        "python_date_format": None,
        "type": kind,
        "verbose_name": title,
    }


def _metric(name: str, expression: str, title: str, number_format: str, description: str | None = None) -> dict[str, Any]:
    return {
        "currency": None,
        "d3format": number_format,
        "description": description,
        "expression": expression,
        "extra": None,
        "metric_name": name,
        "metric_type": None,
        "verbose_name": title,
        "warning_text": None,
    }


def number_format(field: ContractField) -> str:
    """d3 format of a field's values."""
    return ",d" if field.type == "integer" else ",.2~f"


def _unit_of_measure(field: ContractField) -> str | None:
    return f"Đơn vị tính: {field.unit}" if field.unit else field.description


def _dataset(
    uuid: str,
    table: str,
    schema: str,
    description: str | None,
    time_column: str | None,
    columns: list[dict[str, Any]],
    metrics: list[dict[str, Any]],
) -> str:
    return text(
        {
            "always_filter_main_dttm": False,
            "cache_timeout": None,
            "columns": columns,
            "database_uuid": DATABASE_UUID,
            "default_endpoint": None,
            "description": description,
            "extra": None,
            "fetch_values_predicate": None,
            "filter_select_enabled": True,
            "main_dttm_col": time_column,
            "metrics": metrics,
            "normalize_columns": False,
            "offset": 0,
            "params": None,
            "schema": schema,
            "sql": None,
            "table_name": table,
            "template_params": None,
            "uuid": uuid,
            "version": VERSION,
        }
    )


def datasets(contract: Contract) -> Files:
    """Dataset files of a subsystem, one for each resource."""
    files: Files = {}
    for resource in contract.resources:
        columns = [_column(f.column, SUPERSET_TYPE[f.type], f.title, _unit_of_measure(f)) for f in readable_fields(resource)]
        columns += [_column(*column) for column in VIEW_COLUMNS]
        title_of = {f.column: f.title for f in resource.schema_.fields}
        columns += [_column(named, "TEXT", title_of[column]) for column, named in agency_titles(resource).items()]
        if has_time(resource):
            columns.append(_column(TIME_COLUMN, "DATE", "Thời gian"))
        metrics = [
            _metric(sum_metric(f), f'SUM("{f.column}")', f.title, number_format(f), _unit_of_measure(f)) for f in summed_fields(resource)
        ]
        metrics.append(_metric("count", "COUNT(*)", "Số dòng", ",d"))
        files[f"datasets/{contract.pg_schema}/{contract.view(resource)}.yaml"] = _dataset(
            dataset_uuid(contract, resource),
            contract.view(resource),
            contract.pg_schema,
            resource.description or resource.title,
            TIME_COLUMN if has_time(resource) else None,
            columns,
            metrics,
        )
    return files


def source() -> Files:
    """The dataset over `ledger.source`, shared by all subsystems."""
    return {
        "datasets/ledger/source.yaml": _dataset(
            SOURCE_UUID,
            "source",
            "ledger",
            "Nguồn số liệu: lần nạp cuối, ấn bản, thật hay mô phỏng",
            None,
            [
                *[_column(*column) for column in SOURCE_COLUMNS],
                {**_column(SOURCE_TIME_COLUMN, "TIMESTAMP", "Nạp lần cuối"), "expression": SOURCE_TIME_EXPRESSION, "is_dttm": True},
            ],
            [_metric("count", "COUNT(*)", "Số bộ dữ liệu", ",d")],
        )
    }
