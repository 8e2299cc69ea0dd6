"""Texts that the parts share, in three languages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.model import messages
from datasets.model.messages import LANGUAGES, catalogue, parameters, say
from datasets.model.read import ContractError

pytestmark = pytest.mark.unit


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Catalogues of the test's own."""
    texts = {"vi": "Dòng {line} sai: {value}", "en": "Line {line} is wrong: {value}", "fr": "La ligne {line} est fausse : {value}"}
    for lang, text in texts.items():
        (tmp_path / f"{lang}.yaml").write_text(f'rule.wrong: "{text}"\n', encoding="utf-8")
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    catalogue.cache_clear()
    yield tmp_path
    catalogue.cache_clear()


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_every_text_is_there_in_every_language_with_the_same_parameters(lang: str) -> None:
    vietnamese = {code: parameters(text) for code, text in catalogue("vi").items()}
    assert {code: parameters(text) for code, text in catalogue(lang).items()} == vietnamese


def test_a_text_is_vietnamese_unless_another_language_is_asked_for(locale: Path) -> None:
    assert say("rule.wrong", line=3, value="x") == "Dòng 3 sai: x"
    assert say("rule.wrong", "en", line=3, value="x") == "Line 3 is wrong: x"
    assert say("rule.wrong", "fr_FR", line=3, value="x") == "La ligne 3 est fausse : x"
    assert say("rule.wrong", "de", line=3, value="x") == "Dòng 3 sai: x"


def test_a_value_is_shown_as_it_is(locale: Path) -> None:
    assert say("rule.wrong", line=1, value="{line} {0.__class__}") == "Dòng 1 sai: {line} {0.__class__}"
    assert say("rule.wrong", line=1, value=None) == "Dòng 1 sai: "


def test_a_value_in_several_languages_is_shown_in_the_readers(locale: Path) -> None:
    said = {"vi": "quá nhiều", "en": "too many"}
    assert say("rule.wrong", "en", line=1, value=said) == "Line 1 is wrong: too many"
    assert say("rule.wrong", "fr", line=1, value=said) == "La ligne 1 est fausse : quá nhiều"


def test_a_code_without_a_text_is_shown_and_logged(locale: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert say("rule.new", column="ngay") == "rule.new column=ngay"
        assert say("rule.wrong", line=1) == "Dòng 1 sai: {value}"
    assert "rule.new" in caplog.text and "value" in caplog.text


def test_a_text_that_is_no_text_is_named(locale: Path) -> None:
    (locale / "en.yaml").write_text("rule.wrong: text\nrule.other: 5\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"en.yaml:2: rule.other: .*write it in quotes"):
        say("rule.wrong", "en")


def test_a_text_written_twice_is_refused(locale: Path) -> None:
    (locale / "en.yaml").write_text("rule.wrong: one\nrule.wrong: two\n", encoding="utf-8")
    with pytest.raises(ContractError, match="written twice"):
        say("rule.wrong", "en")
