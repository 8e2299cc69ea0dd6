"""How long until a delivery is seen: `python bench/freshness.py [--runs 20] [--plain 5] [--json FILE]`.

A file is delivered in CKAN as an agency's editor does it. The clock starts when CKAN has answered, and stops when the address that
dashboards read gives a leader the new figure, asked without force, as a dashboard does. Between the two are the event, the harvest, the
load, and Superset's cache, which was filled with the old figure just before.

With `--plain N` the same is measured against a Superset beside it whose cache knows nothing of editions and keeps answers for 60 seconds
(Superset's usual set-up); it is begun for that and ended after. The instance of IOC_VAR and IOC_PORT_BASE must be up. What was delivered
is withdrawn at the end.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import secrets as random_secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ckanapi
import requests

from control.compile.superset.site import SupersetSite, ensure_user
from control.secrets import Secrets
from control.services import superset
from control.settings import ROOT, Instance, python_of

AGENCY = "benh-vien-san-nhi"
DATASET = "health-bed-days"
CHART = "Giường bệnh: bảng"
DAY = date(2026, 1, 1)  # older than what the demonstration delivers
HEADER = "ngay;ma_xa;ma_co_so;khoa;giuong_thuc_ke;giuong_su_dung"
FACILITIES = 200
READER = "bench-freshness"
PLAIN_CACHE_SECONDS = 60
LONGEST_WAIT = 180.0
POLL_SECONDS = 0.05


@dataclass
class Question:
    """What a leader's dashboard asks: the sum of occupied beds of one day."""

    site: SupersetSite
    body: dict[str, Any]

    def ask(self) -> int:
        """The figure, 0 when there is none."""
        answer = self.site.call("POST", "/api/v1/chart/data", json=self.body)["result"][0]
        return int(answer["data"][0]["sum_beds_occupied"] or 0)


