"""Superset's own texts in Vietnamese: our catalogue leaves none in English."""

from __future__ import annotations

import re

import pytest

from control.settings import ROOT, environment_folder
from superset_ioc.make_catalogue import compiled, jed, read_catalogue
from tests.unit.test_portal_catalogue import changed, texts

pytestmark = pytest.mark.unit

OURS = ROOT / "plugins/superset_ioc/translations/vi/LC_MESSAGES"
SUPERSETS = environment_folder("superset") / "lib/python3.11/site-packages/superset/translations/messages.pot"
WITHOUT_THEIR_TIME = {"Cached %s", "Fetched %s"}
"""Their placeholder is a time since then, which Superset writes in English only ("a month ago")."""
LABEL = re.compile(r"<[a-zA-Z ]+>")
"""A whole text between these signs is a label ("<new column>") and no tag."""


def test_every_text_of_superset_is_translated() -> None:
    translated = {text[0]: said for text, said in texts(OURS / "messages.po").items()}
    asked = texts(SUPERSETS)
    assert len(asked) > 4000
    assert [text for text, *_ in asked if not all(translated.get(text, ("",)))] == []


def test_a_translation_keeps_placeholders_and_tags() -> None:
    ours = texts(OURS / "messages.po")
    assert changed({text: said for text, said in ours.items() if text[0] not in WITHOUT_THEIR_TIME and not LABEL.fullmatch(text[0])}) == []


def test_what_server_and_browser_read_is_what_people_edit() -> None:
    catalogue = read_catalogue(OURS / "messages.po")
    assert (OURS / "messages.mo").read_bytes() == compiled(catalogue)
    assert (OURS / "messages.json").read_text(encoding="utf-8") == jed(catalogue)
