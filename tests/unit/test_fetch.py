"""A file comes whole or not at all, and the token stays at CKAN."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ckan_harvesters.delivery import Delivery
from ckan_harvesters.errors import Refused, TerminalError, TransientError
from ckan_harvesters.fetch import INCOMING, fetch, path_of, sweep
from ckan_harvesters.settings import Settings
from tests.small_portal import TOKEN, SmallPortal, small_portal

pytestmark = pytest.mark.unit

CONTENT = b"a,b\n1,2\n"


@pytest.fixture
def portal() -> Iterator[SmallPortal]:
    with small_portal() as running:
        running.files["/download/f.csv"] = CONTENT
        yield running


@pytest.fixture
def settings(portal: SmallPortal, tmp_path: Path) -> Settings:
    return Settings(tmp_path, tmp_path, "", "", portal.url, TOKEN, tmp_path / "files", 1000)


UPLOAD = Delivery("r", "d", "d", "health/beds", False, "so-y-te", None, False, "https://portal.example/download/f.csv", True, "2026")


def link(url: str) -> Delivery:
    return replace(UPLOAD, url=url, uploaded=False)


def leftovers(settings: Settings) -> list[Path]:
    return list((settings.files / INCOMING).glob("*"))


def test_an_upload_is_read_at_ckans_own_address_and_kept_by_its_content(portal: SmallPortal, settings: Settings) -> None:
    fetched = fetch(UPLOAD, settings)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert (fetched.sha256, fetched.size, fetched.path) == (sha256, len(CONTENT), settings.files / sha256[:2] / sha256[2:])
    assert fetched.path.read_bytes() == CONTENT
    assert portal.requests[0][1]["Authorization"] == TOKEN
    assert leftovers(settings) == []


def test_a_file_that_did_not_change_is_not_sent_again(portal: SmallPortal, settings: Settings) -> None:
    first = fetch(UPLOAD, settings)
    assert fetch(UPLOAD, settings, first.sha256, first.etag) == first
    assert portal.requests[-1][1]["If-None-Match"] == first.etag
    path_of(settings.files, first.sha256).unlink()
    assert fetch(UPLOAD, settings, first.sha256, first.etag).path.exists()


def test_a_redirect_to_another_origin_goes_without_the_token_and_not_inside(portal: SmallPortal, settings: Settings) -> None:
    with small_portal() as other:
        other.files["/f.csv"] = CONTENT
        portal.redirects["/download/f.csv"] = f"{other.url}/f.csv"
        with pytest.raises(Refused) as caught:
            fetch(UPLOAD, settings)
        assert (caught.value.code, other.requests) == ("link_internal", [])


def test_a_redirect_outside_carries_no_token(portal: SmallPortal, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckan_harvesters.fetch._outside", lambda connection: connection)
    with small_portal() as other:
        other.files["/f.csv"] = CONTENT
        portal.redirects["/download/f.csv"] = f"{other.url}/f.csv"
        assert fetch(UPLOAD, settings).size == len(CONTENT)
        assert "Authorization" not in other.requests[0][1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_link_to_an_internal_address_is_refused_unread(portal: SmallPortal, settings: Settings, host: str) -> None:
    with small_portal() as other:
        port = other.url.rsplit(":", 1)[1]
        with pytest.raises((Refused, TransientError)) as caught:  # nobody may listen on ::1
            fetch(link(f"http://{host}:{port}/f.csv"), settings)
        assert other.requests == []
        assert host == "[::1]" or getattr(caught.value, "code", "") == "link_internal"


def test_a_link_to_ckan_itself_gets_no_token(portal: SmallPortal, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as caught:
        fetch(link(f"{portal.url}/download/f.csv"), settings)
    assert (caught.value.code, portal.requests) == ("link_internal", [])
    monkeypatch.setattr("ckan_harvesters.fetch._outside", lambda connection: connection)
    fetch(link(f"{portal.url}/download/f.csv"), settings)
    assert "Authorization" not in portal.requests[0][1]


def test_a_link_that_leads_back_to_ckan_gets_no_token(portal: SmallPortal, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckan_harvesters.fetch._outside", lambda connection: connection)
    with small_portal() as other:
        other.redirects["/f.csv"] = f"{portal.url}/download/f.csv"
        fetch(link(f"{other.url}/f.csv"), settings)
    assert "Authorization" not in portal.requests[0][1]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "ftp://portal.example/f.csv", ""])
def test_other_kinds_of_links_are_refused(settings: Settings, url: str) -> None:
    with pytest.raises(Refused) as caught:
        fetch(link(url), settings)
    assert caught.value.code == "link_wrong"


def test_a_redirect_to_a_file_of_the_machine_is_refused(portal: SmallPortal, settings: Settings) -> None:
    portal.redirects["/download/f.csv"] = "file:///etc/passwd"
    with pytest.raises(Refused) as caught:
        fetch(UPLOAD, settings)
    assert caught.value.code == "link_wrong"


def test_a_file_over_the_limit_is_refused_and_not_kept(portal: SmallPortal, settings: Settings) -> None:
    portal.files["/download/f.csv"] = b"x" * 1001
    with pytest.raises(Refused) as caught:
        fetch(UPLOAD, settings)
    assert caught.value.code == "too_large"
    assert leftovers(settings) == []


def test_a_download_that_breaks_off_is_tried_again_later(portal: SmallPortal, settings: Settings) -> None:
    portal.cut = True
    with pytest.raises(TransientError):
        fetch(UPLOAD, settings)
    assert leftovers(settings) == []


@pytest.mark.parametrize(("status", "error"), [(503, TransientError), (429, TransientError), (403, TerminalError), (404, TerminalError)])
def test_answers_of_ckan_are_told_apart(portal: SmallPortal, settings: Settings, status: int, error: type[Exception]) -> None:
    portal.statuses["/download/f.csv"] = [status]
    with pytest.raises(error):
        fetch(UPLOAD, settings)


def test_what_an_interrupted_download_left_is_removed_after_a_day(settings: Settings) -> None:
    folder = settings.files / INCOMING
    folder.mkdir(parents=True)
    for name, age in (("old", 2 * 24 * 3600), ("new", 0)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    assert sweep(settings.files) == 1
    assert [p.name for p in leftovers(settings)] == ["new"]
