"""The supply board, `/ioc/supply/`: what every agency owes, period by period, for officials. It is not made of chart queries.

Beside the page: `board.json` (what the matrix and the rates show, for the filters of the address) and `report.json` (one obligation's
report). All three ask the store with the login of the viewer's audience.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from datasets.model.audience import PUBLIC
from datasets.model.calendar import ZONE
from datasets.model.reference import Reference, read_reference
from superset_ioc.audience import audience_of
from superset_ioc.supply.filters import BoardRefused, Filters
from superset_ioc.supply.kept import KeptBoards
from superset_ioc.supply.matrix import board
from superset_ioc.supply.obligation import read_report, report, spoken_of
from superset_ioc.supply.texts import texts
from superset_ioc.words import spoken

log = logging.getLogger(__name__)

ADDRESS = "/ioc/supply"
PAGE = f"{ADDRESS}/"
MODULES = ("element.js", "signs.js", "matrix.js", "rates.js", "drawer.js")
"""What `board.js` imports; browsers are told their addresses with a mark of their content."""
LONGEST = 300
"""Characters of an obligation's or a period's name."""


@cache
def reference() -> Reference:
    """The province's reference data."""
    return read_reference()


@cache
def ckan_url() -> str:
    """Address of the portal for people, without a slash at its end; empty when this installation has not said it."""
    return os.environ.get("IOC_CKAN_URL", "").rstrip("/")


def subsystem_titles(language: str) -> dict[str, str]:
    """Title of each declared subsystem, in their order."""
    return {one.name: spoken_of(one.title, one.titles, language) for one in reference().subsystems.values()}


def register(app: Any) -> None:
    """Serve the board to who has the permission `can_read` on `IocSupplyBoard`, and put it into the navigation."""
    import psycopg2
    from flask import Response, g, request
    from flask_appbuilder import expose, has_access
    from flask_appbuilder.security.decorators import has_access_api, permission_name
    from flask_babel import LazyString, get_locale
    from superset.extensions import appbuilder
    from superset.superset_typing import FlaskResponse
    from superset.views.base import BaseSupersetView, get_spa_template_context

    from superset_ioc.store import store_of

    store, kept = store_of(app), KeptBoards()

    def language() -> str:
        return spoken(str(get_locale() or "vi"))

    def told(answer: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> FlaskResponse:
        sent = Response(json.dumps(answer, ensure_ascii=False, separators=(",", ":")), status, mimetype="application/json")
        sent.headers["Cache-Control"] = "no-store"
        return sent

    def answered(make: Callable[[str, Callable[..., Any]], FlaskResponse]) -> FlaskResponse:
        """What `make` tells of the viewer's audience and its way to ask; in words what could not be told."""
        words, audience = texts(language()), audience_of(getattr(g, "user", None))
        if audience == PUBLIC:
            return told({"message": words["not_shared"]}, HTTPStatus.FORBIDDEN)
        try:
            return make(audience, lambda query, parameters: store.ask(audience, query, parameters))
        except BoardRefused as problem:
            return told({"message": words["refused"].format(problem=problem)}, HTTPStatus.BAD_REQUEST)
        except psycopg2.Error as problem:
            log.error("The supply board cannot read the store: %s", problem)
            return told({"message": words["failed"]}, HTTPStatus.SERVICE_UNAVAILABLE)

    class IocSupplyBoard(BaseSupersetView):  # type: ignore[misc]
        """The supply board."""

        route_base = ADDRESS
        default_view = "page"
        class_permission_name = "IocSupplyBoard"

        @expose("/")  # type: ignore[untyped-decorator]
        @has_access  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def page(self) -> FlaskResponse:
            """The page in the viewer's language; what it shows it asks for itself."""
            words = texts(language())
            context = {**get_spa_template_context("spa"), "title": f"{words['title']} · Toàn Cảnh"}
            return self.render_template("ioc/supply.html", **context, texts=words, language=language(), modules=MODULES)

        @expose("/board.json")  # type: ignore[untyped-decorator]
        @has_access_api  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def board(self) -> FlaskResponse:
            """Rates and matrix of the filters."""

            def make(audience: str, ask: Callable[..., Any]) -> FlaskResponse:
                read = kept.of(ask, audience, Filters.of(request.args), ZONE)
                return told(board(read, language(), subsystem_titles(language())))

            return answered(make)

        @expose("/report.json")  # type: ignore[untyped-decorator]
        @has_access_api  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def report(self) -> FlaskResponse:
            """One report with its obligation."""

            def make(_: str, ask: Callable[..., Any]) -> FlaskResponse:
                asked = [request.args.get(key, "")[:LONGEST].replace("\0", "") for key in ("obligation", "period")]
                found = read_report(ask, *asked)
                if found is None:
                    return told({"message": texts(language())["unknown_report"]}, HTTPStatus.NOT_FOUND)
                state, events = found
                subsystem = subsystem_titles(language()).get(state["subsystem"])
                return told(report(state, events, language(), reference(), subsystem, ckan_url()))

            return answered(make)

    menu = LazyString(lambda: texts(language())["menu"])
    appbuilder.add_view(IocSupplyBoard, "IocSupplyBoard", label=menu, href=PAGE)
