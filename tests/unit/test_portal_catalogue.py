"""CKAN's own texts in Vietnamese and French: CKAN's catalogue and ours, of which ours wins, leave none in English."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from control.settings import environment_folder

OURS = Path(__file__).resolve().parents[2] / "plugins/ckanext_ioc/ckanext/ioc/i18n"
CKANS = environment_folder("ckan") / "lib/python3.11/site-packages/ckan/i18n"
LANGUAGES = ("vi", "fr")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sdir]|\{[\w!]*\}")
TAG = re.compile(r"""<(/?\w+)|href=["']([^"']+)""")


def entries(file: Path) -> Iterator[dict[str, str]]:
    """The texts of a `.po` or `.pot` file by the words that stand before them: msgid, msgid_plural, msgstr, msgstr[0] …"""
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        texts: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if not line or line.startswith("#"):
                continue
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
            texts[key] = texts.get(key, "") + ast.literal_eval(line)
        if texts.get("msgid"):
            yield texts


def catalogue(file: Path) -> dict[Any, str]:
    """The texts of a `.mo` file; those with a plural by (text, form)."""
    with file.open("rb") as source:
        texts: dict[Any, str] = vars(gettext.GNUTranslations(source))["_catalog"]
    return {key: text for key, text in texts.items() if key and text}


def both(language: str) -> dict[Any, str]:
    ours = catalogue(OURS / language / "LC_MESSAGES/ckanext-ioc.mo")
    return {**catalogue(CKANS / language / "LC_MESSAGES/ckan.mo"), **ours}


def kept(text: str) -> tuple[list[str], list[str]]:
    """What a translation keeps: the placeholders (those without a name in their order) and HTML's tags with their addresses."""
    found = PLACEHOLDER.findall(text)
    nameless = [one for one in found if re.fullmatch(r"%[sdir]|\{\}", one)]
    return [*nameless, *sorted(set(found) - set(nameless))], sorted("".join(tag) for tag in TAG.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_ckan_is_translated(language: str) -> None:
    texts = both(language)
    missing = [entry["msgid"] for entry in entries(CKANS / "ckan.pot") if entry["msgid"] not in texts and (entry["msgid"], 0) not in texts]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_placeholders_and_tags(language: str) -> None:
    wrong = []
    for entry in entries(OURS / language / "LC_MESSAGES/ckanext-ioc.po"):
        forms = [text for key, text in entry.items() if key.startswith("msgstr")]
        originals = [kept(text) for key, text in entry.items() if key.startswith("msgid")]
        wrong += [(entry["msgid"], text) for text in forms if not text or kept(text) not in originals]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_translates_what_ckan_asks_for(language: str) -> None:
    asked = {(entry["msgid"], entry.get("msgid_plural")) for entry in entries(CKANS / "ckan.pot")}
    ours = {(entry["msgid"], entry.get("msgid_plural")) for entry in entries(OURS / language / "LC_MESSAGES/ckanext-ioc.po")}
    assert ours - asked == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_and_the_editable_catalogue_agree(language: str) -> None:
    folder = OURS / language / "LC_MESSAGES"
    written: dict[Any, str] = {}
    for entry in entries(folder / "ckanext-ioc.po"):
        plural = {(entry["msgid"], int(key[7:-1])): text for key, text in entry.items() if key.startswith("msgstr[")}
        written |= plural or {entry["msgid"]: entry["msgstr"]}
    assert catalogue(folder / "ckanext-ioc.mo") == written


def test_the_portals_words_win() -> None:
    texts = both("vi")
    assert (texts["Dataset"], texts["Organization"], texts["organization"]) == ("Bộ dữ liệu", "Cơ quan", "cơ quan")
    old = [text for text in texts.values() if re.search(r"tập dữ liệu|tổ chức|\bbạn\b", text, re.IGNORECASE)]
    assert old == []
