"""The demonstration, from the accounts to the last harvested delivery."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from xlsxwriter.exceptions import FileCreateError

from ckan_harvesters.supply.excuse import excuse
from ckan_harvesters.supply.oblige import oblige_since
from control.accounts import administrators, make_accounts, show_accounts
from control.apply import read_contracts
from control.demonstration.deliver import Portal
from control.demonstration.harvested import wait_until_harvested
from control.demonstration.last_day import kept_last_day
from control.demonstration.own_report import deliver_centre_report
from control.secrets import Secrets
from control.services import postgres
from control.settings import Instance
from control.steps import StepFailed, Steps
from datasets.demonstration import DemonstrationExcuse, DemonstrationFile, generate, history_of
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract
from datasets.model.reference import Reference

SEED = 1
DELIVERED = "demonstration_delivered"
KEPT_SEED = "demonstration_seed"


def deliver_demonstration(instance: Instance, steps: Steps, *, show: bool = True) -> None:
    """What `up` does: the light version, once for an instance. What is withdrawn later does not come back by itself.

    `show`: print the passwords that were made; otherwise nobody learns them.
    """
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    with _accounts(instance, secrets, steps, contracts, reference, show=show):
        if secrets.get(DELIVERED) is None:
            _deliver(instance, secrets, steps, contracts, reference)
            secrets.put(DELIVERED, "yes")
        deliver_centre_report(instance, secrets, steps)


def demonstrate(
    instance: Instance,
    steps: Steps,
    subsystems: Sequence[str] = (),
    *,
    full: bool = False,
    seed: int | None = None,
    again: bool = False,
) -> None:
    """What `demo` does: delivers what is not there, of these subsystems or of all. Raises StepFailed for one that is no subsystem.

    `full`: 36 months; `again`: also what is there, in its place; `seed`: kept for the life of the instance.
    """
    secrets = Secrets(instance)
    contracts, reference = read_contracts()
    chosen = _chosen(contracts, subsystems)
    if seed is not None:
        secrets.put(KEPT_SEED, str(seed))
    with _accounts(instance, secrets, steps, contracts, reference, show=True):
        _deliver(instance, secrets, steps, chosen, reference, full=full, again=again)
        deliver_centre_report(instance, secrets, steps)


def _chosen(contracts: Sequence[Contract], subsystems: Sequence[str]) -> list[Contract]:
    names = [contract.name for contract in contracts]
    for name in subsystems:
        if name not in names:
            raise StepFailed(f"{name!r} is no subsystem", advice=f"write one of {', '.join(names)}")
    return [contract for contract in contracts if not subsystems or contract.name in subsystems]


@contextmanager
def _accounts(
    instance: Instance, secrets: Secrets, steps: Steps, contracts: list[Contract], reference: Reference, *, show: bool
) -> Iterator[None]:
    """Makes the accounts first, and shows those that were made even when the delivering ends badly: nobody could read them later."""
    with steps.step("Demonstration accounts"):
        accounts = make_accounts(instance, secrets, contracts, reference)
    try:
        yield
    finally:
        if show and any(account.password is not None for account in accounts):
            show_accounts([*accounts, *administrators(secrets)], steps.console)


def _deliver(
    instance: Instance,
    secrets: Secrets,
    steps: Steps,
    contracts: Sequence[Contract],
    reference: Reference,
    *,
    full: bool = False,
    again: bool = False,
) -> None:
    """Delivers what is not there, with the obligations and the excuses that go with it."""
    until = kept_last_day(secrets, contracts, reference)
    portal = Portal(instance, secrets)
    with tempfile.TemporaryDirectory() as folder:
        with steps.step("Simulated files written") as notes:
            try:
                files = generate(contracts, reference, Path(folder), seed=int(secrets.get(KEPT_SEED) or SEED), until=until, full=full)
            except (OSError, FileCreateError) as error:
                advice = f"make room where {tempfile.gettempdir()} is, or name another folder by TMPDIR; then ./ioc demo goes on"
                raise StepFailed(f"The simulated files could not be written: {error}", advice=advice) from error
            notes.append(f"{len(files)} files, {sum(file.rows for file in files):,} rows, up to {until:%Y-%m-%d}")
        if not files:
            return
        history = history_of(files, until, full=full)
        with steps.step("The demonstration's obligations in force") as notes, _owner(instance, secrets) as connection:
            oblige_since(connection, history.since, contracts, reference)
            notes.append(f"since {min(history.since.values()):%Y-%m-%d}")
        with steps.step("Simulated files delivered in CKAN by the agencies' editors, in the order of time") as notes:
            portal.read(contracts)
            delivered = portal.deliver(files, again=again, progress=_progress(steps, files))
            notes.append(f"{portal.made} deliveries made, {len(files) - portal.made} were there")
    with steps.step("Deliveries harvested") as notes:
        waited = sorted(set(delivered))
        notes.append(wait_until_harvested(instance, secrets, waited, after=portal.waited_for, uploads=portal.earlier_uploads))
    if history.excuses:
        with steps.step("An agency excused") as notes, _owner(instance, secrets) as connection:
            given = [one for one in history.excuses if _excuse(connection, one, reference)]
            notes.append(", ".join(f"{one.obligation} of {one.period}" for one in given) or "was")


def _progress(steps: Steps, files: Sequence[DemonstrationFile]) -> Callable[[dt.date, int], None]:
    """Says after each simulated month how far it is."""
    last = files[-1].delivered_at.date()
    told: set[str] = set()

    def progress(day: dt.date, done: int) -> None:
        month = f"{day:%Y-%m}"
        if done < len(files) and day < last and month not in told:
            told.add(month)
            steps.say(f"[dim]    {month} of the simulated clock, {done} of {len(files)} deliveries[/dim]")

    return progress


IS_EXCUSED = "SELECT excused_until IS NOT NULL FROM supply.report WHERE obligation = %s AND period = %s"


def _excuse(connection: psycopg.Connection[Any], planted: DemonstrationExcuse, reference: Reference) -> bool:
    """Excuses what the demonstration excuses, as the working group would; not a second time, and not when the excuse would be over."""
    row = connection.execute(IS_EXCUSED, (planted.obligation, planted.period)).fetchone()
    if (row is not None and row[0]) or planted.until <= dt.datetime.now(ZONE):
        return False
    excuse(
        connection,
        planted.obligation,
        planted.period,
        until=planted.until,
        by=planted.by,
        reason=planted.reason,
        reference=reference,
    )
    return True


def _owner(instance: Instance, secrets: Secrets) -> psycopg.Connection[Any]:
    return psycopg.connect(postgres.owner_environment(instance, secrets)["IOC_STORE_OWNER_URL"], autocommit=True)
