"""Rows a second of our load into the store, beside two plainer ways into a table with the same columns and key, on the same rows.

    python bench/load.py [--rows 200000] [--share 0.05]

Ours is one transaction from staging to the next edition: difference, versions, ledger with digest. The plainer ways keep no version and
tell nobody what changed: an upsert of each row (`executemany` of INSERT … ON CONFLICT DO UPDATE, and a DELETE of what is no longer
there, which a harvester has to do), and a bare COPY after a TRUNCATE, the least that any load can cost. Each way loads the file into an
empty table, then loads it again with a share of its rows changed. PostgreSQL is a cluster of this program's own that waits for the disk.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl
import psycopg

from ckan_harvesters.load import load
from control.compile.store import apply_store
from datasets.model.reference import read_reference
from tests.store import cluster as clusters
from tests.store.cluster import SECRET, Cluster
from tests.store.contracts import checked, contract

DATABASE = "bench"
ON_DISK = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
COLUMNS = ("unit_id", "day", "disease", "cases", "rate", "note", "agency", "line")
ALL = ", ".join(COLUMNS)
TABLE = """
CREATE TABLE public.plain (
    unit_id text NOT NULL, day date NOT NULL, disease text NOT NULL, cases bigint, rate numeric, note text, agency text NOT NULL,
    line integer NOT NULL, PRIMARY KEY (day, unit_id, disease)
)
"""
UPSERT = f"""
INSERT INTO public.plain ({ALL}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
ON CONFLICT (day, unit_id, disease) DO UPDATE
SET {", ".join(f"{c} = excluded.{c}" for c in ("cases", "rate", "note", "agency", "line"))}
"""
GONE = """
DELETE FROM public.plain p WHERE NOT EXISTS (
    SELECT FROM unnest(%s::date[], %s::text[], %s::text[]) AS k(day, unit_id, disease)
    WHERE (k.day, k.unit_id, k.disease) = (p.day, p.unit_id, p.disease)
)
"""
SCOPE = "so-y-te|2021-08-01"
AGENCY = "so-y-te"


@dataclass(frozen=True)
class Timed:
    """Seconds of the load into an empty table, and of the load of the changed file."""

    name: str
    first: float
    again: float


def rows_of(number: int, units: list[str]) -> pl.DataFrame:
    """As many rows with different keys, shuffled, with the types that the check gives."""
    of = pl.int_range(0, number, eager=True).alias("n")
    frame = of.to_frame().with_columns(
        unit_id=pl.Series([units[n % len(units)] for n in range(number)]),
        day=pl.lit(date(2021, 1, 1)) + pl.duration(days=pl.col("n") // (len(units) * 10)),
        disease=pl.format("d{}", pl.col("n") // len(units) % 10),
        cases=pl.col("n") % 1000,
        rate=(pl.col("n") / 7).round(2).cast(pl.Decimal(38, 2)),
        note=pl.lit("ghi chú"),
        line=(pl.col("n") + 2).cast(pl.Int32),
    )
    return frame.drop("n").sample(fraction=1, shuffle=True, seed=1)


def changed(rows: pl.DataFrame, share: float) -> pl.DataFrame:
    """The same rows with other values in a share of them."""
    return rows.with_columns(cases=pl.when(pl.col("line") % max(1, round(1 / share)) == 0).then(pl.col("cases") + 1).otherwise("cases"))


def timed(work: Callable[[pl.DataFrame], None], rows: pl.DataFrame) -> float:
    began = time.perf_counter()
    work(rows)
    return time.perf_counter() - began


def ours(loader: str) -> Callable[[pl.DataFrame], None]:
    """The harvest's own load; its outcome must be what the file asks for."""
    turn = iter(range(1, 100))

    def work(rows: pl.DataFrame) -> None:
        job = f"job {next(turn)}"
        outcome = load(loader, checked(rows, scope=SCOPE, ckan_resource="r1", file=job), job)
        if (outcome.state, outcome.accepted) != ("done", rows.height):
            raise SystemExit(f"our load ended {outcome.state} with {outcome.accepted} rows")

    return work


def upsert(address: str) -> Callable[[pl.DataFrame], None]:
    """Row by row, as it is usually written; psycopg sends the statements in a pipeline."""

    def work(rows: pl.DataFrame) -> None:
        with psycopg.connect(address) as conn:
            conn.cursor().executemany(UPSERT, _plain(rows).iter_rows())
            conn.execute(GONE, [rows[c].to_list() for c in ("day", "unit_id", "disease")])

    return work


def bare_copy(address: str) -> Callable[[pl.DataFrame], None]:
    """Everything thrown away and copied again."""

    def work(rows: pl.DataFrame) -> None:
        with psycopg.connect(address) as conn:
            conn.execute("TRUNCATE public.plain")
            with conn.cursor().copy(f"COPY public.plain ({ALL}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(_plain(rows).write_csv(include_header=False).encode())

    return work


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(agency=pl.lit(AGENCY)).select(COLUMNS)


def measure(cluster: Cluster, number: int, share: float) -> list[Timed]:
    cluster.make_store(DATABASE)
    migrated = cluster.migrate(DATABASE)
    if migrated.returncode != 0:
        raise SystemExit(migrated.stderr)
    owner = cluster.url("ioc_owner", DATABASE)
    reference = read_reference()
    with psycopg.connect(owner) as conn:
        apply_store(conn, [contract()], reference, SECRET)
        units = [row[0] for row in conn.execute("SELECT unit_id FROM ref.unit WHERE level = 'commune' AND valid_to IS NULL ORDER BY 1")]
    rows = rows_of(number, units)
    other = changed(rows, share)
    found = []
    superuser = cluster.url("postgres", DATABASE)
    ways = {"ours": ours(cluster.url("ioc_loader", DATABASE)), "upsert": upsert(superuser), "bare COPY": bare_copy(superuser)}
    for name, work in ways.items():
        with psycopg.connect(superuser, autocommit=True) as conn:
            conn.execute("DROP TABLE IF EXISTS public.plain")
            conn.execute(TABLE)
            conn.execute("CHECKPOINT")
        found.append(Timed(name, timed(work, rows), timed(work, other)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--share", type=float, default=0.05, help="share of rows changed in the second file (default 0.05)")
    given = parser.parse_args()
    clusters.SETTINGS.update(ON_DISK)
    cluster = Cluster.start()
    try:
        found = measure(cluster, given.rows, given.share)
    finally:
        cluster.stop()
    print(f"{given.rows:,} rows; the second time {given.share:.0%} of them changed")
    own = found[0]
    for way in found:
        first = f"empty table {way.first:7.2f} s {given.rows / way.first:8,.0f} rows/s"
        again = f"again {way.again:7.2f} s {given.rows / way.again:8,.0f} rows/s"
        print(f"{way.name:<10} {first}   {again}   time / ours {way.first / own.first:5.2f}, {way.again / own.again:5.2f}")


if __name__ == "__main__":
    main()
