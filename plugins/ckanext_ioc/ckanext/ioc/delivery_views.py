"""Pages on which a delivery is handed in and replaced, and the address of its file."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import flask
from ckan import model
from ckan.common import current_user
from ckan.lib import base
from ckan.views import resource as core
from werkzeug.datastructures import FileStorage

from datasets.model.period import HOW_TO_WRITE

from . import agencies
from .delivery import DatasetFacts, same_scope
from .texts import here

FORM_FIELDS = ("agency", "period", "description")


def _context() -> dict[str, Any]:
    return {"user": current_user.name, "auth_user_obj": current_user}


def _submitted() -> dict[str, Any]:
    """The form's own fields, and its file when one was chosen."""
    data: dict[str, Any] = {name: flask.request.form.get(name, "").strip() for name in FORM_FIELDS if name in flask.request.form}
    file = flask.request.files.get("upload")
    if isinstance(file, FileStorage) and file.filename:
        data["upload"] = file
        # What a person uploads in the form is theirs; only programs that make demonstration data say otherwise.
        data["simulated"] = "false"
        data["name"] = ""  # made anew from the period, the agency and this file
    return data


class NewDelivery(core.CreateView):  # type: ignore[misc]
    """The form of a new delivery; afterwards the delivery's page, where its receipt appears."""

    def post(self, package_type: str, id: str) -> Any:
        data = _submitted()
        try:
            made = tk.get_action("resource_create")(_context(), {**data, "package_id": id})
        except tk.ValidationError as error:
            data.pop("upload", None)
            return self.get(package_type, id, data, error.error_dict, error.error_summary)
        except tk.NotAuthorized as error:
            return base.abort(403, str(error) or here("portal.not_a_publisher"))
        except tk.ObjectNotFound:
            return base.abort(404, here("portal.dataset_not_found"))
        return tk.redirect_to("dataset_resource.read", id=id, resource_id=made["id"])


class ReplaceDelivery(core.EditView):  # type: ignore[misc]
    """The form that puts another file in place of the delivery's, or mends its note."""

    def _prepare(self, id: str) -> dict[str, Any]:
        context = {**_context(), "for_edit": True}
        resource_id = (flask.request.view_args or {}).get("resource_id")
        try:
            tk.check_access("resource_update", dict(context), {"id": resource_id})
        except tk.NotAuthorized as error:
            base.abort(403, str(error) or here("portal.not_your_delivery"))
        except tk.ObjectNotFound:
            base.abort(404, here("portal.delivery_not_found"))
        return context

    def post(self, package_type: str, id: str, resource_id: str) -> Any:
        self._prepare(id)
        data = _submitted()
        try:
            tk.get_action("resource_patch")(_context(), {**data, "id": resource_id})
        except tk.ValidationError as error:
            data.pop("upload", None)
            stored = tk.get_action("resource_show")(_context(), {"id": resource_id})
            return self.get(package_type, id, resource_id, {**stored, **data}, error.error_dict, error.error_summary)
        except tk.NotAuthorized as error:
            return base.abort(403, str(error) or here("portal.not_your_delivery"))
        return tk.redirect_to("dataset_resource.read", id=id, resource_id=resource_id)


def download(package_type: str, id: str, resource_id: str, filename: str | None = None) -> Any:
    """The file, for whoever may see the delivery; others read why not. Headers are set for every download in `headers`."""
    resource = model.Resource.get(resource_id)
    package = model.Package.get(id)
    if resource is None or package is None or resource.package_id != package.id:
        return base.abort(404, here("portal.delivery_not_found"))
    try:
        tk.check_access("resource_show", _context(), {"id": resource_id})
    except tk.NotAuthorized as error:
        return base.abort(403, str(error))
    except tk.ObjectNotFound:
        return base.abort(404, here("portal.delivery_withdrawn"))
    try:
        return core.download(package_type, id, resource_id, filename)
    except FileNotFoundError:
        return base.abort(404, here("portal.file_gone"))


def form_choices(dataset_name: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the form needs to know: agencies to choose from, the scope, how a period is written, a delivery in the way."""
    package = model.Package.get(dataset_name)
    facts = DatasetFacts.of(package)
    user = agencies.user_of({"auth_user_obj": current_user})
    example = HOW_TO_WRITE.get(facts.calendar) if facts.calendar else None  # type: ignore[call-overload]
    agency = data.get("agency") or ""
    other = same_scope(facts, package, agency, data.get("period"), data.get("id")) if agency else None
    return {
        "agencies": facts.may_deliver(user),
        "scope": facts.scope,
        "calendar": facts.calendar,
        "example": example,
        "existing": {"id": other.id, "name": other.name} if other is not None else None,
    }


def register(blueprint: flask.Blueprint) -> None:
    """Puts our pages at CKAN's addresses; CKAN takes the first that is registered, and extensions come first."""
    root = "/dataset/<id>/resource"
    defaults = {"package_type": "dataset"}
    blueprint.add_url_rule(f"{root}/new", view_func=NewDelivery.as_view("new"), defaults=defaults)
    blueprint.add_url_rule(f"{root}/<resource_id>/edit", view_func=ReplaceDelivery.as_view("edit"), defaults=defaults)
    for address in (f"{root}/<resource_id>/download", f"{root}/<resource_id>/download/<filename>"):
        blueprint.add_url_rule(address, view_func=download, defaults=defaults)
