"""CKAN: where agencies deliver and the public reads."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from secrets import token_hex
from typing import Any

from control.environments import CKAN_EXTENSION, digest
from control.programs import run
from control.secrets import Secrets
from control.services import postgres, redis
from control.services.service import Service, http_health
from control.services.templates.ckan_configuration import configuration
from control.settings import ROOT, Instance, environment_folder, python_of

TEMPLATES = Path(__file__).parent / "templates"
# What a running CKAN was started from: a change of it asks for a restart.
CODE = (ROOT / "requirements" / "ckan.txt", CKAN_EXTENSION, ROOT / "datasets" / "model", ROOT / "locale")
SYSADMIN = "ioc-admin"
HARVESTER = "ioc-harvest"


def configuration_file(instance: Instance) -> Path:
    return instance.state / "ckan" / "ckan.ini"


def write_configuration(instance: Instance, secrets: Secrets) -> None:
    """Writes ckan.ini (mode 600) from the template, the extension's settings and the instance's addresses and secrets."""
    instance.folder("ckan")
    instance.folder("ckan/storage")
    text = configuration(
        site_url=instance.url("ckan"),
        database=postgres.url(instance, secrets, "ckan", "ckan_database", "ckan"),
        redis=redis.url(instance, secrets),
        solr=f"{instance.url('solr')}/solr/ckan",
        storage=str(instance.state / "ckan" / "storage"),
        secret_key=secrets["ckan_secret_key"],
        superset_url=instance.url("superset"),
        desk_url=instance.url("desk"),
        desk_token=secrets["desk_token"],
    )
    path = configuration_file(instance)
    if not path.exists() or path.read_text() != text:
        path.touch(mode=0o600)
        path.write_text(text)
        instance.give(path)


def ckan(instance: Instance, *words: str, what: str, stdin: str | None = None, prints_secrets: bool = False) -> str:
    """Runs CKAN's own command line and returns what it printed."""
    program = str(environment_folder("ckan") / "bin" / "ckan")
    return run(
        instance,
        [program, "-c", str(configuration_file(instance)), *words],
        log="ckan-commands",
        user=instance.service_user,
        environment={"HOME": str(instance.state / "ckan")},
        stdin=stdin,
        what=what,
        prints_secrets=prints_secrets,
    )


def accounts(instance: Instance, wanted: dict[str, dict[str, Any]], what: str) -> dict[str, str]:
    """Makes accounts of CKAN and gives each one's API token by its name; neither passwords nor tokens reach a command line or a log."""
    printed = ckan(instance, "ioc", "accounts", what=what, stdin=json.dumps(wanted), prints_secrets=True)
    tokens: dict[str, str] = json.loads(printed.strip().splitlines()[-1])
    return tokens


def prepare(instance: Instance, secrets: Secrets) -> bool:
    """Migrates CKAN's database, makes the browser's texts and CKAN's accounts; nothing when neither code nor pins have changed."""
    stamp = instance.state / "ckan" / ".prepared"
    wanted = digest(*CODE)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    migrate(instance)
    # Under gunicorn CKAN makes them at no time of its own: without them its JavaScript speaks English.
    ckan(instance, "translation", "js", what="CKAN's texts for the browser could not be made")
    make_accounts(instance, secrets)
    stamp.write_text(wanted)
    return True


def migrate(instance: Instance) -> None:
    """Brings CKAN's tables and the extensions' to the current version."""
    ckan(instance, "db", "upgrade", what="CKAN's database could not be upgraded")
    for extension in ("activity", "ioc"):
        ckan(instance, "db", "upgrade", "-p", extension, what=f"The tables of CKAN's extension {extension} could not be upgraded")


def make_accounts(instance: Instance, secrets: Secrets) -> None:
    """Makes the sysadmin and the harvest's own user, and their API tokens, once."""
    if secrets.get("ckan_harvest_token") is not None:
        return
    wanted = {
        SYSADMIN: {"password": secrets["ckan_admin_password"], "email": "ioc-admin@localhost.localdomain", "sysadmin": True},
        # Nobody logs in as the harvest: its password is random and forgotten.
        HARVESTER: {"password": token_hex(24), "email": "ioc-harvest@localhost.localdomain", "sysadmin": False},
    }
    tokens = accounts(instance, wanted, "CKAN's accounts could not be made")
    secrets.put("ckan_admin_token", tokens[SYSADMIN])
    secrets.put("ckan_harvest_token", tokens[HARVESTER])


def service(instance: Instance) -> Service:
    folder = instance.state / "ckan"
    return Service(
        name="ckan",
        command=[
            python_of("ckan"),
            "-m",
            "gunicorn",
            "--workers",
            "2",
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--timeout",
            "120",
            "--graceful-timeout",
            "10",
            # Longer than clients pause: a connection closed at the moment a POST is sent is an error that may not be tried again.
            "--keep-alive",
            "65",
            "--bind",
            f"127.0.0.1:{instance.ports['ckan']}",
            "--worker-tmp-dir",
            str(folder),
            "--chdir",
            str(TEMPLATES),
            "ckan_wsgi:application",
        ],
        health=http_health(f"{instance.url('ckan')}/api/3/action/package_search?rows=0", '"success": true'),
        address=instance.url("ckan"),
        user=instance.service_user,
        environment={
            "CKAN_INI": str(configuration_file(instance)),
            "HOME": str(folder),
            "IOC_CODE": digest(*CODE)[:16] + digest_of(configuration_file(instance)),
        },
    )


def digest_of(path: Path) -> str:
    """A change of the configuration must restart the service: its digest goes into the service's environment."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""
