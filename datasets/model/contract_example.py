"""One example of each key of a contract: the reference shows them, and a problem says with them what to write."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from datasets.model.yaml_document import read_yaml

EXAMPLES_PATH = Path(__file__).with_name("contract_examples.yaml")


@cache
def examples() -> dict[str, dict[str, str]]:
    """Example of each key, as YAML text, by the model's name."""
    data: dict[str, dict[str, str]] = read_yaml(EXAMPLES_PATH.read_bytes(), EXAMPLES_PATH.name).data
    return data
