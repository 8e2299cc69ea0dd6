"""Texts in the language of whoever looks, from the project's own catalogues."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk

from datasets.model.messages import say

LANGUAGES = ("vi", "en", "fr")
SIMULATED_MARK = "mô phỏng"


def language() -> str:
    """Language of the request, Vietnamese outside one."""
    try:
        found = str(tk.h.lang())
    except (RuntimeError, TypeError, AttributeError):  # no request, as in a command
        return "vi"
    return found if found in LANGUAGES else "vi"


def here(code: str, **params: Any) -> str:
    """The text of that code in the language of the request."""
    return say(code, language(), **params)


def day(value: date | datetime) -> str:
    """A day as the reader writes it: 22/11/2026, in English 22 Nov 2026."""
    return f"{value.day} {value:%b} {value.year}" if language() == "en" else f"{value:%d/%m/%Y}"


def translated(data: dict[str, Any], field: str) -> str:
    """`title`, `notes` … of a dataset in the language of the request, else in Vietnamese."""
    lang = language()
    return str((data.get(f"{field}_{lang}") if lang != "vi" else None) or data.get(field) or "")


def with_translations(dataset: dict[str, Any]) -> dict[str, Any]:
    """The dataset with the keys that CKAN's own pages read a translated title and description from."""
    for field in ("title", "notes"):
        texts = {"vi": dataset.get(field) or "", "en": dataset.get(f"{field}_en"), "fr": dataset.get(f"{field}_fr")}
        dataset[f"{field}_translated"] = {lang: text for lang, text in texts.items() if text}
    return dataset
