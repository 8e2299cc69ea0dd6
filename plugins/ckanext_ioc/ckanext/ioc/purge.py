"""Purging a dataset takes along what CKAN leaves behind: its deliveries' files, their receipts, what was recorded of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan.lib.uploader as uploader
import ckan.plugins.toolkit as tk
from ckan import model
from sqlalchemy import bindparam, text

from .desk.drafts import Draft
from .receipt import Receipt

FORGET_DETAILS = text("DELETE FROM activity_detail WHERE activity_id IN (SELECT id FROM activity WHERE object_id = :package)")
FORGET = text("DELETE FROM activity WHERE object_id = :package")
VIEWS = text("DELETE FROM resource_view WHERE resource_id IN :resources").bindparams(bindparam("resources", expanding=True))


def dataset_purge(core: Any, context: dict[str, Any], data: dict[str, Any]) -> Any:
    """Purges the dataset `id` with all that is its own, withdrawn deliveries too; receipts and record go in CKAN's own transaction.

    The files go first: were this to stop in between, the dataset is still there to be purged again.
    """
    package = model.Package.get(tk.get_or_bust(data, "id"))
    if package is None:
        return core(context, data)
    tk.check_access("dataset_purge", context, data)
    resources = [row.id for row in model.Session.query(model.Resource.id).filter(model.Resource.package_id == package.id)]
    for resource in resources:
        Path(uploader.get_resource_uploader({"id": resource}).get_path(resource)).unlink(missing_ok=True)
    if resources:
        model.Session.query(Receipt).filter(Receipt.resource_id.in_(resources)).delete(synchronize_session=False)
        model.Session.execute(VIEWS, {"resources": resources})
    model.Session.query(Draft).filter_by(dataset=package.name).delete(synchronize_session=False)
    model.Session.execute(FORGET_DETAILS, {"package": package.id})
    model.Session.execute(FORGET, {"package": package.id})
    return core(context, data)
