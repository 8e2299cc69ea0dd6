"""A process that checks files for the desk service: `python -m ckan_harvesters.desk.child`.

Files come from outside, so they are read here, with limits on memory, time and written bytes, without a secret and without the store.
It is started before it is needed and serves one check after another. A job comes as a length and a pickle (from the service alone); the
answer goes back as a length and JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import resource as limits
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ckan_harvesters.applied import Places
from ckan_harvesters.errors import HarvestError
from datasets.model.contract import Contract
from datasets.model.read import read_applied

MEMORY = 4 * 1024**3
"""Of address space: Polars reserves more than it uses."""
SECONDS = 80
WRITTEN = 512 * 1024**2
LENGTH = struct.Struct(">Q")
KEPT_CONTRACTS = 32


@dataclass(frozen=True)
class Job:
    """One file to check. `places` is None when the child has those of `places_version` already."""

    contract_sha256: str
    contract: bytes
    resource: str
    agency: str
    period: str | None
    path: Path
    places_version: str
    places: Places | None
    lines: Mapping[int, int] | None = None
    book: Path | None = None
    """Where the workbook of rejected rows is to be written, if one is asked for."""
    book_language: str = "vi"


@dataclass
class Kept:
    """What stays between two jobs."""

    contracts: dict[str, Contract] = field(default_factory=dict)
    places_version: str = ""
    places: Places | None = None

    def contract(self, job: Job) -> Contract:
        if job.contract_sha256 not in self.contracts:
            if len(self.contracts) >= KEPT_CONTRACTS:
                self.contracts.clear()
            self.contracts[job.contract_sha256] = read_applied(job.contract, f"contract {job.contract_sha256[:12]}")
        return self.contracts[job.contract_sha256]


def do(job: Job, kept: Kept) -> dict[str, Any]:
    """The answer to one job: {"answer", "header", "stamp"}, or for a workbook {"written"}."""
    from ckan_harvesters.desk.examine import examine

    if job.places is not None:
        kept.places, kept.places_version = job.places, job.places_version
    if kept.places is None or kept.places_version != job.places_version:
        raise AssertionError("the service sends units and agencies to a child that has others")
    contract = kept.contract(job)
    resource = contract.resource(job.resource)
    found = examine(job.path, resource, job.agency, job.period, kept.places, job.lines)
    if job.book is not None:
        from ckan_harvesters.desk.rejected_book import write_rejected

        return {"written": write_rejected(job.book, found, contract, resource, job.book_language)}
    stamp = [found.stamp.dataset, found.stamp.contract_sha256, found.stamp.is_part] if found.stamp else None
    return {"answer": found.answer, "header": found.header, "stamp": stamp}


def warm() -> None:
    """Loads what a check needs, so that the first one does not wait for it."""
    importlib.import_module("ckan_harvesters.desk.examine")


def set_limits() -> None:
    limits.setrlimit(limits.RLIMIT_AS, (MEMORY, MEMORY))
    limits.setrlimit(limits.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    limits.setrlimit(limits.RLIMIT_CORE, (0, 0))


def grant_time() -> None:
    """The next job may use so much of the processor; a longer one ends the process."""
    used = limits.getrusage(limits.RUSAGE_SELF)
    limits.setrlimit(limits.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + SECONDS, limits.RLIM_INFINITY))


def serve(jobs: BinaryIO, answers: BinaryIO, work: Callable[[Job, Kept], dict[str, Any]] = do) -> None:
    """One job after another, until the service closes its end."""
    kept = Kept()
    while head := jobs.read(LENGTH.size):
        job = pickle.loads(jobs.read(LENGTH.unpack(head)[0]))  # noqa: S301 - from the service that started this process
        grant_time()
        try:
            said = work(job, kept)
        except HarvestError as error:
            said = {"failed": str(error)[:2000]}
        data = json.dumps(said, ensure_ascii=False, default=str).encode()
        answers.write(LENGTH.pack(len(data)) + data)
        answers.flush()


def main() -> None:
    set_limits()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    warm()
    answers.write(LENGTH.pack(0))
    answers.flush()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
