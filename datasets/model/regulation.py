"""The regulations that oblige agencies to deliver, and the days on which their clauses are in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from datasets.model.contract import Slug, Strict, Translations
from datasets.model.reference_file import FOLDER, ReferenceProblem, load_yaml


class Clause(Strict):
    """One clause of a regulation."""

    name: Slug
    article: str
    """Where it stands in the text, as it is cited: "Điều 12", "khoản 2 Điều 9"."""
    title: str
    text: str
    texts: Translations
    valid_from: dt.date | None = None
    """First day on which it is in force; without it, the regulation's."""
    valid_to: dt.date | None = None
    """First day on which it is no longer in force; without it, the regulation's."""

    def is_in_force(self, day: dt.date) -> bool:
        """Whether it obliges on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


class Regulation(Strict):
    """A regulation that obliges agencies to deliver."""

    name: Slug
    number: str
    """Number under which it was signed, "12/2026/QĐ-UBND"."""
    adopted: dt.date
    """Day on which it was signed."""
    valid_from: dt.date
    """First day on which it is in force."""
    valid_to: dt.date | None = None
    """First day on which it is no longer in force."""
    title: str
    titles: Translations
    model: bool = False
    """Whether the text is our model, not one that was adopted."""
    source: str | None = None
    clauses: list[Clause] = Field(min_length=1)


class _Regulations(Strict):
    regulations: list[Regulation]


def read_regulations(folder: Path = FOLDER) -> dict[str, Regulation]:
    """Regulations by name, each clause with the days on which it is in force. Raises ReferenceProblem."""
    path = folder / "regulation.yaml"
    problems: list[str] = []
    regulations: dict[str, Regulation] = {}
    for regulation in load_yaml(path, _Regulations).regulations:
        if regulation.name in regulations:
            problems.append(f"{path}: regulations: {regulation.name!r} stands twice; keep one")
        problems += [f"{path}: {problem}" for problem in _regulation_problems(regulation)]
        days = {"valid_from": regulation.valid_from, "valid_to": regulation.valid_to}
        clauses = [c.model_copy(update={key: getattr(c, key) or day for key, day in days.items()}) for c in regulation.clauses]
        regulations[regulation.name] = regulation.model_copy(update={"clauses": clauses})
    if problems:
        raise ReferenceProblem(problems)
    return regulations


def _regulation_problems(regulation: Regulation) -> Iterator[str]:
    """Keys, values and what to write, where a regulation and its clauses do not agree on their days."""
    name, first, end = regulation.name, regulation.valid_from, regulation.valid_to
    if regulation.adopted > first:
        yield f"{name}.valid_from: {first} is before the day {regulation.adopted} on which it was adopted; write that day or a later one"
    if end is not None and end <= first:
        yield f"{name}.valid_to: {end} is not after {first}, its first day; write a later day"
    for number, clause in enumerate(regulation.clauses):
        here = f"{name}/{clause.name}"
        if clause.name in [other.name for other in regulation.clauses[:number]]:
            yield f"clauses: {here!r} stands twice; give each clause its own name"
        begins, ends = clause.valid_from or first, clause.valid_to or end
        if begins < first:
            yield f"{here}.valid_from: {begins} is before the regulation's first day; write {first} or a later one"
        if end is not None and ends is not None and ends > end:
            yield f"{here}.valid_to: {ends} is after the regulation's end; write {end} or an earlier day"
        if ends is not None and ends <= begins:
            yield f"{here}.valid_to: {ends} is not after {begins}, its first day; write a later day"
