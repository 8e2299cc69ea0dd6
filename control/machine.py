"""What the machine must have: Debian packages, disk, free ports, a user for the services."""

from __future__ import annotations

import contextlib
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from control.programs import clean_environment
from control.settings import SERVICE_USER, Instance
from control.steps import StepFailed

PACKAGES = (
    "chromium",
    "fonts-noto-core",
    "gcc",
    "libc6-dev",
    "libmagic1",
    "libpq-dev",
    "maven",
    "openjdk-17-jdk-headless",
    "postgresql-15",
    "postgresql-15-postgis-3",
    "python3-dev",
    "redis-server",
)
# Any of these programs makes its package unnecessary (a JDK from elsewhere is as good as the one of Debian).
PROVIDED_BY = {"maven": "mvn", "openjdk-17-jdk-headless": "javac", "gcc": "gcc", "chromium": "chromium"}
NEEDED_BYTES = 6 * 1024**3
NEEDED_AGAIN_BYTES = 512 * 1024**2
POLICY = Path("/usr/sbin/policy-rc.d")


def missing_packages() -> list[str]:
    """Debian packages that are neither installed nor provided by a program of another origin."""
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"], capture_output=True, text=True, check=False
    ).stdout
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [
        package
        for package in PACKAGES
        if package not in installed and not (package in PROVIDED_BY and shutil.which(PROVIDED_BY[package]) is not None)
    ]


def install_packages(instance: Instance, packages: list[str]) -> None:
    """Installs Debian packages as root or with sudo; otherwise raises StepFailed with the exact command."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    may_sudo = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    if not instance.is_root and not may_sudo:
        raise StepFailed(
            "Debian packages are missing, and only root may install them: " + ", ".join(packages),
            advice="run this, then ./ioc up again:  sudo apt-get update && sudo " + " ".join(command),
        )
    prefix = [] if instance.is_root else ["sudo"]
    log = instance.logs / "packages.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with _no_service_starts(instance), log.open("a") as out:
        for words in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "postgresql-common"], command):
            done = subprocess.run(
                [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *words], stdout=out, stderr=out, env=clean_environment(), check=False
            )
            if done.returncode != 0:
                raise StepFailed(
                    f"{' '.join(words[:2])} ended with {done.returncode}", log=log, advice="mend what apt says, then run ./ioc up again"
                )
            if "postgresql-common" in words:
                _no_default_cluster(prefix)


def _no_default_cluster(prefix: list[str]) -> None:
    """Keeps Debian from making and starting a PostgreSQL cluster of its own: the centre has a private one."""
    subprocess.run(
        [*prefix, "sed", "-i", "s/^#\\?create_main_cluster.*/create_main_cluster = false/", "/etc/postgresql-common/createcluster.conf"],
        check=True,
    )


@contextlib.contextmanager
def _no_service_starts(instance: Instance) -> Iterator[None]:
    """While packages are installed, no service of theirs is started (Debian's policy-rc.d), so that ports stay free."""
    if not instance.is_root or POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def make_service_user(instance: Instance) -> None:
    """Makes the unprivileged system user of the services when root runs the centre."""
    if instance.service_user is None:
        return
    try:
        pwd.getpwnam(SERVICE_USER)
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                SERVICE_USER,
            ],
            check=True,
        )


def check_disk(instance: Instance, needed: int = NEEDED_BYTES) -> None:
    """Raises StepFailed when the disk that holds the state has less than `needed` bytes free."""
    folder = instance.state
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StepFailed(
            f"The disk that holds {instance.state} has {free / 1024**3:.1f} GiB free; {needed / 1024**3:.1f} GiB are needed",
            advice="make room, or name a folder on a larger disk: IOC_VAR=/another/folder ./ioc up",
        )


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_ports(instance: Instance, services: list[str]) -> None:
    """Raises StepFailed naming each port that another program holds. `services`: those not running yet."""
    taken = [f"{instance.ports[name]} ({name})" for name in services if not port_is_free(instance.ports[name])]
    if taken:
        raise StepFailed(
            "Another program uses port " + ", ".join(taken),
            advice=f"end that program (ss -ltnp shows it), or choose other ports: IOC_PORT_BASE={instance.port_base + 100} ./ioc up",
        )
