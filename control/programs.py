"""Running other programs: as the right user, with the right environment, with their output kept in a log."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from control.settings import Instance
from control.steps import StepFailed

# What a service may see of the caller's environment; everything else is given to it by name.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "JAVA_HOME", "MAVEN_OPTS")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """A small environment: the caller's path and language, and `extra`."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"LANG": "C.UTF-8", **kept, **(extra or {})}


def as_user(user: str | None, command: Sequence[str]) -> list[str]:
    """The command, run by `user` when the caller is root."""
    return list(command) if user is None else ["runuser", "-u", user, "--", *command]


def run(
    instance: Instance,
    command: Sequence[str],
    *,
    log: str,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
    what: str,
    advice: str = "",
    timeout: float = 1200,
    prints_secrets: bool = False,
) -> str:
    """Runs a program to its end and returns its standard output.

    `log` names a file in the instance's log folder that gets both outputs, of a program that `prints_secrets` only the standard error.
    Raises StepFailed when it exits non-zero.
    """
    instance.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    path: Path = instance.logs / f"{log}.log"
    try:
        done = subprocess.run(
            as_user(user, command),
            env=clean_environment(environment),
            cwd=str(instance.state),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise StepFailed(
            f"{what}: the program {error.filename} is not there", advice=advice or "run ./ioc up, which installs it"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise StepFailed(f"{what}: not done after {timeout:.0f} s", log=path, advice=advice) from error
    with path.open("a") as file:
        if not prints_secrets:
            file.write(done.stdout)
        file.write(done.stderr)
    if done.returncode != 0:
        raise StepFailed(f"{what}: the program ended with {done.returncode}", log=path, advice=advice)
    return done.stdout
