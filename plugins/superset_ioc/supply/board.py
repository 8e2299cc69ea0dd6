"""The supply board, `/ioc/supply/`: what every agency owes, period by period, for officials. It is not made of chart queries.

Beside the page: `board.json` (what the matrix and the rates show, for the filters of the address) and `report.json` (one obligation's
report). Both ask the store with the login of the viewer's audience.
"""

from __future__ import annotations

from typing import Any

from superset_ioc.audience import audience_of
from superset_ioc.supply.answers import Answer, Answers
from superset_ioc.supply.texts import texts
from superset_ioc.words import spoken

ADDRESS = "/ioc/supply"
PAGE = f"{ADDRESS}/"
MODULES = ("element.js", "signs.js", "matrix.js", "rates.js", "drawer.js")
"""What `board.js` imports; browsers are told their addresses with a mark of their content."""


def _language() -> str:
    """Of the viewer."""
    from flask_babel import get_locale

    return spoken(str(get_locale() or "vi"))


def _sent(answer: Answer) -> Any:
    """The answer as it goes to a browser, which keeps none of it."""
    from flask import Response

    sent = Response(answer.text, answer.status, mimetype="application/json")
    sent.headers["Cache-Control"] = "no-store"
    return sent


def register(app: Any) -> None:
    """Serve the board to who has the permission `can_read` on `IocSupplyBoard`, and put it into the navigation."""
    from flask import g, request
    from flask_appbuilder import expose, has_access
    from flask_appbuilder.security.decorators import has_access_api, permission_name
    from flask_babel import LazyString
    from superset.extensions import appbuilder
    from superset.superset_typing import FlaskResponse
    from superset.views.base import BaseSupersetView, get_spa_template_context

    from superset_ioc.store import store_of

    answers = Answers(store_of(app))

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
            language = _language()
            words = texts(language)
            context = {**get_spa_template_context("spa"), "title": f"{words['title']} · Toàn Cảnh"}
            return self.render_template("ioc/supply.html", **context, texts=words, language=language, modules=MODULES)

        @expose("/board.json")  # type: ignore[untyped-decorator]
        @has_access_api  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def board(self) -> FlaskResponse:
            """Rates and matrix of the filters."""
            return _sent(answers.board(audience_of(getattr(g, "user", None)), _language(), request.args))

        @expose("/report.json")  # type: ignore[untyped-decorator]
        @has_access_api  # type: ignore[untyped-decorator]
        @permission_name("read")  # type: ignore[untyped-decorator]
        def report(self) -> FlaskResponse:
            """One report with its obligation."""
            return _sent(answers.report(audience_of(getattr(g, "user", None)), _language(), request.args))

    menu = LazyString(lambda: texts(_language())["menu"])
    appbuilder.add_view(IocSupplyBoard, "IocSupplyBoard", label=menu, href=PAGE)
