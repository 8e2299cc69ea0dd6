"""A subsystem of a test: three tables, five indicators and a dashboard, written into a folder as a province would, and files for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running import Running

ROOT = Path(__file__).resolve().parents[2]
NAME = "water-trial"
SCHEMA = "water_trial"
SUPPLIER = "so-nong-nghiep-va-moi-truong"
HEALTH = "so-y-te"
HOSPITAL = "benh-vien-san-nhi"
MONTH = "2026-10"

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: water-trial
version: {version}
title: Nước sạch thử nghiệm
titles: {{en: Water of a test, fr: Eau d'un test}}
subsystem: {{order: 95, owner: so-nong-nghiep-va-moi-truong}}
resources:
  - name: samples
    path: examples/samples.csv
    title: Mẫu nước theo xã và ngày
    titles: {{en: Water samples, fr: Prélèvements d'eau}}
    publishers: [so-y-te, benh-vien-san-nhi]
    steward: so-y-te/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: month, column: ngay}}
    obligation: {{calendar: month, due: "+5d 17:00"}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: so_mau, column: samples, title: Số mẫu, type: integer, unit: mẫu, constraints: {{required: true, minimum: 0}}}}
        - {{name: so_dat, column: passed, title: Số mẫu đạt, type: integer, unit: mẫu, constraints: {{required: true, minimum: 0}}}}
      primaryKey: [ngay, ma_xa]
  - name: plants
    path: examples/plants.csv
    title: Sản lượng của nhà máy nước
    titles: {{en: Output of water plants, fr: Production des usines d'eau}}
    publishers: [so-nong-nghiep-va-moi-truong]
    steward: so-nong-nghiep-va-moi-truong/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: month, column: ngay}}
    obligation: {{calendar: month, due: "+5d 17:00"}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: nha_may, column: plant, title: Nhà máy, constraints: {{required: true}}}}
        - {{name: san_luong, column: produced, title: Sản lượng, type: number, decimalChar: ",", unit: m3, constraints: {{minimum: 0}}}}
        - {{name: so_gio, column: hours, title: Số giờ chạy, type: integer, unit: giờ, constraints: {{minimum: 0}}}}
{more}      primaryKey: [ngay, ma_xa, nha_may]
  - name: complaints
    path: examples/complaints.csv
    title: Phản ánh về nước
    titles: {{en: Complaints about water, fr: Plaintes sur l'eau}}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: {{restricted: [van-phong-ubnd-tinh]}}
    legal_basis: quy-che-ioc/dieu-12
    dialect: {{delimiter: ";"}}
    delivery: {{scope: period, calendar: month, column: ngay}}
    obligation: {{calendar: month, due: "+5d 17:00"}}
    schema:
      fields:
        - {{name: ngay, column: day, title: Ngày, type: date, format: "%d/%m/%Y", constraints: {{required: true}}}}
        - {{name: ma_xa, column: commune, title: Mã xã, refers: {{unit: commune, on: ngay}}, constraints: {{required: true}}}}
        - {{name: tiep_nhan, column: received, title: Tiếp nhận, type: integer, unit: vụ, constraints: {{required: true, minimum: 0}}}}
        - {{name: giai_quyet, column: solved, title: Giải quyết, type: integer, unit: vụ, constraints: {{required: true, minimum: 0}}}}
      primaryKey: [ngay, ma_xa]
measures:
  samples: {{of: samples, value: SUM(samples), calendar: day, also: [month], over_time: sum, over_units: sum}}
  passed: {{of: samples, value: SUM(passed), calendar: day, also: [month], over_time: sum, over_units: sum}}
  produced: {{of: plants, value: SUM(produced), calendar: day, also: [month], by: [plant], over_time: sum, over_units: sum}}
  hours: {{of: plants, value: SUM(hours), calendar: day, also: [month], by: [plant], over_time: sum, over_units: sum}}
  received: {{of: complaints, value: SUM(received), calendar: month, over_time: sum, over_units: sum}}
  solved: {{of: complaints, value: SUM(solved), calendar: month, over_time: sum, over_units: sum}}
indicators:
  passed-share:
    title: Mẫu nước đạt chuẩn
    titles: {{en: Samples that passed, fr: Prélèvements conformes}}
    method: {{vi: Số mẫu đạt chia cho số mẫu, en: Passed samples over samples}}
    unit: "%"
    value: passed / samples * 100
    when_zero: missing
    calendars: [month, day]
    direction: up
    targets: [{{value: {target}, from: 2026-01-01, basis: {{kind: proposed}}}}]
  samples-taken:
    title: Số mẫu đã lấy
    titles: {{en: Samples taken, fr: Prélèvements effectués}}
    method: {{vi: Tổng số mẫu, en: Sum of samples}}
    unit: mẫu
    value: samples
    calendars: [month]
    direction: none
    decimals: 0
  output-per-hour:
    title: Sản lượng mỗi giờ
    titles: {{en: Output per hour, fr: Production par heure}}
    method: {{vi: Sản lượng chia cho số giờ chạy, en: Output over hours of work}}
    unit: m3/giờ
    value: produced / hours
    when_zero: missing
    calendars: [month]
    direction: up
    shown_by: [unit, plant]
  complaints-solved:
    title: Phản ánh đã giải quyết
    titles: {{en: Complaints solved, fr: Plaintes résolues}}
    method: {{vi: Đã giải quyết chia cho tiếp nhận, en: Solved over received}}
    unit: "%"
    value: solved / received * 100
    when_zero: missing
    calendars: [month]
    direction: up
  samples-per-100k:
    title: Số mẫu trên 100.000 dân
    titles: {{en: Samples per 100 000 people, fr: Prélèvements pour 100 000 habitants}}
    method: {{vi: Số mẫu chia cho dân số, en: Samples over population}}
    unit: mẫu/100.000 dân
    value: samples / health.population * 100000
    when_zero: missing
    calendars: [month]
    direction: none
dashboard:
  open: true
  first_row: [passed-share, samples-taken, output-per-hour, complaints-solved]
  rows:
    - [{{trend: passed-share}}, {{map: samples-per-100k}}]
    - [{{ranking: output-per-hour, by: plant}}, {{table: samples}}]
"""
NOTE = "        - {name: ghi_chu, column: note, title: Ghi chú}\n"

