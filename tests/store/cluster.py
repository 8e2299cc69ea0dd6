"""A private PostgreSQL cluster for tests: made in a temporary folder, on a free port, stopped by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from control.services.closed_catalogue import closed_catalogue

ROOT = Path(__file__).resolve().parents[2]
BIN = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "only-for-tests"
SECRET = "a secret for tests"
# Nothing has to survive a crash of this cluster, so it does not wait for the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10s",
}


@dataclass
class Cluster:
    """One running cluster."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Cluster:
        folder = Path(tempfile.mkdtemp(prefix="toan-canh-store-", dir="/tmp"))
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        password_file = folder / "password"
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        data = folder / "data"
        subprocess.run(
            [*as_user, BIN / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N", "--auth=scram-sha-256",
             f"--pwfile={password_file}"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        words = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        log = (folder / "log").open("wb")
        process = subprocess.Popen([*as_user, BIN / "postgres", "-D", data, "-p", str(port), *words], stdout=log, stderr=log, cwd=folder)
        cluster = cls(folder, port, process)
        cluster._wait()
        return cluster

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres", "postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Ends the postmaster this object started, by its id, and removes the folder."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGINT)
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder)

    def url(self, role: str, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def make_store(self, database: str) -> None:
        """What a superuser makes before the migrations: login roles, the database, PostGIS."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as conn:
            for role, more in (("ioc_owner", "CREATEROLE"), ("ioc_loader", ""), ("ioc_desk", "")):
                if conn.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                    create = sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}")
                    conn.execute(create.format(sql.Identifier(role), sql.SQL(more), sql.Literal(PASSWORD)))
            conn.execute(sql.SQL("CREATE DATABASE {} OWNER ioc_owner").format(sql.Identifier(database)))
        with psycopg.connect(self.url("postgres", database), autocommit=True) as conn:
            conn.execute("CREATE EXTENSION postgis")
            conn.execute(closed_catalogue())

    def migrate(self, database: str, revision: str = "head") -> subprocess.CompletedProcess[str]:
        """Runs the migrations the way `ioc up` does."""
        return subprocess.run(
            [sys.executable, "-m", "alembic", "-c", ROOT / "migrations" / "alembic.ini", "upgrade", revision],
            env={**os.environ, "IOC_STORE_OWNER_URL": self.url("ioc_owner", database)},
            capture_output=True,
            text=True,
        )
