"""The harvest: a Celery worker, and beat for what the clock asks."""

from __future__ import annotations

import os
import time

import redis as redis_client
from celery import Celery
from kombu.exceptions import OperationalError

from ckan_harvesters.settings import BROKER_DATABASE
from ckan_harvesters.tasks import BEAT_KEY
from control.environments import digest
from control.secrets import Secrets
from control.services import postgres, redis
from control.services.service import Service
from control.settings import ROOT, Instance, python_of
from control.supervisor import Supervisor

BEAT_FIRST_SECONDS = 180
BEAT_SECONDS = 300
CODE = (ROOT / "requirements" / "harvest.txt", ROOT / "ckan_harvesters", ROOT / "datasets", ROOT / "locale")


def environment(instance: Instance, secrets: Secrets) -> dict[str, str]:
    """What worker and beat read."""
    return {
        "IOC_HOME": str(ROOT),
        "IOC_VAR": str(instance.state),
        "IOC_STORE_URL": postgres.url(instance, secrets, "ioc_loader", "ioc_loader", "ioc"),
        "IOC_REDIS_URL": redis.url(instance, secrets),
        "IOC_CKAN_URL": instance.url("ckan"),
        "IOC_CKAN_TOKEN": secrets["ckan_harvest_token"],
        "IOC_FILES": str(instance.state / "files"),
        "IOC_SUPERSET_URL": instance.url("superset"),
        "IOC_SECRET": secrets["shared"],
        "IOC_NOW": os.environ.get("IOC_NOW", ""),
        "HOME": str(instance.state / "harvest"),
        "IOC_CODE": digest(*CODE)[:16],
    }


def services(instance: Instance, secrets: Secrets) -> list[Service]:
    instance.folder("files")
    folder = instance.folder("harvest")
    celery = [python_of("harvest"), "-m", "celery", "-A", "ckan_harvesters.app"]
    shared = environment(instance, secrets)
    return [
        Service(
            name="worker",
            command=[
                *celery,
                "worker",
                "--loglevel",
                "INFO",
                "--concurrency",
                "2",
                "--queues",
                "harvest",
                "--hostname",
                "harvest@localhost",
                "--without-gossip",
                "--without-mingle",
            ],
            health=lambda: worker_health(instance, secrets),
            stop_seconds=60,
            user=instance.service_user,
            environment=shared,
        ),
        Service(
            name="beat",
            command=[*celery, "beat", "--loglevel", "INFO", "--schedule", str(folder / "beat-schedule"), "--pidfile", ""],
            health=lambda: beat_health(instance, secrets),
            user=instance.service_user,
            environment=shared,
        ),
    ]


def worker_health(instance: Instance, secrets: Secrets) -> str | None:
    """A worker is well when one listens on the harvest's broker and answers a ping."""
    try:
        with Celery(broker=f"{redis.url(instance, secrets)}/{BROKER_DATABASE}") as app:
            answers = app.control.ping(timeout=5.0, limit=1)
    except (OperationalError, redis_client.RedisError) as error:
        return f"the broker does not answer: {error}"
    return None if answers else "no harvest worker answers a ping"


def beat_health(instance: Instance, secrets: Secrets) -> str | None:
    """Beat is well when the mark that its minutely message leaves in Redis is young, or when it has only just been started."""
    process = Supervisor(instance).processes().get("beat", {})
    if time.time() - process.get("start", 0) < BEAT_FIRST_SECONDS:
        return None
    client = redis_client.Redis(
        host="127.0.0.1", port=instance.ports["redis"], password=secrets["redis"], db=BROKER_DATABASE, socket_timeout=3
    )
    try:
        mark = client.get(BEAT_KEY)
    except redis_client.RedisError as error:
        return str(error)
    finally:
        client.close()
    if mark is None:
        return "beat has left no mark since it was started"
    age = time.time() - float(mark)
    return None if age < BEAT_SECONDS else f"beat left its last mark {age:.0f} s ago"
