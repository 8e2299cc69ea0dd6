"""How fast the supply board and the desk answer for a whole province: `python bench/supply.py [--requests 100] [--json FILE]`.

30 agencies owe 60 datasets each, every month for 36 months: 64,800 reports with their events, in a PostgreSQL cluster of its own (see
supply_world). Measured are the board's question to the store, the page and its data over HTTP from a Superset of its own beside the
instance's, and what the desk owes over HTTP from a desk service of its own. The board keeps what it read for ten seconds unless something
happens: it is asked after an event each time, and again without one.

Beside them stands the alternative: the same question with each state computed from the events when it is asked (`supply.states_at`),
where the product keeps a fold of each report's events.

The instance of IOC_VAR and IOC_PORT_BASE must be up: Superset's accounts and cache are its own. Nothing is written into its store.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "plugins"))

import psycopg
import requests

from bench.freshness import READER, leader
from bench.supply_world import DATABASE, supply_store
from control.compile.superset.site import SupersetSite
from control.secrets import Secrets
from control.services import desk, superset
from control.settings import ROOT, Instance, python_of
from datasets.model.audience import LEADER, password
from datasets.model.calendar import ZONE
from superset_ioc.supply import board_store
from superset_ioc.supply.filters import Filters
from superset_ioc.supply.matrix import board
from tests.store.cluster import PASSWORD, Cluster

AIM_MS = 300.0
AGENCY = "so-y-te"
ASKED = {
    "the latest 12 months of all": {},
    "one agency": {"agency": AGENCY},
    "only what is late now": {"late": "now"},
    "all 36 months": {"from": "2000-01"},
}
# What the board reads of supply.state, computed from the events.
FROM_EVENTS = """(SELECT t.*, r.starts, r.simulated, o.calendar FROM supply.states_at(%(now)s) t
    JOIN supply.report r USING (report) JOIN supply.obligation o ON o.obligation = t.obligation) s"""
# What the desk asks for one agency, told as the board is.
OWED = """SELECT s.obligation, s.period, s.due_at, s.punctuality, s.quality FROM {states} WHERE agency = ANY (%(agencies)s)
    AND (received_at IS NULL AND due_at < %(now)s + interval '35 days' OR received_at >= %(now)s - interval '45 days')
    ORDER BY due_at, obligation"""
HAPPENS = """INSERT INTO supply.event (report, at, kind, load_id, details)
    SELECT report, supply.now(), 'refused', 1000000 + (SELECT max(event) FROM supply.event), '{}' FROM supply.report LIMIT 1"""

Figures = dict[str, Any]


def summary(seconds: Sequence[float]) -> Figures:
    """Runs, p50, p95 (what 95 % of the runs do not exceed) and the most, in milliseconds."""
    ordered = sorted(seconds)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    told = {"p50": statistics.median(ordered), "p95": ordered[rank], "most": ordered[-1]}
    return {"runs": len(ordered), **{name: round(value * 1000, 1) for name, value in told.items()}}


def timed(times: int, do: Callable[[], object], before: Callable[[], object] = lambda: None) -> Figures:
    """Of `times` runs, after two that are not counted; what is done before each is not measured."""
    seconds = []
    for number in range(times + 2):
        before()
        began = time.perf_counter()
        do()
        if number > 1:
            seconds.append(time.perf_counter() - began)
    return summary(seconds)


def in_the_store(cluster: Cluster, secret: str, times: int) -> Figures:
    """The board's two questions and what is made of their answer, and the same from the events."""
    with psycopg.connect(cluster.url(LEADER, DATABASE, password(secret, LEADER)), autocommit=True) as conn:

        def ask(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return conn.execute(query.encode(), parameters).fetchall()

        def ask_events(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            return ask(query.replace("supply.state s", FROM_EVENTS), parameters)

        def once(asked: Mapping[str, str], by: Callable[..., Any]) -> Figures:
            return board(board_store.read_board(by, Filters.of(asked), ZONE), "vi", {})

        assert once({}, ask)["totals"] == once({}, ask_events)["totals"], "the fold and the events do not say the same"
        told: Figures = {}
        for name, asked in ASKED.items():
            told[name] = timed(times, lambda asked=asked: once(asked, ask))  # type: ignore[misc]
        fewer = max(5, times // 10)
        told["from the events: the latest 12 months of all"] = timed(fewer, lambda: once({}, ask_events))
        told["from the events: one agency"] = timed(fewer, lambda: once({"agency": AGENCY}, ask_events))
        owed = {"agencies": [AGENCY], "now": datetime.now(ZONE)}
        told["the desk: one agency"] = timed(times, lambda: ask(OWED.format(states="supply.state s"), owed))
        told["from the events: the desk: one agency"] = timed(fewer, lambda: ask(OWED.format(states=FROM_EVENTS), owed))
        return told


@contextmanager
def process(command: Sequence[str], environment: Mapping[str, str], url: str) -> Iterator[None]:
    """A service of our own until the end; it is well once `url` answers."""
    with subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            deadline = time.monotonic() + 120
            while not _answers(url):
                if started.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{' '.join(command[:4])} did not start")
                time.sleep(1)
            yield
        finally:
            started.terminate()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


@contextmanager
def superset_beside(instance: Instance, secrets: Secrets, cluster: Cluster) -> Iterator[str]:
    """A Superset with the instance's accounts whose store is the cluster; its address."""
    port = instance.port_base + 92
    environment = {
        **superset.environment(instance, secrets),
        "IOC_STORE_URL": f"postgresql://127.0.0.1:{cluster.port}/{DATABASE}",
        "IOC_SUPERSET_BIND": f"127.0.0.1:{port}",
    }
    command = [python_of("superset"), "-m", "gunicorn", "--config", str(ROOT / "plugins" / "superset_ioc" / "gunicorn_settings.py")]
    url = f"http://127.0.0.1:{port}"
    with process(command, environment, f"{url}/login/"):
        yield url


@contextmanager
def desk_beside(instance: Instance, secrets: Secrets, cluster: Cluster) -> Iterator[str]:
    """A desk service whose store is the cluster; its address."""
    port = instance.port_base + 93
    service = desk.service(instance, secrets)
    ours, theirs = f"127.0.0.1:{port}", f"127.0.0.1:{instance.ports['desk']}"
    command = [ours if word == theirs else word for word in service.command]
    environment = {**service.environment, "IOC_STORE_URL": cluster.url("ioc_desk", DATABASE, PASSWORD)}
    with process(command, environment, f"http://{ours}/health"):
        yield f"http://{ours}"


def over_http(instance: Instance, secrets: Secrets, cluster: Cluster, times: int) -> Figures:
    """The page, its data, and one report, asked by a leader who has logged in."""
    with superset_beside(instance, secrets, cluster) as url:
        admin = SupersetSite(url, superset.ADMIN, secrets["superset_admin_password"])
        with leader(admin) as secret_word:
            return _asked(url, SupersetSite(url, READER, secret_word).session, cluster, times)


def _asked(url: str, session: requests.Session, cluster: Cluster, times: int) -> Figures:
    def get(path: str, holds: str) -> None:
        answer = session.get(f"{url}{path}", timeout=60)
        assert answer.ok and holds in answer.text, f"{path} answered {answer.status_code}"

    def ask(path: str) -> Callable[[], None]:
        return lambda: get(path, '"sections"')

    told: Figures = {}
    for name, asked in ASKED.items():
        path = _address("board.json", asked)
        told[f"board.json: {name}"] = timed(times, ask(path), lambda: happen(cluster))
        told[f"board.json, asked again: {name}"] = timed(times, ask(path))
    told["page"] = timed(times, lambda: get("/ioc/supply/", "ioc-supply-matrix"))
    return told


def happen(cluster: Cluster) -> None:
    """One more event in the store."""
    with psycopg.connect(cluster.url("ioc_owner", DATABASE)) as conn:
        conn.execute(HAPPENS)


def _address(page: str, asked: Mapping[str, str]) -> str:
    return requests.Request("GET", f"http://here/ioc/supply/{page}", params=dict(asked)).prepare().url.removeprefix("http://here")  # type: ignore[union-attr]


def of_the_desk(instance: Instance, secrets: Secrets, cluster: Cluster, times: int) -> Figures:
    """What one agency owes, and what all owe."""
    agencies = _agencies(cluster)
    with desk_beside(instance, secrets, cluster) as url:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {secrets['desk_token']}"

        def owed(*asked: str) -> int:
            answer = session.get(f"{url}/owed", params={"agency": asked}, timeout=60)
            answer.raise_for_status()
            return len(answer.json()["reports"])

        assert owed(AGENCY) > 0, "nothing is owed"
        return {
            "owed: one agency": timed(times, lambda: owed(AGENCY)),
            "owed: all agencies": timed(max(5, times // 10), lambda: owed(*agencies)),
        }


def _agencies(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.url("ioc_owner", DATABASE)) as conn:
        return [agency for (agency,) in conn.execute("SELECT DISTINCT agency FROM supply.obligation ORDER BY 1")]


def run(times: int) -> Figures:
    """Every figure, in milliseconds."""
    instance = Instance.from_environment()
    secrets = Secrets(instance)
    with supply_store(secrets["shared"]) as (cluster, reports, events):
        result: Figures = {"reports": reports, "events": events, "load average": os.getloadavg()[0]}
        result["store"] = in_the_store(cluster, secrets["shared"], times)
        result["superset"] = over_http(instance, secrets, cluster, times)
        result["desk"] = of_the_desk(instance, secrets, cluster, times)
    store = result["store"]
    result["from the events, times as long"] = {
        name: round(store[f"from the events: {name}"]["p50"] / store[name]["p50"], 1)
        for name in store
        if f"from the events: {name}" in store
    }
    return result


def show(result: Figures) -> None:
    """A line for each question, and whether the aim was met."""
    print(f"{result['reports']:,} reports, {result['events']:,} events, load average {result['load average']:.1f}; milliseconds")
    for part in ("store", "superset", "desk"):
        for name, told in result[part].items():
            aim = "" if name.startswith("from the events") else "  aim met" if told["p95"] <= AIM_MS else f"  over {AIM_MS:.0f} ms"
            print(f"{part:9} {name:48} p50 {told['p50']:8.1f}  p95 {told['p95']:8.1f}  most {told['most']:8.1f}  of {told['runs']}{aim}")
    for name, ratio in result["from the events, times as long"].items():
        print(f"computed from the events, {name}: {ratio} times as long")


def main() -> int:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--requests", type=int, default=100)
    arguments.add_argument("--json", type=Path, help="file for the figures")
    chosen = arguments.parse_args()
    result = run(chosen.requests)
    show(result)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
