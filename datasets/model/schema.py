"""The JSON Schema of a contract, for editors: `python -m datasets.model.schema` writes it from the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from datasets.model.contract import Contract

SCHEMA_PATH = Path(__file__).parents[2] / "docs" / "reference" / "contract.schema.json"


def contract_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of datapackage.yaml with the keys of our profile."""
    schema = Contract.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Contract of a subsystem"}


def schema_text() -> str:
    """The schema as it stands in the file, with a line feed at its end."""
    return json.dumps(contract_schema(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write the schema's file."""
    SCHEMA_PATH.parent.mkdir(parents=True, exist_ok=True)
    SCHEMA_PATH.write_text(schema_text(), encoding="utf-8")
    typer.echo(f"written: {SCHEMA_PATH}")


if __name__ == "__main__":
    typer.run(main)
