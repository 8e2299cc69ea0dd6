"""The desk service: answers CKAN over loopback. Codes and parameters, never sentences; CKAN puts them into words."""

from __future__ import annotations

import hmac
import logging
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from ckan_harvesters.desk.asked import Unanswerable
from ckan_harvesters.desk.checking import checking_routes
from ckan_harvesters.desk.pool import Pool
from ckan_harvesters.desk.reading import reading_routes
from ckan_harvesters.desk.settings import DeskSettings
from ckan_harvesters.desk.store import Store
from ckan_harvesters.errors import Refused, TransientError

log = logging.getLogger(__name__)

MULTIPART_OVERHEAD = 64 * 1024
BEARER = "Bearer "
OPEN_PATHS = ("/health",)


def application() -> Flask:
    """The WSGI application, for gunicorn. Raises TerminalError naming a setting that is missing."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = DeskSettings.from_environment()
    return make_app(settings, Store(settings.store_url), Pool())


def make_app(settings: DeskSettings, store: Store, pool: Pool) -> Flask:
    """The service over a store and a pool of children that check."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_file_bytes + MULTIPART_OVERHEAD
    app.config["MAX_FORM_PARTS"] = 20
    expected = settings.token.encode()

    @app.before_request
    def known_caller() -> tuple[Response, int] | None:
        if request.path in OPEN_PATHS:
            return None
        shown = request.headers.get("Authorization", "")
        given = shown.removeprefix(BEARER).encode() if shown.startswith(BEARER) else b""
        return None if hmac.compare_digest(given, expected) else _error("not_authorized", 401, {})

    @app.get("/health")
    def health() -> Response:
        with store.reading() as conn:
            conn.execute("SELECT")
        return jsonify(state="well")

    reading_routes(app, store)
    checking_routes(app, store, pool)
    _errors(app)
    return app


def _errors(app: Flask) -> None:
    @app.errorhandler(Unanswerable)
    def unanswerable(error: Unanswerable) -> tuple[Response, int]:
        return _error(error.code, error.status, error.params)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[Response, int]:
        return _error(error.code, 422, error.params)

    @app.errorhandler(TransientError)
    def for_now(error: TransientError) -> tuple[Response, int]:
        log.warning("%s %s: %s", request.method, request.path, error)
        return _error("platform_for_now", 503, {})

    @app.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> tuple[Response, int]:
        code = {404: "not_found", 405: "not_found", 413: "too_large"}.get(error.code or 500, "bad_request")
        limit = {"limit": app.config["MAX_CONTENT_LENGTH"] // 1024**2} if error.code == 413 else {}
        return _error(code, error.code or 500, limit)

    @app.errorhandler(Exception)
    def unexpected(_error_: Exception) -> tuple[Response, int]:
        log.exception("%s %s failed", request.method, request.path)
        return _error("platform", 500, {})


def _error(code: str, status: int, params: dict[str, Any]) -> tuple[Response, int]:
    return jsonify(error=code, params=params), status
