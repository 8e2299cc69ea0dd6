"""Redis: caches and the harvest's messages. It only carries; nothing is lost with it."""

from __future__ import annotations

import redis

from control.secrets import Secrets
from control.services.service import Service
from control.settings import Instance


def url(instance: Instance, secrets: Secrets) -> str:
    """Address without a database number."""
    return f"redis://:{secrets['redis']}@127.0.0.1:{instance.ports['redis']}"


def write_configuration(instance: Instance, secrets: Secrets) -> None:
    """The password goes into a file of mode 600, not onto a command line."""
    folder = instance.folder("redis")
    path = folder / "redis.conf"
    text = "\n".join(
        [
            "bind 127.0.0.1",
            f"port {instance.ports['redis']}",
            f"dir {folder}",
            f"requirepass {secrets['redis']}",
            'save ""',
            "appendonly yes",
            "appendfsync everysec",
            "maxmemory 512mb",
            "maxmemory-policy volatile-lru",
            "",
        ]
    )
    if not path.exists() or path.read_text() != text:
        path.touch(mode=0o600)
        path.write_text(text)
        instance.give(path)


def service(instance: Instance, secrets: Secrets) -> Service:
    return Service(
        name="redis",
        command=["/usr/bin/redis-server", str(instance.state / "redis" / "redis.conf")],
        health=lambda: health(instance, secrets),
        address=f"127.0.0.1:{instance.ports['redis']}",
        user=instance.service_user,
    )


def health(instance: Instance, secrets: Secrets) -> str | None:
    client = redis.Redis(host="127.0.0.1", port=instance.ports["redis"], password=secrets["redis"], socket_timeout=3)
    try:
        client.ping()
    except redis.RedisError as error:
        return str(error)
    finally:
        client.close()
    return None
