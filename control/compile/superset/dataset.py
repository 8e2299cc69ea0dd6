"""One dataset in Superset's export format: its columns, its metrics, and the store that all datasets read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from control.compile.superset.bundle import VERSION, Files, identifier, text
from datasets.model.contract import ContractField

DATABASE_NAME = "Kho Toàn Cảnh"
DATABASE_FILE = "databases/kho_toan_canh.yaml"
DATABASE_UUID = identifier("database", "store")
# The host stands for the store wherever it is installed; Superset's plugin puts address, login and password in its place for each viewer.
DATABASE_URI = "postgresql+psycopg2://aud_public@ioc-store:5432/ioc"

TIME_COLUMN = "period_starts"
LABEL_SUFFIX = "_label"
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


def column_entry(name: str, kind: str, title: str, description: str | None = None, expression: str | None = None) -> dict[str, Any]:
    """A column; with an expression, one that Superset computes."""
    return {
        "advanced_data_type": None,
        "column_name": name,
        "description": description,
        "expression": expression,
        "extra": None,
        "filterable": kind != "GEOMETRY",
        "groupby": kind != "GEOMETRY",
        "is_active": True,
        "is_dttm": kind in ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        "python_date_format": None,
        "type": kind,
        "verbose_name": title,
    }


def metric_entry(name: str, expression: str, title: str, number_format: str, description: str | None = None) -> dict[str, Any]:
    """A metric with its SQL and its d3 format."""
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


def dataset_entry(
    uuid: str,
    schema: str,
    table: str,
    description: str | None,
    columns: Sequence[dict[str, Any]],
    metrics: Sequence[dict[str, Any]],
    time_column: str | None = None,
) -> str:
    """The dataset over one view or table of the store."""
    return text(
        {
            "always_filter_main_dttm": False,
            "cache_timeout": None,
            "columns": list(columns),
            "database_uuid": DATABASE_UUID,
            "default_endpoint": None,
            "description": description,
            "extra": None,
            "fetch_values_predicate": None,
            "filter_select_enabled": True,
            "main_dttm_col": time_column,
            "metrics": list(metrics),
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


def literal(value: str) -> str:
    """A text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def quoted(column: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + column.replace('"', '""') + '"'


def shown_column(field: ContractField) -> str:
    """The column that says a field's value in words: that with the labels of its categories, or the field's own."""
    return f"{field.column}{LABEL_SUFFIX}" if field.categories else field.column


def _named(title: str) -> str:
    """What the words for a code are called: "Mã cơ sở" becomes "Cơ sở"."""
    words = title.removeprefix("Mã ")
    return words[:1].upper() + words[1:]


def label_entry(field: ContractField) -> dict[str, Any]:
    """The computed column with the labels of a field that has categories."""
    cases = " ".join(f"WHEN {literal(str(c.value))} THEN {literal(c.label)}" for c in field.categories or [])
    column = f"{quoted(field.column)}::text"
    return column_entry(shown_column(field), "TEXT", _named(field.title), field.description, f"CASE {column} {cases} ELSE {column} END")
