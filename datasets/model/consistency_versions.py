"""What must agree in an indicator's versions and levels."""

from __future__ import annotations

from collections.abc import Iterator

from datasets.model.indicator import Indicator
from datasets.model.problem import Fault, KeyPath


def version_faults(at: KeyPath, indicator: Indicator) -> Iterator[Fault]:
    """Versions that end before they begin, or are valid together."""
    for index, version in enumerate(indicator.versions):
        here: KeyPath = (*at, "versions", index)
        if version.to <= version.from_:
            yield (*here, "to"), str(version.to), f"the version ends before its first day {version.from_}; write a later day"
        if version.basis.kind == "law" and not version.basis.clause:
            yield (*here, "basis", "clause"), None, "a rule of law names its text; write clause: document/article, or kind: proposed"
        for other in indicator.versions[:index]:
            if version.from_ < other.to and other.from_ < version.to:
                message = (
                    f"another version is valid then, from {other.from_} to {other.to}; write to: {version.from_} there, or a later from"
                )
                yield (*here, "from"), str(version.from_), message


def level_faults(at: KeyPath, indicator: Indicator) -> Iterator[Fault]:
    """Levels that are out of order or twice, and what cannot go with them."""
    known: list[int] = []
    for index, level in enumerate(indicator.levels):
        if known and level.value <= known[-1]:
            message = f"levels stand lowest first, each once; write a value above {known[-1]}"
            yield (*at, "levels", index, "value"), level.value, message
        known.append(level.value)
    if indicator.levels and indicator.decimals:
        yield (*at, "decimals"), indicator.decimals, "levels are whole values; write decimals: 0"
    if indicator.levels and indicator.targets:
        yield (*at, "targets"), None, "each level says how it is judged; remove targets, or levels"
