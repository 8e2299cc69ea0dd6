"""The Celery app of the harvest: its broker, its queues, its times.

PostgreSQL is the truth. Redis gives unacknowledged messages of a killed worker back only after the visibility timeout, so a worker
that starts runs the poll, which finds whatever was begun and has not ended.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready

from ckan_harvesters.queues import Queues, Tasks
from ckan_harvesters.settings import BROKER_DATABASE

TIME_ZONE = "Asia/Ho_Chi_Minh"
POLL_SECONDS = 60
TICK_MINUTE = 1
"""Minute of each hour; after midnight, so that a day has begun."""
TICK_SECONDS = 3600
VISIBILITY_SECONDS = 3600
TASK_SECONDS = 1800
CHILD_KILOBYTES = 600_000


def _broker() -> str:
    return f"{os.environ.get('IOC_REDIS_URL', 'redis://127.0.0.1:6379').rstrip('/')}/{BROKER_DATABASE}"


def _schedule_file() -> str:
    var = Path(os.environ.get("IOC_VAR") or Path(__file__).resolve().parents[1] / "var")
    return str(var / "beat-schedule")


app = Celery("ckan_harvesters", broker=_broker(), include=["ckan_harvesters.tasks"])
app.conf.update(
    accept_content=["json"],
    beat_schedule_filename=_schedule_file(),
    beat_schedule={
        "poll": {"task": Tasks.POLL, "schedule": POLL_SECONDS, "kwargs": {"by_the_clock": True}, "options": {"expires": POLL_SECONDS}},
        "reconcile": {"task": Tasks.RECONCILE, "schedule": crontab(hour=2, minute=30)},
        "own_report": {"task": Tasks.OWN_REPORT, "schedule": crontab(hour=6, minute=10)},
        "tick": {"task": Tasks.TICK, "schedule": crontab(minute=TICK_MINUTE), "options": {"expires": TICK_SECONDS}},
    },
    broker_connection_max_retries=None,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS, "socket_keepalive": True, "socket_connect_timeout": 10},
    enable_utc=True,
    task_acks_late=True,
    task_create_missing_queues=False,
    task_default_queue=Queues.HARVEST,
    task_ignore_result=True,
    task_queues=None,
    task_reject_on_worker_lost=True,
    task_time_limit=TASK_SECONDS,
    timezone=TIME_ZONE,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the work goes on, and its second message finds nothing to do
    worker_max_memory_per_child=CHILD_KILOBYTES,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
)


@worker_ready.connect  # type: ignore[untyped-decorator]
def begin_again(**_: Any) -> None:
    """Look at once for what a killed worker left."""
    app.send_task(Tasks.POLL)
