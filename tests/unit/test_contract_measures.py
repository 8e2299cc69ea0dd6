"""Measures, indicators and targets of a contract: what does not agree is refused, with key and what to write."""

from __future__ import annotations

import datetime as dt

import pytest

from datasets.model.calendar_name import Calendar
from datasets.model.calendar_nesting import longer_than
from datasets.model.consistency_indicator import ended_targets
from datasets.model.contract import Contract
from datasets.model.measure_function import MEASURE_FUNCTIONS
from datasets.model.period import periods
from datasets.model.problem import ContractError, ContractProblem
from datasets.model.read import parse_contract
from datasets.model.reference import Reference, read_reference

pytestmark = pytest.mark.unit

CONTRACT = """\
$schema: https://datapackage.org/profiles/2.0/datapackage.json
name: complaints
version: 1.0.0
title: Phản ánh
titles: {en: Feedback}
subsystem: {order: 16, owner: so-y-te}
resources:
  - name: cases
    path: examples/cases.csv
    title: Phản ánh
    titles: {en: Cases}
    publishers: [so-y-te]
    steward: so-y-te/thu-truong
    access: shared
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: period, calendar: week, column: ngay}
    obligation: {calendar: week, due: "17:00"}
    schema:
      fields:
        - {name: ngay, column: day, title: Ngày, type: date, constraints: {required: true}}
        - {name: han, column: due, title: Hạn, type: datetime}
        - {name: xong, column: closed, title: Xong, type: datetime}
        - {name: ma_xa, column: commune, title: Mã xã, refers: {unit: commune, on: ngay}, constraints: {required: true}}
        - name: loai
          column: kind
          title: Loại
          constraints: {required: true, enum: [rac, duong]}
          categories: [{value: rac, label: Rác, labels: {en: Waste}}, {value: duong, label: Đường, labels: {en: Roads}}]
        - {name: nguoi, column: person, title: Người, personal: basic}
        - {name: so, column: cases, title: Số, type: integer, unit: vụ, constraints: {minimum: 0}}
        - {name: xu_ly, column: solved, title: Xử lý, type: integer, unit: vụ, constraints: {minimum: 0}}
        - {name: gio, column: hours, title: Giờ, type: number, unit: giờ}
      primaryKey: [ngay, ma_xa, loai]
  - name: people
    path: examples/people.csv
    title: Dân số
    titles: {en: People}
    publishers: [cuc-thong-ke]
    steward: cuc-thong-ke/thu-truong
    access: open
    legal_basis: quy-che-ioc/dieu-12
    delivery: {scope: whole}
    obligation: {calendar: year, due: "17:00"}
    schema:
      fields:
        - {name: nam, column: year, title: Năm, type: year, constraints: {required: true}}
        - {name: dan, column: people, title: Dân, type: integer, unit: người, constraints: {minimum: 0}}
      primaryKey: [nam]
measures:
  received: {of: cases, value: SUM(cases), calendar: day, also: [week, month], by: [kind], over_time: sum, over_units: sum, absent: zero}
  solved_cases: {of: cases, value: SUM(solved), where: kind = 'rac', calendar: day, also: [week], over_time: sum, over_units: sum}
  overdue: {of: cases, value: COUNT(*) FILTER (WHERE due < NOW()), unit: vụ, tick: hour, calendar: day, over_time: last, over_units: sum}
  median_hours:
    of: cases
    function: percentile_working_hours
    with: {starts: day, ends: closed}
    calendar: month
    also: [week]
    over_time: none
    over_units: none
  people: {of: people, value: SUM(people), calendar: year, on: year, over_time: last, over_units: sum, as_of: true}
indicators:
  rate:
    title: Tỷ lệ
    titles: {en: Rate}
    short: Tỷ lệ
    method: {vi: Chia}
    unit: vụ/dân
    value: received / people
    when_zero: missing
    calendars: [week, month]
    direction: down
    targets:
      - {value: 20, amber: 18, from: 2021-01-01, to: 2022-01-01, basis: {kind: proposed}}
      - {value: 10, from: 2022-01-01, basis: {kind: law, clause: a/1}}
    shown_by: [unit]
  solved-share:
    title: Xử lý
    titles: {en: Solved}
    method: {vi: Chia}
    unit: "%"
    value: solved_cases / received * 100
    when_zero: missing
    min_n: 5
    direction: up
    shown_by: [unit, agency]
  received-cases:
    title: Tiếp nhận
    titles: {en: Received}
    method: {vi: Cộng}
    unit: vụ
    value: received
    calendars: [week, day]
    direction: none
    shown_by: [unit, kind]
  people-count: {title: Dân, titles: {en: People}, method: {vi: Dân}, unit: người, value: people, direction: none}
dashboard:
  open: true
  first_row: [rate, solved-share]
  rows:
    - [{trend: received-cases, by: kind, width: 6}, {map: solved-share}]
    - [{ranking: received-cases, by: kind, calendar: day}, {table: people}]
"""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


