"""Pages for what is not there and for what broke, in the viewer's language.

Superset's own are in English and ask another host for their letters.
"""

from __future__ import annotations

from html import escape
from typing import Any

NOT_FOUND = {
    "vi": ("Không tìm thấy trang này", "Có thể địa chỉ sai hoặc trang đã chuyển."),
    "en": ("This page was not found", "The address may be wrong, or the page has moved."),
    "fr": ("Page introuvable", "L'adresse est peut-être fausse, ou la page a changé de place."),
}
BROKEN = {
    "vi": ("Hệ thống gặp lỗi", "Hãy thử lại sau ít phút."),
    "en": ("Something broke", "Please try again in a few minutes."),
    "fr": ("Une erreur s'est produite", "Réessayez dans quelques minutes."),
}
HOME = {"vi": "Về trang chủ", "en": "Home", "fr": "Accueil"}

PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · Toàn Cảnh</title><style>
body {{ font-family: Inter, "Be Vietnam Pro", "Noto Sans", Arial, sans-serif; color: #16324f; background: #f5f5f5; margin: 0;
  min-height: 100vh; display: flex; align-items: center; justify-content: center; }}
main {{ background: #fff; border-radius: 8px; padding: 40px 48px; max-width: 460px; }}
h1 {{ font-size: 24px; margin: 24px 0 8px; }} p {{ color: #444; margin: 0 0 24px; }}
a {{ color: #fff; background: #1f5fa6; padding: 10px 20px; border-radius: 6px; text-decoration: none; display: inline-block; }}
</style></head><body><main><img src="/ioc/static/logo.svg" alt="Toàn Cảnh" height="32"><h1>{heading}</h1><p>{what_now}</p>
<a href="/">{home}</a></main></body></html>
"""


def error_page(status: int, language: str) -> str:
    """The page for 404, or for anything that broke."""
    spoken = language if language in HOME else "vi"
    heading, what_now = (NOT_FOUND if status == 404 else BROKEN)[spoken]
    return PAGE.format(language=spoken, heading=escape(heading), what_now=escape(what_now), home=escape(HOME[spoken]))


def register(app: Any) -> None:
    """Put our pages in the place of Superset's."""
    from flask_babel import get_locale

    @app.after_request  # type: ignore[untyped-decorator]
    def _own_error_pages(response: Any) -> Any:
        if response.status_code in (404, 500) and response.mimetype == "text/html":
            response.direct_passthrough = False
            response.set_data(error_page(response.status_code, str(get_locale() or "vi")))
            for header in ("ETag", "Last-Modified", "Content-Disposition", "Content-Encoding"):
                response.headers.pop(header, None)
            response.headers["Cache-Control"] = "no-store"
        return response
