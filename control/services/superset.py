"""Superset: the dashboards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from control.environments import digest
from control.programs import run
from control.secrets import Secrets
from control.services import postgres, redis
from control.services.service import Service, http_health
from control.settings import ROOT, Instance, python_of
from datasets.model.calendar import ZONE

ADMIN = "ioc-admin"
CODE = (
    ROOT / "requirements" / "superset.txt",
    ROOT / "superset_config.py",
    ROOT / "plugins" / "superset_ioc",
    ROOT / "datasets" / "model",
    *(ROOT / "datasets" / "reference" / f"{name}.yaml" for name in ("agencies", "people", "regulation", "subsystems")),
)


def environment(instance: Instance, secrets: Secrets) -> dict[str, str]:
    """What superset_config.py reads."""
    return {
        "TZ": ZONE.key,  # Superset's "today" is the day of its process: on a machine in UTC it begins seven hours late
        "IOC_HOME": str(ROOT),
        "IOC_VAR": str(instance.state),
        "IOC_REDIS_URL": redis.url(instance, secrets),
        "IOC_SECRET": secrets["shared"],
        "IOC_CKAN_URL": instance.url("ckan"),
        "IOC_SUPERSET_URL": instance.url("superset"),
        "IOC_STORE_URL": f"postgresql://127.0.0.1:{instance.ports['postgres']}/ioc",
        "IOC_SUPERSET_BIND": f"127.0.0.1:{instance.ports['superset']}",
        "SUPERSET_CONFIG_PATH": str(ROOT / "superset_config.py"),
        "SUPERSET_HOME": str(instance.state / "superset"),
        "SUPERSET_SECRET_KEY": secrets["superset_secret_key"],
        "SUPERSET_GUEST_SECRET": secrets["superset_guest_secret"],
        "SUPERSET_DATABASE_URI": postgres.url(instance, secrets, "superset", "superset_database", "superset").replace(
            "postgresql://", "postgresql+psycopg2://"
        ),
        "SUPERSET_ENV": "production",
        "FLASK_APP": "superset.app:create_app()",
        "HOME": str(instance.state / "superset"),
    }


@dataclass(frozen=True)
class Person:
    """An account of Superset's. With `set_password` an account that exists gets the new password."""

    username: str
    password: str
    first_name: str
    last_name: str
    roles: list[str]
    set_password: bool = False


def provision(instance: Instance, secrets: Secrets, people: list[Person]) -> None:
    """Migrates Superset's database, synchronises permissions and roles, and makes accounts; passwords go by standard input."""
    accounts = [{**asdict(person), "email": f"{person.username}@localhost.localdomain"} for person in people]
    run(
        instance,
        [python_of("superset"), "-m", "superset_ioc.provision"],
        log="superset-provision",
        user=instance.service_user,
        environment=environment(instance, secrets),
        stdin=json.dumps({"accounts": accounts}),
        what="Superset's tables, permissions or accounts could not be made",
    )


def prepare(instance: Instance, secrets: Secrets) -> bool:
    """Migrates and makes the administrator; nothing when neither code nor pins have changed."""
    instance.folder("superset")
    stamp = instance.state / "superset" / ".prepared"
    wanted = digest(*CODE)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    provision(instance, secrets, [Person(ADMIN, secrets["superset_admin_password"], "Quản trị", "Toàn Cảnh", ["Admin"])])
    stamp.write_text(wanted)
    return True


def service(instance: Instance, secrets: Secrets) -> Service:
    return Service(
        name="superset",
        command=[python_of("superset"), "-m", "gunicorn", "--config", str(ROOT / "plugins" / "superset_ioc" / "gunicorn_settings.py")],
        health=http_health(f"{instance.url('superset')}/login/", "csrf_token"),
        address=instance.url("superset"),
        user=instance.service_user,
        environment={**environment(instance, secrets), "IOC_CODE": digest(*CODE)[:16]},
    )
