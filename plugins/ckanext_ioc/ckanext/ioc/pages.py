"""Pieces of the portal's own pages: the first page's lists and the file that a clerk starts from."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan.common import current_user
from ckan.lib import base

from . import agencies, words
from .texts import here

NEWEST = 8
"""Two rows of four on a desk's screen."""
MINE = 24


def _context() -> dict[str, Any]:
    return {"user": current_user.name, "auth_user_obj": current_user}


def first_page() -> dict[str, Any]:
    """What the viewer may read: `newest` datasets, the last changed first, and `subsystems`, each with its number of datasets.

    Both come from one search: the numbers are those of a facet, which counts what the viewer's labels open and nothing else.
    """
    wanted = {
        "rows": NEWEST, "sort": "metadata_modified desc", "include_private": True,
        "facet.field": ["subsystem"], "facet.limit": -1,
    }  # fmt: skip
    found = tk.get_action("package_search")(_context(), wanted)
    return {"newest": found["results"], "subsystems": words.in_order(found["search_facets"]["subsystem"]["items"])}


def my_datasets() -> list[dict[str, Any]]:
    """Datasets to which the viewer's agencies deliver, by title; empty for whoever delivers for none."""
    own = set(agencies.delivers_for(agencies.user_of(_context())))
    if not own:
        return []
    wanted = {"rows": 1000, "sort": "title_string asc", "include_private": True}
    found = tk.get_action("package_search")(_context(), wanted)["results"]
    return [d for d in found if own & set((d.get("publishers") or "").split())][:MINE]


def delivers() -> bool:
    """Whether the viewer has a desk: an editor of an agency, or a sysadmin."""
    if current_user.is_anonymous:
        return False
    return bool(current_user.sysadmin or agencies.delivers_for(agencies.user_of(_context())))


def largest_file() -> int:
    """Largest delivery in megabytes."""
    return int(tk.config.get("ckan.max_resource_size") or 0)


def template_file(id: str) -> Any:
    """An empty CSV with the header of the contract, in its delimiter."""
    try:
        dataset = tk.get_action("package_show")(_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return base.abort(404, here("portal.dataset_not_found"))
    fields = json.loads(dataset.get("table_schema") or "{}").get("fields", [])
    layout = json.loads(dataset.get("file_layout") or "{}")
    text = io.StringIO()
    csv.writer(text, delimiter=layout.get("delimiter", ",")).writerow(layout.get("header") or [field["name"] for field in fields])
    answer = flask.Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{dataset["name"]}.csv"'
    return answer


def groups() -> Any:
    """CKAN's groups are not used here: whoever comes to their page by an old link or by hand looks for datasets."""
    return tk.redirect_to("dataset.search")


def register(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule("/group/", "groups", groups)
    blueprint.add_url_rule("/dataset/<id>/template.csv", "template", template_file)
