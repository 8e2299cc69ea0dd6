"""The commands of `ioc`: they parse, call one function, and show its result."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from control import logs as logs_of_services
from control import supply as supply_commands
from control.accounts import cli as accounts_cli
from control.contracts import read_contracts
from control.settings import Instance, SettingError
from control.steps import StepFailed, Steps
from datasets.model.read import ContractError

if TYPE_CHECKING:
    from control.plan import Plan

app = typer.Typer(
    help="Toàn Cảnh, an open operations centre for a province: brings the services up and applies the contracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(accounts_cli.commands, name="accounts")
app.add_typer(supply_commands.commands, name="supply")
# Written to a file or a pipe there is no screen to fit: long names and passwords must stay in one piece.
console = Console(width=None if sys.stdout.isatty() else 160)


def instance() -> Instance:
    return Instance.from_environment()


@app.command()
def up(
    demonstration: Annotated[bool, typer.Option(help="Deliver the simulated files of the demonstration and make its accounts.")] = True,
) -> None:
    """Bring everything up: install, start, migrate, apply, deliver the demonstration, and print the addresses.

    Run again on a running system it changes only what need be.
    """
    from control.demonstration import deliver_demonstration
    from control.up import bring_up, plan_lines

    here = instance()
    steps = Steps(console)
    for line in plan_lines(here):
        console.print(line, highlight=False, soft_wrap=True)
    bring_up(here, steps, (lambda: deliver_demonstration(here, steps)) if demonstration else None)
    from control.addresses import show

    show(here, console)
    console.print(
        f"[green]Everything is up[/green], after {steps.seconds:.0f} s. How it is: ./ioc status. To stop: ./ioc down.", highlight=False
    )


@app.command()
def demo(
    subsystems: Annotated[list[str] | None, typer.Option("--subsystem", help="Only this one; can be given several times.")] = None,
    full: Annotated[bool, typer.Option("--full", help="36 months instead of the light version that `up` delivers.")] = False,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other figures; kept for the life of the instance.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Deliver also what is there, in its place.")] = False,
) -> None:
    """Deliver the simulated files of the demonstration that are not there, as the agencies' editors, in the order of time.

    It can be stopped anywhere and run again: it goes on where it stopped. The contracts must be applied and the services run.
    """
    from control.demonstration import demonstrate

    steps = Steps(console)
    demonstrate(instance(), steps, subsystems or (), full=full, seed=seed, again=again)
    console.print(
        f"[green]The demonstration is delivered[/green], after {steps.seconds:.0f} s. What came of it: ./ioc status.", highlight=False
    )


@app.command()
def down() -> None:
    """Stop all services of this instance; the data stay."""
    from control.supervisor import Supervisor

    ran = Supervisor(instance()).shut_down()
    console.print("Everything is stopped; the data are kept." if ran else "Nothing was running.")


@app.command()
def status(machine_readable: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False) -> None:
    """Show each service, the data, how many subsystems live, and what each agency owed and sent. Exits 1 when a service is not well."""
    from control import status as of

    found = of.collect(instance())
    if machine_readable:
        print(json.dumps(found, ensure_ascii=False, indent=1))  # noqa: T201 - for machines, without Rich's wrapping
    else:
        console.print(of.table(found))
        data = found["data"]
        if data is not None:
            console.print(
                f"data: {data['datasets']} datasets, {data['datasets_with_data']} with data, {data['rows']:,} rows, "
                f"edition {data['edition']}, last load {data['last_load'] or 'none'}",
                highlight=False,
            )
            console.print(of.subsystem_line(data), highlight=False)
            for line in of.supply_lines(data):
                console.print(line, highlight=False)
    raise typer.Exit(0 if found["healthy"] else 1)


@app.command()
def logs(
    service: Annotated[str | None, typer.Argument(help="One service; without it all.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.")] = 50,
) -> None:
    """Show the last lines of the services' logs."""
    logs_of_services.show(instance(), service, lines=lines, follow=follow)


@app.command()
def plan(machine_readable: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False) -> None:
    """Show what an apply would create, change and drop in store, CKAN and Superset, and what happens to data; changes nothing.

    Exits 1 when something is refused: it names the file, the key, the value, and what to write.
    """
    from control.hosts import Hosts
    from control.plan import make_plan, refused
    from control.plan_text import show
    from control.secrets import Secrets

    here = instance()
    try:
        contracts, reference = read_contracts()
        found = make_plan(Hosts.of(here, Secrets(here)), contracts, reference)
    except ContractError as error:
        found = refused(error)
    if machine_readable:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1, default=str))  # noqa: T201 - for machines, without Rich's wrapping
    else:
        show(found, console)
    raise typer.Exit(1 if found.refused else 0)


@app.command()
def apply(
    discard_edits: Annotated[
        bool, typer.Option("--discard-edits", help="Lose what people changed in Superset and nobody exported.")
    ] = False,
) -> None:
    """Plan, show the plan, and make store, CKAN and Superset as the contracts say. The services must run.

    It can be stopped anywhere and run again; run again it changes nothing.
    """
    from control.accounts import bring_to_audiences
    from control.apply import apply_planned, migrate_store
    from control.hosts import Hosts
    from control.plan import PlanRefused
    from control.plan_text import show
    from control.secrets import Secrets

    here = instance()
    steps = Steps(console)
    contracts, reference = read_contracts()
    secrets = Secrets(here)
    with steps.step("Store's migrations"):
        migrate_store(here, secrets)
    try:
        apply_planned(Hosts.of(here, secrets), steps, contracts, reference, lambda found: show(found, console), discard_edits=discard_edits)
    except PlanRefused as error:
        raise typer.Exit(1) from error
    bring_to_audiences(here, secrets, steps, reference)


