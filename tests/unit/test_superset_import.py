"""What an apply sends to Superset and asks of it: only the subsystems that change, and only those that somebody saved since."""

from __future__ import annotations

import re

import pytest

from control.compile.edits.file import Edits
from control.compile.superset.export import compile_superset
from control.compile.superset.mark import MARKED_FILE, read_mark
from control.exports import Exports
from datasets.model.contract import Contract
from tests.unit.imported_site import ImportedSite
from tests.unit.indicator_contract import contract_with


@pytest.fixture
def contracts() -> list[Contract]:
    return [contract_with(), contract_with().model_copy(update={"name": "hospital", "title": "Bệnh viện"})]


@pytest.fixture
def site(contracts: list[Contract]) -> ImportedSite:
    """A Superset after the first apply."""
    found = ImportedSite()
    exports_of(contracts).bring(found, contracts)
    found.sent.clear()
    found.asked.clear()
    return found


def exports_of(contracts: list[Contract], **edits: Edits) -> Exports:
    compiled = compile_superset(contracts)
    return Exports(compiled, {name: edits.get(name, Edits()) for name in compiled}, compiled)


def renamed(contracts: list[Contract]) -> list[Contract]:
    """The same contracts, one of which has a new title."""
    return [contracts[0], contracts[1].model_copy(update={"title": "Bệnh viện tỉnh"})]


def uuid_of(site: ImportedSite, begins: str) -> str:
    return next(uuid for uuid, thing in site.things.items() if thing.path.startswith(begins))


def test_what_was_imported_is_not_sent_again_and_not_asked_for(site: ImportedSite, contracts: list[Contract]) -> None:
    exports = exports_of(contracts)
    assert (exports.lost(site), exports.bring(site, contracts).lines) == ([], [])
    assert (site.sent, site.asked) == ([], [])


def test_only_the_subsystem_that_changes_is_sent_with_what_all_share(site: ImportedSite, contracts: list[Contract]) -> None:
    exports = exports_of(renamed(contracts))
    assert exports.lost(site) == []
    assert exports.bring(site, renamed(contracts)).lines
    (sent,) = site.sent
    assert sent == set(exports.compiled["hospital"])
    assert {MARKED_FILE, "dashboards/hospital.yaml"} <= sent
    assert set(read_mark(site).parts) == {"", "clinic", "hospital"}
    assert (exports.lost(site), exports.bring(site, renamed(contracts)).lines) == ([], [])


def test_what_a_person_saved_is_found_by_asking_for_its_subsystem_alone(site: ImportedSite, contracts: list[Contract]) -> None:
    site.save(uuid_of(site, "charts/hospital_"), slice_name="Sửa tay")
    (lost,) = exports_of(contracts).lost(site)
    assert "hospital: chart 'Sửa tay': slice_name" in lost.message
    asked = {tuple(map(int, re.findall(r"\d+", address.split("?")[1]))) for address in site.asked}
    hospital = {thing.id for thing in site.things.values() if "hospital" in thing.path}
    assert asked and all(set(numbers) <= hospital for numbers in asked)


def test_what_a_person_saved_in_one_subsystem_is_still_found_after_another_was_imported(
    site: ImportedSite, contracts: list[Contract]
) -> None:
    site.save(uuid_of(site, "charts/clinic_"), slice_name="Sửa tay")
    exports = exports_of(renamed(contracts))
    exports.bring(site, renamed(contracts))
    assert site.things[uuid_of(site, "charts/clinic_")].document["slice_name"] == "Sửa tay"
    assert any("clinic: chart 'Sửa tay'" in lost.message for lost in exports.lost(site))


def test_edits_that_are_to_be_lost_are_overwritten_where_the_contract_is_the_same(site: ImportedSite, contracts: list[Contract]) -> None:
    chart = uuid_of(site, "charts/clinic_")
    before = site.things[chart].document["slice_name"]
    site.save(chart, slice_name="Sửa tay")
    exports = exports_of(contracts)
    exports.bring(site, contracts, discard_edits=True)
    assert site.things[chart].document["slice_name"] == before
    assert exports.lost(site) == []


def test_all_are_sent_when_it_is_not_known_what_the_last_import_brought(site: ImportedSite, contracts: list[Contract]) -> None:
    site.templates.clear()
    exports = exports_of(renamed(contracts))
    exports.bring(site, renamed(contracts))
    (sent,) = site.sent
    assert sent == set(exports.compiled["clinic"]) | set(exports.compiled["hospital"])


def test_all_are_sent_when_what_they_share_is_gone(site: ImportedSite, contracts: list[Contract]) -> None:
    del site.things[uuid_of(site, "datasets/ref/")]
    exports = exports_of(contracts)
    exports.bring(site, contracts)
    (sent,) = site.sent
    assert sent == set(exports.compiled["clinic"]) | set(exports.compiled["hospital"])


def test_a_chart_that_the_contract_no_longer_makes_is_nobodys_work(site: ImportedSite, contracts: list[Contract]) -> None:
    rows = contracts[0].dashboard.rows
    fewer = contracts[0].model_copy(update={"dashboard": contracts[0].dashboard.model_copy(update={"rows": rows[1:]})})
    exports = exports_of([fewer, contracts[1]])
    site.save(uuid_of(site, "dashboards/clinic.yaml"))
    assert len(exports.compiled["clinic"]) < len(exports_of(contracts).compiled["clinic"])
    assert exports.lost(site) == []
    exports.bring(site, [fewer, contracts[1]])
    assert exports.lost(site) == []


def test_what_a_person_writes_into_a_dashboard_is_found(site: ImportedSite, contracts: list[Contract]) -> None:
    exports = exports_of(contracts)
    site.save(uuid_of(site, "dashboards/clinic.yaml"), description="Sửa tay")
    assert [lost.message.split(":")[0] for lost in exports.lost(site)] == ["clinic"]
