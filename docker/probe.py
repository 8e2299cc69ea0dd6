"""Health of a container, asked from inside it: exit code 0 when it is well, else 1 and one sentence.

`probe.py page URL TEXT`: the page answers 200 and holds TEXT.
`probe.py beat`: beat has sent a task in the last minutes.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


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
    """What is wrong with the clock, or None. The minute's task leaves a mark that fades."""
    import redis  # only the harvest's image has it

    try:
        with redis.Redis.from_url(f"{os.environ['IOC_REDIS_URL']}/4", socket_timeout=5) as client:
            mark = client.get("ioc:beat")
    except redis.RedisError as error:
        return f"Redis does not answer: {error}"
    return None if mark else "beat has sent nothing in the last minutes"


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
