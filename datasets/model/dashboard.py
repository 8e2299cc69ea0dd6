"""What a contract says of its dashboard: tiles first, then rows of panels."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from datasets.model.calendar_name import Calendar
from datasets.model.table_schema import ColumnName, Slug, Strict, Translations

KINDS = ("trend", "map", "ranking", "scores", "season", "curve", "points", "table")
"""Keys of a panel that say what it is; each panel has one of them."""

ONLY_WITH = {
    "as": ("trend",),
    "band": ("trend",),
    "aligned": ("season",),
    "shaded": ("curve",),
    "clusters": ("points",),
    "empty": ("table",),
    "first": ("table",),
    "columns": ("table",),
}
"""Keys that say something of some kinds only, with those kinds."""


class Panel(Strict):
    """One chart: exactly one of trend, map, ranking, scores, season, curve, points and table."""

    trend: Slug | list[Slug] | None = None
    """Indicator, or several of one unit of measure, over time with the target's line."""
    map: Slug | None = None
    """Indicator as a choropleth of the units."""
    ranking: Slug | None = None
    """Indicator as bars, the highest or the worst first."""
    scores: list[Slug] | None = None
    """Two to eight indicators, a line each: its value as a bar against its target, its state in words, its change."""
    season: Slug | None = None
    """Indicator with the years over one another, to tell a season from a change."""
    curve: Slug | None = None
    """Indicator as columns over time, such as cases by their day of onset, the last days shaded because more is still to come."""
    points: Slug | None = None
    """Resource whose rows have a longitude and a latitude, as points over the units."""
    table: Slug | None = None
    """Resource whose rows are listed."""
    empty: ColumnName | None = None
    """Only rows of a table without a value in this column: what is not closed yet."""
    first: ColumnName | None = None
    """Column whose lowest values a table begins with, such as the day on which a row was due; without one, the newest rows."""
    columns: list[ColumnName] | None = None
    """Columns of a table in their order, with `unit` for the place; without them, as many as have room."""
    as_: Literal["lines", "columns", "stacked"] | None = Field(default=None, alias="as")
    """How a trend is drawn: lines (without this key), columns side by side, or columns stacked."""
    band: list[Slug] | None = None
    """Two indicators, the low and the high end of an interval, drawn as a band behind a trend."""
    aligned: Literal["year", "tet"] | None = None
    """What the years of a season begin with: the first of January (without this key), or the lunar new year."""
    shaded: int | None = Field(default=None, ge=1, le=60)
    """Days at the end of a curve that are shaded, because reports of them are still coming in."""
    clusters: Slug | ColumnName | None = None
    """Measure of a function that counts clusters: points that lie as close together as it says are drawn as one."""
    by: ColumnName | None = None
    """What lines, columns or bars are for: unit, agency, or a column of the breakdown; of points, the column that colours them."""
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
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"a panel is exactly one of {', '.join(KINDS[:-1])} and {KINDS[-1]}; write one of them")
        for key, kinds in ONLY_WITH.items():
            if getattr(self, "as_" if key == "as" else key) is not None and self.kind not in kinds:
                raise ValueError(f"{key} belongs to a {' or a '.join(kinds)}, and this panel is a {self.kind}; remove {key}")
        return self

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def resource(self) -> str | None:
        """Name of the resource whose rows it shows, of a panel that shows rows and no indicator."""
        return self.table or self.points

    @property
    def own_indicators(self) -> list[str]:
        """Names of the indicators that it is about, without the ends of its band."""
        if self.resource is not None:
            return []
        about: str | list[str] = getattr(self, self.kind)
        return [about] if isinstance(about, str) else about

    @property
    def indicators(self) -> list[str]:
        """Names of all indicators that it shows."""
        return [*self.own_indicators, *(self.band or [])]


class Dashboard(Strict):
    """The subsystem's dashboard: with the table of sources at most twelve charts."""

    open: bool = False
    """Whether there is a dashboard for everyone too, with what is open of this one."""
    first_row: list[Slug] = Field(default_factory=list, max_length=6)
    """Indicators shown as tiles, readable from three metres."""
    rows: list[list[Panel]] = Field(default_factory=list)
    """Panels under the tiles, at most four side by side."""
