"""The supply board without a store: what an address asks for, in which order things stand, what an obligation says, in three languages."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from datasets.model.calendar import ZONE
from datasets.model.contract import Calendar
from datasets.model.period import bounds, period_of
from superset_ioc.pages import STATIC, TEMPLATES
from superset_ioc.roles import PERMISSIONS_OF_ROLE, PUBLIC_ROLE
from superset_ioc.supply.answers import subsystem_titles
from superset_ioc.supply.board import MODULES
from superset_ioc.supply.board_store import COUNTED, Options, Read
from superset_ioc.supply.filters import MOST_PERIODS, PERIODS_SHOWN, BoardRefused, Filters, Span
from superset_ioc.supply.matrix import board, head
from superset_ioc.supply.texts import CALENDARS, texts
from superset_ioc.words import LANGUAGES

NODE = shutil.which("node")
NOW = dt.datetime(2026, 11, 23, 11, 0, tzinfo=ZONE)
TODAY = NOW.date()

pytestmark = pytest.mark.unit


SUBSYSTEM = {"subsystem": "health", "title": "Y tế", "title_en": None, "title_fr": None}


def counts(**some: int) -> dict[str, int]:
    return {**dict.fromkeys(COUNTED, 0), **some}


def agency(name: str, title: str) -> dict[str, Any]:
    return {"agency": name, "title": title, "title_en": f"{title} (en)", "title_fr": None}


def row(obligation: str, overdue: int = 0, late: int = 0, codes: tuple[str, ...] = ("oa.",), of_all: int = 3) -> dict[str, Any]:
    dataset, owner = obligation.split("@")
    return {
        "calendar": "month", "obligation": obligation, "dataset": dataset, "subsystem": "health", "agency": owner, "title": dataset,
        "title_en": None, "title_fr": None, "overdue": overdue, "late": late, "of_all": of_all,
        "periods": [f"2026-{11 - len(codes) + 1 + n:02d}" for n in range(len(codes))], "codes": list(codes),
    }  # fmt: skip


def read(**more: Any) -> Read:
    agencies = [agency("so-y-te", "Sở Y tế"), agency("so-tai-chinh", "Sở Tài chính"), agency("cuc-thong-ke", "Cục Thống kê")]
    options = Options(NOW, dt.date(2026, 1, 1), [SUBSYSTEM], ["month"], agencies)
    return Read(options, [Span(Calendar.MONTH, dt.date(2026, 9, 1), dt.date(2026, 11, 1))], **more)


def counted(owner: str, obligations: int = 1, **some: int) -> dict[str, Any]:
    return {"subsystem": "health", "agency": owner, "calendar": "month", "obligations": obligations, **counts(**some)}


# What an address asks for ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", list(Calendar))
def test_without_a_range_the_latest_periods_are_shown_up_to_the_one_that_runs(calendar: Calendar) -> None:
    (span,) = Filters().spans([calendar.value], TODAY)
    assert bounds(calendar, period_of(calendar, span.last))[0] == span.last <= TODAY
    assert bounds(calendar, period_of(calendar, TODAY))[0] == span.last
    first, shown = span.first, 0
    while first <= span.last:
        first, shown = bounds(calendar, period_of(calendar, first))[1], shown + 1
    assert shown == PERIODS_SHOWN[calendar]


def test_a_range_of_months_holds_the_periods_that_run_in_them() -> None:
    (days, weeks) = Filters.of({"from": "2026-10", "to": "2026-10"}).spans(["week", "day"], TODAY)
    assert (days.first, days.last, days.is_cut) == (dt.date(2026, 10, 1), dt.date(2026, 10, 31), False)
    assert (weeks.first, weeks.last) == (dt.date(2026, 9, 28), dt.date(2026, 10, 26))


def test_a_long_range_is_cut_to_its_last_periods_and_says_so() -> None:
    (span,) = Filters.of({"from": "2026-01"}).spans(["day"], TODAY)
    assert span.is_cut
    assert (span.last - span.first).days + 1 == MOST_PERIODS


def test_nothing_is_shown_that_has_not_begun() -> None:
    (span,) = Filters.of({"to": "2027-05"}).spans(["month"], TODAY)
    assert span.last == dt.date(2026, 11, 1)


def test_one_calendar_can_be_chosen() -> None:
    assert [span.calendar for span in Filters.of({"calendar": "week"}).spans(["day", "week", "month"], TODAY)] == [Calendar.WEEK]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"from": "11/2026"}, "from=11/2026: hãy viết tháng theo dạng"),
        ({"from": "2026-13"}, "from=2026-13"),
        ({"from": "2026-11", "to": "2026-10"}, "from=2026-11 đứng sau"),
        ({"calendar": "fortnight"}, "calendar=fortnight: hãy viết một trong"),
        ({"agency": "Sở Y tế"}, "agency=Sở Y tế: hãy viết tên"),
        ({"subsystem": "x'; DROP TABLE supply.event --"}, "subsystem=x'"),
        ({"late": "yes"}, "late=yes"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_what_to_write(asked: dict[str, str], says: str) -> None:
    with pytest.raises(BoardRefused) as refused:
        Filters.of(asked)
    assert str(refused.value).startswith(says)


def test_an_empty_parameter_narrows_nothing() -> None:
    assert Filters.of({"agency": "", "from": "", "late": "", "calendar": ""}) == Filters()


# What stands where -----------------------------------------------------------------------------------------------------------


def test_the_agency_with_most_reports_late_now_stands_first() -> None:
    made = board(
        read(
            counts=[
                counted("so-tai-chinh", reports=10, expected=10, received=6, on_time=6, overdue=4),
                counted("so-y-te", reports=10, expected=10, received=10, on_time=5, late=5),
                counted("cuc-thong-ke", reports=10, expected=10, received=10, on_time=9, late=1),
            ],
            rows=[row("c@cuc-thong-ke"), row("a@so-y-te", late=5), row("b@so-tai-chinh", overdue=4)],
        ),
        "vi",
        {"health": "Y tế"},
    )
    wanted = ["so-tai-chinh", "so-y-te", "cuc-thong-ke"]
    assert [one["name"] for one in made["rates"]["agency"]] == wanted
    assert [group["name"] for group in made["sections"][0]["groups"]] == wanted
    assert (made["totals"]["overdue"], made["totals"]["expected"], made["totals"]["received"]) == (4, 30, 26)
    assert made["rates"]["subsystem"] == [{"name": "health", "title": "Y tế", **{name: made["totals"][name] for name in COUNTED}}]


def test_what_is_late_now_of_earlier_periods_is_told_too() -> None:
    some = [counted("so-y-te", reports=5, expected=5, received=4, overdue=1)]
    older = [{"subsystem": "health", "agency": "so-tai-chinh", "overdue": 7}]
    made = board(read(counts=some, older=older), "vi", {})
    assert (made["totals"]["overdue"], made["totals"]["older"], made["totals"]["expected"]) == (8, 7, 5)
    assert [(one["name"], one["overdue"], one["expected"]) for one in made["rates"]["agency"]] == [
        ("so-tai-chinh", 7, 0),
        ("so-y-te", 1, 5),
    ]
    assert made["rates"]["subsystem"][0]["overdue"] == 8


def test_a_subsystem_that_is_not_declared_bears_its_contracts_title() -> None:
    made = board(read(counts=[counted("so-y-te", reports=1)]), "vi", {"education": "Giáo dục"})
    assert made["rates"]["subsystem"][0]["title"] == "Y tế"
    assert made["options"]["subsystem"] == [["health", "Y tế"]]


def test_rates_are_counts_of_the_same_reports_by_agency_and_by_subsystem() -> None:
    some = [counted("so-y-te", reports=4, expected=3, received=2, on_time=1), counted("so-tai-chinh", reports=2, expected=2, received=2)]
    some[1]["subsystem"] = "education"
    made = board(read(counts=some), "vi", {})
    for part in made["rates"].values():
        assert sum(one["expected"] for one in part) == 5
        assert sum(one["received"] for one in part) == 4
        assert sum(one["on_time"] for one in part) == 1


def test_within_an_agency_the_worst_dataset_stands_first_and_every_code_in_its_column() -> None:
    rows = [row("a@so-y-te", codes=("oa.", "nf.")), row("b@so-y-te", overdue=2, codes=("la.30", "m-.5"))]
    (section,) = board(read(counts=[counted("so-y-te", 2, reports=4)], rows=rows), "vi", {"health": "Y tế"})["sections"]
    (group,) = section["groups"]
    assert [one["obligation"] for one in group["datasets"]] == ["b@so-y-te", "a@so-y-te"]
    assert [one["period"] for one in section["periods"]] == ["2026-10", "2026-11"]  # nothing was owed in September
    assert group["datasets"][0]["cells"] == ["la.30", "m-.5"]


def test_of_many_datasets_each_agencys_reports_are_counted_by_period() -> None:
    by_period = [{"calendar": "month", "agency": "so-y-te", "period": "2026-10", **counts(reports=60, expected=60, received=57, overdue=3)}]
    (section,) = board(read(counts=[counted("so-y-te", 500, reports=60, overdue=3)], by_period=by_period), "vi", {})["sections"]
    assert section["is_counted"]
    assert section["groups"][0]["counts"] == [[60, 60, 57, 0, 3, 0, 0, 0, 0, 0], None]


def test_when_nothing_is_owed_the_board_is_empty_and_does_not_fail() -> None:
    nobody = Read(Options(NOW, None, [], [], []), [])
    made = board(nobody, "vi", {})
    assert (made["sections"], made["rates"]["agency"], made["totals"]["reports"]) == ([], [], 0)
    assert made["options"]["month"] == [["2026-11", "11/2026"]]


def test_titles_are_those_of_the_language_and_vietnamese_where_they_are_missing() -> None:
    told = read(counts=[counted("so-y-te", reports=1)])
    assert board(told, "en", {})["rates"]["agency"][0]["title"] == "Sở Y tế (en)"
    assert board(told, "fr", {})["rates"]["agency"][0]["title"] == "Sở Y tế"


@pytest.mark.parametrize(
    ("calendar", "day", "says"),
    [
        ("day", "2026-11-23", ["23/11", "T2"]),
        ("week", "2026-11-23", ["Tuần 48", "2026"]),
        ("month", "2026-11-23", ["T11", "2026"]),
        ("quarter", "2026-11-23", ["Quý 4", "2026"]),
        ("year", "2026-11-23", ["2026", ""]),
        ("administrative-month", "2026-11-23", ["T12", "2026"]),
        ("administrative-quarter", "2026-11-23", ["Quý 4", "2026"]),
        ("administrative-year", "2026-11-23", ["2026", ""]),
        ("school-year", "2026-11-23", ["2026–2027", ""]),
    ],
)
def test_a_column_is_headed_by_its_period(calendar: str, day: str, says: list[str]) -> None:
    text = period_of(calendar, dt.date.fromisoformat(day))
    assert head(Calendar(calendar), bounds(calendar, text)[0], text, "vi") == says


# Words and who may see it ----------------------------------------------------------------------------------------------------


def test_every_language_says_the_same_things_with_the_same_parameters() -> None:
    vietnamese = {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in texts("vi").items()}
    for language in LANGUAGES:
        assert {name: sorted(re.findall(r"\{(\w+)\}", text)) for name, text in texts(language).items()} == vietnamese
        assert set(CALENDARS[language]) == set(Calendar)
        assert all(subsystem_titles(language).values())


def test_every_text_that_the_page_uses_is_there_and_every_one_there_is_used() -> None:
    page = (TEMPLATES / "ioc" / "supply.html").read_text()
    scripts = "\n".join(file.read_text() for file in (STATIC / "supply").glob("*.js"))
    modules = ("supply/answers", "supply/board", "supply/texts", "home_supply_card")
    python = "\n".join((STATIC.parent / f"{name}.py").read_text() for name in modules)
    used = set(re.findall(r"texts(?:\.|\[\")(\w+)", page + scripts)) | set(
        re.findall(r"(?:words|texts\(_?language[()]*\))\[[\"'](\w+)", python)
    )
    built = re.compile(
        r"rows_rejected|home_late|none_overdue|word_|short_|quality_|about_|event_|show_(now|any)|day_of_period|days_after|working_days_after"
    )
    assert not {name for name in used if name not in texts("vi") and name not in ("update",)}
    assert not {name for name in texts("vi") if name not in used and not built.match(name)}


def test_officials_have_the_board_and_the_public_has_not() -> None:
    for role, permissions in PERMISSIONS_OF_ROLE.items():
        assert (("can_read", "IocSupplyBoard") in permissions) == (role != PUBLIC_ROLE)
        assert (("menu_access", "IocSupplyBoard") in permissions) == (role != PUBLIC_ROLE)


def test_every_module_that_the_page_imports_has_an_address_with_a_mark() -> None:
    assert {file.name for file in (STATIC / "supply").glob("*.js")} == {*MODULES, "board.js"}


def run(script: str) -> Any:
    """What the script prints as JSON, with the page's modules."""
    folder = (STATIC / "supply").as_uri()
    program = f"const load = (name) => import(`{folder}/${{name}}.js`);\nconst texts = {json.dumps(texts('vi'))};\n{script}"
    done = subprocess.run(
        [str(NODE), "--experimental-default-type=module", "--input-type=module", "-e", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(NODE is None, reason="no Node.js here")
@pytest.mark.parametrize(
    ("code", "short", "all_words"),
    [
        ("oa.", ["Đúng hạn"], "Đúng hạn, đạt"),
        ("or.", ["Đúng hạn", "có dòng lỗi"], "Đúng hạn, đạt, có dòng bị loại"),
        ("oaz", ["Đúng hạn", "không phát sinh"], "Đúng hạn, không phát sinh"),
        ("la.50", ["Trễ 2 ngày"], "Nộp trễ 2 ngày, đạt"),
        ("m-.3", ["Quá 3 giờ"], "Quá hạn 3 giờ, chưa nộp"),
        ("m-.0", ["Quá hạn"], "Quá hạn dưới 1 giờ, chưa nộp"),
        ("mf.96", ["Quá 4 ngày", "bị trả lại"], "Quá hạn 4 ngày, bị trả lại"),
        ("s-.", ["Sắp đến hạn"], "Sắp đến hạn, chưa nộp"),
        ("n-.", ["Chưa đến hạn"], "Chưa đến hạn, chưa nộp"),
        ("e-.", ["Được gia hạn"], "Được gia hạn, chưa nộp"),
    ],
)
def test_a_code_of_the_store_is_told_in_words(code: str, short: list[str], all_words: str) -> None:
    script = f"""const {{ decode, shortWords, words }} = await load('signs'); const state = decode({json.dumps(code)});
    console.log(JSON.stringify([shortWords(state, texts), words(state, texts)]))"""
    assert run(script) == [short, all_words]


@pytest.mark.skipif(NODE is None, reason="no Node.js here")
def test_shares_and_counts_are_written_as_elsewhere_and_a_share_of_nothing_is_no_figure() -> None:
    script = """const { share, counted } = await load('element');
    console.log(JSON.stringify([share(330, 359), share(0, 5), share(0, 0), counted(64800), counted(7)]))"""
    assert run(script) == ["91,9%", "0,0%", "–", "64.800", "7"]


@pytest.mark.skipif(NODE is None, reason="no Node.js here")
def test_a_counted_cell_shows_the_worst_of_its_reports() -> None:
    cells = {
        "m": counts(reports=9, expected=9, received=7, overdue=1, late=2),
        "l": counts(reports=9, expected=9, received=9, late=2),
        "s": counts(reports=9, due_soon=1),
        "e": counts(reports=9, excused=1),
        "o": counts(reports=9, expected=9, received=9, on_time=9),
        "n": counts(reports=9),
    }
    script = f"""const {{ worst }} = await load('matrix');
    console.log(JSON.stringify({json.dumps([list(one.values()) for one in cells.values()])}.map(worst)))"""
    assert run(script) == list(cells)
