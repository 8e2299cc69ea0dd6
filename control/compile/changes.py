"""What an apply changes, in words that say what happens to the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["made", "changed", "dropped", "kept"]
"""made: it was not there; changed: it was, otherwise; dropped: it goes; kept: nothing is done to it, and the reader should know."""


@dataclass(frozen=True)
class Change:
    """One line of a plan: a whole sentence, "table health.bed_days__v1 is made"."""

    kind: Kind
    text: str


@dataclass
class Changes:
    """What is made, changed or dropped, in the order in which it is done; empty when everything is so already."""

    lines: list[Change] = field(default_factory=list)

    def add(self, text: str, kind: Kind = "made") -> None:
        self.lines.append(Change(kind, text))

    def extend(self, texts: Iterable[str | Change], kind: Kind = "made") -> None:
        """Adds lines; `kind` is that of those given as text."""
        self.lines.extend(line if isinstance(line, Change) else Change(kind, line) for line in texts)

    @property
    def made(self) -> list[str]:
        """Texts of everything that is done, whatever its kind; not of what is kept."""
        return [line.text for line in self.lines if line.kind != "kept"]

    def __bool__(self) -> bool:
        return bool(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def summary(self) -> str:
        """One line: "nothing to change" or the number of changes and the first three."""
        if not self.made:
            return "nothing to change"
        more = ", …" if len(self.made) > 3 else ""
        return f"{len(self.made)} changed: {', '.join(self.made[:3])}{more}"
