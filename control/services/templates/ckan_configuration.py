"""The text of ckan.ini: one template and the extension's own settings, for `ioc` and for the container alike. Needs only Jinja."""

from __future__ import annotations

import configparser
from pathlib import Path

import jinja2

HERE = Path(__file__).resolve().parent
EXTENSION_SETTINGS = HERE.parents[2] / "plugins" / "ckanext_ioc" / "ckan-settings.ini"


def extension_settings() -> dict[str, str]:
    """Settings that the extension asks for, the same in every deployment."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string("[settings]\n" + EXTENSION_SETTINGS.read_text())
    return dict(parser["settings"])


def configuration(more: dict[str, str] | None = None, **values: str) -> str:
    """The text, with the template's addresses and secrets in `values`; settings in `more` go over those of the extension.

    Raises jinja2.UndefinedError when a value is missing.
    """
    # An INI file, not markup: nothing is to be escaped.
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined)  # noqa: S701
    return templates.get_template("ckan.ini.j2").render(extension={**extension_settings(), **(more or {})}, **values)
