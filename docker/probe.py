"""Health of a container, asked from inside it: exit code 0 when it is well, else 1 and one sentence.

`probe.py page URL TEXT`: the page answers 200 and holds TEXT.
`probe.py beat`: beat has sent a task in the last minutes.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

SILENT_SECONDS = 300


def page(url: str, expect: str) -> str | None:
    """What is wrong with a page, or None."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - the container's own address
            body = answer.read(200_000).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code}"
    except OSError as error:
        return f"{url} does not answer: {error}"
    return None if expect in body else f"{url} answers without {expect!r}"


def beat() -> str | None:
    """What is wrong with the clock, or None. The task of each minute leaves its second in Redis."""
    import redis  # only the harvest's image has it

    try:
        with redis.Redis.from_url(f"{os.environ['IOC_REDIS_URL']}/4", socket_timeout=5) as client:
            mark = client.get("ioc:beat")
    except redis.RedisError as error:
        return f"Redis does not answer: {error}"
    if mark is None:
        return "beat has sent nothing yet"
    age = time.time() - int(mark)
    return None if age < SILENT_SECONDS else f"the last task that beat sent ran {age:.0f} s ago"


def main(words: list[str]) -> str | None:
    match words:
        case ["page", url, expect]:
            return page(url, expect)
        case ["beat"]:
            return beat()
        case _:
            return f"unknown question: {words}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
