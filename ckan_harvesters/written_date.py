"""How a contract's dates are written: the format that it declares, and the shape of what is written so."""

from __future__ import annotations

import re

ISO_DATE = "%Y-%m-%d"
SHAPES = {
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%H": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%f": r"\d{1,6}",
}


def date_format(declared: str | None) -> str:
    """The strftime format of a date field."""
    return ISO_DATE if declared in (None, "default") else str(declared)


def date_shape(declared: str | None) -> str:
    """Regular expression of a strftime format: as many digits as a person writes, no sign, no blank."""
    pieces = re.split(r"(%[a-zA-Z])", date_format(declared))
    strict = declared in (None, "default")
    shapes = {**SHAPES, "%d": r"\d{2}", "%m": r"\d{2}"} if strict else SHAPES
    return f"^{''.join(shapes.get(piece, re.escape(piece)) for piece in pieces)}$"
