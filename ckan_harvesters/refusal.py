"""Deliveries that were refused, in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from ckan_harvesters import ledger, supply
from ckan_harvesters.difference import Target
from ckan_harvesters.errors import Rejected
from ckan_harvesters.transaction import in_transaction, lock
from datasets.model.contract import Contract, Resource


def refuse(
    dsn: str,
    contract: Contract,
    resource: Resource,
    code: str,
    params: dict[str, Any],
    *,
    ckan_resource: str,
    scope: str = "",
    agency: str | None = None,
    file_sha256: str | None = None,
    file_size: int = 0,
    decoder: str | None = None,
    simulated: bool = False,
    job_id: str | None = None,
    rejected: Sequence[Rejected] = (),
    state: ledger.State = "refused",
    uploaded_at: datetime | None = None,
    report_period: str | None = None,
) -> int:
    """Records a delivery that was refused (or, with `state="failed"`, that our platform failed); its load_id. What was served stays.

    `uploaded_at`, `report_period`: as those of `Checked`.
    """

    def work(conn: psycopg.Connection[Any]) -> int:
        lock(conn, f"delivery {ckan_resource}")
        if job_id is not None and state == "refused" and (ended := ledger.ended_job(conn, job_id)):
            return ended.load_id
        line = ledger.Line(
            load_id=ledger.next_load(conn),
            kind="file",
            state=state,
            table_name=Target.of(contract, resource).text,
            ckan_resource=ckan_resource,
            scope=scope,
            agency=agency,
            file_sha256=file_sha256,
            contract_sha256=contract.sha256,
            decoder=decoder,
            job_id=job_id,
            refused_code=code,
            params=params,
            simulated=simulated,
            received_at=supply.received_at(conn, uploaded_at),
        )
        report = supply.report_for(conn, contract, resource, line, report_period) if state == "refused" and scope else None
        if file_sha256 is not None:
            ledger.record_file(conn, file_sha256, file_size)
        ledger.record(conn, line)
        ledger.record_rejected(conn, line.load_id, rejected, resource)
        if report is not None:
            supply.refused(conn, report, line)
        return line.load_id

    return in_transaction(dsn, work)
