"""What of Superset's plugin can be held without Superset."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas
import pytest

from control.compile.superset.chart import COLOURS
from superset_ioc.appearance import LINES_SCHEME
from superset_ioc.charts import CHARTS, chart_types
from superset_ioc.downloads import plain, without_markup
from superset_ioc.edition import CurrentEdition, StoreConnection
from superset_ioc.errors import StoreRefused, error_page, in_viewers_words
from superset_ioc.headers import content_security_policy
from superset_ioc.language import TRANSLATIONS, language_pack
from superset_ioc.pages import STATIC, TEMPLATES, static_address
from superset_ioc.persons import NOBODY, without_persons
from superset_ioc.provision import AccountError, check_accounts
from superset_ioc.roles import PERMISSIONS_OF_ROLE, PUBLIC_ROLE
from superset_ioc.settings import SettingError, read_settings
from superset_ioc.store import Store

GOOD = {
    "SUPERSET_SECRET_KEY": "kq8Zr2mVx0Lw5Ty7Bn3Gd9Hs4Jf6Pc1A",
    "SUPERSET_GUEST_SECRET": "W7eRt5yUi2oPaS4dFgH8jKl1zXcV9bNm",
    "SUPERSET_DATABASE_URI": "postgresql://superset:pw@127.0.0.1:5432/superset",
    "IOC_SECRET": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "IOC_REDIS_URL": "redis://:pw@127.0.0.1:6379/",
    "IOC_STORE_URL": "postgresql://127.0.0.1:5433/ioc",
}


def test_settings_come_from_the_environment() -> None:
    settings = read_settings(GOOD)
    assert settings.database_uri.startswith("postgresql+psycopg2://")
    assert settings.redis(3) == "redis://:pw@127.0.0.1:6379/3"
    assert (settings.store.host, settings.store.port, settings.store.database) == ("127.0.0.1", 5433, "ioc")
    assert settings.https is False


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_variable_stops_the_start_and_is_named(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({**GOOD, name: ""})


@pytest.mark.parametrize("name", ["SUPERSET_SECRET_KEY", "SUPERSET_GUEST_SECRET", "IOC_SECRET"])
@pytest.mark.parametrize(
    "value",
    [
        "short",
        "a" * 64,
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
        "test-guest-secret-change-me-0123456789",
        "thisISaSECRET_1234_thisISaSECRET_1234-thisismysecret",
    ],
)
def test_a_weak_or_published_secret_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings({**GOOD, name: value})


def test_the_guest_secret_may_not_be_the_secret_key() -> None:
    with pytest.raises(SettingError, match="SUPERSET_GUEST_SECRET"):
        read_settings({**GOOD, "SUPERSET_GUEST_SECRET": GOOD["SUPERSET_SECRET_KEY"]})


def test_the_edition_is_asked_once_in_its_time() -> None:
    now, asked = [0.0], []

    def ask() -> int:
        asked.append(now[0])
        return len(asked)

    current = CurrentEdition(ask, seconds_kept=0.2, clock=lambda: now[0])
    seen = []
    for moment in (0.0, 0.1, 0.19, 0.2, 0.3):
        now[0] = moment
        seen.append(current.read())
    assert seen == [1, 1, 1, 2, 2]


def test_without_the_store_the_last_edition_stands() -> None:
    answers: list[int | Exception] = [7, OSError("gone"), 8]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    current = CurrentEdition(ask, seconds_kept=0)
    assert [current.read() for _ in range(3)] == [7, 7, 8]


class Connection:
    """A connection that answers once, or never."""

    autocommit = False

    def __init__(self, edition: int | None) -> None:
        self.edition = edition

    def cursor(self) -> Connection:
        return self

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *problem: object) -> None:
        return None

    def execute(self, query: str) -> None:
        if self.edition is None:
            raise OSError("connection closed")

    def fetchone(self) -> tuple[int]:
        assert self.edition is not None
        return (self.edition,)


def test_a_broken_connection_is_made_again() -> None:
    first = Connection(3)
    connections = [first, Connection(4)]
    store = StoreConnection(lambda: connections.pop(0))
    assert store.ask() == 3
    first.edition = None
    assert store.ask() == 4


def test_our_roles_neither_write_nor_query() -> None:
    for role, permissions in PERMISSIONS_OF_ROLE.items():
        assert not {view for _, view in permissions} & {"SQL Lab", "SQLLab", "Database", "SavedQuery", "Security"}, role
        writes = {
            (permission, view) for permission, view in permissions if permission in ("can_write", "can_delete", "can_add", "can_edit")
        }
        assert {view for _, view in writes} <= {"DashboardPermalinkRestApi", "DashboardFilterStateRestApi", "CurrentUserRestApi"}, role


def test_who_has_not_logged_in_has_few_permissions_and_nothing_to_take_away() -> None:
    given = PERMISSIONS_OF_ROLE[PUBLIC_ROLE]
    assert len(given) <= 20
    assert not {permission for permission, _ in given} & {"can_csv", "can_export_data", "can_samples", "can_drill", "can_get", "can_slice"}
    assert not {view for _, view in given} & {"Dataset", "Datasource", "user", "Explore", "Log"}


def test_pages_load_from_this_origin_only() -> None:
    policy = content_security_policy(https=True)["content_security_policy"]
    assert "http" not in json.dumps(policy)


def test_vietnamese_is_there_and_nothing_else_is_served() -> None:
    assert language_pack("vi") is not None
    assert language_pack("de") is None


def test_the_browser_and_the_editable_catalogue_agree() -> None:
    folder = Path(TRANSLATIONS) / "vi" / "LC_MESSAGES"
    pack = json.loads((folder / "messages.json").read_text(encoding="utf-8"))["locale_data"]["superset"]
    written = (folder / "messages.po").read_text(encoding="utf-8")
    assert pack[""]["lang"] == "vi"
    assert len(pack) - 1 == written.count("\nmsgid ") - 1
    assert pack["Dashboards"] == ["Bảng điều hành"]
    assert all(len(texts) == 1 and texts[0] for key, texts in pack.items() if key), "Vietnamese has one form of the plural"


@pytest.mark.parametrize(
    ("change", "named"),
    [({"password": "admin"}, "password"), ({"roles": []}, "roles"), ({"email": None, "mail": "x"}, "email")],
)
def test_an_account_that_anyone_could_guess_is_refused(change: dict[str, object], named: str) -> None:
    account = {
        "username": "admin",
        "password": "Xk2-Long-enough",
        "first_name": "A",
        "last_name": "B",
        "email": "a@b.vn",
        "roles": ["Admin"],
    }
    wrong = {key: value for key, value in {**account, **change}.items() if value is not None}
    with pytest.raises(AccountError, match=named):
        check_accounts([wrong])


@pytest.mark.parametrize(
    ("language", "says"), [("vi", "Không tìm thấy"), ("en", "not found"), ("fr", "introuvable"), ("xx", "Không tìm thấy")]
)
def test_a_missing_page_speaks_the_viewers_language_and_asks_no_other_host(language: str, says: str) -> None:
    page = error_page(404, language)
    assert says in page
    assert "http" not in page
    assert error_page(500, language) != page


def test_what_every_page_loads_is_named_by_its_content() -> None:
    head = (TEMPLATES / "head_custom_extra.html").read_text(encoding="utf-8")
    named = re.findall(r"ioc_static\('([^']+)'\)", head)
    assert set(named) == {file.name for file in STATIC.iterdir() if file.is_file()} - {"logo.svg", "mark.svg"}
    assert all(re.fullmatch(rf"/ioc/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", static_address(name)) for name in named)
    assert len({static_address(name).partition("=")[2] for name in named}) == len(named)


def test_every_script_in_the_head_bears_the_nonce() -> None:
    head = (TEMPLATES / "head_custom_extra.html").read_text(encoding="utf-8")
    assert head.count("<script") == head.count('<script nonce="{{ macros.get_nonce() }}"')
    assert re.findall(r"<script [^>]*ioc_static\('([^']+)'\)", head) == ["chart_types.js", "read_only.js", "phone.js"]


def test_superset_is_told_of_every_chart_type_by_its_content() -> None:
    told = chart_types()
    assert {one["key"] for one in told} >= {"ioc_choropleth", "ioc_tile"}
    for one in told:
        assert re.fullmatch(r"/ioc/charts/[0-9a-f]{12}/[a-z]+\.js", one["bundle_url"])
        assert (CHARTS / one["bundle_url"].rsplit("/", 1)[1]).is_file()
        assert f'key: "{one["key"]}"' in (CHARTS / one["bundle_url"].rsplit("/", 1)[1]).read_text(encoding="utf-8")


def test_everybody_who_sees_dashboards_sees_the_home_page_and_the_maps() -> None:
    for role, permissions in PERMISSIONS_OF_ROLE.items():
        assert {("can_read", "IocHome"), ("can_read", "IocMap"), ("menu_access", "IocHome")} <= permissions, role


class Idle:
    """A connection that remembers whether it was closed."""

    def __init__(self, audience: str) -> None:
        self.audience = audience
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_connection_is_used_again_by_its_own_audience_only() -> None:
    made: list[Idle] = []

    def connect_as(audience: str) -> Idle:
        made.append(Idle(audience))
        return made[-1]

    store = Store(connect_as, most_kept=2)
    for audience in ("aud_public", "aud_leader", "aud_public", "aud_leader"):
        with store.connection(audience) as connection:
            assert connection.audience == audience
    assert len(made) == 2
    with store.connection("aud_operator"):
        pass
    assert [one.audience for one in made if one.closed] == ["aud_public"], "the one that was idle longest goes"


def test_a_connection_that_failed_is_not_kept() -> None:
    made: list[Idle] = []

    def connect_as(audience: str) -> Idle:
        made.append(Idle(audience))
        return made[-1]

    store = Store(connect_as)
    with pytest.raises(OSError, match="gone"), store.connection("aud_public"):
        raise OSError("gone")
    assert made[0].closed
    with store.connection("aud_public"):
        pass
    assert len(made) == 2


class Refusal(Exception):
    """An error of PostgreSQL with its code."""

    def __init__(self, code: str) -> None:
        super().__init__("permission denied for view tests")
        self.pgcode = code


@pytest.mark.parametrize(
    ("code", "language", "is_anonymous", "says"),
    [
        ("42501", "vi", False, "không chia sẻ cho cơ quan của bạn"),
        ("42501", "en", False, "not shared with your agency"),
        ("42501", "fr", False, "ne sont pas partagées"),
        ("42501", "xx", False, "không chia sẻ"),
        ("42501", "vi", True, "không công khai"),
        ("57014", "vi", False, "quá nhiều thời gian"),
    ],
)
def test_what_the_store_refuses_is_said_in_words_without_a_name(code: str, language: str, is_anonymous: bool, says: str) -> None:
    said = in_viewers_words(Refusal(code), language, is_anonymous)
    assert isinstance(said, StoreRefused)
    assert says in said.message
    assert "tests" not in str(said)


def test_any_other_error_stays_as_it_is() -> None:
    problem = Refusal("42703")
    assert in_viewers_words(problem, "vi", False) is problem


def test_persons_are_taken_out_of_an_answer_and_nothing_else() -> None:
    person = {"id": 7, "first_name": "Lan", "last_name": "Trần", "email": "lan@nghean.gov.vn"}
    told = {
        "result": [{"slug": "health-open", "owners": [person], "changed_by": person, "changed_by_name": "Lan Trần", "charts": ["Ca bệnh"]}],
        "count": 1,
    }
    hidden = without_persons(told)
    assert hidden == {
        "result": [{"slug": "health-open", "owners": [], "changed_by": NOBODY, "changed_by_name": "", "charts": ["Ca bệnh"]}],
        "count": 1,
    }
    assert told["result"][0]["owners"] == [person]  # type: ignore[index]


def test_lines_take_our_colours_and_none_of_a_state_s() -> None:
    styles = (CHARTS / "charts.css").read_text(encoding="utf-8")
    assert LINES_SCHEME["id"] == COLOURS
    assert LINES_SCHEME["colors"][0] in styles.split(".ioc-course-values")[1].split("}")[0], "a tile's course is the first line's colour"
    assert LINES_SCHEME["colors"][0] in styles.split(".ioc-year-0")[1].split("}")[0]
    assert not {"#2e7d4f", "#d99000", "#b3261e"} & set(LINES_SCHEME["colors"])


LINKED = '<a href="/ioc/delivery/load/12" target="_blank" rel="noopener">dòng 7</a>'
ORIGIN = "https://ioc.example"


def test_a_link_in_a_file_is_its_words_and_its_address() -> None:
    assert plain(LINKED, ORIGIN) == "dòng 7 (https://ioc.example/ioc/delivery/load/12)"
    assert plain(LINKED.replace("dòng 7", "Y tế &amp; dân số &lt;5 tuổi"), "") == "Y tế & dân số <5 tuổi (/ioc/delivery/load/12)"


@pytest.mark.parametrize("cell", [None, 7, "", "dòng 7", f"xem {LINKED}", '<a href="https://elsewhere.example/">x</a>', "<b>7</b>"])
def test_what_is_no_link_of_ours_stays_in_a_file(cell: object) -> None:
    assert plain(cell, ORIGIN) is cell


def test_only_columns_with_links_change_in_a_file() -> None:
    frame = pandas.DataFrame({"xa": ["Vinh", None], "ca": [1, 2], "tep": [LINKED, None], "tep2": [None, LINKED]}, dtype=object)
    frame.columns = pandas.Index(["Xã", "Ca", "Tệp gốc", "Tệp gốc"])
    made = without_markup(frame, ORIGIN)
    assert made.iloc[:, 2].tolist() == ["dòng 7 (https://ioc.example/ioc/delivery/load/12)", None]
    assert made.iloc[:, 3].tolist() == [None, "dòng 7 (https://ioc.example/ioc/delivery/load/12)"]
    assert made.iloc[:, :2].equals(frame.iloc[:, :2])
    assert frame.iloc[0, 2] == LINKED
    assert without_markup(frame.iloc[:, :2], ORIGIN).equals(frame.iloc[:, :2])


def test_a_text_of_a_file_has_its_signs_again_in_a_file() -> None:
    assert plain("<\u200bb>trẻ <\u200b5 tuổi", ORIGIN) == "<b>trẻ <5 tuổi"
