"""`ioc plan` and `ioc apply` on a running system: exit codes, refusals, two at once, one that was stopped, data after a breaking change."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import date
from typing import Any

import pytest

from control.contracts import read_contracts
from control.hosts import Hosts
from control.plan import make_plan
from control.secrets import Secrets
from tests.running import PATIENCE, Running
from tests.stack.deliveries import wait_until
from tests.stack.test_low_code import deliver
from tests.stack.water_trial import FILES, HEALTH, NAME, ROOT, SUPPLIER, Command, write
from tests.stack.water_trial import ioc as ioc

pytestmark = pytest.mark.stack


def planned(ioc: Command) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ioc("plan", "--json").stdout)
    return found


def lines(plan: dict[str, Any], host: str) -> list[tuple[str, str]]:
    """Kind and text of what is planned for the trial's subsystem in a host."""
    parts = [part for part in plan["parts"] if (part["subsystem"], part["host"]) == (NAME, host)]
    return [(change["kind"], change["text"]) for part in parts for change in part["changes"]]


def rewrite(ioc: Command, *changes: tuple[str, str]) -> None:
    """Changes texts of the contract's file; each has to be there."""
    path = ioc.contracts / NAME / "datapackage.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def test_an_agency_without_an_editor_is_refused_by_plan_and_apply_and_nothing_is_made(instance: Running, ioc: Command) -> None:
    write(ioc.contracts)
    rewrite(ioc, ("publishers: [so-y-te, benh-vien-san-nhi]", "publishers: [so-y-te, bao-va-phat-thanh-truyen-hinh]"))
    for command in (("plan",), ("apply", "--discard-edits")):
        run = ioc(*command)
        assert run.returncode == 1
        [line] = [line for line in run.stdout.splitlines() if "has no editor" in line]
        assert f"{ioc.contracts / NAME}/datapackage.yaml:" in line
        assert "resources[samples].publishers[1]" in line
    with instance.store() as connection:
        assert connection.execute("SELECT to_regnamespace('water_trial') IS NULL").fetchone() == (True,)


def test_an_ended_target_is_refused_in_what_changes_and_only_warned_of_in_what_is_applied(
    ioc: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, key = "from: 2026-01-01, to: 2026-07-01,", "indicators.passed-share.targets[0].to"
    write(ioc.contracts)
    rewrite(ioc, ("from: 2026-01-01,", ended))
    assert [problem["key"] for problem in planned(ioc)["refused"]].count(key) == 1

    rewrite(ioc, (ended, "from: 2026-01-01, to: 2090-01-01,"))
    ioc.done("apply", "--discard-edits")
    monkeypatch.setenv("IOC_CONTRACTS", str(ioc.contracts))
    here = ioc.instance.instance
    plan = make_plan(Hosts.of(here, Secrets(here)), *read_contracts(), on=date(2090, 1, 1))
    assert [problem.key for problem in plan.warnings].count(key) == 1
    assert key not in [problem.key for problem in plan.refused]


def test_a_breaking_change_without_a_new_major_version_is_refused(ioc: Command) -> None:
    write(ioc.contracts)
    ioc.done("apply", "--discard-edits")
    rewrite(ioc, ("title: Sản lượng, type: number", "title: Sản lượng, type: integer"), ("version: 1.0.0", "version: 1.1.0"))
    refused = ioc("plan")
    assert refused.returncode == 1
    assert "write version 2.0.0" in refused.stdout


def test_a_new_major_version_stands_beside_the_old_and_says_what_happens_to_the_rows(instance: Running, ioc: Command) -> None:
    write(ioc.contracts)
    ioc.done("apply", "--discard-edits")
    deliver(instance, "plants", SUPPLIER, FILES["plants"])
    rewrite(ioc, ("version: 1.0.0", "version: 2.0.0"), ("primaryKey: [ngay, ma_xa, nha_may]", "primaryKey: [ngay, nha_may]"))
    store = lines(planned(ioc), "store")
    assert ("made", "table water_trial.plants__v2 is made") in store
    assert any(kind == "kept" and "water_trial.plants__v1" in text and "2 rows" in text for kind, text in store), store
    ioc.done("apply", "--discard-edits")
    with instance.store() as connection:
        assert connection.execute("SELECT count(*) FROM water_trial.plants__v1").fetchone() == (2,)


def test_a_dataset_that_becomes_restricted_is_withdrawn_from_the_public(instance: Running, ioc: Command) -> None:
    write(ioc.contracts)
    ioc.done("apply", "--discard-edits")
    deliver(instance, "samples", HEALTH, FILES["samples"])
    anonymous = instance.ckan()
    assert anonymous.call_action("package_search", {"fq": f"subsystem:{NAME}"})["count"] == 1
    rewrite(ioc, ("access: open", "access: {restricted: [van-phong-ubnd-tinh]}"), ("version: 1.0.0", "version: 1.1.0"))
    rewrite(ioc, ("  open: true\n", ""))
    portal = lines(planned(ioc), "CKAN")
    assert any("the public no longer sees it or its files" in text for _, text in portal)
    ioc.done("apply", "--discard-edits")
    assert anonymous.call_action("package_search", {"fq": f"subsystem:{NAME}"})["count"] == 0
    with instance.store() as connection:
        grants = "SELECT has_table_privilege('aud_public', 'water_trial.samples', 'SELECT')"
        assert connection.execute(grants).fetchone() == (False,)


def test_two_applies_at_once_do_not_get_into_each_others_way(ioc: Command) -> None:
    write(ioc.contracts)
    environment = ioc.environment()
    words = [str(ROOT / "ioc"), "apply", "--discard-edits"]
    both = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    said = [process.communicate(timeout=560)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("Another apply or remove is at work" in text for text in said) == 1
    assert sum("Nothing to do." in text for text in said) == 1


def test_an_apply_that_was_killed_is_finished_by_the_next(instance: Running, ioc: Command) -> None:
    write(ioc.contracts)
    words = [str(ROOT / "ioc"), "apply", "--discard-edits"]
    process = subprocess.Popen(words, env=ioc.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def begun() -> bool:
        with instance.store() as connection:
            row = connection.execute("SELECT to_regclass('water_trial.samples__v1') IS NOT NULL").fetchone()
            return row == (True,)

    wait_until(begun, "the store holds the subsystem's first table", timeout=PATIENCE)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    time.sleep(0.5)
    ioc.done("apply", "--discard-edits")
    assert [part for part in planned(ioc)["parts"] if part["subsystem"] == NAME] == []


def test_a_removal_is_refused_while_another_contract_uses_its_measures(ioc: Command) -> None:
    write(ioc.contracts)
    ioc.done("apply", "--discard-edits")
    home = ioc.contracts / NAME
    other = ioc.contracts / "water-user"
    (other / "examples").mkdir(parents=True)
    text = (home / "datapackage.yaml").read_text().replace("name: water-trial", "name: water-user").replace("order: 95", "order: 94")
    text = text.replace("value: passed / samples * 100", "value: water_trial.passed / water_trial.samples * 100")
    (other / "datapackage.yaml").write_text(text)
    for example in (home / "examples").iterdir():
        (other / "examples" / example.name).write_text(example.read_text())
    ioc.done("apply", "--discard-edits")
    try:
        home.rename(ioc.contracts.parent / "kept")
        refused = ioc("remove", NAME, "--yes")
        assert refused.returncode == 1
        assert "water_trial.passed" in refused.stdout
        assert "indicators.passed-share.value" in refused.stdout
    finally:
        for path in sorted(other.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        other.rmdir()
        ioc.done("remove", "water-user", "--yes")
