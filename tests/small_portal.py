"""A small HTTP server that answers the harvest as CKAN does, and counts what it was told. `tests/stack` has the real CKAN."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN = "the-token-of-ioc-harvest"


@dataclass
class SmallPortal:
    """Datasets with their deliveries, files by path, and what clients did."""

    url: str = ""
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    """Status codes that a path or an action answers before it answers rightly."""
    receipts: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    cut: bool = False
    """Whether downloads end before their announced length."""

    def dataset(self, contract_resource: str, private: bool = False) -> str:
        """A new dataset; its id."""
        key = str(uuid.uuid4())
        self.datasets[key] = {
            "id": key, "name": contract_resource.replace("/", "-"), "state": "active", "private": private,
            "contract_resource": contract_resource, "resources": [],
        }  # fmt: skip
        self.touch(key)
        return key

    def touch(self, dataset: str) -> None:
        self.datasets[dataset]["metadata_modified"] = datetime.now(UTC).replace(tzinfo=None).isoformat()

    def deliver(self, dataset: str, content: bytes | str, agency: str, period: str | None = None, **more: Any) -> str:
        """A new delivery; its id."""
        key = str(uuid.uuid4())
        resource = {
            "id": key,
            "package_id": dataset,
            "agency": agency,
            "period": period,
            "simulated": "false",
            "url_type": "upload",
            "state": "active",
        }
        self.datasets[dataset]["resources"].append({**resource, **more})
        self.upload(key, content)
        return key

    def upload(self, resource: str, content: bytes | str) -> None:
        """Another file for a delivery."""
        found = self.resource(resource)
        if found.get("url_type") == "upload":
            found["url"] = f"https://portal.example/dataset/{found['package_id']}/resource/{resource}/download/f.csv"
            self.files[urlsplit(found["url"]).path] = content.encode() if isinstance(content, str) else content
        found["last_modified"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
        self.touch(found["package_id"])

    def resource(self, key: str) -> dict[str, Any]:
        return next(r for d in self.datasets.values() for r in d["resources"] if r["id"] == key)

    def remove(self, key: str) -> None:
        """Delete a delivery."""
        for dataset in self.datasets.values():
            dataset["resources"] = [r for r in dataset["resources"] if r["id"] != key]

    def receipt(self, resource: str) -> dict[str, Any]:
        """The last receipt of a delivery."""
        return next(r for r in reversed(self.receipts) if r["resource_id"] == resource)

    def act(self, action: str, told: dict[str, Any]) -> Any:
        match action:
            case "resource_show":
                return self.resource(told["id"])
            case "package_show":
                return next(d for d in self.datasets.values() if told["id"] in (d["id"], d["name"]))
            case "package_search":
                since = told["fq"].removeprefix("metadata_modified:[").split("Z TO")[0] if "modified" in told["fq"] else ""
                found = sorted(
                    (d for d in self.datasets.values() if d["metadata_modified"] >= since), key=lambda d: str(d["metadata_modified"])
                )
                return {"results": found[told["start"] : told["start"] + told["rows"]]}
            case "ioc_receipt_update":
                self.receipts.append(told)
                return {"current": True}
            case "ioc_receipt_show":
                return {"state": self.receipt(told["id"])["state"]}
        raise StopIteration


def _handler(portal: SmallPortal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            portal.requests.append((path, dict(self.headers)))
            if portal.statuses.get(path):
                self._answer(portal.statuses[path].pop(0), b"")
            elif path in portal.redirects:
                self._answer(302, b"", Location=portal.redirects[path])
            elif path not in portal.files:
                self._answer(404, b"")
            else:
                content = portal.files[path]
                etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
                if self.headers.get("If-None-Match") == etag:
                    self._answer(304, b"", ETag=etag)
                else:
                    self._answer(200, content, ETag=etag)

        def do_POST(self) -> None:
            action = self.path.rsplit("/", 1)[-1]
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if portal.statuses.get(action):
                self._answer(portal.statuses[action].pop(0), b"no")
                return
            if self.headers.get("Authorization") != TOKEN:
                self._json(403, {"success": False, "error": {"__type": "Authorization Error", "message": "no"}})
                return
            try:
                self._json(200, {"success": True, "result": portal.act(action, told)})
            except StopIteration:
                self._json(404, {"success": False, "error": {"__type": "Not Found Error", "message": "Not found"}})

        def _json(self, status: int, content: dict[str, Any]) -> None:
            self._answer(status, json.dumps(content).encode())

        def _answer(self, status: int, content: bytes, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content) + (10 if portal.cut and content else 0)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            if portal.cut:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nothing: the tests look at `requests`."""

    return Handler


@contextmanager
def small_portal() -> Iterator[SmallPortal]:
    """A portal on a free port of loopback."""
    portal = SmallPortal()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(portal))
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
