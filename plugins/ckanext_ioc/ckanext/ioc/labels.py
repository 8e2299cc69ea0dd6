"""Which datasets a user may read.

Open ones are everyone's, shared ones every agency's, restricted ones their publishers' and the named agencies'.
"""

from __future__ import annotations

from typing import Any

from . import agencies
from .delivery import DatasetFacts

ANY_AGENCY = "ioc-any-agency"
EVERYTHING = "ioc-everything"


def of_dataset(package: Any) -> list[str]:
    """Labels of a package (the model's object); a user with one of them may read it."""
    facts = DatasetFacts.of(package)
    if package.state == "active" and not package.private and facts.access_class == "open":
        return ["public"]
    labels = [EVERYTHING, *(f"ioc-agency-{name}" for name in (*facts.publishers, *facts.named))]
    if facts.access_class in ("open", "shared"):
        labels.append(ANY_AGENCY)
    return labels


def of_user(user: Any) -> list[str]:
    """Labels of a user, None or anonymous for the public."""
    if user is None or getattr(user, "is_anonymous", False):
        return ["public"]
    if agencies.sees_everything(user):
        return ["public", EVERYTHING]
    own = agencies.memberships(user)
    return ["public", *([ANY_AGENCY] if own else []), *(f"ioc-agency-{name}" for name in own)]
