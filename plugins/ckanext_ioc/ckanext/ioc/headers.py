"""Headers of every answer. There may be no proxy in front, so the portal sets them itself."""

from __future__ import annotations

from typing import Any

import flask

PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
FILE_POLICY = "sandbox; default-src 'none'"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_file(path: str) -> bool:
    """Whether the address is one that somebody uploaded: a delivery's file, or an agency's picture."""
    return ("/resource/" in path and "/download" in path) or "/uploads/" in path


def set_headers(response: Any) -> Any:
    """Sets the headers of one answer. What somebody uploaded is never shown on the portal's own origin, only saved."""
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    path = flask.request.path
    if not is_file(path) or response.status_code >= 400:  # a page that says why there is no file
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        return response
    response.headers["Content-Security-Policy"] = FILE_POLICY
    if "/download" in path and response.status_code < 300:
        disposition = response.headers.get("Content-Disposition", "attachment")
        if not disposition.startswith("attachment"):
            _, _, rest = disposition.partition(";")
            response.headers["Content-Disposition"] = f"attachment;{rest}" if rest else "attachment"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
