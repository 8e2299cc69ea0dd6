"""Supply: what agencies owe, the reports expected of them, and the events that say what became of each."""

from __future__ import annotations

from ckan_harvesters.supply.record import accepted, received_at, refused, still_accepted, withdrawn
from ckan_harvesters.supply.report_of import Report, report_for
from ckan_harvesters.supply.reports import tick

__all__ = ["Report", "accepted", "received_at", "refused", "report_for", "still_accepted", "tick", "withdrawn"]
