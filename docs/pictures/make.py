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


SLUGS = (
    "documents",
    "public-services",
    "socioeconomic",
    "health",
    "education",
    "feedback",
    "tourism",
    "infosec",
    "public-safety",
)
"""The nine subsystems' dashboards."""
WALL, PHONE = (1920, 1080), (390, 844)
DRAWN = ".ioc-figure, .ioc-tile-empty, .ioc-score, .ioc-bar"
MAP_ON = "health"


def opened(page: Page, running: Running, slug: str) -> None:
    """The dashboard with the charts of its first screen drawn."""
    page.goto(f"{running.superset_url}/superset/dashboard/{slug}/")
    page.locator(DRAWN).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !/Đang (tải|chờ)/.test(document.body.innerText)")
    page.wait_for_timeout(3000)


def home(page: Page, running: Running) -> None:
    page.goto(f"{running.superset_url}/ioc/home/")
    page.get_by_text("Toàn cảnh của tỉnh").wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "home.png")


def dashboards(browser: Browser, running: Running) -> None:
    """Home page and the nine dashboards as the leader sees them on a wall and on a phone, a map, and the open one on anybody's phone."""
    page = page_of(browser, *WALL)
    log_in_to_superset(page, running, running.leader)
    home(page, running)
    for slug in SLUGS:
        opened(page, running, slug)
        page.screenshot(path=FOLDER / f"dashboard-{slug}.png")
    opened(page, running, MAP_ON)
    shown = page.locator(".dashboard-component-chart-holder").filter(has=page.locator(".ioc-choropleth")).first
    shown.scroll_into_view_if_needed()
    page.locator(".ioc-choropleth path").first.wait_for()
    shown.screenshot(path=FOLDER / "map.png")
    width, height = PHONE
    phone = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=True, has_touch=True, device_scale_factor=2, locale="vi-VN"
    )
    small = phone.new_page()
    small.set_default_timeout(60_000)
    opened(small, running, "health-open")
    small.screenshot(path=FOLDER / "dashboard-phone.png")
    log_in_to_superset(small, running, running.leader)
    for slug in SLUGS:
        opened(small, running, slug)
        small.screenshot(path=FOLDER / f"dashboard-{slug}-phone.png")


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
