"""A contract with a typo is refused by name, key and value before anything changes in the store or in CKAN."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.running import Running
from tests.stack.deliveries import fetch

pytestmark = pytest.mark.stack

STORE_STATE = """
SELECT (SELECT string_agg(sha256, ',' ORDER BY sha256) FROM ledger.contract),
    (SELECT string_agg(concat_ws('.', table_schema, table_name, column_name, data_type), ',' ORDER BY table_schema, table_name, column_name)
     FROM information_schema.columns WHERE table_schema IN ('health', 'public_services', 'ref', 'ledger', 'measure', 'indicator')),
    (SELECT string_agg(concat_ws('.', table_name, title, access), ',' ORDER BY table_name) FROM ledger.dataset)
"""
TYPOS = {
    "key": ("access: shared", "acces: shared", ("resources[cases].acces", "access")),
    "value": ("access: open", "access: opne", ("resources[vaccination].access", "opne", "shared")),
    "agency": ("publishers: [so-y-te, benh", "publishers: [so-y-ta, benh", ("resources[bed-days].publishers", "so-y-ta")),
    "column of a rule": (
        "rule: beds_occupied <=",
        "rule: bed_occupied <=",
        ("resources[bed-days].checks", "bed_occupied", "beds_occupied"),
    ),
    "bracket": ("title: Y tế", "title: [Y tế", ("datapackage.yaml:6", "not valid YAML")),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project's programs and contracts, to be changed."""
    for name in ("control", "datasets", "ckan_harvesters", "locale", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def rewrite(checkout: Path, subsystem: str, old: str, new: str) -> None:
    """Writes `new` for the first `old` in a contract of the copy."""
    path = checkout / "datasets" / subsystem / "datapackage.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def ioc(instance: Running, checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The `ioc` command of a copy, on the running instance."""
    here = {"IOC_VAR": str(instance.instance.var), "IOC_PORT_BASE": str(instance.instance.port_base)}
    environment = {**os.environ, **here, "PYTHONPATH": str(checkout), "COLUMNS": "400"}
    return subprocess.run(
        [sys.executable, "-m", "control", *words], cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(("right", "wrong", "named"), TYPOS.values(), ids=TYPOS.keys())
def test_a_contract_with_a_typo_is_refused_before_anything_changes(
    instance: Running, checkout: Path, right: str, wrong: str, named: tuple[str, ...]
) -> None:
    before = fetch(instance, STORE_STATE)
    rewrite(checkout, "public_services", "title: Mức độ hài lòng theo xã và tháng", "title: Hài lòng")
    assert ioc(instance, checkout, "check", "datasets/public_services").returncode == 0, "this change is right by itself"
    rewrite(checkout, "health", right, wrong)
    for words in (("check", "datasets/health"), ("apply",)):
        answer = ioc(instance, checkout, *words)
        said = answer.stdout + answer.stderr
        assert answer.returncode == 1, said
        assert "datasets/health/datapackage.yaml" in said
        for words_of_it in named:
            assert words_of_it in said
        assert "Traceback" not in said
    assert fetch(instance, STORE_STATE) == before
    shown = instance.ckan(instance.sysadmin_token).call_action("package_show", {"id": "public-services-satisfaction"})
    assert shown["title"] == "Mức độ hài lòng theo xã và tháng"
