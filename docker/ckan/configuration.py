"""Writes CKAN's configuration inside its container, from the template and the extension's settings that `ioc` uses too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from control.services.templates.ckan_configuration import configuration

# The proxy in front speaks TLS, so cookies may be kept from plain HTTP.
BEHIND_TLS = {"SESSION_COOKIE_SECURE": "true", "REMEMBER_COOKIE_SECURE": "true"}


def text(environ: Mapping[str, str]) -> str:
    """The text of ckan.ini. Raises KeyError when a variable of the environment is missing."""
    return configuration(
        BEHIND_TLS,
        site_url=environ["IOC_CKAN_PUBLIC_URL"],
        superset_url=environ["IOC_SUPERSET_PUBLIC_URL"],
        desk_url=environ["IOC_DESK_URL"],
        desk_token=environ["IOC_DESK_TOKEN"],
        database=environ["IOC_CKAN_DATABASE_URL"],
        redis=environ["IOC_REDIS_URL"],
        solr=environ["IOC_SOLR_URL"],
        storage="/var/lib/ckan",
        secret_key=environ["CKAN_SECRET_KEY"],
    )


if __name__ == "__main__":
    target = Path(os.environ["CKAN_INI"])
    target.touch(mode=0o600)
    target.write_text(text(os.environ))
