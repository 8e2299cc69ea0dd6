"""The contracts that the project ships."""

from __future__ import annotations

import json
from pathlib import Path

import frictionless
import jsonschema
import pytest

import datasets
from ckan_harvesters.check import check
from ckan_harvesters.decode import decode
from ckan_harvesters.delivery import scope_of
from datasets.model.contract import Contract
from datasets.model.period import period_of
from datasets.model.read import DATASETS, read_all
from datasets.model.reference import read_reference
from datasets.model.schema import SCHEMA_PATH, contract_schema, schema_text
from datasets.model.yaml_document import read_yaml

pytestmark = pytest.mark.unit

FOLDERS = sorted(path.parent.name for path in DATASETS.glob("*/datapackage.yaml"))


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    return read_all(reference=read_reference())


def test_the_contracts_agree_with_the_reference(contracts: list[Contract]) -> None:
    assert {"health", "public_services"} <= {contract.name for contract in contracts}


def test_every_contract_bears_the_name_of_its_folder(contracts: list[Contract]) -> None:
    assert [contract.name for contract in contracts if contract.folder is None or contract.folder.name != contract.name] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_frictionless_finds_the_package_and_its_examples_valid(folder: str) -> None:
    report = frictionless.validate(str(DATASETS / folder / "datapackage.yaml"))
    assert report.valid, report.flatten(["title", "message"])
    assert all(task.stats.get("rows", 1) for task in report.tasks), "an example has no row"


def test_the_harvest_takes_every_example_as_a_delivery(contracts: list[Contract]) -> None:
    reference = read_reference()
    for contract in contracts:
        for resource in contract.resources:
            if contract.folder is None or resource.path.endswith(".geojson"):
                continue
            decoded = decode(contract.folder / resource.path, resource)
            period = None
            if resource.delivery.calendar is not None and resource.delivery.column is not None:
                format_ = resource.schema_.field(resource.delivery.column).format or "%Y-%m-%d"
                first = decoded.frame[resource.delivery.column].str.to_date(format_)[0]
                period = period_of(resource.delivery.calendar, first)
            scope = scope_of(resource, resource.owner, period, "r1")
            result = check(decoded, resource, reference.unit_index, reference.agencies, scope, reference.province)
            assert result.rows.height > 0 and result.rejected == [] and result.warnings == [], resource.name


@pytest.mark.parametrize("folder", FOLDERS)
def test_editors_find_the_contract_valid(folder: str) -> None:
    document = read_yaml((DATASETS / folder / "datapackage.yaml").read_bytes(), folder)
    assert [error.message for error in jsonschema.Draft202012Validator(contract_schema()).iter_errors(document.data)] == []


def test_the_json_schema_is_the_one_of_the_model() -> None:
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text(), "run: python -m datasets.model.schema"
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_every_dataset_says_itself_in_three_languages(contracts: list[Contract]) -> None:
    resources = [resource for contract in contracts for resource in contract.resources]
    fields = [field for resource in resources for field in resource.schema_.fields]
    assert [resource.name for resource in resources if not (resource.description and resource.titles.fr)] == []
    assert [field.name for field in fields if field.titles is None or field.titles.fr is None] == []
    assert [check.name for resource in resources for check in resource.checks if set(check.say) != {"vi", "en", "fr"}] == []


def test_every_table_of_numbers_has_checks(contracts: list[Contract]) -> None:
    resources = [resource for contract in contracts for resource in contract.resources]
    counted = [resource for resource in resources if any(field.is_summable for field in resource.schema_.fields)]
    assert [resource.name for resource in counted if not resource.checks] == []


def test_each_class_of_access_is_in_use(contracts: list[Contract]) -> None:
    assert {r.access_class for c in contracts for r in c.resources} == {"open", "shared", "restricted"}


def test_no_installed_package_supplies_datasets() -> None:
    assert Path(datasets.__file__).parent == DATASETS
    assert list(DATASETS.parent.glob(".envs/*/lib/python3*/site-packages/datasets")) == []
