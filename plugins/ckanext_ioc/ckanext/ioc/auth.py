"""Who may do what. Datasets and agencies are written by sysadmins (`ioc apply`); an agency's editors write its deliveries."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.logic.auth import get_package_object, get_resource_object

from . import agencies, deliver_action
from .delivery import DatasetFacts, Viewer, may_see
from .texts import here

Answer = dict[str, Any]
ON_THE_WAY = "ioc_delivery_in"
"""Key of a context: id of the package whose delivery is being written, set by our own resource actions and never by a request."""

ALLOWED: Answer = {"success": True}


def refused(code: str, **params: Any) -> Answer:
    return {"success": False, "msg": here(code, **params)}


def sysadmins_only(context: Any, data: Any) -> Answer:
    """Sysadmins never get here."""
    return refused("portal.only_by_contract")


def package_update(context: Any, data: Any) -> Answer:
    """Only as part of writing a delivery, whose own permission has been checked."""
    package = get_package_object(context, data)
    if context.get(ON_THE_WAY) == package.id:
        return ALLOWED
    return refused("portal.only_by_contract")


def _package_for(context: Any, data: Any) -> Any:
    """The dataset of a resource action. Raises ObjectNotFound."""
    package_id = (data or {}).get("package_id")
    if not package_id and (data or {}).get("id"):
        package_id = get_resource_object(context, data).package_id
    package = model.Package.get(package_id) if package_id else None
    if package is None:
        raise tk.ObjectNotFound(here("portal.dataset_not_found"))
    return package


def resource_create(context: Any, data: Any) -> Answer:
    """Editors of an agency that publishes to the dataset."""
    package = _package_for(context, data)
    user = agencies.user_of(context)
    if user is not None and DatasetFacts.of(package).may_deliver(user):
        return ALLOWED
    return refused("portal.not_a_publisher")


def resource_update(context: Any, data: Any) -> Answer:
    """Editors of the delivery's own agency."""
    resource = get_resource_object(context, data)
    user = agencies.user_of(context)
    if user is not None and Viewer.of(user).edits(resource.extras.get("agency")):
        return ALLOWED
    return refused("portal.not_your_delivery")


def resource_show(context: Any, data: Any) -> Answer:
    """Whoever may read the dataset, once the delivery is accepted; before that its own agency.

    Raises ObjectNotFound for a withdrawn one.
    """
    resource = get_resource_object(context, data)
    if not authz.is_authorized("package_show", context, {"id": resource.package_id}).get("success"):
        return refused("portal.dataset_closed")
    if resource.state != "active":
        raise tk.ObjectNotFound(here("portal.delivery_withdrawn"))
    if not may_see(agencies.user_of(context), resource):
        return refused("portal.not_accepted_yet")
    return ALLOWED


def receipt_show(context: Any, data: Any) -> Answer:
    """As the delivery; the harvest reads the receipts of withdrawn ones too."""
    if agencies.sees_everything(agencies.user_of(context)):
        return ALLOWED
    return resource_show(context, data)


def receipt_update(context: Any, data: Any) -> Answer:
    """Only the harvest."""
    user = agencies.user_of(context)
    if user is not None and user.name == agencies.service_user():
        return ALLOWED
    return refused("portal.only_the_harvest")


def people_show(context: Any, data: Any) -> Answer:
    """Oneself; others only for members of an agency."""
    user = agencies.user_of(context)
    if user is None:
        return refused("portal.officials_only")
    if (data or {}).get("id") in (user.id, user.name) or Viewer.of(user).is_official:
        return ALLOWED
    return refused("portal.officials_only")


def activity_list(context: Any, data: Any) -> Answer:
    """Members of an agency, for what they may read; the recorded contents (they hold every delivery's metadata) for sysadmins only."""
    if data.get("include_data") or not Viewer.of(agencies.user_of(context)).is_official:
        return refused("portal.officials_only")
    return ALLOWED


def package_activity_list(context: Any, data: Any) -> Answer:
    """As activity_list, for a dataset that the user may read."""
    if not authz.is_authorized("package_show", context, {"id": data["id"]}).get("success"):
        return refused("portal.dataset_closed")
    return activity_list(context, data)


def member_create(context: Any, data: Any) -> Answer:
    """An agency's administrators name its people; nobody moves datasets by membership."""
    group = model.Group.get(data.get("id"))
    if data.get("object_type") != "user" or group is None:
        return refused("portal.only_by_contract")
    if authz.has_user_permission_for_group_or_org(group.id, context["user"], "membership"):
        return ALLOWED
    return refused("portal.only_by_contract")


SYSADMINS_ONLY = (
    "package_create", "package_delete", "package_revise", "package_patch", "package_resource_reorder", "package_change_state",
    "package_relationship_create", "package_relationship_update", "package_relationship_delete",
    "package_collaborator_create", "package_collaborator_delete", "package_collaborator_list",
    "bulk_update_private", "bulk_update_public", "bulk_update_delete",
    "organization_create", "organization_update", "organization_patch", "organization_delete",
    "group_create", "group_update", "group_patch", "group_delete", "group_edit_permissions",
    "resource_view_create", "resource_view_update", "resource_view_delete", "resource_view_reorder",
    "resource_create_default_resource_views", "package_create_default_resource_views",
    "user_invite", "file_upload", "request_reset",
)  # fmt: skip
RECORDED_CONTENTS = ("activity_show", "activity_data_show", "activity_diff")
PEOPLE = ("user_list", "user_show", "user_autocomplete")
ACTIVITY = ("organization_activity_list", "group_activity_list", "user_activity_list", "recently_changed_packages_activity_list")


def _instead_of_activity(ours: Any) -> Any:
    """Our function in the place of the one that the extension `activity` has."""

    def function(theirs: Any, context: Any, data: Any) -> Answer:
        return dict(ours(context, data))

    return tk.chained_auth_function(function)


def functions() -> dict[str, Any]:
    """Every authorization function that the portal sets."""
    return {
        **dict.fromkeys(SYSADMINS_ONLY, sysadmins_only),
        **dict.fromkeys(PEOPLE, people_show),
        **dict.fromkeys(RECORDED_CONTENTS, _instead_of_activity(sysadmins_only)),
        **dict.fromkeys(ACTIVITY, _instead_of_activity(activity_list)),
        "package_activity_list": _instead_of_activity(package_activity_list),
        "package_update": package_update,
        "resource_create": resource_create,
        "resource_update": resource_update,
        "resource_patch": resource_update,
        "resource_delete": resource_update,
        "resource_show": tk.auth_allow_anonymous_access(resource_show),
        "member_create": member_create,
        "ioc_receipt_update": receipt_update,
        "ioc_deliver": deliver_action.may_deliver,
        "ioc_receipt_show": tk.auth_allow_anonymous_access(receipt_show),
    }
