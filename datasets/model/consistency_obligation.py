"""What must agree in an obligation: its calendar with the delivery's, its rule with the calendar, its clause with the regulation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import TYPE_CHECKING

from datasets.model.calendar_name import Calendar
from datasets.model.contract import Resource, Scope
from datasets.model.due_rule import due_rule
from datasets.model.explain import nearest
from datasets.model.problem import Fault, KeyPath

if TYPE_CHECKING:
    from datasets.model.reference import Clause, Reference


def obligation_faults(at: KeyPath, resource: Resource, reference: Reference | None) -> Iterator[Fault]:
    """Faults of what a resource owes. Without a reference its clause goes unchecked."""
    path: KeyPath = (*at, "obligation")
    obligation, delivery = resource.obligation, resource.delivery
    if delivery.scope is Scope.PERIOD and delivery.calendar not in (None, obligation.calendar):
        owed, covers = obligation.calendar.value, delivery.calendar.value
        message = (
            f"a report is owed for each {owed}, and a delivery covers one {covers}; write calendar: {covers} here, "
            f"or calendar: {owed} under delivery"
        )
        yield (*path, "calendar"), owed, message
    rule = due_rule(obligation.due)
    if obligation.calendar is Calendar.DAY and rule.days == 0 and not rule.working and rule.at == time(0):
        message = f'"{obligation.due}" is the moment at which the day begins; write "17:00", or "+1d {rule.at:%H:%M}" for its end'
        yield (*path, "due"), obligation.due, message
    if obligation.localities and resource.unit_field is None:
        message = (
            "localities are counted by their units, and no field refers to a unit; give one refers: {unit: commune}, or remove localities"
        )
        yield (*path, "localities"), True, message
    if reference is not None:
        yield from _clause_faults(at, resource, reference)


def _clause_faults(at: KeyPath, resource: Resource, reference: Reference) -> Iterator[Fault]:
    """A clause of a regulation that the reference holds must be there and be in force; other documents are taken as written."""
    path: KeyPath = (*at, "legal_basis")
    basis = resource.legal_basis
    regulation, _, name = basis.partition("/")
    known = [written for written in reference.clauses if written.partition("/")[0] == regulation]
    if not known:
        near = nearest(regulation, reference.regulations) if name else None
        if near:
            hint = f"write {near}/{name}, or add the regulation in datasets/reference/regulation.yaml"
            yield path, basis, f'"{regulation}" is no regulation of the reference; {hint}'
        return
    clause = reference.clauses.get(basis)
    if clause is None:
        yield path, basis, f'"{basis}" is no clause of the regulation; write one of {", ".join(known)}'
        return
    since = resource.obligation.since
    day = reference.today if since is None else max(since, reference.today)
    if clause.is_in_force(day):
        return
    if clause.valid_to is not None and clause.valid_to <= day:
        in_force = [written for written in known if reference.clauses[written].is_in_force(day)]
        hint = f"write one that is: {', '.join(in_force)}" if in_force else "write a clause of the regulation that replaced it"
        last = clause.valid_to - timedelta(days=1)
        yield path, basis, f'"{basis}" was in force up to {last} and obliges nobody on {day}; {hint}'
    else:
        yield path, basis, _not_yet(basis, clause)


def _not_yet(basis: str, clause: Clause) -> str:
    return (
        f'"{basis}" is in force from {clause.valid_from} only; write a clause that is in force, '
        f"or obligation: {{since: {clause.valid_from}}} when nothing is owed before it"
    )
