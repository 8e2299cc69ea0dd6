"""Runs the migrations as `ioc_owner`, under a lock, in one transaction."""

from __future__ import annotations

import os
import sys

import sqlalchemy as sa
from alembic import context

# Any number serves, as long as nothing else in the database locks it.
MIGRATION_LOCK = 7_402_010

CHECKS = {
    "the role ioc_loader is missing; make it before migrating": "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ioc_loader')",
    "PostGIS is missing; a superuser runs CREATE EXTENSION postgis in this database": (
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')"
    ),
    "the role that migrates needs CREATEROLE": "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user",
    "the role that migrates must own the database": (
        "SELECT pg_has_role(current_user, datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
    ),
}


def store_url() -> str:
    """IOC_STORE_OWNER_URL with the driver's name that SQLAlchemy wants. Ends the program with a message when it is not set."""
    url = os.environ.get("IOC_STORE_OWNER_URL", "")
    if not url:
        sys.exit("IOC_STORE_OWNER_URL is not set; write postgresql://ioc_owner:<password>@127.0.0.1:<port>/ioc")
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def check_ground(connection: sa.Connection) -> None:
    """Ends the program with a message when what a superuser makes beforehand is not there."""
    for message, query in CHECKS.items():
        if not connection.execute(sa.text(query)).scalar():
            sys.exit(f"The store cannot be migrated: {message}.")


def run() -> None:
    engine = sa.create_engine(store_url(), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        check_ground(connection)
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS ledger"))
        context.configure(connection=connection, version_table_schema="ledger", transaction_per_migration=False)
        context.run_migrations()


run()
