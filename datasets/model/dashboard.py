"""What a contract says of its dashboard: tiles first, then rows of panels."""

from __future__ import annotations

from pydantic import Field, model_validator

from datasets.model.calendar_name import Calendar
from datasets.model.table_schema import ColumnName, Slug, Strict, Translations


class Panel(Strict):
    """One chart: exactly one of trend, map, ranking and table."""

    trend: Slug | list[Slug] | None = None
    """Indicator, or several of one unit of measure, as lines over time with the target's line."""
    map: Slug | None = None
    """Indicator as a choropleth of the units."""
    ranking: Slug | None = None
    """Indicator as bars, the highest or the worst first."""
    table: Slug | None = None
    """Resource whose rows are listed."""
    by: ColumnName | None = None
    """What lines or bars are for: unit, agency, or a column of the breakdown."""
    calendar: Calendar | None = None
    """One of the indicator's calendars; without it the first."""
    title: str | None = None
    """Heading; without one, it is made from the indicator's or the resource's title."""
    titles: Translations | None = None
    """Heading in English and French."""
    width: int | None = Field(default=None, ge=2, le=12)
    """Twelfths of the page; without it, the panels of a row share it."""

    @model_validator(mode="after")
    def _one(self) -> Panel:
        if sum(kind is not None for kind in (self.trend, self.map, self.ranking, self.table)) != 1:
            raise ValueError("a panel is exactly one of trend, map, ranking and table; write one of them")
        return self

    @property
    def indicators(self) -> list[str]:
        """Names of the indicators that it shows."""
        if isinstance(self.trend, list):
            return self.trend
        return [name for name in (self.trend, self.map, self.ranking) if name is not None]


class Dashboard(Strict):
    """The subsystem's dashboard."""

    open: bool = False
    """Whether there is a dashboard for everyone too, with what is open of this one."""
    first_row: list[Slug] = Field(default_factory=list, max_length=6)
    """Indicators shown as tiles, readable from three metres."""
    rows: list[list[Panel]] = Field(default_factory=list)
    """Panels under the tiles, at most four side by side."""
