"""What the supervisor must know of a service, and how its health is seen."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """One program under the supervisor.

    `health` returns None when the service is well, else what is wrong in one sentence.
    """

    name: str
    command: list[str]
    health: Callable[[], str | None]
    address: str = ""
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    start_seconds: int = 180


def http_health(url: str, expect: str) -> Callable[[], str | None]:
    """A check that a page answers 200 and holds `expect`."""

    def check() -> str | None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback only
                body = answer.read(200_000).decode(errors="replace")
        except urllib.error.HTTPError as error:
            return f"{url} answers {error.code}"
        except OSError as error:
            return f"{url} does not answer: {getattr(error, 'reason', error)}"
        return None if expect in body else f"{url} answers without {expect!r}"

    return check