def question(site: SupersetSite) -> Question:
    """The question, through the dashboard of health, which gives its readers its datasets."""
    dashboard = site.call("GET", "/api/v1/dashboard/health")["result"]["id"]
    charts = site.call("GET", f"/api/v1/dashboard/{dashboard}/charts")["result"]
    chart = next(c for c in charts if c["slice_name"].startswith(CHART))
    query = {
        "columns": [],
        "metrics": ["sum_beds_occupied"],
        "filters": [{"col": "agency", "op": "==", "val": AGENCY}, {"col": "day", "op": "==", "val": DAY.isoformat()}],
        "row_limit": 1,
    }
    body = {
        "datasource": {"id": int(chart["form_data"]["datasource"].split("__")[0]), "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": {"slice_id": chart["id"], "dashboardId": dashboard, "viz_type": chart["form_data"]["viz_type"]},
        "result_format": "json",
        "result_type": "full",
    }
    return Question(site, body)


def content(occupied: int) -> bytes:
    """A file of FACILITIES rows whose occupied beds add up to FACILITIES × occupied."""
    rows = [f"{DAY:%d/%m/%Y};17011;{60_000 + n};thuong;40;{occupied}" for n in range(FACILITIES)]
    return ("\n".join([HEADER, *rows]) + "\n").encode()


class Delivery:
    """One CKAN resource that is uploaded again and again."""

    def __init__(self, site: ckanapi.RemoteCKAN) -> None:
        self._site = site
        there = site.call_action("package_show", {"id": DATASET})["resources"]
        left = (r["id"] for r in there if r.get("agency") == AGENCY and r.get("period") == DAY.isoformat())
        self._id: str | None = next(left, None)  # of a measurement that was interrupted

    def upload(self, occupied: int) -> None:
        """Returns when CKAN has answered."""
        file = {"upload": ("bed-days.csv", io.BytesIO(content(occupied)))}
        if self._id is None:
            fields = {"package_id": DATASET, "agency": AGENCY, "period": DAY.isoformat(), "simulated": "true"}
            self._id = self._site.call_action("resource_create", fields, files=file)["id"]
        else:
            self._site.call_action("resource_patch", {"id": self._id}, files=file)

    def withdraw(self) -> None:
        if self._id is not None:
            self._site.call_action("resource_delete", {"id": self._id})


def measure(asked: Question, delivery: Delivery, figures: Iterator[int], runs: int, pause: Callable[[], float]) -> list[float]:
    """Seconds of each run. Raises TimeoutError when a figure does not come."""
    seconds = []
    for _ in range(runs):
        asked.ask()
        time.sleep(pause())
        occupied = next(figures)
        if asked.ask() == occupied * FACILITIES:
            occupied = next(figures)
        delivery.upload(occupied)
        began = time.perf_counter()
        while asked.ask() != occupied * FACILITIES:
            if time.perf_counter() - began > LONGEST_WAIT:
                raise TimeoutError(f"the new figure did not come within {LONGEST_WAIT} s")
            time.sleep(POLL_SECONDS)
        seconds.append(time.perf_counter() - began)
    return seconds


@contextmanager
def plain_superset(instance: Instance, secrets: Secrets) -> Iterator[str]:
    """A Superset on the same database whose cached answers live for PLAIN_CACHE_SECONDS; its address."""
    port = instance.port_base + 91
    environment = {
        **os.environ,
        **superset.environment(instance, secrets),
        "SUPERSET_CONFIG_PATH": str(ROOT / "bench" / "plain_superset_config.py"),
        "IOC_SUPERSET_BIND": f"127.0.0.1:{port}",
        "IOC_SUPERSET_WORKERS": "1",
        "IOC_PLAIN_CACHE_SECONDS": str(PLAIN_CACHE_SECONDS),
    }
    command = [python_of("superset"), "-m", "gunicorn", "--config", str(ROOT / "plugins" / "superset_ioc" / "gunicorn_settings.py")]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 90
            while not _answers(f"{url}/login/"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the plain Superset did not start")
                time.sleep(1)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def summary(seconds: list[float]) -> dict[str, float]:
    """p50, p95 (the value that 95 % of the runs do not exceed), least and most, in seconds."""
    ordered = sorted(seconds)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    return {
        "runs": len(ordered),
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[rank], 2),
        "least": round(ordered[0], 2),
        "most": round(ordered[-1], 2),
    }


@contextmanager
def leader(admin: SupersetSite) -> Iterator[str]:
    """The password of a leader's account that may log in as long as the measurement lasts."""
    password = random_secrets.token_urlsafe(18)
    ensure_user(admin, READER, password, "Đo", "Độ tươi", f"{READER}@localhost.localdomain", ["ioc_leader"])
    try:
        yield password
    finally:
        found = admin.call("GET", f"/api/v1/security/users/?q=(filters:!((col:username,opr:eq,value:{READER})))")["result"]
        for user in found:
            # Superset's log refers to it, so it cannot be deleted.
            admin.call("PUT", f"/api/v1/security/users/{user['id']}", json={"active": False})


def phase() -> float:
    """A moment of the plain cache's life at which a delivery may come, in seconds."""
    return random.uniform(0, PLAIN_CACHE_SECONDS - 5)


def run(runs: int, plain: int) -> dict[str, Any]:
    """Measure on the instance of the environment; figures in seconds."""
    instance = Instance.from_environment()
    secrets = Secrets(instance)
    admin = SupersetSite(instance.url("superset"), superset.ADMIN, secrets["superset_admin_password"])
    delivery = Delivery(ckanapi.RemoteCKAN(instance.url("ckan"), apikey=secrets[f"editor_token.{AGENCY}"]))
    figures = iter(random.sample(range(1, 41), 40) * 100)
    result: dict[str, Any] = {"rows": FACILITIES}
    try:
        with leader(admin) as password:
            ours = question(SupersetSite(instance.url("superset"), READER, password))
            result["toan_canh"] = summary(measure(ours, delivery, figures, runs, lambda: 0.5))
            if plain:
                with plain_superset(instance, secrets) as url:
                    theirs = question(SupersetSite(url, READER, password))
                    result["superset_60_s"] = summary(measure(theirs, delivery, figures, plain, phase))
                result["ratio_p50"] = round(result["superset_60_s"]["p50"] / result["toan_canh"]["p50"], 1)
    finally:
        delivery.withdraw()
    return result


def main() -> int:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--runs", type=int, default=20)
    arguments.add_argument("--plain", type=int, default=0, metavar="N", help="runs against a Superset with a 60-second cache")
    arguments.add_argument("--json", type=Path, help="file for the figures")
    chosen = arguments.parse_args()
    text = json.dumps(run(chosen.runs, chosen.plain), indent=2)
    print(text)
    if chosen.json:
        chosen.json.write_text(text + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
