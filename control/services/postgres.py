"""The private PostgreSQL cluster with PostGIS: databases, roles, and how it is asked."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from psycopg import sql

from control.programs import run
from control.secrets import Secrets
from control.services.closed_catalogue import closed_catalogue
from control.services.service import Service
from control.settings import POSTGRES_BIN, Instance

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "on",
    "password_encryption": "scram-sha-256",
    "timezone": "Asia/Ho_Chi_Minh",
    "log_min_duration_statement": "2s",
}


def data_folder(instance: Instance) -> Path:
    return instance.state / "postgres"


def initialise(instance: Instance, secrets: Secrets) -> bool:
    """Makes the cluster once; returns whether it did."""
    folder = data_folder(instance)
    if (folder / "PG_VERSION").exists():
        return False
    instance.folder("postgres", instance.postgres_user)
    instance.run.mkdir(parents=True, exist_ok=True)
    password_file = instance.run / "postgres.password"
    password_file.touch(mode=0o600)
    password_file.write_text(secrets["postgres"])
    instance.give(password_file, instance.postgres_user)
    try:
        run(
            instance,
            [
                str(POSTGRES_BIN / "initdb"),
                "-D",
                str(folder),
                "-U",
                "postgres",
                "--auth=scram-sha-256",
                f"--pwfile={password_file}",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            log="postgres-init",
            user=instance.postgres_user,
            what="PostgreSQL's cluster could not be made",
            advice=f"look at the log; a half-made cluster in {folder} can be removed",
        )
    finally:
        password_file.unlink()
    return True


def service(instance: Instance, secrets: Secrets) -> Service:
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        command=[str(POSTGRES_BIN / "postgres"), "-D", str(data_folder(instance)), "-p", str(instance.ports["postgres"]), *settings],
        health=lambda: health(instance, secrets),
        address=f"127.0.0.1:{instance.ports['postgres']}",
        user=instance.postgres_user or instance.service_user,
        stop_signal="INT",
        stop_seconds=60,
    )


def connect(instance: Instance, secrets: Secrets, database: str = "postgres") -> psycopg.Connection:
    """A connection as the cluster's superuser."""
    return psycopg.connect(
        host="127.0.0.1",
        port=instance.ports["postgres"],
        user="postgres",
        password=secrets["postgres"],
        dbname=database,
        autocommit=True,
        connect_timeout=5,
    )


def health(instance: Instance, secrets: Secrets) -> str | None:
    try:
        with connect(instance, secrets) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return None


def make_databases(instance: Instance, secrets: Secrets) -> None:
    """Makes databases and login roles that are missing, and sets their passwords."""
    with connect(instance, secrets) as connection:
        for role, secret, more in (
            ("ckan", "ckan_database", "NOCREATEROLE"),
            ("superset", "superset_database", "NOCREATEROLE"),
            ("ioc_owner", "ioc_owner", "CREATEROLE"),
            ("ioc_loader", "ioc_loader", "NOCREATEROLE"),
            ("ioc_desk", "ioc_desk", "NOCREATEROLE"),
        ):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = "ALTER" if known else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB {} PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(more), sql.Literal(secrets[secret])
                )
            )
        for database, owner in (("ckan", "ckan"), ("superset", "superset"), ("ioc", "ioc_owner")):
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(owner)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
    with connect(instance, secrets, "ioc") as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(closed_catalogue())


def url(instance: Instance, secrets: Secrets, role: str, secret: str, database: str) -> str:
    return f"postgresql://{role}:{secrets[secret]}@127.0.0.1:{instance.ports['postgres']}/{database}"


def owner_environment(instance: Instance, secrets: Secrets) -> dict[str, str]:
    """What migrations and apply need."""
    return {
        "IOC_STORE_OWNER_URL": url(instance, secrets, "ioc_owner", "ioc_owner", "ioc"),
        "IOC_SECRET": secrets["shared"],
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    }
