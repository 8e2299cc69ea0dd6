"""Each subsystem: three indicators and more against figures that were worked out by hand from a small fixed delivery.

A file of `tests/store/subsystems` for each contract; how one is written is said in `subsystem_case`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.model.contract import Contract
from datasets.model.read import read_all
from tests.store.conftest import Store
from tests.store.subsystem_case import FOLDER, contracts_needed, deliver, found, read_case

LEAST = 3


@pytest.fixture(scope="module")
def known() -> dict[str, Contract]:
    """Every contract of the tree by name."""
    return {contract.name: contract for contract in read_all()}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_indicators_are_what_was_worked_out_by_hand(
    path: Path, known: dict[str, Contract], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, contract = read_case(path), known[path.stem]
    if case.now is not None:
        monkeypatch.setenv("IOC_NOW", case.now.isoformat())
    store.apply(*contracts_needed(case, contract, known))
    for number, fixed in enumerate(case.deliveries):
        deliver(store, contract, known, fixed, number, tmp_path)

    wrong = []
    for expected in case.expect:
        value = found(store, contract, known, expected, case.audience)
        if value != (None if expected.value is None else pytest.approx(expected.value, rel=1e-6, abs=5e-5)):
            wrong.append(f"{expected}: expected {expected.value}, found {value}")
    assert not wrong, "\n".join(wrong)


def test_every_subsystem_has_three_indicators_that_were_worked_out(known: dict[str, Contract]) -> None:
    worked = {path.stem: {expected.indicator for expected in read_case(path).expect} for path in FOLDER.glob("*.yaml")}
    few = {name: sorted(worked.get(name, set())) for name, c in known.items() if c.indicators and len(worked.get(name, set())) < LEAST}
    assert not few, f"write tests/store/subsystems/<contract>.yaml with {LEAST} indicators or more for {few}"
