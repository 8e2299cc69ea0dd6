"""Logging in to a Superset that takes only so many logins in a minute: one waits, and is told where waiting is of no use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from control.compile.superset import site
from control.compile.superset.site import SupersetError, SupersetSite

pytestmark = pytest.mark.unit


class Busy(BaseHTTPRequestHandler):
    """Refuses the first `refusals` logins with 429 and takes the next."""

    refusals = 0
    asked = 0

    def do_GET(self) -> None:
        self._answer(200, b'{"result": "token"}' if "/api/" in self.path else b'<input name="csrf_token" value="token">')

    def do_POST(self) -> None:
        kind = type(self)
        kind.asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(429 if kind.asked <= kind.refusals else 302, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing on the test's output."""


@contextmanager
def busy(refusals: int) -> Iterator[tuple[SupersetSite, type[Busy]]]:
    handler = type("Handler", (Busy,), {"refusals": refusals})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield SupersetSite(f"http://127.0.0.1:{server.server_port}", "admin", "secret"), handler
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "LOGIN_PAUSE", 0.0)


def test_a_login_waits_until_superset_takes_another_one() -> None:
    with busy(refusals=3) as (superset, handler):
        assert superset.session.headers["X-CSRFToken"] == "token"
    assert handler.asked == 4


def test_where_logins_are_never_taken_the_reason_is_said() -> None:
    with busy(refusals=1000) as (superset, handler), pytest.raises(SupersetError, match="takes no more logins from here: 429"):
        _ = superset.session
    assert handler.asked == site.LOGIN_TRIES
