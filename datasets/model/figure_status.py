"""How firm a figure is: an estimate, preliminary, or official."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal, get_args

from pydantic import field_validator

from datasets.model.table_schema import Strict

FigureStatus = Literal["estimate", "preliminary", "official"]

STATUSES: tuple[FigureStatus, ...] = get_args(FigureStatus)
"""Least firm first."""


LABELS = {
    "estimate": ("Ước tính", "Estimate", "Estimation"),
    "preliminary": ("Sơ bộ", "Preliminary", "Provisoire"),
    "official": ("Chính thức", "Official", "Officiel"),
}
"""What readers see, in Vietnamese, English and French."""


def status_categories() -> list[dict[str, object]]:
    """Categories of a field with the status of figures, as a contract would write them."""
    return [{"value": status, "label": vi, "labels": {"en": en, "fr": fr}} for status, (vi, en, fr) in LABELS.items()]


class StatusColumn(Strict):
    """The field that says of each row how firm its figures are."""

    column: str
    """Field with the status; it may be written within a year: "Prel. 2016". A row without one is official."""
    words: dict[FigureStatus, list[str]] | None = None
    """What the file writes for each; the three words themselves and the Vietnamese ones are always understood besides."""

    @field_validator("words")
    @classmethod
    def _words(cls, value: dict[FigureStatus, list[str]] | None) -> dict[FigureStatus, list[str]] | None:
        seen: dict[str, str] = {}
        for status, words in (value or {}).items():
            for word in map(plain_word, words):
                if not word or word in seen:
                    raise ValueError(f"{word or 'an empty word'} stands for more than one; write each word once")
                seen[word] = status
        return value

    @property
    def meanings(self) -> dict[str, FigureStatus]:
        """What the file's words mean, each in the form of `plain_word`."""
        own: dict[str, FigureStatus] = {plain_word(word): status for status in STATUSES for word in (status, LABELS[status][0])}
        return own | {plain_word(word): status for status, written in (self.words or {}).items() for word in written}

    def written(self, status: FigureStatus) -> str:
        """What a file of this contract writes for it: the contract's first word, else the Vietnamese one, which clerks know."""
        return next(iter((self.words or {}).get(status, [])), LABELS[status][0])


def plain_word(text: str) -> str:
    """A word in the form in which two are compared: NFC, without case, brackets and blanks around it."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip("()[] ")


def least_firm(statuses: Iterable[FigureStatus]) -> FigureStatus:
    """What may be said of a figure that is made of several. Raises ValueError for none."""
    return min(statuses, key=STATUSES.index)
