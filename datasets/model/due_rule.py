"""The due rule of a contract: `17:00`, `+10d 17:00`, `+3wd 17:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

MOST_DAYS = 366
"""Days after its period by which a contract may want a report at the latest."""

_RULE = re.compile(r"(?:\+(?P<count>\d{1,3})(?P<working>w?)d )?(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class DueRule:
    """A due rule of a contract, taken apart."""

    days: int
    """Days after the period's last day."""
    working: bool
    """Whether these are working days."""
    at: time
    """Time of day in the province."""


def due_rule(rule: str) -> DueRule:
    """The rule taken apart. Raises ValueError that says what to write."""
    found = _RULE.fullmatch(rule)
    if found is None:
        raise ValueError(
            'write "17:00" for the period\'s last day, "+10d 17:00" for ten days or "+3wd 17:00" for three working days after it'
        )
    return DueRule(int(found["count"] or 0), found["working"] == "w", time(int(found["hour"]), int(found["minute"])))
