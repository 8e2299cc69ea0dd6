"""CKAN's own pages, answers and browser's texts speak the reader's language, in the portal's words."""

from __future__ import annotations

import pytest
import requests

from tests.running import Running

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("language", "title", "missing"),
    [
        ("", "Cơ quan đã xóa", "Không tìm thấy"),
        ("/en", "Deleted organizations", "Not found"),
        ("/fr", "Organismes supprimés", "Introuvable"),
    ],
)
def test_a_page_that_is_ckans_own_and_an_answer_for_programs(instance: Running, language: str, title: str, missing: str) -> None:
    portal = instance.ckan_url + language
    page = requests.get(f"{portal}/ckan-admin/trash", headers={"Authorization": instance.sysadmin_token}, timeout=60)
    assert (page.status_code, title in page.text) == (200, True)
    answer = requests.get(f"{portal}/api/3/action/organization_show", params={"id": "khong-co"}, timeout=60)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, missing)


@pytest.mark.parametrize(("language", "says"), [("vi", "Xin xác nhận"), ("fr", "Veuillez confirmer")])
def test_the_browsers_scripts_have_their_texts(instance: Running, language: str, says: str) -> None:
    texts = requests.get(f"{instance.ckan_url}/api/i18n/{language}", timeout=60).json()
    assert texts["Please Confirm"][1] == says
