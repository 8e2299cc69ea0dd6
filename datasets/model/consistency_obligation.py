"""What must agree in an obligation: its calendar with the delivery's, its rule with the calendar, its clause with the regulation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from datasets.model.calendar_name import Calendar
from datasets.model.contract import Contract, Resource, Scope
from datasets.model.due_rule import MOST_DAYS, due_rule
from datasets.model.explain import nearest
from datasets.model.problem import Fault, KeyPath

if TYPE_CHECKING:
    from datasets.model.reference import Reference


def obligation_faults(at: KeyPath, resource: Resource, reference: Reference | None) -> Iterator[Fault]:
    """Faults of what a resource owes. Without a reference its clause goes unchecked, and without its day whether that is in force."""
    path: KeyPath = (*at, "obligation")
    obligation, delivery = resource.obligation, resource.delivery
    if delivery.scope is Scope.PERIOD and delivery.calendar not in (None, obligation.calendar):
        owed, covers = obligation.calendar.value, delivery.calendar.value
        message = (
            f"a report is owed for each {owed}, and a delivery covers one {covers}; write calendar: {covers} here, "
            f"or calendar: {owed} under delivery"
        )
        yield (*path, "calendar"), owed, message
    yield from _due_faults((*path, "due"), resource)
    if obligation.localities and resource.unit_field is None:
        message = (
            "localities are counted by their units, and no field refers to a unit; give one refers: {unit: commune}, or remove localities"
        )
        yield (*path, "localities"), True, message
    if reference is not None:
        yield from _clause_faults((*at, "legal_basis"), resource.legal_basis, reference)
        if reference.today is not None:
            yield from _force_faults(at, resource, reference, reference.today)


def clauses_not_in_force(contract: Contract, reference: Reference, today: date) -> list[Fault]:
    """Datasets whose clause obliges nobody on that day: it has ended, or has not begun.

    It is no fault of a contract that was right when it was applied: `ioc plan` refuses it where a contract is new or changed, and warns
    of it elsewhere.
    """
    numbered = enumerate(contract.resources)
    return [fault for number, one in numbered for fault in _force_faults(("resources", number), one, reference, today)]


def _due_faults(path: KeyPath, resource: Resource) -> Iterator[Fault]:
    written = resource.obligation.due
    rule = due_rule(written)
    if rule.days > MOST_DAYS:
        message = f"{rule.days} days after a period is more than a year; write at most {MOST_DAYS}, or a calendar of longer periods"
        yield path, written, message
    if resource.obligation.calendar is Calendar.DAY and rule.days == 0 and not rule.working and rule.at == time(0):
        message = f'"{written}" is the moment at which the day begins; write "17:00", or "+1d {rule.at:%H:%M}" for its end'
        yield path, written, message


def _clause_faults(path: KeyPath, basis: str, reference: Reference) -> Iterator[Fault]:
    """A clause of a regulation that the reference holds must be there; other documents are taken as written."""
    regulation, _, name = basis.partition("/")
    known = [written for written in reference.clauses if written.partition("/")[0] == regulation]
    near = nearest(regulation, reference.regulations) if name and not known else None
    if near:
        hint = f"write {near}/{name}, or add the regulation in datasets/reference/regulation.yaml"
        yield path, basis, f'"{regulation}" is no regulation of the reference; {hint}'
    if known and basis not in known:
        yield path, basis, f'"{basis}" is no clause of the regulation; write one of {", ".join(known)}'


def _force_faults(at: KeyPath, resource: Resource, reference: Reference, today: date) -> Iterator[Fault]:
    basis, since = resource.legal_basis, resource.obligation.since
    clause = reference.clauses.get(basis)
    day = today if since is None else max(since, today)
    if clause is None or clause.is_in_force(day):
        return
    path: KeyPath = (*at, "legal_basis")
    if clause.valid_to is None or day < clause.valid_to:
        message = (
            f'"{basis}" is in force from {clause.valid_from} only; write a clause that is in force, '
            f"or obligation: {{since: {clause.valid_from}}} when nothing is owed before it"
        )
    else:
        in_force = [written for written, other in reference.clauses.items() if other.is_in_force(day)]
        hint = f"write one that is: {', '.join(in_force)}" if in_force else "add the regulation that replaced it, and write its clause"
        message = f'"{basis}" was in force up to {clause.valid_to - timedelta(days=1)} and obliges nobody on {day}; {hint}'
    yield path, basis, message
