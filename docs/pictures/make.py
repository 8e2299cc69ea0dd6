"""Takes the pictures of README and docs from a running instance: `python docs/pictures/make.py` (IOC_VAR names the instance).

With `--dashboards` only those of the home page and of dashboards, with `--desk` only those of the desk.

It delivers a file with two mistakes as the health department's editor, takes the pictures, and takes the delivery back. The desk's are
taken as the general hospital's clerk (docs/pictures/desk.py).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Browser, Page, sync_playwright

from docs.pictures.desk import desk
from tests.browser.portal import (
    CHROMIUM_ARGUMENTS,
    DATASET,
    delivery_file,
    log_in_to_ckan,
    log_in_to_superset,
    open_form,
    take_back,
    upload,
)
from tests.running import Running

FOLDER = Path(__file__).resolve().parent
PERIOD = "2026-11-02"
GOOD = [f"{{day}};16681;{number};thuong;{180 + number % 7 * 12};{120 + number % 5 * 15}" for number in range(40101, 40144)]
WRONG = ["{day};99999;40171;thuong;120;98", "{day};16681;40172;thuong;một trăm;80"]


def page_of(browser: Browser, width: int, height: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN").new_page()
    page.set_default_timeout(60_000)
    return page


def receipt(browser: Browser, running: Running) -> None:
    """The receipt of a delivery with two rejected rows."""
    take_back(running, PERIOD)
    page = page_of(browser, 1366, 768)
    with tempfile.TemporaryDirectory() as folder:
        file = delivery_file(Path(folder) / "giuong-benh-2026-11-02.csv", PERIOD, *GOOD, *WRONG)
        log_in_to_ckan(page, running, running.editor("so-y-te"))
        open_form(page)
        upload(page, file, PERIOD)
        page.get_by_role("row").filter(has_text="99999").wait_for()
    page.screenshot(path=FOLDER / "receipt.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=FOLDER / "receipt-phone.png")
    take_back(running, PERIOD)


WHOLE = {"health": 3200, "public-services": 3200}
"""Height of a screen, 1366 wide, that shows all of a dashboard."""


def opened(page: Page, running: Running, slug: str) -> None:
    """The dashboard with all its charts drawn."""
    page.goto(f"{running.superset_url}/superset/dashboard/{slug}/")
    page.locator(".ioc-figure").first.wait_for()
    page.locator(".ioc-choropleth path").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(8000)


def dashboards(browser: Browser, running: Running) -> None:
    """Home page and dashboards as the leader sees them, the map of one, and the open one on anybody's phone."""
    page = page_of(browser, 1920, 1080)
    log_in_to_superset(page, running, running.leader)
    page.goto(f"{running.superset_url}/ioc/home/")
    page.get_by_text("Toàn cảnh của tỉnh").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "home.png")
    opened(page, running, "health")
    page.screenshot(path=FOLDER / "dashboard.png")
    for slug, height in WHOLE.items():
        page.set_viewport_size({"width": 1366, "height": height})
        opened(page, running, slug)
        page.screenshot(path=FOLDER / f"dashboard-{slug}.png")
    page.locator(".dashboard-component-chart-holder").filter(has=page.locator(".ioc-choropleth")).first.screenshot(path=FOLDER / "map.png")
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, device_scale_factor=2, locale="vi-VN"
    )
    small = phone.new_page()
    small.set_default_timeout(60_000)
    small.goto(f"{running.superset_url}/superset/dashboard/health-open/")
    small.locator(".ioc-figure").first.wait_for()
    small.wait_for_timeout(3000)
    small.screenshot(path=FOLDER / "dashboard-phone.png")


def main() -> None:
    running = Running.from_environment()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        chosen = {word for word in ("--dashboards", "--desk") if word in sys.argv}
        if not chosen:
            receipt(browser, running)
        if not chosen or "--desk" in chosen:
            desk(browser, running, FOLDER)
        if not chosen or "--dashboards" in chosen:
            dashboards(browser, running)
        browser.close()
    print(DATASET, *(f"{path.name} {path.stat().st_size // 1024} KB" for path in sorted(FOLDER.glob("*.png"))))


if __name__ == "__main__":
    main()
