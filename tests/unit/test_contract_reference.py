"""The reference of a contract: every key is there, with what it says and an example that is valid."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from datasets.model.contract import Contract
from datasets.model.contract_example import examples
from datasets.model.contract_page import PAGE_PATH, PLACES, models, page_text
from datasets.model.formula import formulas
from datasets.model.measure_function import MEASURE_FUNCTIONS, arguments_of
from datasets.model.read import DATASETS, parse_contract
from datasets.model.reference import read_reference
from datasets.model.yaml_document import read_yaml

pytestmark = pytest.mark.unit

MODELS = models()
EXAMPLES = examples()
KEYS = [(name, field.alias or key) for name, model in MODELS.items() for key, field in model.model_fields.items()]


def keys_of(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or key: field for key, field in model.model_fields.items()}


def fragment(name: str, key: str) -> dict[str, Any]:
    """The example of a key with those of the keys that must be written beside it."""
    written: dict[str, Any] = read_yaml(EXAMPLES[name][key].encode(), f"example of {name}.{key}").data
    assert key in written, "the example shows another key"
    required = [other for other, field in keys_of(MODELS[name]).items() if field.is_required() and other not in written]
    for other in required:
        written |= read_yaml(EXAMPLES[name][other].encode(), f"example of {name}.{other}").data
    return written


def test_every_part_of_a_contract_is_on_the_page() -> None:
    assert set(MODELS) == set(PLACES) == set(EXAMPLES)
    assert {"Contract", "Resource", "Measure", "Indicator", "Target", "Panel"} <= set(MODELS)
    assert len(KEYS) > 120


@pytest.mark.parametrize(("name", "key"), KEYS, ids=[f"{name}.{key}" for name, key in KEYS])
def test_every_key_says_what_it_is_and_has_an_example_that_is_valid(name: str, key: str) -> None:
    assert keys_of(MODELS[name])[key].description, f"write a docstring under {name}.{key}"
    assert key in EXAMPLES[name], f"write an example of {name}.{key} in datasets/model/contract_examples.yaml"
    assert MODELS[name].model_validate(fragment(name, key))
    assert f"| `{key}` |" in PAGE_PATH.read_text(encoding="utf-8")


def test_no_example_is_of_a_key_that_is_not_there() -> None:
    assert [(name, key) for name in EXAMPLES for key in EXAMPLES[name] if (name, key) not in KEYS] == []


def test_the_page_is_the_one_of_the_model() -> None:
    assert PAGE_PATH.read_text(encoding="utf-8") == page_text(), "run: python -m datasets.model.contract_page"


def test_a_key_without_example_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = {name: dict(keys) for name, keys in EXAMPLES.items()}
    del spoilt["Measure"]["tick"]
    monkeypatch.setattr("datasets.model.contract_page.examples", lambda: spoilt)
    with pytest.raises(KeyError, match="tick"):
        page_text()


def test_every_function_is_on_the_page_with_each_of_its_arguments() -> None:
    text = PAGE_PATH.read_text(encoding="utf-8")
    for name, declaration in MEASURE_FUNCTIONS.items():
        section = text.split(f"### `{name}`")[1].split("###")[0]
        for key, field in keys_of(declaration.arguments).items():
            assert field.description and f"| `{key}` |" in section, f"{name}.{key}"


def test_the_example_of_a_function_s_arguments_is_one_that_the_function_takes() -> None:
    shown = fragment("Measure", "function")["function"]
    assert arguments_of(shown, fragment("Measure", "with")["with"])


def test_the_indicator_of_the_guide_can_be_added_as_it_is_shown() -> None:
    guide = (PAGE_PATH.parents[1] / "how-to" / "add-an-indicator.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(measures|indicators|dashboard):\n(.*?)```", guide, re.DOTALL)
    assert [key for key, _ in blocks] == ["measures", "indicators", "dashboard"]
    text = (DATASETS / "health" / "datapackage.yaml").read_text(encoding="utf-8")
    for key, block in blocks[:2]:
        text = text.replace(f"\n{key}:\n", f"\n{key}:\n{block}", 1)
    # A dashboard with all of its places taken: the guide's row stands in the place of the last one.
    text = text[: text.rindex("\n    - -") + 1] + blocks[2][1].split("rows:\n")[1]
    made = parse_contract(text.encode(), read_reference(), file="datapackage.yaml")
    assert formulas(made)["severe-share"].metric.startswith('CASE WHEN SUM("new_cases") >= 20 THEN SUM("severe_cases") / ')
    assert made.dashboard.rows[-1][0].trend == "severe-share"


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    text = PAGE_PATH.read_text(encoding="utf-8")
    headings = {
        "".join(c for c in line.lstrip("# ").strip("`").lower().replace(" ", "-") if c.isalnum() or c in "-_")
        for line in text.splitlines()
        if line.startswith("#")
    }
    anchors = {part.split(")")[0] for part in text.split("](#")[1:]}
    assert anchors and anchors <= headings
    assert Contract.__name__ in MODELS