def read(text: str = CONTRACT, reference: Reference | None = None) -> Contract:
    return parse_contract(text.encode(), reference, file="datapackage.yaml")


def problems(right: str, wrong: str, reference: Reference | None = None) -> list[ContractProblem]:
    """What is said of the contract when one text in it is replaced."""
    assert right in CONTRACT, right
    with pytest.raises(ContractError) as caught:
        read(CONTRACT.replace(right, wrong, 1), reference)
    return caught.value.problems


def test_the_contract_that_is_spoilt_below_is_right(reference: Reference) -> None:
    assert list(read(CONTRACT, reference).indicators) == ["rate", "solved-share", "received-cases", "people-count"]


RECEIVED = "received: {of: cases, value: SUM(cases)"
DAILY = "calendar: day, also: [week, month], by: [kind]"
MEASURES = [
    # what is right, what is written, the key that is named, words of the message
    ("received: {of: cases", "received: {of: case", "received.of", '"case" is no resource here; write cases'),
    (RECEIVED, "received: {of: cases, value: SUM(casez)", "received.value", "uses casez, which is no column here; write cases"),
    (RECEIVED, "received: {of: cases, value: SUM(so)", "received.value", "uses so, which is no column here; the columns are unit_id, day"),
    (RECEIVED, "received: {of: cases, value: SUM(load_id)", "received.value", "uses load_id, which is no column"),
    (RECEIVED, "received: {of: cases, value: cases * 2", "received.value", "has no total"),
    (RECEIVED, "received: {of: cases, value: SUM(kind)", "received.value", "totals a text in SUM(kind)"),
    (RECEIVED, "received: {of: cases, value: SUM(closed - due)", "received.value", "write EXTRACT(EPOCH FROM …) / 3600 for hours"),
    (RECEIVED, "received: {of: cases, value: pg_sleep(SUM(cases))", "received.value", "which is not allowed here"),
    (RECEIVED, 'received: {of: cases, value: "SUM(cases) + (SELECT 1)"', "received.value", "which is not allowed here"),
    (RECEIVED, 'received: {of: cases, value: "SUM(cases) FROM cases"', "received.value", "is not an SQL expression"),
    (RECEIVED, 'received: {of: cases, value: "SUM(cases); DROP TABLE x"', "received.value", "a semicolon or a comment"),
    (RECEIVED, "received: {of: cases, value: SUM(cases + hours)", "received.value", "mixes units of measure, giờ and vụ"),
    (RECEIVED, "received: {of: cases, value: MAX(day)", "received.value", "totals a date"),
    (RECEIVED, "received: {of: cases, value: COUNT(*) FILTER (WHERE due < NOW())", "received.value", "write tick: hour or tick: day"),
    (RECEIVED, "received: {of: cases", "received.value", "it says neither value nor function"),
    (RECEIVED, "received: {of: cases, value: SUM(cases), function: clustered_count", "received.value", "keep one"),
    (RECEIVED, "received: {of: cases, value: SUM(cases), with: {a: 1}", "received.with", "holds the arguments of a function"),
    (RECEIVED, "received: {of: cases, value: AVG(cases)", "received.over_units", "AVG(cases) of several units is no sum of theirs"),
    ("where: kind = 'rac'", "where: kind", "solved_cases.where", "uses kind as a condition, which is a value"),
    ("where: kind = 'rac'", "where: kindd = 'rac'", "solved_cases.where", "uses kindd, which is no column here; write kind"),
    ("where: kind = 'rac'", "where: SUM(cases) > 3", "solved_cases.where", "which is not allowed here"),
    (DAILY, "calendar: week, also: [month], by: [kind]", "received.also[0]", "a month is not made of whole weeks"),
    (
        DAILY,
        "calendar: month, also: [administrative-quarter], by: [kind]",
        "received.also[0]",
        "longer calendars of a month are quarter, year",
    ),
    (DAILY, "calendar: day, also: [week, week], by: [kind]", "received.also[1]", "week is written twice"),
    (DAILY, "calendar: month, also: [quarter], by: [kind]", "received.absent", "a month does not lie within a delivery's week"),
    ("by: [kind], over", "by: [kinds], over", "received.by[0]", "kinds is no column of cases; write kind"),
    ("by: [kind], over", "by: [kind, kind], over", "received.by[1]", "kind is written twice"),
    ("by: [kind], over", "by: [commune], over", "received.by[0]", "every measure is by unit already"),
    ("by: [kind], over", "by: [person], over", "received.by[0]", "person is personal and cases is shared"),
    ("tick: hour, calendar: day, over_time: last", "tick: hour, calendar: day, over_time: sum", "overdue.over_time", "do not add"),
    (
        "tick: hour, calendar: day",
        "tick: hour, on: day, calendar: day",
        "overdue.on",
        "a snapshot of a tick is of today's period; remove on",
    ),
    ("tick: hour, calendar: day", "tick: hour, as_of: true, calendar: day", "overdue.as_of", "a tick keeps the value"),
    ("function: percentile_working_hours", "function: median_hour", "median_hours.function", 'the function "median_hour" does not exist'),
    ("function: percentile_working_hours", "function: reproduction_numbr", "median_hours.function", "write reproduction_number"),
    ("{starts: day, ends: closed}", "{starts: day, end: closed}", "median_hours.with", "it takes starts, ends, share"),
    ("{starts: day, ends: closed}", "{starts: day, ends: closd}", "median_hours.with.ends", "write closed"),
    (
        "{starts: day, ends: closed}",
        "{starts: day, ends: kind}",
        "median_hours.with.ends",
        "kind is of type string; write day or due or closed",
    ),
    ("{starts: day, ends: closed}", "{starts: day, ends: closed, share: 2}", "median_hours.with", "less than 1"),
    ("over_time: none\n    over_units: none", "over_time: last\n    over_units: none", "median_hours.over_time", "write over_time: none"),
    ("over_time: none\n    over_units: none", "over_time: none\n    over_units: sum", "median_hours.over_units", "write over_units: none"),
    ("on: year, over_time: last", "over_time: last", "people.on", "people has no column of its delivery's period; write on: year"),
    ("on: year, over_time: last", "on: people, over_time: last", "people.on", "people is no column of people with a day; write on: year"),
    ("calendar: year, on: year", "calendar: month, on: year", "people.calendar", "year holds years, which lie in no month"),
    ("over_time: last, over_units: sum, as_of: true", "over_time: sum, over_units: sum, as_of: true", "people.over_time", "as_of says"),
    ("as_of: true}", "as_of: true, also: [month]}", "people.also", "as_of gives the value for every other calendar"),
    ("as_of: true}", "as_of: true, absent: zero}", "people.absent", "people is delivered as whole"),
    ("as_of: true}", "as_of: true, absent: zero}", "people.absent", "people is delivered as whole"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), MEASURES, ids=[f"{n}-{m[2]}" for n, m in enumerate(MEASURES)])