FILES = {
    "samples": "ngay;ma_xa;so_mau;so_dat\n01/10/2026;17011;12;11\n02/10/2026;17011;10;10\n",
    "plants": "ngay;ma_xa;nha_may;san_luong;so_gio\n01/10/2026;17011;nm-1;1200,5;10\n01/10/2026;17170;nm-2;799,5;10\n",
    "complaints": "ngay;ma_xa;tiep_nhan;giai_quyet\n01/10/2026;17011;10;7\n",
}
"""Examples, and what is delivered: 21 of 22 samples passed, 2000 m3 in 20 hours, 7 of 10 complaints solved."""
OF_THE_HOSPITAL = "ngay;ma_xa;so_mau;so_dat\n01/10/2026;17170;8;6\n"
"""With it 27 of 30 passed: 90 %."""
WITH_NOTE = "ngay;ma_xa;nha_may;san_luong;so_gio;ghi_chu\n01/10/2026;17011;nm-1;1500;10;đã sửa\n01/10/2026;17170;nm-2;900;10;\n"
"""2400 m3 in 20 hours."""


def write(folder: Path, version: str = "1.0.0", target: int = 95, note: bool = False) -> None:
    """Writes the contract's folder below that of all contracts."""
    home = folder / NAME
    (home / "examples").mkdir(parents=True, exist_ok=True)
    (home / "datapackage.yaml").write_text(CONTRACT.format(version=version, target=target, more=NOTE if note else ""))
    for name, text in FILES.items():
        (home / "examples" / f"{name}.csv").write_text(WITH_NOTE if note and name == "plants" else text)


@dataclass(frozen=True)
class Command:
    """The `ioc` command, with a folder of contracts of its own."""

    instance: Running
    contracts: Path

    def environment(self) -> dict[str, str]:
        """Of the command: the instance of the tests, and the folder."""
        here = self.instance.instance
        return {**os.environ, "IOC_VAR": str(here.var), "IOC_PORT_BASE": str(here.port_base), "IOC_CONTRACTS": str(self.contracts)}

    def __call__(self, *words: str, answer: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the command as a person would; `answer` is typed when it asks."""
        call = [ROOT / "ioc", *words]
        return subprocess.run(call, env=self.environment(), input=answer, capture_output=True, text=True, check=False, timeout=500)

    def done(self, *words: str) -> str:
        """What it printed; it has to end well."""
        run = self(*words)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def clear(self) -> None:
        """Takes away whatever of the subsystem is there."""
        shutil.rmtree(self.contracts / NAME, ignore_errors=True)
        self.done("remove", NAME, "--yes")


@pytest.fixture
def ioc(instance: Running, tmp_path: Path) -> Iterator[Command]:
    """The command with a folder of contracts of its own; whatever a test leaves is taken away."""
    command = Command(instance, tmp_path / "contracts")
    command.contracts.mkdir()
    command.clear()
    yield command
    command.clear()
