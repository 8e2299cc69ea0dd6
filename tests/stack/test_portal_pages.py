"""The portal's public pages as anyone meets them: the first page's subjects, an agency without open data, pages of errors."""

from __future__ import annotations

import html
import re
import secrets

import pytest
import requests

from datasets.model.reference import read_reference
from tests.stack.ckan_portal import Portal

pytestmark = pytest.mark.stack

SUBSYSTEM = re.compile(r'<a href="/dataset/\?subsystem=(\w+)">([^<]+)</a>\s*<small>(\d+) bộ dữ liệu</small>')


def page(portal: Portal, path: str, name: str | None = None) -> tuple[int, str]:
    """Status and text of a page as somebody."""
    answer = portal.session(name).get(portal.url + path, timeout=60)
    return answer.status_code, html.unescape(answer.text)


def error(portal: Portal, path: str, name: str | None = None) -> tuple[int, str]:
    """Status of an error's page and what it says, without markup."""
    status, text = page(portal, path, name)
    found = re.search(r'id="error-content">(.*?)</article>', text, re.DOTALL)
    assert found is not None, text[:400]
    return status, " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


@pytest.fixture(scope="module")
def subsystem(portal: Portal) -> str:
    """A subsystem of which one dataset is open, one shared and one restricted, and no other test has any."""
    made = f"test_{portal.mark}"
    for kind in ("open", "shared", "restricted"):
        portal.as_("sysadmin").call_action("package_patch", {"id": portal.dataset(kind), "subsystem": made})
    return made


@pytest.mark.parametrize(("name", "count"), [(None, 1), ("member-d", 2), ("editor-a", 3)])
def test_the_first_page_counts_the_datasets_of_a_subsystem_that_its_reader_may_open(
    portal: Portal, subsystem: str, name: str | None, count: int
) -> None:
    status, text = page(portal, "/", name)
    assert status == 200
    assert {found: int(number) for found, _, number in SUBSYSTEM.findall(text)}[subsystem] == count


def test_the_first_page_shows_what_is_new_in_two_rows(portal: Portal) -> None:
    _, text = page(portal, "/")
    assert 1 <= text.split('id="newest"')[1].count("<li>") <= 8


def test_a_subsystem_of_the_first_page_opens_the_search_of_its_datasets(portal: Portal, subsystem: str) -> None:
    _, found = page(portal, f"/dataset/?subsystem={subsystem}")
    assert "1 bộ dữ liệu" in found and portal.dataset("open") in found and portal.dataset("shared") not in found


def test_the_centres_subsystems_stand_in_their_order_and_others_after_them(portal: Portal, subsystem: str) -> None:
    _, text = page(portal, "/")
    shown = [name for name, _, _ in SUBSYSTEM.findall(text)]
    own = [name for name in read_reference().subsystems if name in shown]
    assert own and shown[: len(own)] == own and subsystem in shown[len(own) :]


def test_an_agency_without_open_datasets_says_so_in_the_list_and_on_its_page(portal: Portal) -> None:
    agency = portal.agency("d")
    _, listed = page(portal, f"/organization/?q={agency}")
    assert "Chưa có bộ dữ liệu mở" in listed
    status, own = page(portal, f"/organization/{agency}")
    assert status == 200 and "Cơ quan này chưa có bộ dữ liệu mở." in own and "Cơ quan D</h1>" in own
    assert portal.dataset("open") in page(portal, f"/organization/{portal.agency('a')}")[1]


def test_a_closed_dataset_and_one_that_never_was_answer_alike(portal: Portal) -> None:
    closed = error(portal, f"/dataset/{portal.dataset('restricted')}")
    assert closed == error(portal, f"/dataset/khong-co-{secrets.token_hex(4)}")
    status, said = closed
    assert status == 404 and "không công khai với anh/chị" in said and "Tìm bộ dữ liệu" in said and "Đăng nhập" in said
    assert "permission" not in said and "Dataset" not in said
    _, official = error(portal, f"/dataset/{portal.dataset('restricted')}", "member-d")
    assert "không công khai với anh/chị" in official and "Đăng nhập" not in official


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("", "Không có trang nào ở địa chỉ này"),
        ("/en", "There is no page at this address"),
        ("/fr", "Il n'y a pas de page à cette adresse"),
    ],
)
def test_an_address_that_is_none_says_so_in_the_readers_language(portal: Portal, language: str, says: str) -> None:
    status, said = error(portal, f"{language}/khong-co-trang-nay")
    assert status == 404 and says in said and "requested URL" not in said


def test_a_page_that_is_not_for_the_reader_says_what_to_do(portal: Portal) -> None:
    status, anonymous = error(portal, "/ckan-admin/")
    assert status == 403 and "chỉ dành cho người của các cơ quan" in anonymous and "hãy đăng nhập" in anonymous
    status, official = error(portal, "/ckan-admin/", "member-d")
    assert status == 403 and "hãy liên hệ tổ vận hành" in official and "hãy đăng nhập" not in official


def test_what_the_portal_could_not_do_says_so_and_keeps_the_reason(portal: Portal) -> None:
    status, said = error(portal, "/util/redirect")
    assert status == 400 and "Chưa thực hiện được" in said and "quay lại trang trước" in said and ": url" in said


@pytest.mark.parametrize(("path", "leads_to"), [("/group/", "/dataset/"), ("/en/group/", "/en/dataset/")])
def test_the_page_of_groups_that_are_not_used_leads_to_the_datasets(portal: Portal, path: str, leads_to: str) -> None:
    answer = requests.get(portal.url + path, allow_redirects=False, timeout=60)
    assert answer.status_code == 302 and answer.headers["Location"].removeprefix(portal.url) == leads_to


def test_a_search_that_finds_nothing_shows_no_empty_choices(portal: Portal) -> None:
    _, text = page(portal, "/dataset/?q=qxzwvqxz")
    assert "Không có bộ dữ liệu nào khớp." in text and "module-heading" not in text.split('id="search-facets"')[1]


def test_the_names_of_agencies_are_whole_among_the_choices(portal: Portal, subsystem: str) -> None:
    name = f"Trung tâm Thông tin và Chuyển đổi số {portal.mark}"
    portal.as_("sysadmin").call_action("organization_patch", {"id": portal.agency("a"), "title": name})
    _, text = page(portal, f"/dataset/?subsystem={subsystem}")
    assert f'<span class="item-label">{name}</span>' in text


@pytest.mark.parametrize(
    ("language", "agency", "access"), [("", "Cơ quan", "Dữ liệu mở"), ("/en", "Agency", "Open"), ("/fr", "Organisme", "Ouvert")]
)
def test_what_a_search_is_narrowed_to_is_said_in_the_readers_language_though_it_finds_nothing(
    portal: Portal, language: str, agency: str, access: str
) -> None:
    _, text = page(portal, f"{language}/dataset/?q=qxzwvqxz&access_class=open&organization={portal.agency('d')}")
    chosen = re.findall(r'<span class="filtered pill">([^<]*) <a', text)
    assert sorted(chosen) == sorted(["Cơ quan D", access]) and f'<span class="facet">{agency}:</span>' in text


def test_agencies_among_the_choices_are_named_in_the_readers_language(portal: Portal, subsystem: str) -> None:
    extras = [{"key": "title_en", "value": f"Agency in English {portal.mark}"}]
    portal.as_("sysadmin").call_action("organization_patch", {"id": portal.agency("a"), "extras": extras})
    _, text = page(portal, f"/en/dataset/?subsystem={subsystem}")
    assert f'<span class="item-label">Agency in English {portal.mark}</span>' in text
