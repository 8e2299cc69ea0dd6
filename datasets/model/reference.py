"""The province's reference data: agencies, positions, regulation, units, calendar. Read from `datasets/reference/`."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from datasets.model.calendar import WorkCalendar, read_calendar
from datasets.model.contract import ColumnName, Level, Slug, Strict, Translations
from datasets.model.reference_file import FOLDER, ReferenceProblem, load_yaml
from datasets.model.regulation import Clause, Regulation, read_regulations
from datasets.model.unit import CrosswalkPart, GroupMember, Unit, UnitIndex, read_crosswalk, read_groups, read_units

__all__ = ["FOLDER", "Agency", "Clause", "Position", "Reference", "ReferenceProblem", "Regulation", "load_yaml", "read_reference"]


class Province(Strict):
    """The province that is installed."""

    code: str = Field(pattern=r"^\d{2}$")
    iso: str = Field(pattern=r"^VN-(\d{2}|[A-Z]{2})$")
    title: str
    titles: Translations
    time_zone: str


class Agency(Strict):
    """One agency: an organisation in CKAN, a publisher in contracts."""

    name: Slug
    title: str
    titles: Translations
    kind: Literal["department", "hospital", "locality", "office"]
    parent: Slug | None = None
    unit: str | None = Field(default=None, pattern=r"^\d{5}$")
    """Code of the commune, for a locality."""
    email: str | None = None


class PositionTitle(Strict):
    """A position that every agency has."""

    name: Slug
    title: str
    titles: Translations


class Position(Strict):
    """A position at an agency, such as a steward of data."""

    name: str = Field(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")
    """`<agency>/<position>`."""
    title: str
    titles: Translations
    body: Literal["steering-committee", "working-group"] | None = None
    audience: Literal["leader", "operator", "official"] | None = None
    """What who holds it sees, where that is not what the agency sees."""
    group: Slug | None = None
    """Unit group that it answers for, such as `former-vinh`: it sees what is shared, and the rows of the group's units."""

    @property
    def agency(self) -> str:
        return self.name.split("/")[0]


class SubsystemEntry(Strict):
    """One subsystem of the centre, whether there is a contract for it or not."""

    name: ColumnName
    """Name of its contract, once there is one."""
    order: int = Field(ge=0, le=9)
    title: str
    titles: Translations
    description: str
    """One sentence on what its leader sees there, in Vietnamese."""
    descriptions: Translations
    owner: Slug
    """Agency that answers for it."""


class _Subsystems(Strict):
    subsystems: list[SubsystemEntry]


class _Agencies(Strict):
    agencies: list[Agency]


class _People(Strict):
    positions: list[Position]
    every_agency: list[PositionTitle] = Field(default_factory=list)


class Reference:
    """Reference data of one folder. Units and the calendar are read when first asked for."""

    def __init__(
        self,
        folder: Path,
        province: Province,
        agencies: dict[str, Agency],
        positions: dict[str, Position],
        regulations: dict[str, Regulation],
        subsystems: dict[str, SubsystemEntry],
        today: dt.date | None,
    ) -> None:
        self.folder = folder
        self.province_info = province
        self.agencies = agencies
        self.positions = positions
        """By name, `so-y-te/truong-phong-nghiep-vu-y`."""
        self.regulations = regulations
        """By name, `quy-che-ioc`; each clause with the days on which it is in force."""
        self.clauses = {f"{name}/{clause.name}": clause for name, regulation in regulations.items() for clause in regulation.clauses}
        """By legal basis, `quy-che-ioc/dieu-12`."""
        self.subsystems = subsystems
        """By name, in their order; data supply first."""
        self.today = today
        """The day of which contracts are asked whether their clauses are in force; None asks nothing."""

    @property
    def province(self) -> str:
        """Code of the province, "40"."""
        return self.province_info.code

    @property
    def iso(self) -> str:
        """ISO 3166-2 code of the province, "VN-22"."""
        return self.province_info.iso

    @cached_property
    def units(self) -> list[Unit]:
        """All provinces of both times and the country; districts and communes of the province, of all vintages."""
        return read_units(self.folder / "units")

    @cached_property
    def unit_index(self) -> UnitIndex:
        return UnitIndex(self.units)

    @cached_property
    def crosswalk(self) -> list[CrosswalkPart]:
        """What former units became."""
        return read_crosswalk(self.folder / "units")

    @cached_property
    def groups(self) -> list[GroupMember]:
        """Units of today that lie in a former district, such as the former city of Vinh."""
        return read_groups(self.folder / "units")

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Working days and hours."""
        return read_calendar(self.folder)

    @cached_property
    def province_unit(self) -> Unit:
        """The province's own unit, valid today; facts without a unit carry it. Raises ReferenceProblem when the units lack it."""
        found = [u for u in self.units if u.level is Level.PROVINCE and u.code == self.province and u.valid_to is None]
        if not found:
            raise ReferenceProblem([f"{self.folder / 'province.yaml'}: code: {self.province!r} is no province of units/provinces.csv"])
        return found[0]


