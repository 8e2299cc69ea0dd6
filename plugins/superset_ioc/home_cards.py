"""The home page's cards: each subsystem with its state in words, its figures and its dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, Protocol

from datasets.model.audience import PUBLIC
from datasets.model.calendar import ZONE
from datasets.model.table_schema import Translations
from superset_ioc.home_store import FIGURES_SHOWN, Figure, Found
from superset_ioc.words import day, last_day, moment, number, period

DATA_SUPPLY = "data_supply"
"""The subsystem that watches the supply of the others."""
State = Literal["live", "waiting", "closed", "none"]

TEXTS = {
    "vi": {
        "title": "Trang chủ",
        "heading": "Toàn cảnh của tỉnh",
        "live_count": "{live}/{all} phân hệ đang hoạt động",
        "by_agency": "Báo cáo đã gửi / phải gửi của từng cơ quan trong {days} ngày qua",
        "of_agency": "{title}: đã gửi {received} trong {expected} báo cáo",
        "live": "Đang hoạt động",
        "waiting": "Chờ số liệu từ {since}",
        "closed": "Số liệu không công khai",
        "none": "Chưa có hợp đồng dữ liệu",
        "until": "Số liệu đến {day}",
        "loaded": "Nạp lần cuối {at}",
        "datasets": "{loaded}/{all} bộ dữ liệu",
        "edition": "Ấn bản {edition}, {at}",
        "simulated": "Mô phỏng",
        "missing": "chưa có",
        "late": "Chậm số liệu",
        "late_reports": "{count} báo cáo quá hạn",
        "late_data": "chậm số liệu",
        "refused_data": "số liệu bị trả lại",
        "excused_data": "được gia hạn",
        "stale": "số liệu cũ",
        "incomplete": "mới có {received}/{expected} báo cáo",
        "period_running": "kỳ chưa kết thúc",
        "open": "Mở bảng điều hành",
        "log_in": "Cán bộ đăng nhập để xem",
        "failed": "Kho số liệu không trả lời. Hãy tải lại trang sau ít phút.",
    },
    "en": {
        "title": "Home",
        "heading": "The province at a glance",
        "live_count": "{live} of {all} subsystems live",
        "by_agency": "Reports received of those due from each agency in the last {days} days",
        "of_agency": "{title}: {received} of {expected} reports received",
        "live": "Live",
        "waiting": "Waiting for data since {since}",
        "closed": "The data are not public",
        "none": "No data contract yet",
        "until": "Data until {day}",
        "loaded": "Last loaded {at}",
        "datasets": "{loaded} of {all} datasets",
        "edition": "Edition {edition}, {at}",
        "simulated": "Simulated",
        "missing": "none yet",
        "late": "Data are late",
        "late_reports": "{count} reports overdue",
        "late_data": "data are late",
        "refused_data": "data were refused",
        "excused_data": "excused",
        "stale": "old data",
        "incomplete": "{received} of {expected} reports so far",
        "period_running": "the period is not over",
        "open": "Open the dashboard",
        "log_in": "Officials log in to see it",
        "failed": "The store does not answer. Reload the page in a few minutes.",
    },
    "fr": {
        "title": "Accueil",
        "heading": "La province en un coup d'œil",
        "live_count": "{live} sous-systèmes sur {all} en service",
        "by_agency": "Rapports reçus sur ceux dus par chaque organisme ces {days} derniers jours",
        "of_agency": "{title} : {received} rapports reçus sur {expected}",
        "live": "En service",
        "waiting": "En attente de données depuis le {since}",
        "closed": "Les données ne sont pas publiques",
        "none": "Pas encore de contrat de données",
        "until": "Données jusqu'au {day}",
        "loaded": "Dernier chargement {at}",
        "datasets": "{loaded} jeux de données sur {all}",
        "edition": "Édition {edition}, {at}",
        "simulated": "Simulées",
        "missing": "pas encore",
        "late": "Données en retard",
        "late_reports": "{count} rapports en retard",
        "late_data": "données en retard",
        "refused_data": "données refusées",
        "excused_data": "dispense en cours",
        "stale": "données anciennes",
        "incomplete": "{received} rapports sur {expected}",
        "period_running": "la période n'est pas terminée",
        "open": "Ouvrir le tableau de bord",
        "log_in": "Les agents se connectent pour voir",
        "failed": "L'entrepôt ne répond pas. Rechargez la page dans quelques minutes.",
    },
}


class Declared(Protocol):
    """What is asked of a subsystem of the reference data."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def titles(self) -> Translations: ...
    @property
    def description(self) -> str: ...
    @property
    def descriptions(self) -> Translations: ...


@dataclass(frozen=True)
class Shown:
    """One figure on a card."""

    title: str
    value: str | None
    unit: str
    period: str
    note: str = ""
    """Why the figure is not to be judged."""


@dataclass(frozen=True)
class Received:
    """Reports of one agency: how many came of those that were due."""

    agency: str
    expected: int
    received: int
    spoken: str


