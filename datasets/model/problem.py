"""What is wrong in a declaration: the file, the line, the key, the value found, and what to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KeyPath = tuple[str | int, ...]

Fault = tuple[KeyPath, Any, str]
"""Where in the file, what is written there, what is wrong and what to write."""

# Lists whose members are called by their name; members of other lists are counted from 0.
NAMED_LISTS = ("resources", "checks")


@dataclass(frozen=True)
class ContractProblem:
    """One thing to correct in a contract."""

    file: str
    key: str
    """Where, like `resources[bed-days].schema.fields[2].type`; empty for the file as a whole."""
    value: Any
    """What is written there; None when nothing is."""
    message: str
    """What is wrong and what to write."""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ContractError(ValueError):
    """A contract that cannot be used; `problems` says why, all at once."""

    def __init__(self, problems: Sequence[ContractProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def key_text(path: KeyPath, data: Any) -> str:
    """The path as a person reads it, members of `resources` and `checks` by name."""
    text, node, parent = "", data, ""
    for part in path:
        if isinstance(part, int):
            node = node[part] if isinstance(node, list) and part < len(node) else None
            name = node.get("name") if isinstance(node, dict) and parent in NAMED_LISTS else None
            text += f"[{name if isinstance(name, str) else part}]"
        else:
            node = node.get(part) if isinstance(node, dict) else None
            text += f".{part}" if text else part
            parent = part
    return text


def shown(value: Any, limit: int = 80) -> str:
    """The value as it stands in a message."""
    text = f'"{value}"' if isinstance(value, str) else "nothing" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_path(path: Path) -> str:
    """The path from the folder that holds `datasets`, when it lies there."""
    home = Path(__file__).parents[2]
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)