@app.command()
def export(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Superset; only write what the contracts say.")] = False,
) -> None:
    """Bring what people changed in Superset back beside the exports, so that the next apply keeps it. Superset is not changed."""
    from control.export import export_dashboards
    from control.hosts import SUPERSET, Hosts, asked
    from control.secrets import Secrets

    here = instance()
    with asked(SUPERSET):
        done = export_dashboards(read_contracts()[0], None if offline else Hosts.of(here, Secrets(here)).superset())
    for sign, lines in (("[green]+[/green]", done.kept), ("[yellow]not kept:[/yellow]", done.not_kept)):
        for line in lines:
            console.print(f"{sign} {escape(line)}", highlight=False, soft_wrap=True)
    console.print(f"{len(done.kept)} hand edits brought back, {len(done.files)} files written.", highlight=False)


@app.command()
def check(folder: Annotated[Path | None, typer.Argument(help="One contract's folder; without it all.")] = None) -> None:
    """Check contracts, and each dataset's example file by its contract, without changing anything."""
    from control.examples import check_examples
    from control.plan import today
    from datasets.model.read import read_all, read_contract
    from datasets.model.reference import read_reference

    reference = read_reference(today=today())
    contracts = [read_contract(folder, reference)] if folder is not None else read_all(reference=reference)
    found = check_examples(contracts, reference)
    for warning in found.warnings:
        console.print(f"[yellow]Warning[/yellow] {escape(str(warning))}", highlight=False, soft_wrap=True)
    if found.problems:
        raise ContractError(found.problems)
    for contract in contracts:
        console.print(f"[green]✓[/green] {contract.name} {contract.version}: {len(contract.resources)} datasets", highlight=False)


@app.command()
def remove(
    subsystem: Annotated[str, typer.Argument(help="Name of the contract; its folder must be gone.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the name to be typed.")] = False,
) -> None:
    """Take a subsystem out of Superset, CKAN and the store with all its data, after showing what goes. It cannot be undone.

    It can be stopped anywhere and run again. The ledger keeps its editions and the SHA-256 of the files.
    """
    from control.hosts import Hosts
    from control.plan_text import show
    from control.remove import must_be_gone
    from control.remove import remove as take_away
    from control.secrets import Secrets

    here = instance()
    contracts, _ = read_contracts()
    must_be_gone(subsystem, contracts)

    def confirm(found: Plan) -> bool:
        show(found, console)
        if found.nothing_to_do or yes:
            return not found.nothing_to_do
        return bool(typer.prompt(f"Type {subsystem} to take it away", default="", show_default=False) == subsystem)

    if take_away(Hosts.of(here, Secrets(here)), Steps(console), subsystem, confirm) is None:
        console.print("Nothing was changed.")


@app.command()
def new(
    subsystem: Annotated[str, typer.Argument(help="Name of the subsystem, in lower-case letters: water-supply.")],
    sample: Annotated[Path, typer.Option("--from", help="A sample file as an agency has it, .csv or .xlsx.")],
    title: Annotated[str | None, typer.Option(help="Title in Vietnamese; without it, the file's name.")] = None,
    agency: Annotated[str | None, typer.Option(help="The agency that delivers, as in datasets/reference/agencies.yaml.")] = None,
) -> None:
    """Write a first contract from a sample file, for a person to finish: types, key, units, measures, an indicator, a dashboard."""
    from control.new import new_contract
    from datasets.model.reference import read_reference

    made = new_contract(subsystem, sample, read_reference(), title=title, agency=agency)
    resource = made.contract.resources[0]
    console.print(
        f"[green]✓[/green] {made.folder}: {resource.name}, {len(resource.schema_.fields)} columns", highlight=False, soft_wrap=True
    )
    for warning in made.warnings:
        console.print(f"[yellow]Warning[/yellow] {escape(warning)}", highlight=False, soft_wrap=True)
    console.print(
        f"{made.decisions} lines of its datapackage.yaml ask for a decision. Then: ./ioc check {made.folder}; ./ioc plan; ./ioc apply.",
        highlight=False,
        soft_wrap=True,
    )


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run lint, types, unit, store, stack and browser tests on an instance of their own. Further words go to pytest."""
    from control.testing import run_tests

    raise typer.Exit(run_tests(console, context.args))


def main() -> None:
    """Runs the command; a failure is shown in words and exits 1 (2 for a setting that cannot be used)."""
    try:
        app(prog_name="./ioc")
    except StepFailed as failure:
        Steps(console).failed(failure)
        raise SystemExit(1) from failure
    except ContractError as failure:
        console.print("[red bold]A contract cannot be used; nothing was changed.[/red bold]")
        for problem in failure.problems:
            console.print(f"  {problem}", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(1) from failure
    except SettingError as failure:
        console.print(f"[red bold]{failure}[/red bold]")
        raise SystemExit(2) from failure
