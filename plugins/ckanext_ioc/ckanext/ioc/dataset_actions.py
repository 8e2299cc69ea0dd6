"""Reading datasets: deliveries that the viewer may not see are taken out of every answer that would hold them."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan.common import current_user

from . import agencies
from .delivery import Viewer, visible
from .texts import with_translations
from .words import name_facets

SEARCH_FIELDS = frozenset({
    "id", "name", "title", "title_en", "title_fr", "notes", "organization", "owner_org", "private", "state", "type", "url", "version",
    "metadata_created", "metadata_modified", "tags", "groups", "license_id", "subsystem", "access_class", "importance", "frequency",
    "publishers", "contract_resource", "site_id",
})  # fmt: skip
"""What a search may ask for by `fl`; the whole record in the index holds deliveries that are not everyone's."""

ACTIVITY_FIELDS = ("id", "name", "title", "type", "private")
ACTIVITY_LISTS = (
    "package_activity_list", "organization_activity_list", "group_activity_list", "user_activity_list", "dashboard_activity_list",
    "recently_changed_packages_activity_list",
)  # fmt: skip


def _whole(context: dict[str, Any]) -> bool:
    """Whether the caller is CKAN itself, about to write the dataset back or to index it: it needs every delivery."""
    return bool(context.get("for_update") or context.get("ignore_auth"))


def filtered(dataset: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The dataset with the deliveries that the viewer sees, and their number."""
    if "resources" in dataset:
        dataset["resources"] = visible(dataset["resources"], viewer)
        dataset["num_resources"] = len(dataset["resources"])
    return dataset


def package_show(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    dataset = core(context, data)
    if _whole(context):
        return dataset
    filtered(dataset, Viewer.of(agencies.user_of(context)))
    return with_translations(dataset) if context.get("for_view") else dataset


def package_search(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    """Only what a search may ask for; its deliveries are taken out by `search_results`, which every search of CKAN's own comes by."""
    whole = context.get("ignore_auth") or agencies.sees_everything(agencies.user_of(context))
    if data.get("fl") and not whole:
        wanted = data["fl"] if isinstance(data["fl"], list) else str(data["fl"]).replace(",", " ").split()
        data = {**data, "fl": [field for field in wanted if field in SEARCH_FIELDS] or ["id", "name"]}
    found = core(context, data)
    if context.get("for_view"):
        for dataset in found["results"]:
            with_translations(dataset)
    return found


def search_results(found: dict[str, Any]) -> dict[str, Any]:
    """The datasets found, each with the deliveries that whoever makes the request sees; outside a request as they are."""
    if not flask.has_request_context():
        return found
    name_facets(found["search_facets"])
    viewer = Viewer.of(None if current_user.is_anonymous else current_user)
    if viewer.everything:
        return found
    datasets = [d for d in found["results"] if isinstance(d, dict) and d.get("resources")]
    shown = {r["id"] for r in visible([r for d in datasets for r in d["resources"]], viewer)}
    for dataset in datasets:
        dataset["resources"] = [r for r in dataset["resources"] if r["id"] in shown]
        dataset["num_resources"] = len(dataset["resources"])
    return found


def resource_search(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    """Looks in every public dataset's resources by their text, so it is for those who see everything."""
    if not context.get("ignore_auth") and not agencies.sees_everything(agencies.user_of(context)):
        raise tk.NotAuthorized()
    return core(context, data)


def activity_list(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    """Any of CKAN's lists of activities; each entry holds the whole dataset as it was, of which only the name is shown."""
    found = core(context, data)
    if agencies.sees_everything(agencies.user_of(context)):
        return found
    for entry in found:
        dataset = (entry.get("data") or {}).get("package")
        if dataset is not None:
            entry["data"] = {"package": {name: dataset.get(name) for name in ACTIVITY_FIELDS}}
    return found


def package_revise(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    """CKAN compares the dataset with `match` before it asks who is calling, so we ask first."""
    tk.check_access("package_revise", context, {"update": {}})
    return core(context, data)
