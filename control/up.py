"""`ioc up`: from a bare machine to working addresses, step by step; again on a running system it changes nothing that need not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from control import environments, machine
from control.accounts import bring_to_audiences
from control.apply import apply_all, migrate_store, read_contracts, say_warnings
from control.secrets import Secrets
from control.services import ckan, desk, harvest, postgres, redis, solr, superset
from control.services.service import Service
from control.settings import Instance
from control.steps import Steps
from control.supervisor import Supervisor, start_and_wait, write_configuration


def all_services(instance: Instance, secrets: Secrets) -> list[Service]:
    """The services in the order in which they are started."""
    services = [
        postgres.service(instance, secrets),
        redis.service(instance, secrets),
        solr.service(instance),
        ckan.service(instance),
        superset.service(instance, secrets),
        desk.service(instance, secrets),
    ]
    if secrets.get("ckan_harvest_token") is not None:
        services += harvest.services(instance, secrets)
    return services


def prepare_machine(instance: Instance, steps: Steps) -> None:
    """Debian packages, users, Python environments, Solr's jars."""
    missing = machine.missing_packages()
    if missing:
        with steps.step(f"Debian packages: {', '.join(missing)}"):
            machine.install_packages(instance, missing)
    machine.make_service_user(instance)

    def make_all() -> None:
        for name in ("ckan", "superset"):
            with steps.step(f"Python environment {name}") as notes:
                if not environments.make(name, instance.logs / "environments.log"):
                    notes.append("up to date")

    def jars() -> None:
        with steps.step("Solr's jars by Maven") as notes:
            if not solr.fetch_library(instance):
                notes.append("up to date")

    steps.together(make_all, jars)


def not_running(instance: Instance) -> list[str]:
    """Services with a port that the supervisor does not run now."""
    supervisor = Supervisor(instance)
    running = supervisor.processes() if supervisor.pid() is not None else {}
    return [name for name in instance.ports if running.get(name, {}).get("statename") not in ("RUNNING", "STARTING")]


def start_services(instance: Instance, secrets: Secrets, steps: Steps) -> Supervisor:
    """PostgreSQL, Redis and Solr first; CKAN and Superset beside each other; the harvest last."""
    supervisor = Supervisor(instance)
    with steps.step("PostgreSQL's cluster") as notes:
        if not postgres.initialise(instance, secrets):
            notes.append("is there")
    redis.write_configuration(instance, secrets)
    solr.write_home(instance)
    ckan.write_configuration(instance, secrets)
    instance.folder("superset")
    write_configuration(instance, all_services(instance, secrets))
    supervisor.start()

    by_name = {service.name: service for service in all_services(instance, secrets)}

    def start(name: str) -> None:
        with steps.step(f"{name} is well, {by_name[name].address or 'no address'}") as notes:
            if not start_and_wait(supervisor, by_name[name]):
                notes.append("was running")

    for name in ("postgres", "redis"):
        start(name)
    with steps.step("Databases and roles"):
        postgres.make_databases(instance, secrets)

    def portal() -> None:
        start("solr")
        with steps.step("CKAN's tables and accounts") as notes:
            if not ckan.prepare(instance, secrets):
                notes.append("up to date")
        start("ckan")

    def dashboards() -> None:
        with steps.step("Store's migrations"):
            migrate_store(instance, secrets)
        with steps.step("Superset's tables, permissions, administrator") as notes:
            if not superset.prepare(instance, secrets):
                notes.append("up to date")
        start("superset")

    steps.together(portal, dashboards)
    return supervisor


def start_harvest(instance: Instance, secrets: Secrets, steps: Steps, supervisor: Supervisor) -> None:
    """The desk service, worker and beat, once CKAN has given the harvest its token and the contracts are applied.

    A service whose code changed since it was started a minute ago was stopped by reading the configuration: it is started too.
    """
    services = all_services(instance, secrets)
    write_configuration(instance, services)
    changed = supervisor.read_again()
    for service in services:
        if service.name in ("desk", "worker", "beat", *changed):
            with steps.step(f"{service.name} is well") as notes:
                if not start_and_wait(supervisor, service):
                    notes.append("was running")


def bring_up(instance: Instance, steps: Steps, deliver: Callable[[], None] | None = None) -> None:
    """The whole of `ioc up`. `deliver`: what delivers the demonstration's files at the end, if anything does."""
    is_new = not (postgres.data_folder(instance) / "PG_VERSION").exists()
    machine.check_disk(instance, machine.NEEDED_BYTES if is_new else machine.NEEDED_AGAIN_BYTES)
    machine.check_ports(instance, not_running(instance))
    if not instance.state.exists():
        instance.state.mkdir(parents=True, mode=0o755)
    instance.state.chmod(0o755)
    with steps.step("Contracts read and checked") as notes:
        contracts, reference = read_contracts()
        notes.append(f"{len(contracts)} contracts, {sum(len(contract.resources) for contract in contracts)} datasets")
    secrets = Secrets(instance)
    with steps.step(f"Secrets in {secrets.path}") as notes:
        made = secrets.make_missing()
        notes.append(f"{made} made" if made else "are there")
    instance.remember_ports()
    prepare_machine(instance, steps)
    supervisor = start_services(instance, secrets, steps)
    apply_all(instance, secrets, steps, contracts, reference)
    bring_to_audiences(instance, secrets, steps, reference)
    start_harvest(instance, secrets, steps, supervisor)
    if deliver is not None:
        deliver()
    say_warnings(instance, secrets, steps, contracts, reference)


def plan_lines(instance: Instance) -> list[str]:
    """What `ioc up` is about to do, in words."""
    missing = machine.missing_packages()
    lines = [f"State is kept in {instance.state}; ports {min(instance.ports.values())} to {max(instance.ports.values())} on 127.0.0.1."]
    if instance.state != instance.var:
        lines.append(f"User postgres cannot reach {instance.var}: the services' data are kept in {instance.state} instead.")
    if instance.is_root and instance.service_user is None:
        lines.append("The checkout is closed to other users, so the services run as root. Better: move it where others may read it.")
    if missing:
        lines.append("Debian packages will be installed: " + ", ".join(missing) + ".")
    if not Path(instance.state / "postgres" / "PG_VERSION").exists():
        lines.append("A private PostgreSQL, Redis, Solr, CKAN, Superset and the harvest are made and started; this takes some minutes.")
    else:
        lines.append("Services that run go on running; what has changed is brought up to date.")
    return lines
