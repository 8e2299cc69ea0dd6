"""The `ioc` command's own parts that need no service."""

from __future__ import annotations

import configparser
import io
import json
import socket
import stat
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner

from control import machine
from control.cli import app, main
from control.programs import run
from control.secrets import Secrets
from control.services.service import Service
from control.settings import DEFAULT_PORT_BASE, Instance, SettingError, reachable_by_others
from control.steps import StepFailed, Steps
from control.supervisor import program_section, socket_path

pytestmark = pytest.mark.unit


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance as one who is not root has it: all its state stays below the test's own folder."""
    instance = Instance(var=tmp_path / "var", port_base=18_900)
    instance.__dict__["is_root"] = False
    return instance


def test_an_instance_has_six_ports_next_to_each_other(instance: Instance) -> None:
    assert instance.ports == {"ckan": 18900, "superset": 18901, "postgres": 18902, "redis": 18903, "solr": 18904, "desk": 18905}


@pytest.mark.parametrize("text", ["abc", "80", "65001", "-1"])
def test_a_port_base_that_cannot_be_is_refused_with_what_to_write(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("IOC_PORT_BASE", text)
    with pytest.raises(SettingError, match=f'IOC_PORT_BASE is "{text}"; write a number from 1024'):
        Instance.from_environment()


def test_secrets_are_random_kept_and_readable_by_their_owner_only(instance: Instance, tmp_path: Path) -> None:
    first = Secrets(instance)
    made = first.make_missing()
    again = Secrets(instance)
    assert made > 5
    assert again.make_missing() == 0
    assert again["postgres"] == first["postgres"]
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    values = list(json.loads(first.path.read_text()).values())
    assert len(set(values)) == len(values)
    other = Secrets(Instance(var=tmp_path / "other", port_base=18_910))
    other.make_missing()
    assert other["postgres"] != first["postgres"]


def test_a_port_in_use_is_named_with_its_service(instance: Instance) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = Instance(var=instance.var, port_base=holder.getsockname()[1])
        with pytest.raises(StepFailed, match=rf"Another program uses port {taken.port_base} \(ckan\)") as failure:
            machine.check_ports(taken, ["ckan"])
    assert "IOC_PORT_BASE=" in failure.value.advice


def test_a_full_disk_is_said_in_words(instance: Instance) -> None:
    with pytest.raises(StepFailed, match="GiB free"):
        machine.check_disk(instance, needed=1 << 60)


def test_a_folder_below_a_closed_one_is_not_reachable_by_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "var").mkdir(mode=0o755)
    assert not reachable_by_others(closed / "var")


def test_a_services_section_keeps_percent_signs_and_quotes(instance: Instance) -> None:
    service = Service("probe", ["/bin/echo", "50%", 'a "b"'], lambda: None, environment={"SECRET": "x%y"})
    parser = configparser.RawConfigParser()
    parser.read_string(program_section(instance, service))
    section = parser["program:probe"]
    assert section["autorestart"] == "true"
    assert '"50%%"' in section["command"]
    assert 'SECRET="x%%y"' in section["environment"]


def test_a_long_folder_gets_a_socket_that_the_system_takes(tmp_path: Path) -> None:
    deep = Instance(var=tmp_path.joinpath(*["a-rather-long-name"] * 8), port_base=18_900)
    assert len(str(socket_path(deep))) < 108


def test_a_contract_with_a_typo_is_refused_naming_file_key_and_value(tmp_path: Path) -> None:
    folder = tmp_path / "weather"
    folder.mkdir()
    (folder / "datapackage.yaml").write_text("name: weather\nversion: 1.0.0\ntitel: Thời tiết\n")
    run = CliRunner().invoke(app, ["check", str(folder)], catch_exceptions=True)
    assert run.exit_code != 0
    assert "titel" in str(run.exception)
    assert "datapackage.yaml" in str(run.exception)


def test_every_command_has_a_help_text() -> None:
    commands = dict(get_command(app).commands)  # type: ignore[attr-defined]
    commands |= {f"{group} {name}": sub for group, one in commands.items() for name, sub in getattr(one, "commands", {}).items()}
    assert {"up", "demo", "plan", "supply excuse"} <= set(commands)
    for name, command in commands.items():
        assert command.help, name
        assert CliRunner().invoke(app, [*name.split(), "--help"]).exit_code == 0, name


def test_the_command_calls_itself_as_people_call_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["control", "status", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "Usage: ./ioc status" in capsys.readouterr().out


def test_without_root_and_sudo_the_exact_command_is_given(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    with pytest.raises(StepFailed, match="redis-server") as failure:
        machine.install_packages(instance, ["redis-server", "maven"])
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server maven" in failure.value.advice


def test_a_failed_step_shows_the_end_of_its_log_and_what_to_do(instance: Instance) -> None:
    words = ["/bin/sh", "-c", "for n in $(seq 60); do echo line $n; done; echo the reason >&2; exit 3"]
    instance.state.mkdir()
    with pytest.raises(StepFailed) as failure:
        run(instance, words, log="probe", what="The probe did not run", advice="mend the probe")
    out = io.StringIO()
    Steps(Console(file=out, width=120)).failed(failure.value)
    shown = out.getvalue()
    assert "The probe did not run: the program ended with 3" in shown
    assert "the reason" in shown
    assert "line 60" in shown
    assert "line 10\n" not in shown
    assert "What to do: mend the probe" in shown


def test_two_instances_keep_their_own_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IOC_VAR", str(tmp_path))
    monkeypatch.setenv("IOC_PORT_BASE", "19500")
    Instance.from_environment().remember_ports()
    monkeypatch.delenv("IOC_PORT_BASE")
    assert Instance.from_environment().port_base == 19500
    monkeypatch.setenv("IOC_VAR", str(tmp_path / "other"))
    assert Instance.from_environment().port_base == DEFAULT_PORT_BASE
