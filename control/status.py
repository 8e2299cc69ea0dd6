"""`ioc status`: each service with its health, memory and address; and the data: datasets, last load."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
import psycopg
from rich.table import Table

from control.secrets import Secrets
from control.services import postgres
from control.services.service import Service
from control.settings import Instance
from control.supervisor import Supervisor
from control.supply import DAYS, AgencyRates, rates_of, share
from control.up import all_services
from datasets.model.reference import read_reference

DATA_QUERY = """
SELECT (SELECT count(*) FROM ledger.source),
       (SELECT count(*) FROM ledger.source WHERE last_loaded_at IS NOT NULL),
       (SELECT coalesce(sum(rows), 0) FROM ledger.source),
       (SELECT max(edition) FROM ledger.edition),
       (SELECT max(last_loaded_at) FROM ledger.source)
"""
# A subsystem lives when a delivery of it stands; one that is applied and has none is waiting.
SUBSYSTEMS_QUERY = """
SELECT subsystem, bool_or(note <> 'Chưa có số liệu') FROM ledger.source GROUP BY subsystem ORDER BY subsystem
"""


@dataclass(frozen=True)
class ServiceStatus:
    """One service: memory in bytes, of all its processes, shared pages counted once each by proportion."""

    name: str
    running: bool
    healthy: bool
    problem: str | None
    memory_bytes: int
    address: str
    pid: int | None


@dataclass(frozen=True)
class DataStatus:
    """What the store holds."""

    datasets: int
    datasets_with_data: int
    rows: int
    edition: int | None
    last_load: str | None
    supply: list[AgencyRates] = field(default_factory=list)
    """Reports of each agency that were due in the last 35 days."""
    subsystems: dict[str, str] = field(default_factory=dict)
    """The subsystems of the reference data without data supply, which watches them: "live", "waiting" or "no contract"."""


def memory_of(pid: int) -> int:
    """Proportional set size of a process and all below it, in bytes: a shared page counts once over all who share it."""
    total = 0
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue  # it ended while we counted
        except psutil.AccessDenied:
            total += process.memory_info().rss
    return total


def service_status(service: Service, process: dict[str, Any] | None) -> ServiceStatus:
    running = process is not None and process["statename"] == "RUNNING"
    problem = service.health() if running else "it does not run"
    pid = int(process["pid"]) if running and process is not None else None
    memory = memory_of(pid) if pid is not None else 0
    return ServiceStatus(service.name, running, problem is None, problem, memory, service.address, pid)


def data_status(instance: Instance, secrets: Secrets) -> DataStatus | None:
    """None when the store cannot be asked (it does not run, or was never made)."""
    try:
        with postgres.connect(instance, secrets, "ioc") as connection:
            row = connection.execute(DATA_QUERY).fetchone()
            rates = rates_of(connection, DAYS)
            has_data: dict[str, bool] = dict(connection.execute(SUBSYSTEMS_QUERY).fetchall())
    except (psycopg.Error, KeyError):
        return None
    if row is None:
        return None
    return DataStatus(row[0], row[1], int(row[2]), row[3], row[4].isoformat() if row[4] else None, rates, subsystem_states(has_data))


def subsystem_states(has_data: Mapping[str, bool]) -> dict[str, str]:
    """Each declared subsystem by its order. `has_data`: by applied contract, whether a delivery of it stands."""
    words = {None: "no contract", False: "waiting", True: "live"}
    return {name: words[has_data.get(name)] for name, declared in read_reference().subsystems.items() if declared.order >= 1}


def subsystem_line(data: dict[str, Any]) -> str:
    """How many subsystems live, and what the others lack."""
    states: dict[str, str] = data["subsystems"]
    others = ", ".join(f"{name} ({state})" for name, state in states.items() if state != "live")
    return f"subsystems: {sum(state == 'live' for state in states.values())} of {len(states)} live" + (
        f"; not yet {others}" if others else ""
    )


def supply_lines(data: dict[str, Any]) -> list[str]:
    """A line for each agency that owed something: received and on time of what was expected."""
    lines = []
    for r in data["supply"]:
        on_time = f"{r['on_time']} on time ({share(r['on_time'], r['expected'])})"
        lines.append(f"supply, {DAYS} days: {r['agency']}: {r['received']} of {r['expected']} received, {on_time}")
    return lines


def collect(instance: Instance) -> dict[str, Any]:
    """The whole status, ready for JSON: {"instance", "services": [...], "memory_bytes", "data", "healthy"}."""
    secrets = Secrets(instance)
    supervisor = Supervisor(instance)
    pid = supervisor.pid()
    processes = supervisor.processes() if pid is not None else {}
    services = all_services(instance, secrets) if secrets.path.exists() else []
    with ThreadPoolExecutor(max_workers=max(1, len(services))) as pool:
        states = list(pool.map(lambda service: service_status(service, processes.get(service.name)), services))
    supervisor_memory = psutil.Process(pid).memory_full_info().pss if pid is not None else 0
    data = data_status(instance, secrets) if pid is not None else None
    return {
        "instance": {"var": str(instance.var), "state": str(instance.state), "port_base": instance.port_base},
        "services": [asdict(state) for state in states],
        "memory_bytes": sum(state.memory_bytes for state in states) + supervisor_memory,
        "data": asdict(data) if data is not None else None,
        "healthy": bool(states) and all(state.healthy for state in states),
    }


def table(status: dict[str, Any]) -> Table:
    shown = Table(title=f"Toàn Cảnh in {status['instance']['state']}", title_justify="left", box=None, pad_edge=False)
    for heading in ("service", "health", "memory", "address"):
        shown.add_column(heading, justify="right" if heading == "memory" else "left")
    for state in status["services"]:
        health = "[green]well[/green]" if state["healthy"] else f"[red]{state['problem']}[/red]"
        shown.add_row(state["name"], health, f"{state['memory_bytes'] / 1024**2:,.0f} MB", state["address"])
    shown.add_row("[bold]together[/bold]", "", f"[bold]{status['memory_bytes'] / 1024**2:,.0f} MB[/bold]", "")
    return shown
