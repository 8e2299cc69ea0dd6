"""What the portal's extension holds as a copy, because it is installed apart from the rest: equal to what it is copied from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from datasets.model.reference import read_reference

pytestmark = pytest.mark.unit

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PORTAL = PLUGINS / "ckanext_ioc" / "ckanext" / "ioc"


def test_the_portal_bears_the_mark_of_the_dashboards() -> None:
    assert (PORTAL / "public" / "ioc" / "favicon.svg").read_bytes() == (PLUGINS / "superset_ioc" / "static" / "mark.svg").read_bytes()


def test_the_portal_has_the_subsystems_in_the_order_of_the_reference_data() -> None:
    written = next(
        ast.literal_eval(node.value)
        for node in ast.parse((PORTAL / "words.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "SUBSYSTEMS"
    )
    declared = read_reference().subsystems.values()
    assert written == tuple(one.name for one in sorted(declared, key=lambda one: one.order))
