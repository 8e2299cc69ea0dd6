"""Boundaries are a dataset like any other: delivered in CKAN, checked, loaded, and drawn; withdrawn, the schematic cells come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from control.apply import apply_all, read_contracts
from control.steps import Steps
from tests.running import Running

pytestmark = pytest.mark.stack

DATASET = "administration-administrative-boundaries"
AGENCY = "so-nong-nghiep-va-moi-truong"
MOST_BYTES_OF_A_MAP = 300_000
# Vinh Hưng and Trường Vinh, as two squares that are nowhere near their true shape.
SQUARE = [[105.60, 18.60], [105.70, 18.60], [105.70, 18.70], [105.60, 18.70], [105.60, 18.60]]
BOWTIE = [[105.60, 18.60], [105.70, 18.70], [105.70, 18.60], [105.60, 18.70], [105.60, 18.60]]
SWAPPED = [[lat, lon] for lon, lat in SQUARE]


def feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def sources(instance: Running) -> dict[str, int]:
    """Number of today's communes of the province by where their shape is from."""
    with instance.store() as connection:
        rows = connection.execute(
            "SELECT coalesce(geom_source, 'none'), count(*) FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL GROUP BY 1"
        ).fetchall()
    return dict(rows)


@pytest.fixture
def deliver(instance: Running) -> Iterator[Any]:
    """Delivers a file of boundaries and gives its receipt; afterwards it is taken back and the schematic cells are drawn again."""
    site = instance.ckan(instance.editor(AGENCY).token)
    made: list[str] = []

    def send(path: Path) -> dict[str, Any]:
        with path.open("rb") as stream:
            resource = site.call_action("resource_create", {"package_id": DATASET, "agency": AGENCY}, files={"upload": (path.name, stream)})
        made.append(resource["id"])
        return instance.receipt(resource["id"])

    yield send
    for resource in made:
        site.call_action("resource_delete", {"id": resource})
        instance.until(lambda: sources(instance).get("boundaries") is None)
    contracts, reference = read_contracts()
    apply_all(instance.instance, instance.secrets, Steps(instance.console), contracts, reference)


def test_until_boundaries_are_delivered_the_communes_are_schematic_cells(instance: Running) -> None:
    assert sources(instance) == {"schematic": 130}


@pytest.mark.real
def test_the_real_boundaries_replace_the_cells_and_a_withdrawal_brings_them_back(
    instance: Running, deliver: Any, shared_data: Path
) -> None:
    receipt = deliver(shared_data / "boundaries" / "nghe-an-communes-2025-07.geojson")
    assert receipt["state"] == "done", receipt
    assert receipt["rows_accepted"] == 130
    assert sources(instance) == {"boundaries": 130}
    with instance.store() as connection:
        row = connection.execute(
            "SELECT sum(ST_Area(geom::geography)) / 1e6 FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL"
        ).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(16_486, rel=0.01)
    answer = requests.get(f"{instance.superset_url}/ioc/map/commune.json", headers={"Accept-Encoding": "identity"}, timeout=60)
    made = answer.json()
    assert (len(made["features"]), made["schematic"], made["without_shape"]) == (130, False, 0)
    assert len(answer.content) < MOST_BYTES_OF_A_MAP


def test_shapes_that_cannot_be_are_named_and_the_rest_is_not_drawn_in_their_place(instance: Running, deliver: Any, tmp_path: Path) -> None:
    path = tmp_path / "ranh-gioi.geojson"
    features = [feature("16681", SQUARE), feature("16708", BOWTIE), feature("16672", SWAPPED), feature("99999", SQUARE)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    receipt = deliver(path)
    assert receipt["state"] == "refused"
    rules = {problem["rule"] for problem in receipt["problems"]}
    assert {"geometry_invalid", "outside_viet_nam_swapped", "unit_unknown"} <= rules
    assert sources(instance) == {"schematic": 130}
