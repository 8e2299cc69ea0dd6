"""Superset's own texts in Vietnamese: our catalogue leaves none in English."""

from __future__ import annotations

import re
from pathlib import Path

from control.settings import ROOT, environment_folder
from tests.unit.test_portal_catalogue import catalogue, entries, kept

OURS = ROOT / "plugins/superset_ioc/translations/vi/LC_MESSAGES"
WITHOUT_THEIR_TIME = {"Cached %s", "Fetched %s"}
"""Their placeholder is a time since then, which Superset writes in English only ("a month ago")."""
LABEL = re.compile(r"<[a-zA-Z ]+>")
"""A whole text between these signs is a label ("<new column>") and no tag."""


def supersets() -> Path:
    """The list of Superset's texts, as installed."""
    (found,) = environment_folder("superset").glob("lib/python3*/site-packages/superset/translations/messages.pot")
    return found


def test_every_text_of_superset_is_translated() -> None:
    texts = catalogue(OURS / "messages.mo")
    asked = [entry["msgid"] for entry in entries(supersets())]
    assert len(asked) > 4000
    assert [text for text in asked if text not in texts and (text, 0) not in texts] == []


def test_a_translation_keeps_placeholders_and_tags() -> None:
    wrong = []
    for entry in entries(OURS / "messages.po"):
        originals = [kept(text) for key, text in entry.items() if key.startswith("msgid")]
        forms = [text for key, text in entry.items() if key.startswith("msgstr")]
        if entry["msgid"] not in WITHOUT_THEIR_TIME and not LABEL.fullmatch(entry["msgid"]):
            wrong += [(entry["msgid"], text) for text in forms if not text or kept(text) not in originals]
    assert wrong == []