@dataclass(frozen=True)
class Card:
    """One subsystem as the page shows it."""

    name: str
    title: str
    state: State
    state_words: str
    about: str = ""
    """What will be seen there, of a subsystem that has nothing to show yet."""
    facts: list[str] = field(default_factory=list)
    simulated: bool = False
    is_late: bool = False
    """Whether reports that were due are not there."""
    figures: list[Shown] = field(default_factory=list)
    address: str | None = None
    """Of its dashboard; None when there is none for this viewer."""
    agencies: list[Received] = field(default_factory=list)
    """What agencies owed and sent, on the card of data supply."""
    agencies_words: str = ""


def slug_of(name: str) -> str:
    """Name of a subsystem's dashboard in its address."""
    return name.replace("_", "-")


def address_of(name: str, audience: str, dashboards: Set[str]) -> str | None:
    """Where the viewer finds the subsystem: officials on its own dashboard, everyone on the open one; None when it does not exist."""
    own, everyones = slug_of(name), f"{slug_of(name)}-open"
    order = [everyones] if audience == PUBLIC else [own, everyones]
    slug = next((slug for slug in order if slug in dashboards), None)
    return f"/superset/dashboard/{slug}/" if slug else None


def _in(language: str, vietnamese: str, translations: Translations) -> str:
    return {"vi": vietnamese, "en": translations.en, "fr": translations.fr}[language] or vietnamese


def _shown(figure: Figure, language: str) -> Shown:
    headline = figure.headline
    value = None if figure.value is None else number(figure.value, headline.decimals)
    words = "" if figure.starts is None else period(headline.calendar, figure.starts, language)
    return Shown(headline.titles[language], value, headline.unit, words, "" if value is None else _note(figure, language))


def _note(figure: Figure, language: str) -> str:
    reason, coverage = figure.judged.reason, figure.judged.coverage
    if reason is None or reason not in TEXTS[language] or (reason == "incomplete" and coverage is None):
        return ""
    numbers = {} if coverage is None else {"received": coverage.received, "expected": coverage.expected}
    return TEXTS[language][reason].format(**numbers)


def _facts(found: Found, language: str, today: dt.date) -> list[str]:
    texts = TEXTS[language]
    facts = [texts["late_reports"].format(count=found.overdue)] if found.overdue else []
    if found.until is not None:
        calendar, starts = found.until
        facts.append(texts["until"].format(day=day(min(last_day(calendar, starts), today))))
    elif found.loaded_at is not None:
        facts.append(texts["loaded"].format(at=moment(found.loaded_at)))
    facts.append(texts["datasets"].format(loaded=found.loaded, all=found.visible))
    if found.edition is not None and found.loaded_at is not None:
        facts.append(texts["edition"].format(edition=found.edition, at=moment(found.loaded_at)))
    return facts


def _card(found: Found, title: str, about: str, language: str, audience: str, dashboards: Set[str], today: dt.date) -> Card:
    texts = TEXTS[language]
    address = address_of(found.name, audience, dashboards)
    if not found.visible and found.datasets:
        facts = [texts["log_in"]] if audience == PUBLIC else []
        return Card(found.name, title, "closed", texts["closed"], about, facts, address=address)
    if not found.loaded:
        since = max(filter(None, (found.applied_at, found.loaded_at)))
        return Card(found.name, title, "waiting", texts["waiting"].format(since=day(since.astimezone(ZONE).date())), about, address=address)
    figures = [_shown(figure, language) for figure in found.figures[:FIGURES_SHOWN]]
    facts = _facts(found, language, today)
    is_late = found.overdue > 0
    return Card(found.name, title, "live", texts["late" if is_late else "live"], "", facts, found.simulated, is_late, figures, address)


def cards(
    declared: Sequence[Declared], found: Sequence[Found], language: str, audience: str, dashboards: Set[str], today: dt.date
) -> list[Card]:
    """A card for each declared subsystem in their order, then one for each other contract that has data and a dashboard to show."""
    applied: Mapping[str, Found] = {one.name: one for one in found}
    made = []
    for subsystem in declared:
        title = _in(language, subsystem.title, subsystem.titles)
        about = _in(language, subsystem.description, subsystem.descriptions)
        if subsystem.name in applied:
            made.append(_card(applied[subsystem.name], title, about, language, audience, dashboards, today))
        else:
            made.append(Card(subsystem.name, title, "none", TEXTS[language]["none"], about))
    named = {subsystem.name for subsystem in declared}
    for one in sorted(found, key=lambda one: (one.position, one.name)):
        if one.name not in named and one.loaded and address_of(one.name, audience, dashboards):
            made.append(_card(one, one.titles[language], "", language, audience, dashboards, today))
    return made


def live_count(cards: Sequence[Card], declared: Sequence[Declared], language: str) -> str:
    """How many of the declared subsystems live; that of data supply watches them and is not counted."""
    watched = {one.name for one in declared if one.name != DATA_SUPPLY}
    live = sum(card.state == "live" for card in cards if card.name in watched)
    return TEXTS[language]["live_count"].format(live=live, all=len(watched))
