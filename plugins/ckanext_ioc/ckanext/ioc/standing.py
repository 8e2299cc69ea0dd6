"""The file that stands for a scope now: its SHA-256, and who published it when."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import ckan.lib.uploader as uploader
from ckan import model
from sqlalchemy import text

from . import agencies
from .receipt_views import moment

WRITTEN_BY = text("""
    SELECT user_id FROM activity WHERE object_id = :package AND timestamp BETWEEN :from AND :to ORDER BY timestamp LIMIT 1
""")
WHILE_WRITING = timedelta(minutes=5)
"""Longest time between the moment of a file and the end of the request that stored it."""


def file_sha256(resource: Any) -> str | None:
    """SHA-256 of the file that the resource (the model's) holds, None for a link or a file that is gone."""
    if resource.url_type != "upload":
        return None
    path = Path(uploader.get_resource_uploader({"id": resource.id}).get_path(resource.id))
    if not path.exists():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256(resource: Any) -> str:
    """What a page tells as `based_on`: "" where nothing stands; of a link the digest of its address."""
    if resource is None:
        return ""
    return file_sha256(resource) or hashlib.sha256(str(resource.url).encode()).hexdigest()


def published_by(resource: Any) -> tuple[str, str]:
    """Full name of who put the file there, else the agency's title, and the moment in words."""
    at = resource.last_modified or resource.created
    found = model.Session.execute(WRITTEN_BY, {"package": resource.package_id, "from": at, "to": at + WHILE_WRITING}).scalar()
    user = model.User.get(found) if found else None
    who = user.display_name if user is not None else agencies.title(resource.extras.get("agency") or "")
    return str(who), moment(at.isoformat())
