"""Superset: the dashboards."""

from __future__ import annotations

from control.environments import digest
from control.programs import run
from control.secrets import Secrets
from control.services import postgres, redis
from control.services.service import Service, http_health
from control.settings import ROOT, Instance, environment_folder, python_of

ADMIN = "ioc-admin"
CODE = (ROOT / "superset_config.py", ROOT / "plugins" / "superset_ioc", ROOT / "datasets" / "model")


def environment(instance: Instance, secrets: Secrets) -> dict[str, str]:
    """What superset_config.py reads."""
    return {
        "IOC_HOME": str(ROOT),
        "IOC_VAR": str(instance.state),
        "IOC_REDIS_URL": redis.url(instance, secrets),
        "IOC_SECRET": secrets["shared"],
        "IOC_CKAN_URL": instance.url("ckan"),
        "IOC_SUPERSET_URL": instance.url("superset"),
        "IOC_STORE_ADDRESS": f"127.0.0.1:{instance.ports['postgres']}",
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


def superset(instance: Instance, secrets: Secrets, *words: str, what: str, stdin: str | None = None) -> str:
    """Runs Superset's own command line and returns what it printed."""
    program = str(environment_folder("superset") / "bin" / "superset")
    return run(
        instance,
        [program, *words],
        log="superset-commands",
        user=instance.service_user,
        environment=environment(instance, secrets),
        stdin=stdin,
        what=what,
    )


def prepare(instance: Instance, secrets: Secrets) -> bool:
    """Migrates Superset's database, and makes its permissions and administrator; nothing when the code has not changed."""
    instance.folder("superset")
    stamp = instance.state / "superset" / ".prepared"
    wanted = digest(ROOT / "requirements" / "superset.txt", *CODE)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    superset(instance, secrets, "db", "upgrade", what="Superset's database could not be upgraded")
    superset(instance, secrets, "init", what="Superset's permissions could not be made")
    superset(
        instance,
        secrets,
        "fab",
        "create-admin",
        *("--username", ADMIN, "--firstname", "Quản trị", "--lastname", "Toàn Cảnh"),
        *("--email", "ioc-admin@localhost.localdomain", "--password", secrets["superset_admin_password"]),
        what="Superset's administrator could not be made",
    )
    stamp.write_text(wanted)
    return True


def service(instance: Instance, secrets: Secrets) -> Service:
    return Service(
        name="superset",
        command=[
            python_of("superset"),
            "-m",
            "gunicorn",
            "--workers",
            "2",
            "--worker-class",
            "gthread",
            "--threads",
            "8",
            "--timeout",
            "120",
            "--graceful-timeout",
            "10",
            "--bind",
            f"127.0.0.1:{instance.ports['superset']}",
            "superset.app:create_app()",
        ],
        health=http_health(f"{instance.url('superset')}/login/", "csrf_token"),
        address=instance.url("superset"),
        user=instance.service_user,
        environment={**environment(instance, secrets), "IOC_CODE": digest(*CODE)[:16]},
    )
