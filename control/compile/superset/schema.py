"""Superset's permissions on a schema of the store: it makes them with the schema's first dataset, and never takes them away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from control.compile.superset.site import SupersetSite


def remove_schema(site: SupersetSite, schema: str) -> int:
    """Takes the permissions of a schema away that holds no dataset any more, from every role too; how many. Raises SupersetError."""
    if any(row["schema"] == schema for row in site.every("dataset", ["id", "schema"])):
        return 0
    resources = [
        row for row in _found(site, "resources", f"(col:name,opr:ct,value:'{schema}')") if str(row["name"]).endswith(f"].[{schema}]")
    ]
    for resource in resources:
        for permission in _found(site, "permissions-resources", f"(col:view_menu,opr:rel_o_m,value:{resource['id']})"):
            site.call("DELETE", f"/api/v1/security/permissions-resources/{permission['id']}")
        site.call("DELETE", f"/api/v1/security/resources/{resource['id']}")
    return len(resources)


def _found(site: SupersetSite, kind: str, condition: str) -> list[dict[str, Any]]:
    query = quote(f"(filters:!({condition}),page_size:100)")
    found: list[dict[str, Any]] = site.call("GET", f"/api/v1/security/{kind}/?q={query}")["result"]
    return found
