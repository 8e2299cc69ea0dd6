"""The desk service: it checks a file before it is published and tells what an agency owes. CKAN is its only client."""

from __future__ import annotations

from control.environments import digest
from control.secrets import Secrets
from control.services import postgres
from control.services.service import Service, http_health
from control.settings import ROOT, Instance, python_of

CODE = (
    ROOT / "requirements" / "harvest.txt",
    ROOT / "ckan_harvesters",
    ROOT / "datasets" / "model",
    ROOT / "datasets" / "reference",
    ROOT / "locale",
)


def service(instance: Instance, secrets: Secrets) -> Service:
    folder = instance.folder("desk")
    return Service(
        name="desk",
        command=[
            python_of("harvest"),
            "-m",
            "gunicorn",
            "--workers",
            "1",
            "--worker-class",
            "gthread",
            "--threads",
            "8",
            "--timeout",
            "180",
            "--graceful-timeout",
            "10",
            "--keep-alive",
            "65",
            "--bind",
            f"127.0.0.1:{instance.ports['desk']}",
            "--worker-tmp-dir",
            str(folder),
            "--no-control-socket",
            "ckan_harvesters.desk.app:application()",
        ],
        health=http_health(f"{instance.url('desk')}/health", "well"),
        address=instance.url("desk"),
        user=instance.service_user,
        environment={
            "IOC_HOME": str(ROOT),
            "IOC_STORE_URL": postgres.url(instance, secrets, "ioc_desk", "ioc_desk", "ioc"),
            "IOC_DESK_TOKEN": secrets["desk_token"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "IOC_CODE": digest(*CODE)[:16],
        },
    )
