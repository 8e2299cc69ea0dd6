"""How long all charts of a dashboard take: `python bench/dashboard.py [--dashboard health] [--runs 5] [--json FILE]`.

Every chart of the dashboard is asked for as its page asks: with the chart's own question, as a leader, six at a time as a browser does.
Cold means that no answer is in Superset's cache (asked with force, which asks the store and keeps the answer); warm is the same again
without force. The ratio of the two is what the cache saves. The instance of IOC_VAR and IOC_PORT_BASE must be up, with the demonstration,
and nothing may be delivered meanwhile: a new edition makes every answer cold.
"""

from __future__ import annotations

import argparse
import json
import secrets as random_secrets
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import requests

from control.compile.superset.site import SupersetSite, ensure_user
from control.secrets import Secrets
from control.services import superset
from control.settings import Instance

CONNECTIONS = 6
"""Requests that a browser has under way at once to one host."""
READER = "bench-dashboard"


def questions(site: SupersetSite, slug: str) -> list[dict[str, Any]]:
    """What the page of the dashboard asks, one for each chart."""
    dashboard = site.call("GET", f"/api/v1/dashboard/{slug}")["result"]["id"]
    charts = site.call("GET", f"/api/v1/dashboard/{dashboard}/charts")["result"]
    asked = []
    for chart in charts:
        saved = site.call("GET", f"/api/v1/chart/{chart['id']}")["result"]["query_context"]
        if saved is None:
            raise SystemExit(f"the chart {chart['slice_name']} has no saved question; apply the contracts again: ./ioc apply")
        context = json.loads(saved)
        form = {
            **context.get("form_data", {}),
            "slice_id": chart["id"],
            "dashboardId": dashboard,
            "viz_type": chart["form_data"]["viz_type"],
        }
        asked.append({**context, "form_data": form})
    return asked


def ask_all(sessions: list[requests.Session], url: str, asked: list[dict[str, Any]], *, force: bool) -> tuple[float, list[bool]]:
    """Seconds until all are answered, and which answers came from the cache."""

    def ask(number: int) -> bool:
        answer = sessions[number % CONNECTIONS].post(f"{url}/api/v1/chart/data", json={**asked[number], "force": force}, timeout=120)
        if not answer.ok:
            raise SystemExit(f"{asked[number]['form_data']}: {answer.status_code} {answer.text[:500]}")
        return all(result["is_cached"] for result in answer.json()["result"])

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        cached = list(pool.map(ask, range(len(asked))))
        return time.perf_counter() - began, cached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dashboard", default="health", help="name in the dashboard's address")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    instance = Instance.from_environment()
    admin = SupersetSite(instance.url("superset"), superset.ADMIN, Secrets(instance)["superset_admin_password"])
    password = random_secrets.token_urlsafe(16)
    ensure_user(admin, READER, password, "Bench", "Dashboard", f"{READER}@localhost.localdomain", ["ioc_leader"])
    sites = [SupersetSite(instance.url("superset"), READER, password) for _ in range(CONNECTIONS)]
    asked = questions(admin, options.dashboard)
    sessions = [site.session for site in sites]
    cold, warm = [], []
    for _ in range(options.runs):
        seconds, cached = ask_all(sessions, admin.url, asked, force=True)
        assert not any(cached), "an answer of a forced question came from the cache"
        cold.append(seconds)
        seconds, cached = ask_all(sessions, admin.url, asked, force=False)
        assert all(cached), "an answer that had just been given did not come from the cache"
        warm.append(seconds)
    found = {
        "dashboard": options.dashboard,
        "charts": len(asked),
        "cold_seconds": statistics.median(cold),
        "warm_seconds": statistics.median(warm),
        "ratio": statistics.median(cold) / statistics.median(warm),
    }
    print(f"{found['dashboard']}: {found['charts']} charts, median of {options.runs} runs")
    print(f"cold {found['cold_seconds']:.2f} s, warm {found['warm_seconds']:.2f} s, {found['ratio']:.1f} times faster from the cache")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
