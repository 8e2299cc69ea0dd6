"""The load's transaction: settings, locks, and what is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from ckan_harvesters.errors import TerminalError, TransientError
from ckan_harvesters.fault import fault

ATTEMPTS = 4
SETTINGS = "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('work_mem', '128MB', true)"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

Result = TypeVar("Result")


class Overtaken(Exception):
    """Another load opened the same key between the comparison and the end."""


def lock(conn: psycopg.Connection[Any], name: str) -> None:
    """Waits for the lock of that name and holds it to the transaction's end."""
    conn.execute(LOCK, (name,))


def in_transaction(dsn: str, work: Callable[[psycopg.Connection[Any]], Result], with_faults: bool = False) -> Result:
    """The result of `work` in one committed transaction; from its start again when another load came between.

    `with_faults`: a test may kill the process before and after the commit. Raises TransientError when the store does not answer or other
    loads kept coming between, TerminalError when the store does not take what it is given.
    """
    last: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            with psycopg.connect(dsn, application_name="ioc load") as conn:
                conn.execute(SETTINGS)
                result = work(conn)
                if with_faults:
                    fault("before-commit")
            if with_faults:
                fault("after-commit")
        except (Overtaken, errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure) as error:
            if isinstance(error, errors.UniqueViolation) and (error.diag.constraint_name or "").endswith("_pkey"):
                raise TerminalError(f"The same key stands twice in one load: {error}", "The check has to reject it.") from error
            last = error
            continue
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise TransientError(f"The store did not answer: {error}") from error
        except psycopg.Error as error:
            raise TerminalError(f"The store does not take the load: {error}", "Compare the contract, the check and the table.") from error
        return result
    raise TransientError(f"Other loads kept opening the same keys: {last}")
