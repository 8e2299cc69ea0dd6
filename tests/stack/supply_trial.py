"""A subsystem of a test whose reports are due when the test says so: two agencies that deliver each day, a map, a ranking, four tiles.

The moments at which its reports are due are moved in the store: nothing else of the instance changes, and no data change either.
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from datasets.model.calendar import ZONE
from tests.running import Running
from tests.stack.water_trial import Command

NAME = "supply-trial"
SCHEMA = "supply_trial"
HEALTH = "so-y-te"
HOSPITAL = "benh-vien-san-nhi"
TWO_DAYS = dt.timedelta(days=2)

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: supply-trial
version: 1.0.0
title: Cung cấp thử nghiệm
titles: {{en: Supply of a test, fr: Fourniture d'un test}}
subsystem: {{order: 96, owner: so-y-te}}
resources:
  - name: samples
    path: examples/samples.csv
    title: Mẫu nước theo ngày
    titles: {{en: Water samples by day, fr: Prélèvements par jour}}
    publishers: [so-y-te, benh-vien-san-nhi]
    steward: so-y-te/thu-truong
    access: open
    status: preliminary
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: day, column: ngay}}
    obligation: {{calendar: day, due: "17:00", since: {since}}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: so_mau, column: samples, title: Số mẫu, type: integer, unit: mẫu, constraints: {{required: true, minimum: 0}}}}
        - {{name: so_dat, column: passed, title: Số mẫu đạt, type: integer, unit: mẫu, constraints: {{required: true, minimum: 0}}}}
      primaryKey: [ngay, ma_xa]
  - name: rare
    path: examples/rare.csv
    title: Ca bệnh hiếm theo ngày
    titles: {{en: Rare cases by day, fr: Cas rares par jour}}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: day, column: ngay}}
    obligation: {{calendar: day, due: "17:00", since: {since}}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: so_ca, column: cases, title: Số ca, type: integer, unit: ca, constraints: {{required: true, minimum: 0}}}}
        - {{name: so_khoi, column: recovered, title: Số ca khỏi, type: integer, unit: ca, constraints: {{required: true, minimum: 0}}}}
        - {{name: so_tu_vong, column: deaths, title: Số tử vong, type: integer, unit: ca, constraints: {{required: true, minimum: 0}}}}
        - {{name: so_xet_nghiem, column: tested, title: Số xét nghiệm, type: integer, unit: ca, constraints: {{minimum: 0}}}}
      primaryKey: [ngay, ma_xa]
  - name: coming
    path: examples/coming.csv
    title: Số liệu chưa đến kỳ
    titles: {{en: Data that are not due, fr: Données pas encore dues}}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: day, column: ngay}}
    obligation: {{calendar: day, due: "17:00", since: {later}}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: so_luong, column: amount, title: Số lượng, type: integer, unit: cái, constraints: {{required: true, minimum: 0}}}}
      primaryKey: [ngay, ma_xa]
measures:
  samples: {{of: samples, value: SUM(samples), calendar: day, over_time: sum, over_units: sum}}
  passed: {{of: samples, value: SUM(passed), calendar: day, over_time: sum, over_units: sum}}
  cases: {{of: rare, value: SUM(cases), calendar: day, over_time: sum, over_units: sum}}
  recovered: {{of: rare, value: SUM(recovered), calendar: day, over_time: sum, over_units: sum}}
  deaths: {{of: rare, value: SUM(deaths), calendar: day, over_time: sum, over_units: sum}}
  tested: {{of: rare, value: SUM(tested), calendar: day, over_time: sum, over_units: sum}}
  amount: {{of: coming, value: SUM(amount), calendar: day, over_time: sum, over_units: sum}}
indicators:
  passed-share:
    title: Mẫu đạt chuẩn
    titles: {{en: Samples that passed, fr: Prélèvements conformes}}
    method: {{vi: Số mẫu đạt chia cho số mẫu}}
    unit: "%"
    value: passed / samples * 100
    when_zero: missing
    direction: up
    targets: [{{value: 90, from: 2026-01-01, basis: {{kind: proposed}}}}]
  recovered-share:
    title: Ca hiếm đã khỏi
    titles: {{en: Rare cases recovered, fr: Cas rares guéris}}
    method: {{vi: Số ca khỏi chia cho số ca}}
    unit: "%"
    value: recovered / cases * 100
    when_zero: missing
    direction: up
    targets: [{{value: 95, from: 2026-01-01, basis: {{kind: proposed}}}}]
  deaths-count:
    title: Tử vong do bệnh hiếm
    titles: {{en: Deaths of a rare disease, fr: Décès d'une maladie rare}}
    method: {{vi: Tổng số tử vong}}
    unit: ca
    value: deaths
    direction: down
    decimals: 0
    targets: [{{value: 5, from: 2026-01-01, basis: {{kind: proposed}}}}]
  tested-share:
    title: Ca hiếm được xét nghiệm
    titles: {{en: Rare cases found by a test, fr: Cas rares testés}}
    method: {{vi: Số ca khỏi chia cho số ca xét nghiệm}}
    unit: "%"
    value: recovered / tested * 100
    when_zero: missing
    direction: up
    targets: [{{value: 95, from: 2026-01-01, basis: {{kind: proposed}}}}]
  amount-count:
    title: Số lượng chưa có
    titles: {{en: Amount not there, fr: Quantité absente}}
    method: {{vi: Tổng số lượng}}
    unit: cái
    value: amount
    direction: down
    decimals: 0
    targets: [{{value: 5, from: 2026-01-01, basis: {{kind: proposed}}}}]
dashboard:
  open: true
  first_row: [passed-share, recovered-share, deaths-count, tested-share]
  rows:
    - [{{map: passed-share, width: 6}}, {{ranking: passed-share, by: unit, width: 6}}]
"""

