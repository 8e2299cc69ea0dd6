"""What only the store can say of a checked file: that it was meant for another dataset, contract or period, and what it would replace."""

from __future__ import annotations

from typing import Any

from ckan_harvesters.decode.stamp import Stamp
from ckan_harvesters.delivery import DeliveryScope, scope_of
from ckan_harvesters.desk.asked import Asked
from ckan_harvesters.desk.store import Connection
from ckan_harvesters.errors import HeaderRefused, Refused
from ckan_harvesters.mistaken import meant_otherwise, same_file
from datasets.model.contract import Scope

STANDING = """
SELECT c.file_sha256, c.accepted, l.report_period FROM ledger.current_load c JOIN ledger.load l USING (load_id)
WHERE c.table_name = %s AND c.scope = %s AND c.kind = 'file'
"""


def seen_beside_others(conn: Connection, about: Asked, said: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, refused when the file was meant for something else, else with notes. `said`: what the child told."""
    stamp = Stamp(*said["stamp"]) if said["stamp"] else None
    refused = _refused(answer, said["header"])
    told = meant_otherwise(conn, about.terms, stamp, refused)
    if told is None and refused is None:
        scope = scope_of(about.resource, about.agency, about.period, "desk")
        again = same_file(conn, about.terms, scope, answer["file_sha256"]) if answer["rows"] else None
        # The same file once more for its own report takes its own place.
        told = again.refused if again is not None and again.period != about.period else None
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
    if about.resource.delivery.scope is Scope.ADDITION:
        return notes
    table = f"{about.contract.pg_schema}.{about.contract.table(about.resource)}"
    standing = conn.execute(STANDING, (table, scope.key)).fetchone()
    if standing is None:
        return notes
    if standing[0] != answer["file_sha256"]:
        notes.append({"code": "replaces_standing", "params": {"rows": standing[1], "accepted": answer["accepted"]}})
    elif about.resource.delivery.scope is Scope.WHOLE and standing[2] not in (None, about.period):
        notes.append({"code": "same_file_as", "params": {"found": standing[2], "period": about.period}})
    else:
        notes.append({"code": "same_as_standing", "params": {"rows": standing[1]}})
    return notes
