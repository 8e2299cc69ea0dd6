"""Values as text, and text as bytes, in the way that a contract says its files are written."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from datasets.model.contract import ContractField

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Grave, acute, tilde, hook, dot below: the marks that Windows-1258 writes behind their letter."""


def written(value: Any, field: ContractField, missing: Sequence[str]) -> str:
    """A value as a cell of a text file. A value of the wrong type is written as it is, which is how trouble gets into a file."""
    if value is None:
        return missing_mark(missing)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime(field.format) if field.format else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.strftime(field.format or "%Y-%m-%d")
    if isinstance(value, int | float) and field.type in ("integer", "number"):
        return _number(value, field)
    return str(value)


def missing_mark(missing: Sequence[str]) -> str:
    """What stands for a value that is missing: the last of the contract's ways, a mark rather than nothing where there is one."""
    return missing[-1] if missing else ""


def _number(value: float, field: ContractField) -> str:
    whole, _, decimals = (f"{value:,}" if isinstance(value, int) else f"{value:,.10f}".rstrip("0").rstrip(".")).partition(".")
    whole = whole.replace(",", field.groupChar or "")
    return whole + (field.decimalChar + decimals if decimals else "")


def encodable(text: str, encoding: str) -> str:
    """The text with its letters taken apart where the encoding needs it: Windows-1258 has ê and an acute, and no ế.

    Raises UnicodeEncodeError when the encoding cannot say it in any way.
    """
    if codecs.lookup(encoding).name != "cp1258":
        return text
    parts = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            letter.encode(encoding)
            parts.append(letter)
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            tones = "".join(mark for mark in marks if mark in TONES)
            base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
            (base + tones).encode(encoding)
            parts.append(base + tones)
    return "".join(parts)
