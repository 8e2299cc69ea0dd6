"""Where the portal is for people, and the addresses of its pages that ours lead to."""

from __future__ import annotations

import os
from functools import cache
from urllib.parse import quote


@cache
def portal_url() -> str:
    """Address of the portal, without a slash at its end; empty when this installation has not said it."""
    return os.environ.get("IOC_CKAN_URL", "").rstrip("/")


def address_of(portal: str, dataset: str, resource: str | None = None) -> str:
    """Page of a dataset, or of one of its deliveries; `portal` has no slash at its end."""
    page = f"{portal}/dataset/{quote(dataset, safe='')}"
    return f"{page}/resource/{quote(resource, safe='')}" if resource else page
