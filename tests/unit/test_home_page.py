"""The home page's cards: which state a subsystem is in, what is said of it, and where it leads, for officials and for everyone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from datasets.model.calendar import ZONE
from datasets.model.reference import read_reference
from datasets.model.table_schema import Translations
from datasets.model.tile_state import TileState
from superset_ioc.home import Kept
from superset_ioc.home_cards import Card, address_of, cards, live_count
from superset_ioc.home_figure import Figure, Headline, Period
from superset_ioc.home_store import Found
from superset_ioc.home_supply import Judged
from superset_ioc.home_supply_card import Late, with_supply
from superset_ioc.home_texts import TEXTS

TODAY = dt.date(2026, 11, 22)
APPLIED = dt.datetime(2026, 11, 1, 8, 0, tzinfo=ZONE)
LOADED = dt.datetime(2026, 11, 20, 1, 30, tzinfo=dt.UTC)

pytestmark = pytest.mark.unit


class Subsystem:
    """One declared subsystem."""

    title = "Y tế"
    titles = Translations(en="Health", fr="Santé")
    description = "Dịch bệnh và giường bệnh."
    descriptions = Translations(en="Disease and beds.", fr="Maladies et lits.")

    def __init__(self, name: str = "health") -> None:
        self.name = name


def found(name: str = "health", **more: object) -> Found:
    told = Found(name, 4, {"vi": "Y tế", "en": "Health", "fr": "Santé"}, 6, APPLIED)
    for key, value in more.items():
        setattr(told, key, value)
    return told


def headline(access: str = "open", decimals: int = 1) -> Headline:
    titles = {"vi": "Công suất giường", "en": "Bed occupancy", "fr": "Occupation des lits"}
    return Headline("health.bed-occupancy", titles, "%", decimals, "week", access)


def figure(value: str | None, *, simulated: bool = False) -> Figure:
    period = None if value is None else Period(dt.date(2026, 11, 9), Decimal(value))
    return Figure(headline(), period, TileState("neutral", "no_target"), Judged("ok", over=True, simulated=simulated))


def card(
    told: Found | None, language: str = "vi", audience: str = "aud_leader", dashboards: frozenset[str] = frozenset({"health"})
) -> Card:
    (made,) = cards([Subsystem()], [told] if told else [], language, audience, dashboards, TODAY)
    return made


def test_a_subsystem_without_contract_says_what_will_be_there() -> None:
    assert (card(None).state, card(None).state_words, card(None).address) == ("none", "Chưa có hợp đồng dữ liệu", None)
    assert card(None).about == "Dịch bệnh và giường bệnh."
    assert card(None, "fr").about == "Maladies et lits."


def test_a_contract_without_a_delivery_waits_since_it_was_applied() -> None:
    made = card(found(visible=6))
    assert (made.state, made.state_words) == ("waiting", "Chờ số liệu từ 01/11/2026")
    assert made.address == "/superset/dashboard/health/"


def test_when_all_was_withdrawn_it_waits_since_then() -> None:
    assert card(found(visible=6, loaded_at=LOADED)).state_words == "Chờ số liệu từ 20/11/2026"


def test_a_live_subsystem_says_until_when_how_many_datasets_and_the_edition() -> None:
    told = found(visible=6, loaded=5, loaded_at=LOADED, edition=37, until=("week", dt.date(2026, 11, 9)), simulated=True)
    told.figures = [figure("81.25"), figure(None)]
    made = card(told)
    assert made.facts == ["Số liệu đến 15/11/2026", "5/6 bộ dữ liệu", "Ấn bản 37, 08:30 20/11/2026"]
    assert made.simulated
    first, second = made.figures
    assert (first.title, first.value, first.unit, first.period) == ("Công suất giường", "81,3", "%", "Tuần 46/2026")
    assert second.value is None


def test_a_live_subsystem_without_a_figure_for_this_viewer_says_what_is_seen_there() -> None:
    told = found(visible=6, loaded=6, loaded_at=LOADED)
    assert (card(told).state, card(told).about) == ("live", "Dịch bệnh và giường bệnh.")
    told.figures = [figure("81.25")]
    assert card(told).about == ""


def test_figures_say_that_they_are_simulated_where_not_all_of_a_card_are() -> None:
    told = found(visible=6, loaded=6, loaded_at=LOADED, simulated=True)
    told.figures = [figure("81.25", simulated=True), figure("12", simulated=True)]
    assert [one.period for one in card(told).figures] == ["Tuần 46/2026", "Tuần 46/2026"]
    told.figures = [figure("81.25", simulated=True), figure("12")]
    assert [one.period for one in card(told).figures] == ["Tuần 46/2026 (mô phỏng)", "Tuần 46/2026"]


def test_data_do_not_reach_into_the_future() -> None:
    told = found(visible=6, loaded=1, loaded_at=LOADED, edition=1, until=("month", dt.date(2026, 11, 1)))
    assert card(told).facts[0] == "Số liệu đến 22/11/2026"


def test_what_an_audience_may_not_read_is_not_called_missing() -> None:
    made = card(found(visible=0), audience="aud_public")
    assert (made.state, made.state_words) == ("closed", "Số liệu không công khai")
    assert made.facts == ["Cán bộ đăng nhập để xem"]


@pytest.mark.parametrize(
    ("audience", "dashboards", "address"),
    [
        ("aud_leader", {"public-services", "public-services-open"}, "/superset/dashboard/public-services/"),
        ("aud_public", {"public-services", "public-services-open"}, "/superset/dashboard/public-services-open/"),
        ("aud_public", {"public-services"}, None),
        ("aud_leader", set(), None),
    ],
)
def test_everyone_is_led_to_the_dashboard_that_is_theirs(audience: str, dashboards: set[str], address: str | None) -> None:
    assert address_of("public_services", audience, dashboards) == address


def test_a_contract_beside_the_declared_ones_comes_last_when_it_has_a_dashboard() -> None:
    full = {"visible": 1, "loaded": 1, "loaded_at": LOADED}
    told = [
        found("zoo", position=12, **full),
        found("hidden", position=11, **full),
        found("empty", position=10, visible=1),
        found(visible=6),
    ]
    made = cards([Subsystem()], told, "vi", "aud_leader", {"zoo", "empty", "health"}, TODAY)
    assert [one.name for one in made] == ["health", "zoo"]


def test_the_declared_subsystems_are_there_in_their_order() -> None:
    declared = list(read_reference().subsystems.values())
    assert len([one for one in declared if one.order > 0]) == 9
    assert [one.order for one in declared] == sorted(one.order for one in declared)
    assert all(one.description and one.titles.en and one.titles.fr for one in declared)


def test_what_was_read_stands_until_the_next_edition_or_a_while() -> None:
    now, edition, asked = [0.0], [1], []

    def read(audience: str) -> list[Found]:
        asked.append((audience, edition[0], now[0]))
        return []

    kept = Kept(read, lambda: edition[0], lambda: now[0])
    for audience, at, number in (("a", 0, 1), ("a", 29, 1), ("b", 29, 1), ("a", 29.5, 2), ("a", 60, 2)):
        now[0], edition[0] = at, number
        kept.of(audience)
    assert asked == [("a", 1, 0), ("b", 1, 29), ("a", 2, 29.5), ("a", 2, 60)]


def supply_card(audience: str, late: Late | None) -> Card:
    empty = Card("data_supply", "Cung cấp số liệu", "none", TEXTS["vi"]["none"], "Số liệu của từng cơ quan có đúng hạn không.")
    (made, other) = with_supply([empty, card(None)], late, audience, "vi")
    assert other == card(None)
    return made


def test_the_card_of_data_supply_leads_officials_to_the_board_with_what_is_late_now() -> None:
    made = supply_card("aud_agency_so_y_te", Late(1234, 9))
    assert (made.state, made.state_words, made.is_late, made.address) == ("live", "Có báo cáo quá hạn", True, "/ioc/supply/")
    assert [(one.title, one.value) for one in made.figures] == [("Báo cáo đang quá hạn", "1.234"), ("Cơ quan đang chậm", "9")]
    calm = supply_card("aud_leader", Late(0, 0))
    assert (calm.state_words, calm.is_late) == ("Không có báo cáo nào quá hạn", False)


def test_the_card_of_data_supply_says_by_agency_what_was_owed_and_came() -> None:
    titles = {"vi": "Sở Y tế", "en": "Department of Health", "fr": "Santé"}
    made = supply_card("aud_leader", Late(2, 1, ((titles, 48, 46),)))
    assert [(one.agency, one.received, one.expected) for one in made.agencies] == [("Sở Y tế", 46, 48)]
    assert made.agencies[0].spoken == "Sở Y tế: đã gửi 46 trong 48 báo cáo"
    assert "35 ngày" in made.agencies_words


def test_the_page_counts_the_subsystems_that_live_without_the_one_that_watches_them() -> None:
    declared = [Subsystem("data_supply"), Subsystem(), Subsystem("tourism")]
    shown = [
        Card("data_supply", "", "live", ""),
        Card("health", "", "live", ""),
        Card("tourism", "", "waiting", ""),
        Card("zoo", "", "live", ""),
    ]
    assert live_count(shown, declared, "vi") == "1/2 phân hệ đang hoạt động"


def test_before_anything_is_owed_and_for_the_public_the_card_of_data_supply_has_no_figures() -> None:
    assert (supply_card("aud_leader", None).address, supply_card("aud_leader", None).figures) == ("/ioc/supply/", [])
    public = supply_card("aud_public", None)
    assert (public.state, public.address, public.facts) == ("closed", None, ["Cán bộ đăng nhập để xem"])
