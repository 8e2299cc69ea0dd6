"""Who has an account of Superset, and by what: the installation's own file `accounts.yaml` beside its secrets, never in the repository.

    accounts:
      - {username: nguyen-van-a, name: Nguyễn Văn A, email: a@nghean.gov.vn, position: so-y-te/thu-truong}
      - {username: tran-thi-b, name: Trần Thị B, email: b@nghean.gov.vn}      # no position: what CKAN's organisations say

It holds names of persons, so it is readable by its owner only. It may be edited by hand; the next sync makes Superset so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import Field

from datasets.model.contract import Strict
from datasets.model.reference import Position, Reference, load_yaml

FILE = "accounts.yaml"


class AssignmentError(ValueError):
    """An account cannot be given; the message says why and what to write."""


class Assignment(Strict):
    """One person's account."""

    username: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}$")
    """Name in Superset, and in CKAN where the person delivers."""
    name: str = Field(max_length=120)
    email: str
    position: str | None = None
    """`<agency>/<position>`, whose audience the person has; without one, that of the organisations in CKAN."""


class _Assignments(Strict):
    accounts: list[Assignment] = Field(default_factory=list)


class Assignments:
    """The installation's file of accounts."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> list[Assignment]:
        """All accounts, none when there is no file. Raises ReferenceProblem naming file, key and value."""
        return load_yaml(self.path, _Assignments).accounts if self.path.exists() else []

    def put(self, *given: Assignment) -> None:
        """Adds accounts, in the place of what stands there under the same names."""
        names = {assignment.username for assignment in given}
        self._write([*(a for a in self.read() if a.username not in names), *given])

    def remove(self, username: str) -> None:
        """Takes an account out. Raises AssignmentError when it is not there."""
        there = self.read()
        if username not in {assignment.username for assignment in there}:
            raise AssignmentError(f"{username} is no account of {self.path}; ./ioc accounts lists those that are")
        self._write([a for a in there if a.username != username])

    def _write(self, assignments: Iterable[Assignment]) -> None:
        content = {"accounts": [a.model_dump(exclude_none=True) for a in sorted(assignments, key=lambda a: a.username)]}
        temporary = self.path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            yaml.safe_dump(content, file, allow_unicode=True, sort_keys=False, width=200)
        temporary.replace(self.path)


def position_named(name: str, reference: Reference) -> Position:
    """The position of that name. Raises AssignmentError naming those of its agency."""
    if name in reference.positions:
        return reference.positions[name]
    agency = name.split("/")[0]
    if agency not in reference.agencies:
        raise AssignmentError(f"{name}: {agency} is no agency; write <agency>/<position> of datasets/reference")
    known = ", ".join(p for p in reference.positions if p.startswith(f"{agency}/"))
    raise AssignmentError(f"{name} is no position; write one of {known}, or add it in datasets/reference/people.yaml")
