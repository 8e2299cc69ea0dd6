"""What Superset's own pages write beside what a person changed is not taken for the person's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser.portal import log_in_to_superset, new_page, visit
from tests.running import Running
from tests.stack.hand_edits import NAME, Trial, applied_trial

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.fixture
def trial(instance: Running, tmp_path: Path) -> Iterator[Trial]:
    with applied_trial(instance, tmp_path) as trial:
        yield trial


@pytest.fixture
def page(browser: Browser, instance: Running) -> Iterator[Page]:
    page = new_page(browser, 1500, 1000)
    log_in_to_superset(page, instance, instance.superset_admin)
    yield page
    page.context.close()


def test_a_dashboard_saved_with_another_title_has_one_edit(trial: Trial, page: Page) -> None:
    visit(page, f"{trial.site.url}/superset/dashboard/{NAME}/")
    page.locator("[data-test=edit-dashboard-button]").click()
    title = page.locator("[data-test=editable-title-input]").first
    title.click()
    title.fill("Sửa tay trong trang")
    title.press("Enter")
    expect(title).to_have_value("Sửa tay trong trang")
    page.locator("[data-test=header-save-button]").click()
    expect(page.locator("[data-test=edit-dashboard-button]")).to_be_visible()
    trial.export()
    edits = yaml.safe_load((trial.exports / "edits.yaml").read_text())
    assert edits == {"dashboards/hand_edits.yaml": {"dashboard_title": {"was": "Kiểm thử sửa tay", "now": "Sửa tay trong trang"}}}


def test_a_chart_saved_in_explore_with_another_title_keeps_what_it_asks(trial: Trial, page: Page) -> None:
    chart = trial.chart("Lượt khám: bảng")
    visit(page, f"{trial.site.url}/explore/?slice_id={chart['id']}")
    page.locator("[data-test=query-save-button]").click()
    page.locator("[data-test=save-overwrite-radio]").check()
    name = page.locator("[data-test=new-chart-name]")
    expect(name).to_have_value(chart["slice_name"])
    name.fill("Sửa tay trong Explore")
    expect(name).to_have_value("Sửa tay trong Explore")
    page.locator("[data-test=btn-modal-save]").click()
    expect(page.locator("[data-test=btn-modal-save]")).to_be_hidden()
    trial.export()
    edits = yaml.safe_load((trial.exports / "edits.yaml").read_text())
    ((_, changed),) = edits.items()
    assert changed.pop("slice_name")["now"] == "Sửa tay trong Explore"
    assert not [key for key in changed if key.startswith("params/") and "was" in changed[key]], "nothing of the contract's is changed"
