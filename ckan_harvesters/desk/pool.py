"""Children that wait for files to check: some are always started before they are needed."""

from __future__ import annotations

import json
import logging
import os
import pickle
import queue
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from ckan_harvesters.decode.workbook import bare_environment
from ckan_harvesters.desk.child import LENGTH, Job
from ckan_harvesters.errors import Refused, TerminalError, TransientError

log = logging.getLogger(__name__)

CHILD = "ckan_harvesters.desk.child"
CHILDREN = 2
START_SECONDS = 60.0
JOB_SECONDS = 85.0
WAIT_SECONDS = 20.0
"""Together below the time that CKAN waits for an answer."""
JOBS_EACH = 500
"""After so many a child is replaced, so that nothing of its memory grows for weeks."""
LARGEST_ANSWER = 64 * 1024**2


class Ended(Exception):
    """The child ended, or did not answer in time, and was ended."""


@dataclass
class Child:
    """One process, its jobs so far, and which units and agencies it has."""

    process: subprocess.Popen[bytes]
    jobs: int = 0
    places_version: str = ""

    @classmethod
    def start(cls) -> Child:
        environment = {**bare_environment(), "POLARS_MAX_THREADS": str(min(4, os.cpu_count() or 1))}
        process = subprocess.Popen(
            [sys.executable, "-m", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        return cls(process)

    def read(self, seconds: float) -> bytes:
        """The next answer. Raises Ended."""
        until = time.monotonic() + seconds
        length = LENGTH.unpack(self._exactly(LENGTH.size, until))[0]
        if length > LARGEST_ANSWER:
            raise Ended("its answer is too long")
        return self._exactly(length, until)

    def _exactly(self, count: int, until: float) -> bytes:
        if self.process.stdout is None:
            raise Ended("it has no output")
        descriptor, parts = self.process.stdout.fileno(), bytearray()
        while len(parts) < count:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise Ended("it did not answer in time")
            part = os.read(descriptor, count - len(parts))
            if not part:
                raise Ended("it ended")
            parts += part
        return bytes(parts)

    def ask(self, job: Job) -> dict[str, Any]:
        """The answer to a job. Raises Ended."""
        if self.process.stdin is None:
            raise Ended("it has no input")
        known = self.places_version == job.places_version
        data = pickle.dumps(replace(job, places=None) if known else job, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            self.process.stdin.write(LENGTH.pack(len(data)) + data)
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Ended("it ended") from error
        answer: dict[str, Any] = json.loads(self.read(JOB_SECONDS))
        self.jobs += 1
        self.places_version = job.places_version
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


class Pool:
    """`CHILDREN` processes that check; more checks wait for one to be free."""

    def __init__(self, size: int = CHILDREN) -> None:
        self._free: queue.Queue[Child] = queue.Queue()
        for _ in range(size):
            self._start()

    def check(self, job: Job) -> dict[str, Any]:
        """The child's answer.

        Raises Refused `check_stopped` when the file took more memory or time than a check may, TransientError when all children are busy
        for too long, TerminalError when the contract cannot be computed.
        """
        try:
            child = self._free.get(timeout=WAIT_SECONDS)
        except queue.Empty as error:
            raise TransientError("All checks are busy.") from error
        try:
            answer = child.ask(job)
        except Ended as ended:
            log.warning("a check of %s of %s was stopped: %s", job.resource, job.agency, ended)
            child.end()
            self._start()
            raise Refused("check_stopped") from ended
        except BaseException:
            child.end()
            self._start()
            raise
        if child.jobs >= JOBS_EACH:
            child.end()
            self._start()
        else:
            self._free.put(child)
        if "failed" in answer:
            raise TerminalError(answer["failed"], "Look at the service's log.")
        return answer

    def _start(self) -> None:
        threading.Thread(target=self._bring, name="start of a check", daemon=True).start()

    def _bring(self) -> None:
        pause = 1.0
        while True:
            child = Child.start()
            try:
                child.read(START_SECONDS)
            except Ended as ended:
                log.error("a process for checks did not start: %s", ended)
                child.end()
                time.sleep(pause)
                pause = min(60.0, pause * 2)
                continue
            self._free.put(child)
            return
