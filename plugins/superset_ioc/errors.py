"""What is said of what is not there, what broke and what is not shared, in the viewer's language.

Superset's own pages are in English and ask another host for their letters. A chart over data that the viewer's audience may not read would
show PostgreSQL's words, with the name of the table.
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
NOT_SHARED = {
    "vi": "Số liệu này không chia sẻ cho cơ quan của bạn.",
    "en": "These data are not shared with your agency.",
    "fr": "Ces données ne sont pas partagées avec votre organisme.",
}
NOT_PUBLIC = {
    "vi": "Số liệu này không công khai. Hãy đăng nhập nếu bạn là người của cơ quan nhà nước.",
    "en": "These data are not public. Log in if you work for an agency.",
    "fr": "Ces données ne sont pas publiques. Connectez-vous si vous travaillez pour un organisme.",
}
TOO_LONG = {
    "vi": "Câu hỏi này mất quá nhiều thời gian. Hãy chọn khoảng thời gian ngắn hơn hoặc ít đơn vị hơn.",
    "en": "This question took too long. Choose a shorter time or fewer units.",
    "fr": "Cette question a pris trop de temps. Choisissez une durée plus courte ou moins d'unités.",
}
# PostgreSQL's codes: https://www.postgresql.org/docs/15/errcodes-appendix.html
INSUFFICIENT_PRIVILEGE, QUERY_CANCELED = "42501", "57014"
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


class StoreRefused(Exception):
    """The store did not answer, in words that its viewer understands; `message` is what Superset shows."""

    def __init__(self, words: dict[str, str], language: str) -> None:
        self.message = words.get(language, words["vi"])
        super().__init__(self.message)


def _is_anonymous(user: Any) -> bool:
    return user is None or bool(getattr(user, "is_anonymous", False))


def in_viewers_words(problem: Exception, language: str, is_anonymous: bool) -> Exception:
    """The error to show instead of PostgreSQL's: what is not shared, what took too long. Any other stays as it is."""
    code = getattr(problem, "pgcode", None)
    if code == INSUFFICIENT_PRIVILEGE:
        return StoreRefused(NOT_PUBLIC if is_anonymous else NOT_SHARED, language)
    if code == QUERY_CANCELED:
        return StoreRefused(TOO_LONG, language)
    return problem


def speak_for_the_store() -> None:
    """Let Superset show our words for what the store refuses."""
    from superset.db_engine_specs.postgres import PostgresEngineSpec

    mapped = PostgresEngineSpec.get_dbapi_mapped_exception.__func__

    def in_words(cls: Any, exception: Exception) -> Exception:
        from flask_babel import get_locale
        from superset.extensions import security_manager

        language = str(get_locale() or "vi")
        said = in_viewers_words(exception, language, _is_anonymous(security_manager.current_user))
        return said if said is not exception else mapped(cls, exception)

    PostgresEngineSpec.get_dbapi_mapped_exception = classmethod(in_words)


def register(app: Any) -> None:
    """Put our pages and words in the place of Superset's."""
    from flask_babel import get_locale

    speak_for_the_store()

    @app.after_request  # type: ignore[untyped-decorator]
    def _own_error_pages(response: Any) -> Any:
        if response.status_code in (404, 500) and response.mimetype == "text/html":
            response.direct_passthrough = False
            response.set_data(error_page(response.status_code, str(get_locale() or "vi")))
            for header in ("ETag", "Last-Modified", "Content-Disposition", "Content-Encoding"):
                response.headers.pop(header, None)
            response.headers["Cache-Control"] = "no-store"
        return response
