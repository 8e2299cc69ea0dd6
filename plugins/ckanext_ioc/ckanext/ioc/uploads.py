"""Storing a delivery's file: CKAN's own way, with the receipt reset first and the harvest told after the commit."""

from __future__ import annotations

from typing import Any

import ckan.lib.uploader as uploader
import ckan.plugins.toolkit as tk
from ckan import model

from . import notify
from .receipt import Receipt, replacing_file
from .texts import here

MEGABYTE = 1024 * 1024


class DeliveryUpload(uploader.ResourceUpload):  # type: ignore[misc]
    """Upload of one resource."""

    def upload(self, id: str, max_size: int = 10) -> None:
        """Stores the file of resource `id`; `max_size` in megabytes.

        Raises ValidationError when it is larger, before the receipt is reset: the file of before stays, and stays accepted.
        """
        if not self.filename:
            super().upload(id, max_size)
            return
        if self.filesize > max_size * MEGABYTE:
            raise tk.ValidationError({"upload": [here("refused.too_large", limit=max_size)]})
        resource = model.Resource.get(id)
        known = model.Session.get(Receipt, id) is not None
        with replacing_file(id):
            super().upload(id, max_size)
        dataset = resource.package_id if resource is not None else None
        notify.collect("resource_update" if known else "resource_create", dataset, id)


def for_resource(resource: dict[str, Any]) -> DeliveryUpload:
    return DeliveryUpload(resource)
