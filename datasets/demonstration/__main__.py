"""`python -m datasets.demonstration OUT`: write the simulated files into a folder, without delivering them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from datasets.demonstration.generate import DAYS, generate, yesterday
from datasets.demonstration.scale import write_at_scale
from datasets.model.read import read_all
from datasets.model.reference import read_reference


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the files; made if it is not there.")],
    seed: Annotated[int, typer.Option(help="The same seed writes the same files.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days of what is counted by day.")] = DAYS,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; without it yesterday.")] = None,
    scale: Annotated[
        int | None, typer.Option("--scale", min=1, help="So many rows, in CSV files of single cases and their copies, for benchmarks.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="36 months instead of the light version.")] = False,
) -> None:
    """Write simulated deliveries for every resource that can be simulated."""
    reference = read_reference()
    if scale is not None:
        last = until.date() if until else yesterday()
        large = list(write_at_scale(read_all(reference=reference), reference, out, rows=scale, seed=seed, until=last))
        typer.echo(f"{len(large)} files, {sum(rows for _, rows in large)} rows, all simulated, in {out}")
        return
    files = generate(read_all(reference=reference), reference, out, seed=seed, days=days, until=until.date() if until else None, full=full)
    for file in files:
        typer.echo(f"{file.rows:6d} rows  {file.path.name}")
    typer.echo(f"{len(files)} files, {sum(file.rows for file in files)} rows, all simulated, in {out}")


if __name__ == "__main__":
    typer.run(main)