EXAMPLES = {
    "samples": "ngay;ma_xa;so_mau;so_dat\n01/10/2026;17011;12;11\n",
    "rare": "ngay;ma_xa;so_ca;so_khoi;so_tu_vong;so_xet_nghiem\n01/10/2026;17011;10;8;0;1\n",
    "coming": "ngay;ma_xa;so_luong\n01/10/2026;17011;1\n",
}
DUE = """
UPDATE supply.report r SET due_at = %s FROM supply.obligation o
WHERE o.obligation = r.obligation AND o.contract = %s AND o.dataset LIKE %s AND o.agency LIKE %s AND r.starts = %s
"""


@dataclass
class SupplyTrial:
    """The subsystem on a running instance; yesterday is delivered by everybody, and nothing of today is due."""

    instance: Running
    today: dt.date
    delivered: list[str] = field(default_factory=list)

    @property
    def yesterday(self) -> dt.date:
        return self.today - dt.timedelta(days=1)

    @property
    def address(self) -> str:
        return f"{self.instance.superset_url}/superset/dashboard/{NAME}/"

    @property
    def open_address(self) -> str:
        return f"{self.instance.superset_url}/superset/dashboard/{NAME}-open/"

    def due(self, dataset: str, agency: str, day: dt.date, at: dt.datetime) -> None:
        """Moves the moment at which a report is due; `%` stands for all datasets or agencies."""
        with self.instance.store() as store:
            store.execute(DUE, (at, NAME, f"{NAME}-{dataset}", agency, day))

    def deliver(self, dataset: str, agency: str, day: dt.date, *rows: str) -> str:
        """Delivers one day as the agency's editor and waits until it is loaded; `{day}` in a row is the day. Gives the delivery's id."""
        written = [EXAMPLES[dataset].splitlines()[0], *(row.format(day=f"{day:%d/%m/%Y}") for row in rows)]
        editor = self.instance.editor(agency)
        made = self.instance.ckan(editor.token).call_action(
            "resource_create",
            {"package_id": f"{NAME}-{dataset}", "agency": agency, "period": day.isoformat()},
            files={"upload": (f"{dataset}.csv", io.BytesIO("\n".join([*written, ""]).encode()))},
        )["id"]
        receipt = self.instance.receipt(made, editor.token)
        assert receipt["state"] == "done", receipt
        return str(made)


def write(folder: Path, today: dt.date) -> None:
    """Writes the contract's folder below that of all contracts."""
    home = folder / NAME
    (home / "examples").mkdir(parents=True, exist_ok=True)
    since, later = today - dt.timedelta(days=1), today + dt.timedelta(days=1)
    (home / "datapackage.yaml").write_text(CONTRACT.format(since=since, later=later))
    for name, text in EXAMPLES.items():
        (home / "examples" / f"{name}.csv").write_text(text)


@contextmanager
def supply_trial(instance: Running, folder: Path) -> Iterator[SupplyTrial]:
    """Makes the subsystem and takes it away again: 18 of 20 and 99 of 100 samples passed yesterday, 8 of 10 recovered, nobody died or
    was tested."""
    command = Command(instance, folder)
    folder.mkdir(parents=True, exist_ok=True)
    trial = SupplyTrial(instance, dt.datetime.now(ZONE).date())
    _clear(command)
    write(folder, trial.today)
    try:
        command.done("apply", "--discard-edits")
        trial.due("%", "%", trial.today, dt.datetime.now(ZONE) + TWO_DAYS)
        trial.deliver("samples", HEALTH, trial.yesterday, "{day};17011;100;99")
        trial.deliver("samples", HOSPITAL, trial.yesterday, "{day};17170;20;18")
        trial.deliver("rare", HEALTH, trial.yesterday, "{day};17011;10;8;0;0")
        yield trial
    finally:
        _clear(command)


def _clear(command: Command) -> None:
    """Takes away whatever of the subsystem is there."""
    shutil.rmtree(command.contracts / NAME, ignore_errors=True)
    command.done("remove", NAME, "--yes")
