"""The load: one transaction from staging to the next edition.

Locks are taken in one order, so that loads do not wait for each other in a circle: the contract (shared), the delivery, its scopes by
name, the rows' keys, the table (only where the contract's key has no unit), its measures, the edition. Every statement has a snapshot
that is taken after the locks before it.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import psycopg

from ckan_harvesters import ledger, measure, supply
from ckan_harvesters.clock import now
from ckan_harvesters.decode.decoded import LINES
from ckan_harvesters.difference import Open, Staging, Target
from ckan_harvesters.edition import publish, row_digest
from ckan_harvesters.errors import MASK, Refused, Rejected
from ckan_harvesters.outcome import Checked, Outcome, Within
from ckan_harvesters.refusal import refuse
from ckan_harvesters.supply.coverage import units_there
from ckan_harvesters.transaction import Overtaken, in_transaction, lock
from ckan_harvesters.withdrawal import close_scope, withdraw

__all__ = ["Checked", "Outcome", "Within", "current_load", "load", "refuse", "withdraw"]

OF_LOADS = "SELECT load_id, coalesce(ckan_resource, ''), scope, coalesce(agency, '') FROM ledger.load WHERE load_id = ANY(%s)"


def load(dsn: str, checked: Checked, job_id: str, within: Within | None = None) -> Outcome:
    """Loads a checked delivery in one transaction; the same job again gives the same outcome and changes nothing.

    `dsn`: the store as ioc_loader. Refuses `duplicate_scope` when another delivery is current for the scope, and `too_many_bad` when keys
    that are open elsewhere bring the rejected rows over the contract's share. Raises TransientError when the store cannot be reached or
    other loads kept overtaking this one, TerminalError when the store does not take the rows.
    """
    return in_transaction(dsn, lambda conn: _load(conn, checked, job_id, within), with_faults=True)


def current_load(dsn: str, ckan_resource: str) -> ledger.Entry | None:
    """The load that shows this delivery now; None when it shows nothing (never loaded, withdrawn, or refused from the start)."""

    def work(conn: psycopg.Connection[Any]) -> ledger.Entry | None:
        found = ledger.current_of_resource(conn, ckan_resource)
        return max(found, key=lambda entry: entry.edition or 0, default=None)

    return in_transaction(dsn, work)


def _load(conn: psycopg.Connection[Any], checked: Checked, job_id: str, within: Within | None) -> Outcome:
    measure.under_contract(conn, checked.contract.name)
    lock(conn, f"delivery {checked.ckan_resource}")
    if ended := ledger.ended_job(conn, job_id):
        return _ended(conn, ended)
    target = Target.of(checked.contract, checked.resource)
    here = (target.text, checked.scope)
    moved = [
        entry
        for entry in ledger.current_of_resource(conn, checked.ckan_resource)
        if entry.table_name == target.text and entry.scope != checked.scope
    ]
    for table_name, scope in sorted({here, *((target.text, entry.scope) for entry in moved)}):
        lock(conn, f"scope {table_name} {scope}")
    current = ledger.current_of_scope(conn, *here)
    if current and current.kind == "file" and current.ckan_resource != checked.ckan_resource:
        refusal = Refused("duplicate_scope", delivery=current.ckan_resource, scope=checked.scope, agency=current.agency)
        return _refused(conn, checked, target, job_id, refusal)
    if current and not moved and _is_same(current, checked):
        return _unchanged(conn, checked, target, job_id, current)
    return _changed(conn, checked, target, job_id, moved, within)


def _changed(
    conn: psycopg.Connection[Any], checked: Checked, target: Target, job_id: str, moved: list[ledger.Entry], within: Within | None
) -> Outcome:
    own = ledger.loads_of_scope(conn, target.text, checked.scope)
    left = [load_id for entry in moved for load_id in ledger.loads_of_scope(conn, target.text, entry.scope)]
    load_id = ledger.next_load(conn)
    staging = Staging(conn, target, load_id)
    staging.fill(checked.rows)
    found = staging.open_elsewhere([*own, *left])
    elsewhere = _rejected_elsewhere(conn, checked, found)
    rejected = checked.rejected_count + len(elsewhere)
    if refusal := _too_many(checked, rejected, elsewhere):
        staging.drop()
        return _refused(conn, checked, target, job_id, refusal)
    if elsewhere:
        staging.drop_lines({row.line for row in found})
    withdrawn = [close_scope(conn, entry) for entry in moved]
    closed, kept_keys = staging.close(own)
    inserted = staging.insert(own, checked.agency)
    if not target.unit_in_key:
        lock(conn, f"keys {target.text}")
        if staging.overtaken(own):
            raise Overtaken
    staging.drop()
    if within is not None:
        within(conn, load_id)
    closed_by, left_scopes = tuple(gone.load_id for gone in withdrawn), tuple(entry.scope for entry in moved)
    change = measure.Change(target.text, load_id, closed_by, standing=(checked.scope,), gone=left_scopes)
    measure.compute(conn, [change], now())
    columns = ["agency", *target.values]
    line, report = _line(conn, checked, target, job_id, load_id, "done_with_rejects" if rejected else "done")
    line.accepted = checked.rows.height - len(elsewhere)
    line.rejected, line.elsewhere = rejected, len(elsewhere)
    line.added, line.changed, line.removed = inserted - kept_keys, kept_keys, closed - kept_keys
    line.columns = columns
    line.row_digest = row_digest(conn, target.text, columns, load_id, just_loaded=True)
    ledger.record_file(conn, checked.file_sha256, checked.file_size)
    ledger.record(conn, line)
    ledger.record_rejected(conn, load_id, [*checked.rejected, *elsewhere], checked.resource)
    if report is not None:
        units = units_there(conn, checked, report, target.text, {row.line for row in found})
        supply.accepted(conn, report, line, checked.zero_by, units)
    for gone in withdrawn:
        publish(conn, gone.load_id)
    edition = publish(conn, load_id)
    return Outcome(line.state, edition, load_id, line.accepted, line.rejected, line.added, line.changed, line.removed, elsewhere=elsewhere)


def _rejected_elsewhere(conn: psycopg.Connection[Any], checked: Checked, found: list[Open]) -> list[Rejected]:
    """Rows whose key is open from another scope, each naming the delivery that it is open from."""
    if not found:
        return []
    loads = {row[0]: row[1:] for row in conn.execute(OF_LOADS, (list({o.load_id for o in found}),))}
    fields = [checked.resource.schema_.field(name) for name in checked.resource.schema_.primaryKey]
    wanted = pl.DataFrame({"line": list({o.line for o in found})}, schema={"line": checked.rows.schema["line"]})
    rows = {row["line"]: row for row in checked.rows.join(wanted, on="line", how="semi").iter_rows(named=True)}
    rejected = {}
    for line, load_id in found:
        delivery, scope, agency = loads[load_id]
        values = [MASK if f.personal != "none" else str(rows[line][f.stored_as]) for f in fields]
        params = {"delivery": delivery, "scope": scope, "agency": agency}
        physical = line % LINES if checked.resource.wide else line
        rejected[line] = Rejected(physical, fields[0].name, ledger.KEY_OPEN_ELSEWHERE, " | ".join(values)[:200], params)
    return list(rejected.values())


def _too_many(checked: Checked, rejected: int, elsewhere: list[Rejected]) -> Refused | None:
    total = checked.rows.height + checked.rejected_count
    allowed = checked.resource.allowed_reject_share
    if not elsewhere or rejected <= allowed * total:
        return None
    share, most = f"{rejected / total * 100:.4g}", f"{allowed * 100:.4g}"
    return Refused("too_many_bad", [*checked.rejected, *elsewhere], rejected=rejected, total=total, share=share, allowed=most)


def _refused(conn: psycopg.Connection[Any], checked: Checked, target: Target, job_id: str, refusal: Refused) -> Outcome:
    line, report = _line(conn, checked, target, job_id, ledger.next_load(conn), "refused")
    line.refused_code, line.params = refusal.code, refusal.params
    ledger.record_file(conn, checked.file_sha256, checked.file_size)
    ledger.record(conn, line)
    ledger.record_rejected(conn, line.load_id, refusal.problems, checked.resource)
    if report is not None:
        supply.refused(conn, report, line)
    return Outcome("refused", None, line.load_id, code=refusal.code, params=refusal.params, elsewhere=refusal.problems)


def _unchanged(conn: psycopg.Connection[Any], checked: Checked, target: Target, job_id: str, current: ledger.Entry) -> Outcome:
    line, report = _line(conn, checked, target, job_id, ledger.next_load(conn), "unchanged")
    line.params = {"load": current.load_id}
    ledger.record(conn, line)
    if report is not None:
        supply.still_accepted(conn, report, line, current, checked.zero_by)
    return Outcome.of(current, unchanged=True)


def _ended(conn: psycopg.Connection[Any], ended: ledger.Entry) -> Outcome:
    """The outcome that the job had; of an unchanged one that of the load it found current."""
    if ended.state != "unchanged":
        return Outcome.of(ended)
    before = ledger.by_id(conn, ended.params["load"])
    return Outcome.of(before or ended, unchanged=True)


def _is_same(current: ledger.Entry, checked: Checked) -> bool:
    """Whether the scope already shows this file, read in the same way under the same contract, with the same result."""
    return (
        current.kind == "file"
        and current.elsewhere == 0
        and (current.file_sha256, current.contract_sha256, current.decoder, current.agency, current.simulated)
        == (checked.file_sha256, checked.contract_sha256, checked.decoder, checked.agency, checked.simulated)
        and (current.accepted, current.rejected) == (checked.rows.height, checked.rejected_count)
    )


def _line(
    conn: psycopg.Connection[Any], checked: Checked, target: Target, job_id: str, load_id: int, state: ledger.State
) -> tuple[ledger.Line, supply.Report | None]:
    """The load's line, and the report that the delivery is for."""
    line = ledger.Line(
        load_id=load_id,
        kind="file",
        state=state,
        table_name=target.text,
        ckan_resource=checked.ckan_resource,
        scope=checked.scope,
        agency=checked.agency,
        file_sha256=checked.file_sha256,
        contract_sha256=checked.contract_sha256,
        decoder=checked.decoder,
        job_id=job_id,
        simulated=checked.simulated,
        received_at=supply.received_at(conn, checked.uploaded_at),
    )
    return line, supply.report_for(conn, checked.contract, checked.resource, line, checked.report_period)
