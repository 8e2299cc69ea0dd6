"""Bring Superset's own database up to date, and its roles and accounts: `python -m superset_ioc.provision < wanted.json`.

It runs inside the application, not over its API: there is no account to log in with before this has run. The input is read from standard
input so that no password is seen in the list of processes:

    {"accounts": [{"username": "…", "password": "…", "first_name": "…", "last_name": "…", "email": "…", "roles": ["ioc_leader"]}]}

An account that exists keeps its password unless `"set_password": true`. The last line of standard output is JSON: what was made or changed.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from superset_ioc.roles import give_permissions

ACCOUNT_KEYS = {"username", "password", "first_name", "last_name", "email", "roles", "set_password"}


class AccountError(ValueError):
    """An account in the input cannot be made; the message names it and the key."""


def check_accounts(accounts: list[dict[str, Any]]) -> None:
    """Raise AccountError for a missing or unknown key, and for passwords that anyone would try."""
    for account in accounts:
        name = account.get("username", "?")
        wrong = (set(account) - {"set_password"}) ^ (ACCOUNT_KEYS - {"set_password"})
        if wrong:
            raise AccountError(f"account {name}: keys missing or unknown: {', '.join(sorted(wrong))}")
        if len(account["password"]) < 12 or account["password"] == name:
            raise AccountError(f"account {name}: password: write one of 12 characters or more that is not the name")
        if not account["roles"]:
            raise AccountError(f"account {name}: roles: write at least one")


def ensure_account(security_manager: Any, account: dict[str, Any]) -> str:
    """Make or update one account. Returns "made", "changed" or "same". Raises AccountError for a role that does not exist."""
    roles = [security_manager.find_role(name) for name in account["roles"]]
    if None in roles:
        raise AccountError(f"account {account['username']}: roles: one of {account['roles']} does not exist")
    user = security_manager.find_user(username=account["username"])
    if user is None:
        made = security_manager.add_user(
            account["username"], account["first_name"], account["last_name"], account["email"], roles, password=account["password"]
        )
        if not made:
            raise AccountError(f"account {account['username']}: it was refused, perhaps because its e-mail address is taken")
        return "made"
    wanted = {"first_name": account["first_name"], "last_name": account["last_name"], "email": account["email"], "active": True}
    changed = {key for key, value in wanted.items() if getattr(user, key) != value}
    if {role.name for role in user.roles} != set(account["roles"]):
        changed.add("roles")
        user.roles = roles
    for key in changed - {"roles"}:
        setattr(user, key, wanted[key])
    if changed:
        security_manager.update_user(user)
    if account.get("set_password"):
        security_manager.reset_password(user.id, account["password"])
        changed.add("password")
    return "changed" if changed else "same"


def provision(wanted: dict[str, Any]) -> dict[str, Any]:
    """Migrate, synchronise permissions and roles, and make the accounts. Returns what was done, by account and role."""
    from superset.app import create_app

    accounts = wanted.get("accounts", [])
    check_accounts(accounts)
    app = create_app()
    with app.app_context():
        from flask_migrate import upgrade
        from superset.extensions import appbuilder, db, security_manager

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        roles = give_permissions(security_manager)
        db.session.commit()
        done = {account["username"]: ensure_account(security_manager, account) for account in accounts}
        db.session.commit()
    return {"roles": roles, "accounts": done}


def main() -> int:
    """Read the wanted state, do it, and print the result as one line of JSON."""
    try:
        done = provision(json.load(sys.stdin))
    except (AccountError, json.JSONDecodeError) as problem:
        sys.stderr.write(f"superset_ioc.provision: {problem}\n")
        return 1
    sys.stdout.write(json.dumps(done, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
