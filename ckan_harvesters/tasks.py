"""The harvest's tasks: each calls one function and sends what follows from it.

The stages are imported inside, in the worker's child: Polars' threads do not survive a fork.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import redis
from celery import Task
from celery.utils.log import get_task_logger

from ckan_harvesters.app import app
from ckan_harvesters.errors import TransientError
from ckan_harvesters.queues import Queues, Tasks

if TYPE_CHECKING:
    from ckan_harvesters.harvest import Services

log = get_task_logger(__name__)

BUSY_SECONDS = 3
BUSY_TIMES = 20
TRANSIENT_TIMES = 5
BACKLOG = 50
BEAT_KEY = "ioc:beat"
"""Holds the second in which a poll that beat asked for last ran: its heartbeat, for the health check."""

_services: list[Services] = []


def services() -> Services:
    """Services of this process, made once."""
    from ckan_harvesters.harvest import Services

    if not _services:
        _services.append(Services.from_environment())
    return _services[0]


@app.task(name=Tasks.CHANGED, bind=True, autoretry_for=(TransientError,), retry_backoff=5, max_retries=TRANSIENT_TIMES)  # type: ignore[untyped-decorator]
def changed(_task: Task, event: dict[str, Any]) -> None:
    """Something changed in CKAN."""
    from ckan_harvesters import discover

    _deliver_all(discover.changed(event, services()))


@app.task(name=Tasks.DELIVER, bind=True, autoretry_for=(TransientError,), retry_backoff=5, max_retries=TRANSIENT_TIMES)  # type: ignore[untyped-decorator]
def deliver(task: Task, ckan_resource: str) -> None:
    """Bring one delivery into the state it should be in."""
    from ckan_harvesters.harvest import harvest_delivery

    result = harvest_delivery(ckan_resource, services())
    log.info("delivery %s: %s", ckan_resource, result.state)
    if result.state == "busy" and task.request.retries < BUSY_TIMES:
        raise task.retry(countdown=BUSY_SECONDS, max_retries=BUSY_TIMES)
    if result.state == "failed" and result.retry_seconds is not None and result.retry_seconds <= 60:
        deliver.apply_async((ckan_resource,), countdown=result.retry_seconds)


@app.task(name=Tasks.POLL)  # type: ignore[untyped-decorator]
def poll(by_the_clock: bool = False) -> None:
    """Find what events did not bring, unless the queue is long: then it is in there."""
    from ckan_harvesters import discover

    with redis.Redis.from_url(services().settings.broker_url) as client:
        if by_the_clock:
            client.set(BEAT_KEY, int(time.time()))
        backlog = int(client.llen(Queues.HARVEST))
    if backlog <= BACKLOG:
        _deliver_all(discover.poll(services()))


@app.task(name=Tasks.RECONCILE, bind=True, autoretry_for=(TransientError,), retry_backoff=60, max_retries=TRANSIENT_TIMES)  # type: ignore[untyped-decorator]
def reconcile(_task: Task) -> None:
    """Compare everything with CKAN."""
    from ckan_harvesters import discover

    _deliver_all(discover.reconcile(services()))


@app.task(name=Tasks.TICK, bind=True, autoretry_for=(TransientError,), retry_backoff=60, max_retries=TRANSIENT_TIMES)  # type: ignore[untyped-decorator]
def tick(_task: Task) -> None:
    """Make the reports whose time has come, and bring the measures that the clock changes to this moment."""
    from ckan_harvesters import measure, supply
    from ckan_harvesters.clock import now

    made = supply.tick(services().settings.store_url)
    done = measure.tick(services().settings.store_url, now())
    log.info("tick: %s reports, %s cells, edition %s", made, done.cells, done.edition)


@app.task(name=Tasks.OWN_REPORT, bind=True, autoretry_for=(TransientError,), retry_backoff=60, max_retries=TRANSIENT_TIMES)  # type: ignore[untyped-decorator]
def own_report(_task: Task) -> None:
    """Deliver the centre's own report on supply, of the months that changed."""
    from ckan_harvesters.supply.own_report import deliver_own_report

    delivered = deliver_own_report(services().settings.store_url, services().portal)
    log.info("own report: %s deliveries", len(delivered))


def _deliver_all(resources: list[str]) -> None:
    for ckan_resource in resources:
        deliver.delay(ckan_resource)