def test_a_measure_that_cannot_be_kept_is_named_with_its_key(right: str, wrong: str, key: str, words: str) -> None:
    found = [(p.key, p.message) for p in problems(right, wrong)]
    assert any(k == f"measures.{key}" and words in m for k, m in found), found


@pytest.mark.parametrize("name", ["agency", "unit_id", "breadth", "period", "kind"])
def test_a_measure_may_not_take_the_name_of_a_column_of_the_view(name: str) -> None:
    assert any(p.key == f"measures.{name}" for p in problems("overdue: {of", f"{name}: {{of"))


INDICATORS = [
    ("value: received / people", "value: receivd / people", "rate.value", "uses receivd, which is no measure here; write received"),
    ("value: received / people", "value: people_count / rate", "rate.value", "goes in a circle: rate → rate"),
    ("value: solved_cases / received", "value: solved_cases / people", "solved-share.unit", "is vụ/người, not %"),
    ("value: solved_cases / received", "value: solved_cases + people / received", "solved-share.value", "mixes units of measure"),
    (
        "value: solved_cases / received * 100\n    when_zero: missing",
        "value: solved_cases / received * 100",
        "solved-share.when_zero",
        "can be zero",
    ),
    (
        "min_n: 5\n    direction: up",
        "calendars: [month]\n    direction: up",
        "solved-share.calendars[0]",
        "solved_cases is kept for day, week, not",
    ),
    (
        "calendars: [week, month]",
        "calendars: [week, quarter]",
        "rate.calendars[1]",
        "received is kept for day, week, month, not for quarter",
    ),
    ("calendars: [week, month]", "calendars: [week, week]", "rate.calendars[1]", "week is written twice"),
    ("shown_by: [unit]", "shown_by: [unit, kind]", "rate.shown_by[1]", "people is not broken down by kind"),
    ("shown_by: [unit]", "shown_by: [unit, agency]", "rate.shown_by[1]", "delivered by different agencies"),
    ("shown_by: [unit, kind]", "shown_by: [unit, kinds]", "received-cases.shown_by[1]", "received is not broken down by kinds; write kind"),
    ("shown_by: [unit, kind]", "shown_by: [unit, unit]", "received-cases.shown_by[1]", "unit is written twice"),
    ("short: Tỷ lệ", f"short: {'Tỷ lệ ' * 6}", "rate.short", "write at most 32"),
    ("method: {vi: Chia}\n    unit: vụ/dân", "method: {en: Chia}\n    unit: vụ/dân", "rate.method", "write the text in Vietnamese too"),
    ("from: 2022-01-01, basis", "from: 2021-06-01, basis", "rate.targets[1].from", "the target of 20 is valid then too"),
    ("to: 2022-01-01", "to: 2020-01-01", "rate.targets[0].to", "before its first day"),
    ("amber: 18", "amber: 25", "rate.targets[0].amber", "write at most 20"),
    ("{kind: law, clause: a/1}", "{kind: law}", "rate.targets[1].basis.clause", "write clause"),
    ("direction: down", "direction: none", "rate.direction", "has a better side"),
    ("from: 2022-01-01, basis", 'unit: "99999", from: 2022-01-01, basis', "rate.targets[1].unit", "is no unit of the province"),
    ("received-cases:\n    title", "received:\n    title", "received", "the measure received has this name already"),
    ("solved-share:\n    title", "target-share:\n    title", "target-share", "target_ begins the names of targets"),
    ("  people-count:", "  received_cases:", "received_cases", "are both written received_cases"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), INDICATORS, ids=[f"{n}-{i[2]}" for n, i in enumerate(INDICATORS)])
