"""supervisord keeps the services running; this module writes its configuration and speaks with it."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from control.programs import clean_environment
from control.services.service import Service
from control.settings import Instance, environment_folder
from control.steps import StepFailed


def socket_path(instance: Instance) -> Path:
    """The control socket; a UNIX socket's path may not be longer than 107 bytes."""
    path = instance.run / "supervisor.sock"
    if len(str(path)) < 100:
        return path
    return Path("/tmp") / f"toan-canh-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"  # noqa: S108 - mode 0700, the name is ours


def _quoted(value: str) -> str:
    return '"' + value.replace("%", "%%").replace('"', '\\"') + '"'


def program_section(instance: Instance, service: Service) -> str:
    """One [program:…] section."""
    environment = clean_environment(service.environment)
    words = " ".join(_quoted(word) for word in service.command)
    lines = [
        f"[program:{service.name}]",
        f"command={words}",
        f"directory={instance.state}",
        "environment=" + ",".join(f"{name}={_quoted(value)}" for name, value in sorted(environment.items())),
        "autostart=false",
        "autorestart=true",
        "startsecs=1",
        "startretries=20",
        f"stopsignal={service.stop_signal}",
        f"stopwaitsecs={service.stop_seconds}",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={instance.logs / (service.name + '.log')}",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=3",
    ]
    if service.user is not None:
        lines.append(f"user={service.user}")
    return "\n".join(lines) + "\n"


def write_configuration(instance: Instance, services: Iterable[Service]) -> None:
    instance.run.mkdir(parents=True, exist_ok=True)
    instance.logs.mkdir(parents=True, exist_ok=True)
    for folder, mode in ((instance.state, 0o755), (instance.run, 0o755), (instance.logs, 0o700)):
        folder.chmod(mode)
    socket = socket_path(instance)
    head = "\n".join(
        [
            "[supervisord]",
            f"logfile={instance.logs / 'supervisord.log'}",
            f"pidfile={instance.run / 'supervisord.pid'}",
            f"childlogdir={instance.logs}",
            "minfds=1024",
            *(["user=root"] if instance.is_root else []),
            "[unix_http_server]",
            f"file={socket}",
            "chmod=0700",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            "[supervisorctl]",
            f"serverurl=unix://{socket}",
            "",
        ]
    )
    path = instance.run / "supervisord.conf"
    path.touch(mode=0o600)
    path.write_text(head + "\n" + "\n".join(program_section(instance, service) for service in services))


class Supervisor:
    """The supervisor of one instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    @property
    def _rpc(self) -> Any:
        """A fresh connection for each call: supervisor's transport keeps a broken one, and is not made for threads."""
        transport = SupervisorTransport(None, None, f"unix://{socket_path(self.instance)}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def pid(self) -> int | None:
        """Process id of the running supervisord, None when it does not run."""
        try:
            return cast(int, self._rpc.getPID())
        except (OSError, http.client.HTTPException):
            return None

    def start(self) -> None:
        """Starts supervisord when it does not run; otherwise makes it read its configuration."""
        if self.pid() is None:
            program = environment_folder("harvest") / "bin" / "supervisord"
            configuration = self.instance.run / "supervisord.conf"
            log = self.instance.logs / "supervisord.log"
            done = subprocess.run(
                [str(program), "-c", str(configuration)], env=clean_environment(), capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise StepFailed(f"supervisord did not start: {done.stderr.strip()}", log=log)
            deadline = time.monotonic() + 15
            while self.pid() is None:
                if time.monotonic() > deadline:
                    raise StepFailed("supervisord does not answer", log=log)
                time.sleep(0.1)
        else:
            self.read_again()

    def read_again(self) -> list[str]:
        """Reads the configuration; a service whose section changed is stopped (and started again by `ensure`)."""
        added, changed, removed = self._rpc.reloadConfig()[0]
        for name in [*changed, *removed]:
            self._rpc.stopProcessGroup(name)
            self._rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            self._rpc.addProcessGroup(name)
        return list(changed)

    def processes(self) -> dict[str, dict[str, Any]]:
        """State of each program by name: statename, pid, start (seconds since the epoch)."""
        return {info["name"]: info for info in self._rpc.getAllProcessInfo()}

    def ensure(self, name: str) -> bool:
        """Starts a program that does not run; returns whether it had to."""
        state = self.processes()[name]["statename"]
        if state in ("RUNNING", "STARTING"):
            return False
        try:
            self._rpc.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise StepFailed(f"{name} did not start: {fault.faultString}", log=self.instance.logs / f"{name}.log") from fault
        return True

    def stop(self, name: str) -> None:
        if self.processes()[name]["statename"] not in ("STOPPED", "EXITED", "FATAL"):
            self._rpc.stopProcess(name, True)

    def shut_down(self) -> bool:
        """Stops all services in the order last started first, then supervisord; returns whether it ran."""
        pid = self.pid()
        if pid is None:
            return False
        for name in ("beat", "worker", "desk", "superset", "ckan", "solr", "redis", "postgres"):
            if name in self.processes():
                self.stop(name)
        self._rpc.shutdown()
        deadline = time.monotonic() + 30
        while _alive(pid):
            if time.monotonic() > deadline:
                raise StepFailed(f"supervisord (process {pid}) does not end", log=self.instance.logs / "supervisord.log")
            time.sleep(0.1)
        return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def start_and_wait(supervisor: Supervisor, service: Service) -> bool:
    """Starts a service when needed and waits until it is well; returns whether it had to be started. Raises StepFailed."""
    started = supervisor.ensure(service.name)
    log = supervisor.instance.logs / f"{service.name}.log"
    deadline = time.monotonic() + service.start_seconds
    while True:
        wrong = service.health()
        if wrong is None:
            return started
        state = supervisor.processes()[service.name]["statename"]
        if state == "FATAL":
            raise StepFailed(
                f"{service.name} ends again and again",
                log=log,
                advice=f"mend what its log says, then run ./ioc up (./ioc logs {service.name})",
            )
        if time.monotonic() > deadline:
            raise StepFailed(
                f"{service.name} is not well after {service.start_seconds} s: {wrong}", log=log, advice=f"./ioc logs {service.name}"
            )
        time.sleep(0.5)
