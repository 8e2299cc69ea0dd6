"""The first page: the subsystems with their state and figures, inside Superset's own navigation. It is not made of chart queries."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from datasets.model.calendar import ZONE
from datasets.model.reference import read_reference
from superset_ioc.audience import audience_of
from superset_ioc.home_cards import Declared, cards, live_count
from superset_ioc.home_store import read_home
from superset_ioc.home_supply_card import read_late, with_supply
from superset_ioc.home_texts import TEXTS
from superset_ioc.words import spoken

log = logging.getLogger(__name__)

ADDRESS = "/ioc/home"
FIRST_PAGE = f"{ADDRESS}/"
SECONDS_KEPT = 30
"""What was read stands for the same edition so long; the clock changes a few figures, and rights may change without an edition."""


@cache
def declared_subsystems() -> Sequence[Declared]:
    """The subsystems of the reference data, in their order."""
    return tuple(read_reference().subsystems.values())


Told = TypeVar("Told")


class Kept(Generic[Told]):
    """What was read for an audience at an edition, for a while."""

    def __init__(self, read: Callable[[str], Told], edition: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._edition = edition
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, float, Told]] = {}

    def of(self, audience: str) -> Told:
        """What the audience sees. Raises what reading raises."""
        edition, now = self._edition(), self._clock()
        with self._lock:
            kept = self._kept.get(audience)
        if kept is not None and kept[0] == edition and now - kept[1] < SECONDS_KEPT:
            return kept[2]
        found = self._read(audience)
        with self._lock:
            self._kept[audience] = (edition, now, found)
        return found


def register(app: Any) -> None:
    """Serve the page to who has the permission `can_read` on `IocHome`, and send `/` and Superset's welcome page to it."""
    import psycopg2
    from flask import g, redirect, request
    from flask_appbuilder import expose, has_access
    from flask_appbuilder.security.decorators import permission_name
    from flask_babel import get_locale, lazy_gettext
    from superset.extensions import appbuilder, db
    from superset.models.dashboard import Dashboard
    from superset.superset_typing import FlaskResponse
    from superset.views.base import BaseSupersetView, get_spa_template_context

    from superset_ioc.edition import current_edition
    from superset_ioc.store import store_of

    store = store_of(app)

    def as_audience(audience: str) -> Callable[[str, Mapping[str, Any]], list[tuple[Any, ...]]]:
        return lambda query, parameters: store.ask(audience, query, parameters)

    kept = Kept(lambda audience: read_home(as_audience(audience), audience, psycopg2.Error), lambda: current_edition(app).read())
    late = Kept(lambda audience: read_late(as_audience(audience), audience), lambda: current_edition(app).read())

    def page_context() -> dict[str, Any]:
        language = spoken(str(get_locale() or "vi"))
        audience = audience_of(getattr(g, "user", None))
        try:
            found, overdue, failed = kept.of(audience), late.of(audience), False
        except psycopg2.Error as problem:
            log.error("The home page cannot read the store: %s", problem)
            found, overdue, failed = [], None, True
        slugs = {slug for (slug,) in db.session.query(Dashboard.slug).filter(Dashboard.published.is_(True))}
        today = dt.datetime.now(ZONE).date()
        shown = [] if failed else cards(declared_subsystems(), found, language, audience, slugs, today)
        shown = with_supply(shown, overdue, audience, language)
        live = "" if failed else live_count(shown, declared_subsystems(), language)
        return {"cards": shown, "live": live, "failed": failed, "texts": TEXTS[language], "language": language}

    class IocHome(BaseSupersetView):  # type: ignore[misc]
        """The home page."""

        route_base = ADDRESS
        default_view = "home"
        class_permission_name = "IocHome"

        @expose("/")  # type: ignore[untyped-decorator]
        @has_access  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def home(self) -> FlaskResponse:
            """The page in the viewer's language."""
            context = page_context()
            return self.render_template(
                "ioc/home.html", **{**get_spa_template_context("spa"), "title": f"{context['texts']['title']} · Toàn Cảnh"}, **context
            )

    appbuilder.add_view(IocHome, "IocHome", label=lazy_gettext("Home"), href=FIRST_PAGE)

    @app.before_request  # type: ignore[untyped-decorator]
    def _go_home() -> Any:
        if request.method == "GET" and request.path.rstrip("/") in ("", "/superset/welcome"):
            return redirect(FIRST_PAGE)
        return None
