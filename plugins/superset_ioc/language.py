"""Vietnamese for Superset, which ships without it.

Server texts come from the compiled catalogue through Babel; the browser asks for a language pack, which Superset only looks for in its
own folder, so a hook answers for the languages that are here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

TRANSLATIONS = Path(__file__).resolve().parent / "translations"
SECONDS_KEPT_BY_BROWSER = 600


def language_pack(language: str) -> Path | None:
    """File of that language's pack (Jed format), or None when it is not ours."""
    file = TRANSLATIONS / language / "LC_MESSAGES" / "messages.json"
    return file if file.is_file() else None


def register(app: Any) -> None:
    """Answer `/superset/language_pack/<language>/` for our languages."""
    from flask import Response, request

    address = re.compile(r"/superset/language_pack/([a-z]{2})/?")

    @app.before_request  # type: ignore[untyped-decorator]
    def _serve_language_pack() -> Any:
        asked = address.fullmatch(request.path)
        if asked and (file := language_pack(asked[1])):
            # Not as a file, which Superset's compression leaves alone: a quarter of the bytes are sent.
            answer = Response(file.read_bytes(), mimetype="application/json")
            answer.cache_control.public, answer.cache_control.max_age = True, SECONDS_KEPT_BY_BROWSER
            answer.add_etag()
            return answer.make_conditional(request)
        return None
