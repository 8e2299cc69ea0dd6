"""Names of the harvest's queues and tasks: the only place where they are written."""

from __future__ import annotations


class Queues:
    """Celery queues; each has a worker in `control/services`."""

    HARVEST = "harvest"

    ALL = (HARVEST,)


class Tasks:
    """Names of the tasks, which CKAN's plugin also sends."""

    CHANGED = "harvest.changed"
    DELIVER = "harvest.deliver"
    POLL = "harvest.poll"
    RECONCILE = "harvest.reconcile"
    TICK = "harvest.tick"
    OWN_REPORT = "harvest.own_report"
