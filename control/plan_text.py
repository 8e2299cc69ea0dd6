"""A plan as a person reads it: by subsystem and host, a mark and a sentence for each change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape

from control.compile.changes import Change
from control.plan import Plan
from datasets.model.problem import ContractProblem

MARKS = {"made": "[green]+[/green]", "changed": "[yellow]~[/yellow]", "dropped": "[red]-[/red]", "kept": "[dim]=[/dim]"}
GRANT_WORDS = ("grant ", "revoke ")
FEW = 3
"""So many lines of one kind are written out; more are counted, and all of them are in --json."""
AUDIENCE = re.compile(r"\baud_\w+")


def show(plan: Plan, console: Console) -> None:
    """Prints the plan: what would be done, what is kept, warnings, refusals."""
    for line in lines(plan):
        console.print(line, highlight=False, soft_wrap=True)


def lines(plan: Plan) -> Iterator[str]:
    """The plan's lines with Rich's markup."""
    for subsystem, heading in plan.headings.items():
        parts = [part for part in plan.parts if part.subsystem == subsystem]
        if parts:
            yield f"[bold]{escape(heading)}[/bold]"
        for part in parts:
            yield f"  {part.host}"
            yield from (f"    {MARKS[change.kind]} {escape(change.text)}" for change in shortened(part.changes))
    if plan.nothing_to_do and not plan.refused:
        yield "Nothing to do."
    yield from _problems("[yellow bold]Warnings[/yellow bold]", plan.warnings)
    yield from _problems("[red bold]Refused; nothing was changed.[/red bold]", plan.refused)


def shortened(changes: Iterable[Change]) -> list[Change]:
    """The changes with long runs of one kind counted instead of written out: grants, and what is said of each audience."""
    found: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        found.setdefault((change.kind, _shape(change.text)), []).append(change)
    short: list[Change] = []
    for alike in found.values():
        if len(alike) <= FEW:
            short += alike
        else:
            short.append(Change(alike[0].kind, f"{alike[0].text}, and {len(alike) - 1} more of this kind (./ioc plan --json lists them)"))
    return short


def _shape(text: str) -> str:
    """What is the same in lines of one kind."""
    return text.split(" ", 1)[0] if text.startswith(GRANT_WORDS) else AUDIENCE.sub("…", text)


def _problems(heading: str, problems: Iterable[ContractProblem]) -> Iterator[str]:
    found = list(problems)
    if found:
        yield heading
        yield from (f"  {escape(str(problem))}" for problem in found)
