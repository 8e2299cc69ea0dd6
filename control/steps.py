"""Progress of a long command: one line for each step, with its time; a failed step shows the end of its log and what to do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape


class StepFailed(Exception):
    """A step could not be done.

    `what`: one sentence; `log`: a file whose end helps; `advice`: what to do next.
    """

    def __init__(self, what: str, *, log: Path | None = None, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.log = log
        self.advice = advice


def tail(path: Path, lines: int = 25) -> list[str]:
    """The last lines of a log."""
    if not path.exists():
        return []
    return path.read_text(errors="replace").splitlines()[-lines:]


@dataclass
class Steps:
    """Runs steps and writes a line for each."""

    console: Console
    started: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Times one step; the body may append notes that are shown behind its name."""
        notes: list[str] = []
        begun = time.monotonic()
        if self.console.is_terminal:
            self._line(f"[dim]  … {escape(name)}[/dim]")
        try:
            yield notes
        except BaseException:
            self._line(f"[red]✗[/red] {escape(name)} [dim]{time.monotonic() - begun:.1f} s[/dim]")
            raise
        note = f" [dim]({escape('; '.join(notes))})[/dim]" if notes else ""
        self._line(f"[green]✓[/green] {escape(name)}{note} [dim]{time.monotonic() - begun:.1f} s[/dim]")

    def together(self, *works: Callable[[], None]) -> None:
        """Runs independent works side by side; the first failure is raised after all have ended."""
        with ThreadPoolExecutor(max_workers=len(works)) as pool:
            futures = [pool.submit(work) for work in works]
        for future in futures:
            future.result()

    def say(self, text: str) -> None:
        self._line(text)

    def failed(self, failure: StepFailed) -> None:
        """Shows a failure: what, the end of the log, what to do."""
        self._line(f"[red bold]{escape(failure.what)}[/red bold]")
        if failure.log is not None:
            self._line(f"[dim]The end of {escape(str(failure.log))}:[/dim]")
            for line in tail(failure.log):
                self._line(f"[dim]  {escape(line)}[/dim]")
        if failure.advice:
            self._line(f"What to do: {escape(failure.advice)}")

    def _line(self, text: str) -> None:
        with self._lock:
            self.console.print(text, highlight=False, soft_wrap=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started
