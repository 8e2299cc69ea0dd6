"""Tables with a column for each year, day or item: their header says what the rows of a long table would."""

from __future__ import annotations

import re

from pydantic import Field

from datasets.model.table_schema import Strict

PART = re.compile(r"\{([^{}]*)\}")


class Wide(Strict):
    """A column for each year, day or item. The schema describes the long table: one row for each cell with a value."""

    headers: str = Field(min_length=3)
    """How the header of such a column is written, with fields in braces: "{Năm} {Loại trường}"."""
    value: str
    """Field that the cells of these columns hold. A cell without a value is no row, unless the field is required."""

    @property
    def parts(self) -> list[str]:
        """Fields that the header holds, in its order."""
        return PART.findall(self.headers)

    @property
    def texts(self) -> list[str]:
        """What stands before, between and after them; one more than `parts`."""
        return PART.split(self.headers)[::2]
