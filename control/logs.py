"""`ioc logs`: the last lines of each service's log, and what is written next."""

from __future__ import annotations

import subprocess

from control.settings import Instance
from control.steps import StepFailed


def show(instance: Instance, service: str | None, *, lines: int, follow: bool) -> None:
    """Prints the last lines with `tail`, which knows rotation. Raises StepFailed when there is no such log."""
    known = sorted(path.stem for path in instance.logs.glob("*.log")) if instance.logs.exists() else []
    if service is not None and service not in known:
        raise StepFailed(f"There is no log of {service!r}", advice="choose one of: " + (", ".join(known) or "none yet; run ./ioc up"))
    names = [service] if service is not None else known
    if not names:
        raise StepFailed("There are no logs yet", advice="run ./ioc up")
    words = ["tail", "-n", str(lines), *(["-F"] if follow else []), *(str(instance.logs / f"{name}.log") for name in names)]
    try:
        subprocess.run(words, check=True)
    except KeyboardInterrupt:
        return
