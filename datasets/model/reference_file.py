"""One file of `datasets/reference/` as its model, or problems that name the file, the key and the value."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

FOLDER = Path(__file__).resolve().parent.parent / "reference"

Model = TypeVar("Model", bound=BaseModel)


class ReferenceProblem(ValueError):
    """Reference data that cannot be used; each problem names the file, the key, the value and what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_yaml(path: Path, model: type[Model]) -> Model:
    """One YAML file as its model. Raises ReferenceProblem with every problem, naming file, key and value."""
    try:
        with path.open(encoding="utf-8") as file:
            content: Any = yaml.safe_load(file)
    except FileNotFoundError as error:
        raise ReferenceProblem([f"{path}: the file is missing"]) from error
    except yaml.YAMLError as error:
        raise ReferenceProblem([f"{path}: not YAML: {error}"]) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [f"{path}: {_key(e['loc'], content)}: {e['input']!r}: {e['msg']}" for e in error.errors()]
        raise ReferenceProblem(problems) from error


def _key(location: tuple[int | str, ...], content: Any) -> str:
    """`agencies[3 so-y-te].kind`: a list's entry is named by its number and, when it has one, its name."""
    text = ""
    here = content
    for part in location:
        if isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            here = here.get(part) if isinstance(here, dict) else None
        if isinstance(part, int):
            name = here.get("name") if isinstance(here, dict) else None
            text += f"[{part}{f' {name}' if name else ''}]"
        else:
            text += f".{part}" if text else part
    return text or "(the whole file)"
