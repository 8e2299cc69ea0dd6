"""The portal's pages of agencies and accounts for whoever looks after them."""

from __future__ import annotations

import html

import pytest
import requests

from tests.stack.ckan_portal import Portal

pytestmark = pytest.mark.stack


def page(portal: Portal, path: str, token: str | None) -> str:
    answer = requests.get(portal.url + path, headers={"Authorization": token or ""}, timeout=60)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def test_an_agencys_page_leads_a_sysadmin_to_its_members_and_an_editor_not(portal: Portal) -> None:
    agency = portal.agency("a")
    members = f"/organization/manage_members/{agency}"
    assert f'href="{members}"' in page(portal, f"/organization/{agency}", portal.instance.sysadmin_token)
    assert f'href="{members}"' not in page(portal, f"/organization/{agency}", portal.accounts["editor-a"].token)
    title = portal.as_("sysadmin").call_action("organization_show", {"id": agency})["title"]
    assert f"<h1>{title}</h1>" in page(portal, members, portal.instance.sysadmin_token)


def test_what_the_portal_does_not_use_is_not_offered(portal: Portal) -> None:
    for path in (f"/dataset/edit/{portal.dataset('open')}", f"/organization/{portal.agency('a')}"):
        assert "Theo dõi" not in page(portal, path, portal.instance.sysadmin_token), path
