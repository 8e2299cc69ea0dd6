"""Download a delivery to the folder of files: streamed, limited, conditional, and the token stays at CKAN."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from ckan_harvesters.delivery import Delivery
from ckan_harvesters.errors import Refused, TerminalError, TransientError
from ckan_harvesters.portal import TIMEOUT, TRANSIENT_STATUS, USER_AGENT
from ckan_harvesters.settings import MEGABYTE, Settings

BLOCK = MEGABYTE
DEADLINE = 15 * 60
REDIRECTS = (301, 302, 303, 307, 308)
MAX_REDIRECTS = 5
INCOMING = "incoming"
STALE_AFTER = 24 * 3600


@dataclass(frozen=True)
class Fetched:
    """A file that is kept: where, its SHA-256 in hexadecimal, its bytes, and the server's mark for the next conditional request."""

    path: Path
    sha256: str
    size: int
    etag: str | None


class InternalAddressError(OSError):
    """A link led to an address that is not on the public internet."""


class _GuardedHTTP(HTTPConnection):
    def _new_conn(self) -> Any:
        return _outside(super()._new_conn())


class _GuardedHTTPS(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _outside(super()._new_conn())


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _GuardedAdapter(HTTPAdapter):
    """Looks at the address that was really connected to, before a byte is sent, so that no name can be bound anew in between."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}


def _outside(connection: Any) -> Any:
    peer = ipaddress.ip_address(connection.getpeername()[0])
    if not peer.is_global or peer.is_multicast:
        connection.close()
        raise InternalAddressError(f"{peer} is an internal address")
    return connection


def path_of(files: Path, sha256: str) -> Path:
    """Where the file of that SHA-256 is kept: `ab/cdef…`."""
    return files / sha256[:2] / sha256[2:]


def fetch(delivery: Delivery, settings: Settings, known_sha256: str | None = None, etag: str | None = None) -> Fetched:
    """Bring the delivered file here; with the mark and SHA-256 of the last time, only if it changed.

    Raises Refused (too large, a link that leads inside or nowhere), TransientError, TerminalError.
    """
    kept = path_of(settings.files, known_sha256) if known_sha256 else None
    mark = etag if kept is not None and kept.exists() else None
    url = _address(delivery, settings)
    deadline = time.monotonic() + DEADLINE
    with _session() as session:
        try:
            with _follow(session, url, settings, mark, delivery.uploaded) as response:
                if response.status_code == requests.codes.not_modified and kept is not None and known_sha256 is not None:
                    return Fetched(kept, known_sha256, kept.stat().st_size, etag)
                _must_be_right(response, delivery)
                return _keep(response, settings, deadline)
        except InternalAddressError as error:
            raise Refused("link_internal", url=url) from error
        except (requests.RequestException, HTTPError) as error:
            if _is_internal(error):
                raise Refused("link_internal", url=url) from error
            raise TransientError(f"The file of {delivery.ckan_resource} could not be read: {error}.") from error


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    return session


def _address(delivery: Delivery, settings: Settings) -> str:
    """Where to read the file: an upload always at CKAN's own origin, whatever public name CKAN gives it."""
    parts = urlsplit(delivery.url)
    if delivery.uploaded:
        return f"{_origin(settings.ckan_url)}{parts.path}"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("link_wrong", url=delivery.url[:200])
    return delivery.url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _follow(session: requests.Session, url: str, settings: Settings, etag: str | None, uploaded: bool) -> requests.Response:
    """The answer after redirects. The token goes to CKAN's origin only; anywhere else internal addresses are refused.

    And it goes there for an upload only: whoever delivers a link to CKAN itself would be read what the harvest may read and they may not.
    """
    for _ in range(MAX_REDIRECTS + 1):
        at_home = uploaded and _origin(url) == _origin(settings.ckan_url)
        headers = {"Authorization": settings.ckan_token} if at_home else {}
        if etag and at_home:
            headers["If-None-Match"] = etag
        adapter = HTTPAdapter() if at_home else _GuardedAdapter()
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        response = session.get(url, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=False)
        if response.status_code not in REDIRECTS:
            return response
        target = urljoin(url, response.headers.get("Location", ""))
        response.close()
        if urlsplit(target).scheme not in ("http", "https"):
            raise Refused("link_wrong", url=target[:200])
        url = target
    raise Refused("link_wrong", url=url[:200])


def _must_be_right(response: requests.Response, delivery: Delivery) -> None:
    status = response.status_code
    if status == requests.codes.ok:
        return
    if status in TRANSIENT_STATUS:
        raise TransientError(f"The file of {delivery.ckan_resource} answered {status}.")
    if not delivery.uploaded:
        raise Refused("link_wrong", url=delivery.url[:200])
    raise TerminalError(
        f"CKAN answered {status} for the file of {delivery.ckan_resource}.",
        "Check that ioc-harvest is a member of the organisation (`./ioc apply`) and that the file is in CKAN's storage.",
    )


def _keep(response: requests.Response, settings: Settings, deadline: float) -> Fetched:
    """Stream the body to disk and give it its name by content; a crash leaves at most a file in `incoming`."""
    declared = response.headers.get("Content-Length", "")
    _limit(int(declared) if declared.isdigit() else 0, settings)
    incoming = settings.files / INCOMING / uuid.uuid4().hex
    incoming.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with incoming.open("xb") as file:
            for block in response.iter_content(BLOCK):
                size += len(block)
                _limit(size, settings)
                if time.monotonic() > deadline:
                    raise TransientError(f"The download took more than {DEADLINE // 60} minutes.")
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        sha256 = digest.hexdigest()
        target = path_of(settings.files, sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(target)
        _sync_folder(target.parent)
    finally:
        incoming.unlink(missing_ok=True)
    return Fetched(target, sha256, size, response.headers.get("ETag"))


def _limit(size: int, settings: Settings) -> None:
    if size > settings.max_file_bytes:
        raise Refused("too_large", limit=settings.max_file_bytes // MEGABYTE)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_internal(error: BaseException | None) -> bool:
    """Whether an InternalAddressError lies under an error, however the library wrapped it."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        here = pending.pop()
        if here is None or id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, InternalAddressError):
            return True
        pending += [here.__cause__, here.__context__, getattr(here, "reason", None)]
        pending += [arg for arg in here.args if isinstance(arg, BaseException)]
    return False


def sweep(files: Path) -> int:
    """Remove what interrupted downloads left in `incoming` a day ago; gives how many."""
    removed = 0
    for path in (files / INCOMING).glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > STALE_AFTER:
                path.unlink()
                removed += 1
    return removed
