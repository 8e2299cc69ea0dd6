"""What only the store can say of a checked file: that it was meant for another dataset, contract or period, and what it would replace."""

from __future__ import annotations

from typing import Any

from ckan_harvesters.decode.stamp import Stamp
from ckan_harvesters.delivery import DeliveryScope, scope_of
from ckan_harvesters.desk.asked import Asked
from ckan_harvesters.desk.store import Connection
from ckan_harvesters.errors import HeaderRefused, Refused
from ckan_harvesters.mistaken import meant_otherwise, period_of_same_file, same_file
from datasets.model.contract import Scope

STANDING = "SELECT file_sha256, accepted FROM ledger.current_load WHERE table_name = %s AND scope = %s AND kind = 'file'"


def seen_beside_others(conn: Connection, about: Asked, said: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, refused when the file was meant for something else, else with notes. `said`: what the child told."""
    stamp = Stamp(*said["stamp"]) if said["stamp"] else None
    refused = _refused(answer, said["header"])
    told = meant_otherwise(conn, about.terms, stamp, refused)
    if told is None and refused is None:
        scope = scope_of(about.resource, about.agency, about.period, "desk")
        told = same_file(conn, about.terms, scope, answer["file_sha256"], said["telling_rows"])
        if told is None:
            return {**answer, "notes": _notes(conn, about, scope, answer)}
    if told is None:
        return answer
    return {**answer, "state": "refused", "refused_code": told.code, "params": told.params, "accepted": 0}


def _refused(answer: dict[str, Any], header: list[str] | None) -> Refused | None:
    if answer["state"] != "refused":
        return None
    code: str = answer["refused_code"]
    return HeaderRefused(code, header) if header is not None else Refused(code)


def _notes(conn: Connection, about: Asked, scope: DeliveryScope, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the clerk should know and decide: nothing in it, the same as what stands, the same as another period."""
    notes: list[dict[str, Any]] = []
    if answer["rows"] == 0:
        notes.append({"code": "header_only", "params": {"period": about.period}})
    elif other := period_of_same_file(conn, about.terms, scope, answer["file_sha256"]):
        notes.append({"code": "same_file_as", "params": {"found": other, "period": about.period}})
    if about.resource.delivery.scope is Scope.ADDITION:
        return notes
    table = f"{about.contract.pg_schema}.{about.contract.table(about.resource)}"
    standing = conn.execute(STANDING, (table, scope.key)).fetchone()
    if standing is not None and standing[0] == answer["file_sha256"]:
        notes.append({"code": "same_as_standing", "params": {"rows": standing[1]}})
    elif standing is not None:
        notes.append({"code": "replaces_standing", "params": {"rows": standing[1], "accepted": answer["accepted"]}})
    return notes
