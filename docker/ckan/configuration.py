"""Writes CKAN's configuration inside its container, from the template and the extension's settings that `ioc` uses too."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

import jinja2

HOME = Path(__file__).resolve().parents[2]
# The proxy in front speaks TLS, so cookies may be kept from plain HTTP.
BEHIND_TLS = {"SESSION_COOKIE_SECURE": "true", "REMEMBER_COOKIE_SECURE": "true"}


def extension_settings(home: Path) -> dict[str, str]:
    """Settings that the extension asks for, the same in every deployment."""
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string("[settings]\n" + (home / "plugins" / "ckanext_ioc" / "ckan-settings.ini").read_text())
    return dict(parser["settings"])


def configuration(home: Path, environ: dict[str, str]) -> str:
    """The text of ckan.ini. Raises KeyError when a variable of the environment is missing."""
    loader = jinja2.FileSystemLoader(home / "control" / "services" / "templates")
    template = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=False).get_template("ckan.ini.j2")  # noqa: S701 - an INI file
    return template.render(
        site_url=environ["IOC_CKAN_PUBLIC_URL"],
        superset_url=environ["IOC_SUPERSET_PUBLIC_URL"],
        database=environ["IOC_CKAN_DATABASE_URL"],
        redis=environ["IOC_REDIS_URL"],
        solr=environ["IOC_SOLR_URL"],
        storage="/var/lib/ckan",
        secret_key=environ["CKAN_SECRET_KEY"],
        extension={**extension_settings(home), **BEHIND_TLS},
    )


if __name__ == "__main__":
    target = Path(os.environ["CKAN_INI"])
    target.touch(mode=0o600)
    target.write_text(configuration(HOME, dict(os.environ)))
