"""What is in a running Superset: databases, datasets, charts and dashboards, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass, field

from control.compile.superset.mark import KINDS
from control.compile.superset.site import SupersetSite

COLUMNS = {
    "database": ["database_name"],
    "dataset": ["table_name", "schema", "changed_on_utc"],
    "chart": ["slice_name", "datasource_id", "dashboards.id", "changed_on_utc"],
    "dashboard": ["dashboard_title", "changed_on_utc"],
}


@dataclass(frozen=True)
class Found:
    """One thing in Superset."""

    kind: str
    uuid: str
    id: int
    title: str
    dataset: int | None = None
    """Id of a chart's dataset."""
    dashboards: tuple[int, ...] = ()
    """Ids of the dashboards that a chart is on."""
    changed: str = ""
    """When somebody saved it last, as Superset writes it; only to be compared with itself."""

    @property
    def words(self) -> str:
        return f"{self.kind} {self.title}" if self.kind == "dataset" else f'{self.kind} "{self.title}"'


@dataclass
class Inventory:
    """Everything by kind and UUID."""

    by_kind: dict[str, dict[str, Found]] = field(default_factory=dict)

    @classmethod
    def read(cls, site: SupersetSite) -> Inventory:
        """Ask Superset for its lists. Raises SupersetError."""
        return cls({kind: {found.uuid: found for found in _listed(site, kind)} for kind in KINDS})

    def get(self, kind: str, uuid: str) -> Found | None:
        return self.by_kind[kind].get(uuid)

    def ids(self) -> dict[str, dict[str, int]]:
        """Id by UUID, by kind."""
        return {kind: {uuid: found.id for uuid, found in listed.items()} for kind, listed in self.by_kind.items()}

    def resting_on(self, found: Found) -> list[Found]:
        """Charts over a dataset, dashboards that a chart is on."""
        if found.kind == "dataset":
            return [chart for chart in self.by_kind["chart"].values() if chart.dataset == found.id]
        if found.kind == "chart":
            return [dashboard for dashboard in self.by_kind["dashboard"].values() if dashboard.id in found.dashboards]
        return []


def _listed(site: SupersetSite, kind: str) -> list[Found]:
    listed = []
    for row in site.every(kind, ["id", "uuid", *COLUMNS[kind]]):
        title = row[COLUMNS[kind][0]]
        listed.append(
            Found(
                kind,
                row["uuid"],
                row["id"],
                f"{row['schema']}.{title}" if kind == "dataset" else title,
                row.get("datasource_id"),
                tuple(dashboard["id"] for dashboard in row.get("dashboards", ())),
                row.get("changed_on_utc") or "",
            )
        )
    return listed