def read_reference(folder: Path = FOLDER, today: dt.date | None = None) -> Reference:
    """All reference data of a folder. With `today`, contracts that are read with it name clauses that are in force on that day.

    Raises ReferenceProblem naming the file, the key, the value and what to write.
    """
    province = load_yaml(folder / "province.yaml", Province)
    agencies = _agencies(folder / "agencies.yaml")
    people = load_yaml(folder / "people.yaml", _People)
    groups = {member.group_id for member in read_groups(folder / "units")} if any(p.group for p in people.positions) else set()
    positions = _positions(folder / "people.yaml", people, agencies, groups)
    subsystems = _subsystems(folder / "subsystems.yaml", agencies)
    return Reference(folder, province, agencies, positions, read_regulations(folder), subsystems, today)


def _agencies(path: Path) -> dict[str, Agency]:
    problems: list[str] = []
    agencies: dict[str, Agency] = {}
    for agency in load_yaml(path, _Agencies).agencies:
        if agency.name in agencies:
            problems.append(f"{path}: agencies: {agency.name!r} stands twice; keep one")
        agencies[agency.name] = agency
    for agency in agencies.values():
        if agency.parent is not None and agency.parent not in agencies:
            problems.append(f"{path}: {agency.name}.parent: {agency.parent!r} is no agency; write the name of one in this file")
        if (agency.kind == "locality") != (agency.unit is not None):
            problems.append(f"{path}: {agency.name}.unit: {agency.unit!r}: a locality, and only a locality, names its commune's code")
    if problems:
        raise ReferenceProblem(problems)
    return agencies


def _subsystems(path: Path, agencies: dict[str, Agency]) -> dict[str, SubsystemEntry]:
    problems: list[str] = []
    subsystems: dict[str, SubsystemEntry] = {}
    orders: dict[int, str] = {}
    for entry in load_yaml(path, _Subsystems).subsystems:
        if entry.name in subsystems:
            problems.append(f"{path}: subsystems: {entry.name!r} stands twice; keep one")
        if entry.order in orders:
            problems.append(f"{path}: {entry.name}.order: {entry.order} is that of {orders[entry.order]!r} too; write another number")
        if entry.owner not in agencies:
            problems.append(f"{path}: {entry.name}.owner: {entry.owner!r} is no agency; write the name of one in agencies.yaml")
        subsystems[entry.name] = entry
        orders[entry.order] = entry.name
    if problems:
        raise ReferenceProblem(problems)
    return {entry.name: entry for entry in sorted(subsystems.values(), key=lambda e: e.order)}


def _positions(path: Path, people: _People, agencies: dict[str, Agency], groups: set[str]) -> dict[str, Position]:
    positions = {
        f"{agency}/{title.name}": Position(name=f"{agency}/{title.name}", title=title.title, titles=title.titles)
        for agency in agencies
        for title in people.every_agency
    }
    problems: list[str] = []
    for position in people.positions:
        if position.agency not in agencies:
            problems.append(f"{path}: positions: {position.name!r}: {position.agency!r} is no agency; write <agency>/<position>")
        if position.audience is not None and position.group is not None:
            problems.append(f"{path}: positions: {position.name!r}: names an audience and a group; keep one")
        if position.group is not None and position.group not in groups:
            problems.append(f"{path}: positions: {position.name!r}: {position.group!r} is no group of units/groups.csv; write one of those")
        if position.name in positions:
            problems.append(f"{path}: positions: {position.name!r} stands twice; keep one")
        positions[position.name] = position
    if problems:
        raise ReferenceProblem(problems)
    return positions
