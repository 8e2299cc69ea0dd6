"""What an apply changed, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Changes:
    """What was made, changed or removed; empty when everything was so already."""

    made: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.made.append(text)

    def extend(self, texts: Iterable[str]) -> None:
        self.made.extend(texts)

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
