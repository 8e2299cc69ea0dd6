"""CKAN's own texts in Vietnamese and French: CKAN's catalogue and ours, of which ours wins, leave none in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from control.settings import ROOT, environment_folder

pytestmark = pytest.mark.unit

OURS = ROOT / "plugins/ckanext_ioc/ckanext/ioc/i18n"
CKANS = environment_folder("ckan") / "lib/python3.11/site-packages/ckan/i18n"
LANGUAGES = ("vi", "fr")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sdir]|\{[\w!]*\}")
TAG = re.compile(r"""<(/?\w+)|href=["']([^"']+)""")

Forms = tuple[str, ...]


def forms(text: str | list[str] | Forms) -> Forms:
    """A text in its forms: one, or singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def texts(file: Path) -> dict[Forms, Forms]:
    """Texts of a `.pot`, `.po` or `.mo` file and their translations, empty ones too."""
    with file.open("rb") as source:
        return {forms(one.id): forms(one.string) for one in (read_mo if file.suffix == ".mo" else read_po)(source) if one.id}


def both(language: str) -> dict[str, Forms]:
    """CKAN's translations and ours by the singular of the text."""
    ckans, ours = CKANS / language / "LC_MESSAGES/ckan.mo", OURS / language / "LC_MESSAGES/ckanext-ioc.mo"
    return {text[0]: said for text, said in {**texts(ckans), **texts(ours)}.items()}


def kept(text: str) -> tuple[list[str], list[str]]:
    """What a translation keeps: the placeholders (those without a name in their order) and HTML's tags with their addresses."""
    found = PLACEHOLDER.findall(text)
    nameless = [one for one in found if re.fullmatch(r"%[sdir]|\{\}", one)]
    return [*nameless, *sorted(set(found) - set(nameless))], sorted("".join(tag) for tag in TAG.findall(text))


def changed(catalogue: dict[Forms, Forms]) -> list[tuple[str, str]]:
    """Texts and translations that are empty or do not keep what must be kept."""
    return [
        (text[0], one)
        for text, said in catalogue.items()
        for one in said
        if not one or kept(one) not in [kept(original) for original in text]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_ckan_is_translated(language: str) -> None:
    translated = both(language)
    asked = texts(CKANS / "ckan.pot")
    assert len(asked) > 1000
    assert [text for text, *_ in asked if not all(translated.get(text, ("",)))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_placeholders_and_tags(language: str) -> None:
    assert changed(texts(OURS / language / "LC_MESSAGES/ckanext-ioc.po")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_translates_what_ckan_asks_for(language: str) -> None:
    assert texts(OURS / language / "LC_MESSAGES/ckanext-ioc.po").keys() - texts(CKANS / "ckan.pot").keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_and_the_editable_catalogue_agree(language: str) -> None:
    folder = OURS / language / "LC_MESSAGES"
    assert texts(folder / "ckanext-ioc.mo") == texts(folder / "ckanext-ioc.po")


def test_the_portals_words_win() -> None:
    said = both("vi")
    assert (said["Dataset"], said["Organization"], said["organization"]) == (("Bộ dữ liệu",), ("Cơ quan",), ("cơ quan",))
    old = [one for several in said.values() for one in several if re.search(r"tập dữ liệu|tổ chức|\bbạn\b", one, re.IGNORECASE)]
    assert old == []
