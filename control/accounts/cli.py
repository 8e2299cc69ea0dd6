"""The commands `./ioc accounts …`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from control.accounts.assignments import AssignmentError
from control.compile.superset.site import SupersetError
from control.settings import Instance
from control.steps import StepFailed

commands = typer.Typer(help="Accounts of people and editors.", invoke_without_command=True)
console = Console(width=None if sys.stdout.isatty() else 160)


@commands.callback()
def accounts(
    context: typer.Context,
    reset: Annotated[bool, typer.Option("--reset", help="Give the demonstration accounts new passwords and show them.")] = False,
) -> None:
    """List the accounts, and make those of the demonstration; with --reset give them new passwords, shown once."""
    from control.accounts import list_accounts, reset_accounts

    if context.invoked_subcommand is None:
        here = Instance.from_environment()
        reset_accounts(here, console) if reset else list_accounts(here, console)


@commands.command()
def give(
    username: Annotated[str, typer.Argument(help="Name of the account; of a person who delivers, the name in CKAN.")],
    position: Annotated[
        str | None, typer.Argument(help="<agency>/<position> that the person holds; without it, CKAN's organisations say what they see.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    email: Annotated[str, typer.Option("--email", help="Their address.")] = "",
) -> None:
    """Give a person an account of Superset, or another position; a new account's password is shown once."""
    from control.accounts import give_account
    from control.accounts.assignments import Assignment

    try:
        given = Assignment(username=username, name=name or username, email=email or f"{username}@localhost.localdomain", position=position)
        audience, password = give_account(Instance.from_environment(), given)
    except (ValueError, SupersetError) as problem:  # AssignmentError and what pydantic finds are ValueErrors
        raise StepFailed(f"The account {username} was not given: {problem}", advice="./ioc accounts give --help") from problem
    console.print(f"{escape(username)} sees what {audience} sees.", highlight=False)
    if password is not None:
        console.print(f"Password, shown this once: {escape(password)}", highlight=False, soft_wrap=True)


@commands.command()
def take(username: Annotated[str, typer.Argument(help="Name of the account.")]) -> None:
    """Close a person's account of Superset."""
    from control.accounts import take_account

    try:
        take_account(Instance.from_environment(), username)
    except (AssignmentError, SupersetError) as problem:
        raise StepFailed(str(problem), advice="./ioc accounts lists those that are") from problem
    console.print(f"The account {escape(username)} is closed.", highlight=False)


@commands.command()
def sync() -> None:
    """Bring what people see to the file of accounts and to CKAN's organisations; said line by line."""
    from control.accounts import sync_accounts
    from control.hosts import SUPERSET, asked
    from control.secrets import Secrets
    from datasets.model.reference import read_reference

    here = Instance.from_environment()
    with asked(SUPERSET):
        changes = sync_accounts(here, Secrets(here), read_reference())
    for line in changes.made:
        console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    console.print("Everybody has the roles of their audience." if changes else "Everybody had the roles of their audience.")
