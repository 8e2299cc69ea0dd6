"""What a page of an error says: what happened and what to do, in the reader's language and never whether a closed thing exists."""

from __future__ import annotations

from typing import Any

import flask
from ckan.common import current_user
from ckan.lib import base
from werkzeug.exceptions import default_exceptions

from .texts import here

TITLED = frozenset({403, 404, 429, 500})
ABOUT_DATASETS = ("/dataset/", "/resource/")
NOT_LOGGED_IN = 401
FORBIDDEN = 403
NOT_FOUND = 404
FAILED = 500


def words(code: Any, content: Any, says: str = "") -> dict[str, Any]:
    """Title and sentences of the page of that status; `content` is what the refusing code said, `says` a reason that is shown in any case.

    `detail` is empty where CKAN's or the framework's sentence would only say the same again, in another language or in English.
    """
    number = int(code[0] if isinstance(code, (list, tuple)) else code)
    number = FORBIDDEN if number == NOT_LOGGED_IN else number
    anonymous = bool(current_user.is_anonymous)
    missing = number == NOT_FOUND
    ours = says or _detail(number, str(content or ""))
    return {
        "code": number,
        "title": here(f"portal.error.{number}" if number in TITLED else "portal.error.other"),
        "what": "" if ours and number in TITLED else here(_what(number, anonymous)),
        "detail": ours,
        "log_in": anonymous and number in (FORBIDDEN, NOT_FOUND),
        "search": missing,
    }


def _what(number: int, anonymous: bool) -> str:
    """Code of our own sentence."""
    if number == FORBIDDEN:
        return "portal.error.what.403" if anonymous else "portal.error.what.403_account"
    if number == NOT_FOUND and any(part in flask.request.path for part in ABOUT_DATASETS):
        return "portal.error.what.dataset"
    return f"portal.error.what.{number}" if number in (NOT_FOUND, FAILED) else "portal.error.what.other"


def _detail(number: int, content: str) -> str:
    """What the refusing code said, where it tells more than our sentence does."""
    usual = default_exceptions.get(number)
    if number == FAILED or (usual is not None and content == usual.description):
        return ""
    if number in (FORBIDDEN, NOT_FOUND) and flask.request.blueprint != "ioc":
        return ""
    return content


def not_allowed(error: Exception) -> tuple[str, int]:
    """The page of a refusal that one of CKAN's own pages did not expect. Who is logged in reads its reason."""
    says = "" if current_user.is_anonymous else str(error) or here("portal.officials_only")
    shown = {"code": FORBIDDEN, "content": "", "name": "", "says": says}
    return str(base.render("error_document_template.html", shown)), FORBIDDEN
