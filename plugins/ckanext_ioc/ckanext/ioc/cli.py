"""Commands of the extension for whoever sets CKAN up: `ckan ioc …`."""

from __future__ import annotations

import json
import sys
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model


@click.group(short_help="Toàn Cảnh: accounts of the centre.")
def ioc() -> None:
    """Commands of Toàn Cảnh."""


@ioc.command()
def accounts() -> None:
    """Make accounts and API tokens.

    Reads {"name": {"password", "email", "sysadmin", "fullname"}} from standard input, so that no password is seen on a
    command line, and prints {"name": "token"} as its last line. An account that exists keeps its password.
    """
    wanted: dict[str, dict[str, Any]] = json.load(sys.stdin)
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tokens: dict[str, str] = {}
    for name, account in wanted.items():
        context = {"ignore_auth": True, "user": site_user, "model": model, "session": model.Session}
        if model.User.get(name) is None:
            tk.get_action("user_create")(
                dict(context),
                {"name": name, "password": account["password"], "email": account["email"], "fullname": account.get("fullname", name)},
            )
        user = model.User.get(name)
        if user is None:
            raise click.ClickException(f"the account {name} could not be made")
        if account.get("sysadmin"):
            user.sysadmin = True
            model.Session.add(user)
            model.Session.commit()
        tokens[name] = tk.get_action("api_token_create")(dict(context), {"user": name, "name": "ioc"})["token"]
    click.echo(json.dumps(tokens))


def get_commands() -> list[click.Command]:
    """What the plugin offers to CKAN's command line."""
    return [ioc]