def test_an_indicator_that_cannot_be_shown_is_named_with_its_key(
    reference: Reference, right: str, wrong: str, key: str, words: str
) -> None:
    found = [(p.key, p.message) for p in problems(right, wrong, reference)]
    assert any(k == f"indicators.{key}" and words in m for k, m in found), found


FIELDS = [
    ("value: duong, label", "value: duongg, label", "categories[1].value", "duongg is not in enum; write duong"),
    (", {value: duong, label: Đường, labels: {en: Roads}}", "", "categories", "enum holds duong too; write {value: duong, label"),
    ("value: duong, label", "value: rac, label", "categories[1].value", "rac is written twice"),
    ("value: duong, label", "value: 3, label", "categories[1].value", "3 is not of the field's type string"),
]


@pytest.mark.parametrize(("right", "wrong", "key", "words"), FIELDS, ids=[f"{n}-{f[2]}" for n, f in enumerate(FIELDS)])
def test_the_labels_of_codes_are_those_of_the_codes(right: str, wrong: str, key: str, words: str) -> None:
    found = [(p.key, p.message) for p in problems(right, wrong)]
    assert any(k == f"resources[cases].schema.fields[4].{key}" and words in m for k, m in found), found


def test_a_column_that_is_removed_is_named_where_a_measure_needs_it() -> None:
    column = "        - {name: xu_ly, column: solved, title: Xử lý, type: integer, unit: vụ, constraints: {minimum: 0}}\n"
    (problem,) = problems(column, "")
    assert problem.key == "measures.solved_cases.value" and "uses solved, which is no column here" in problem.message


def test_a_measure_that_is_removed_is_named_where_an_indicator_needs_it() -> None:
    start, end = CONTRACT.index("  solved_cases:"), CONTRACT.index("  overdue:")
    assert [p.key for p in problems(CONTRACT[start:end], "")] == ["indicators.solved-share.value"]


def test_a_longer_calendar_is_made_of_whole_periods() -> None:
    first, last = dt.date(2020, 1, 1), dt.date(2026, 12, 31)
    for calendar in Calendar:
        for other in Calendar:
            begins = {period.starts for period in periods(calendar, first, last)}
            whole = all(p.starts in begins for p in periods(other, dt.date(2021, 1, 1), last))
            assert (other in longer_than(calendar)) == (whole and other is not calendar), f"{calendar} and {other}"


def test_every_function_is_known_with_its_arguments() -> None:
    assert {"percentile_working_hours", "reproduction_number", "clustered_count"} <= set(MEASURE_FUNCTIONS)


def test_a_target_that_ended_without_another_is_named_from_that_day_on() -> None:
    contract = read(CONTRACT.replace("from: 2022-01-01, basis", "from: 2022-01-01, to: 2026-07-01, basis"))
    assert ended_targets(contract, dt.date(2026, 6, 30)) == []
    ((key, value, message),) = ended_targets(contract, dt.date(2026, 7, 1))
    assert (key, value) == (("indicators", "rate", "targets", 1, "to"), "2026-07-01")
    assert "the target of 10 ended on 2026-07-01 and none follows" in message
    assert ended_targets(read(), dt.date(2030, 1, 1)) == []
