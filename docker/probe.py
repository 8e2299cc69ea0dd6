"""Health of a container, asked from inside it: exit code 0 when it is well, else 1 and one sentence.

`probe.py page URL TEXT`: the page answers 200 and holds TEXT.
`probe.py young FOLDER SECONDS`: the newest file there was written less than SECONDS ago (beat writes its schedule every three minutes).
"""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


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


def young(folder: str, seconds: float) -> str | None:
    """What is wrong with a folder that something alive writes to, or None."""
    written = [path.stat().st_mtime for path in Path(folder).iterdir()]
    if not written:
        return f"nothing was written in {folder}"
    age = time.time() - max(written)
    return None if age < seconds else f"nothing was written in {folder} for {age:.0f} s"


def main(words: list[str]) -> str | None:
    match words:
        case ["page", url, expect]:
            return page(url, expect)
        case ["young", folder, seconds]:
            return young(folder, float(seconds))
        case _:
            return f"unknown question: {words}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
