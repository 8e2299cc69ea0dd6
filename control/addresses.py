"""The addresses of a running instance, for a person."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from control.settings import Instance


def show(instance: Instance, console: Console) -> None:
    """Prints where to go."""
    table = Table(title="Addresses", title_justify="left", box=None)
    table.add_column("what")
    table.add_column("where")
    table.add_row("Open-data portal, where agencies deliver (CKAN)", instance.url("ckan"))
    table.add_row("Dashboards of the operations centre (Superset)", instance.url("superset"))
    console.print(table)
