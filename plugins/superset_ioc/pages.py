"""Our static files, under `/ioc/static/`."""

from typing import Any


def register(app: Any) -> None:
    """Serve the folder `static` of this package."""
    from flask import Blueprint

    app.register_blueprint(Blueprint("ioc", __name__, static_folder="static", static_url_path="/ioc/static"))
