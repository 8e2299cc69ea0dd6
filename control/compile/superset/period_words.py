"""Codes of periods in words, by the store: "2026-W47" is shown as "Tuần 47/2026"."""

from __future__ import annotations

from control.compile.superset.dataset import literal

WORDS = (
    (r"(\d{4})-(\d{2})-(\d{2})", r"\3/\2/\1"),
    (r"(\d{4})-W0?(\d{1,2})", r"Tuần \2/\1"),
    (r"(\d{4})-0?(\d{1,2})", r"Tháng \2/\1"),
    (r"(\d{4})-Q(\d)", r"Quý \2/\1"),
    (r"(\d{4})", r"Năm \1"),
    (r"(\d{4})-0?(\d{1,2})A", r"Tháng hành chính \2/\1"),
    (r"(\d{4})-Q(\d)A", r"Quý hành chính \2/\1"),
    (r"(\d{4})A", r"Năm hành chính \1"),
    (r"(\d{4})-(\d{4})", r"Năm học \1–\2"),
)
"""A pattern of PostgreSQL for each way in which a period is written (datasets.model.period), and its words."""


def period_words(column: str) -> str:
    """SQL that says the period whose code a column (as SQL writes it) holds, in Vietnamese; what is no period stays as it is."""
    cases = " ".join(
        f"WHEN {column} ~ {literal(f'^{code}$')} THEN regexp_replace({column}, {literal(f'^{code}$')}, {literal(words)})"
        for code, words in WORDS
    )
    return f"CASE {cases} ELSE {column} END"
