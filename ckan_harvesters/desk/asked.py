"""What a request is about: a dataset of CKAN, an agency that publishes in it, and a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan_harvesters.applied import Applied, Terms
from ckan_harvesters.desk.store import Connection
from datasets.model.contract import Contract, Resource

RESOURCE = "SELECT contract || '/' || resource FROM ledger.dataset WHERE dataset = %s AND is_current"


class Unanswerable(Exception):
    """A request that has no answer: `code` and `params` are told, with the HTTP status."""

    def __init__(self, code: str, status: int = 400, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params


@dataclass(frozen=True)
class Asked:
    """The contract's side of a request."""

    dataset: str
    """`health-bed-days`."""
    agency: str
    period: str | None
    terms: Terms

    @property
    def contract(self) -> Contract:
        return self.terms.contract

    @property
    def resource(self) -> Resource:
        return self.terms.resource


def asked(conn: Connection, given: Mapping[str, Any]) -> Asked:
    """Reads dataset, agency and period of a request. Raises Unanswerable for what does not exist."""
    dataset, agency = text(given, "dataset"), text(given, "agency")
    row = conn.execute(RESOURCE, (dataset,)).fetchone()
    terms = Applied(conn).terms(row[0]) if row else None
    if terms is None:
        raise Unanswerable("unknown_dataset", 404, dataset=dataset)
    if agency not in terms.resource.publishers:
        raise Unanswerable("not_a_publisher", 404, agency=agency, publishers=", ".join(terms.resource.publishers))
    return Asked(dataset, agency, text(given, "period", required=False) or None, terms)


def text(given: Mapping[str, Any], name: str, required: bool = True) -> str:
    """A value of the request. Raises Unanswerable when it is missing or no text."""
    value = given.get(name)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value) or len(value) > 200 or "\x00" in value:
        raise Unanswerable("parameter_missing", name=name)
    return value
