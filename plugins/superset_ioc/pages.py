"""Our static files, under `/ioc/static/`, and what Superset's pages load of them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from superset_ioc.words import spoken

STATIC = Path(__file__).resolve().parent / "static"
TEMPLATES = Path(__file__).resolve().parent / "templates"
ADDRESS = "/ioc/static"


def static_address(name: str) -> str:
    """Address of a file of `static`, with a mark of its content: browsers keep static files for a year."""
    return f"{ADDRESS}/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def register(app: Any) -> None:
    """Serve the folder `static` of this package, and put its templates before Superset's own of the same names."""
    from flask import Blueprint
    from flask_babel import get_locale
    from jinja2 import ChoiceLoader, FileSystemLoader

    app.register_blueprint(Blueprint("ioc", __name__, static_folder="static", static_url_path=ADDRESS))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(TEMPLATES), app.jinja_loader])
    app.context_processor(lambda: {"ioc_static": static_address, "ioc_language": spoken(str(get_locale() or "vi"))})
