"""Views of single rows where they happened, with the cluster that each lies in: what a dashboard's panel `points` with `clusters` shows.

A view has, for each period of its measure's calendar, the rows of that period and the earlier rows that lie in a cluster with one of them,
so that the clusters of a period are as many as the measure counts (`ckan_harvesters.measure.functions.clustered_count` tells the
definition and its source). It reads the resource's stable view with the rights of who asks: nobody sees a row here that is closed to them
there. Neighbours are found by squares of the radius's size, and clusters are put together by PostGIS, without recursion.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from ckan_harvesters.measure import declared
from ckan_harvesters.measure.functions.clustered_count import METRES
from control.compile.store.roles import Grant, grant_steps
from control.compile.store.step import Step
from control.compile.store.views import Definition, agency_titles, comment_on, digest_of
from datasets.model.audience import AgencyLike, Areas, readable_fields, who_reads
from datasets.model.calendar import ZONE
from datasets.model.contract import Contract, Resource
from datasets.model.measure_function import ClusteredCount

PREFIX = "points_"
MARK = "definition of points "
"""How the comment of such a view begins; no other view is ever dropped as one."""
SHOWN_DAYS = 400
"""Periods that end more days before the last row are left out: no map steps back so far."""
NO_CLOCK = datetime(1970, 1, 1, tzinfo=ZONE)  # a function has no tick, so that its condition asks for no moment

THERE = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'v'
AND starts_with(obj_description(c.oid, 'pg_class'), %s) ORDER BY 1
"""

# A link between two cores is drawn as their two points on a line; links that share a point hang together, which PostGIS finds. Pairs
# stand both ways, so that windows count neighbours on either side: joins here are estimated so badly that they take half a minute.
VIEW = """
WITH placed AS MATERIALIZED (
    SELECT r.*, row_number() OVER () AS number, ST_X(r.place) AS x, ST_Y(r.place) AS y,
        floor(ST_X(r.place) / {radius}) AS column_, floor(ST_Y(r.place) / {radius}) AS row_
    FROM (
        SELECT {columns}, {day} AS day,
            ST_Transform(ST_SetSRID(ST_MakePoint(r.{longitude}::float8, r.{latitude}::float8), 4326), {srid}) AS place
        FROM {view} r
        WHERE {where} AND r.{longitude} IS NOT NULL AND r.{latitude} IS NOT NULL
    ) r
    WHERE r.day > (SELECT max({day}) FROM {view} r) - {kept}
), shown AS MATERIALIZED (
    SELECT p.period, p.starts, p.ends, p.starts - {days} AS first FROM ref.period p
    WHERE p.calendar = {calendar} AND p.starts <= (SELECT max(day) FROM placed) AND p.ends > (SELECT max(day) FROM placed) - {shown}
), pair AS MATERIALIZED (
    SELECT a.number AS one, b.number AS other, least(a.day, b.day) AS earlier, greatest(a.day, b.day) AS later, b.day
    FROM placed a
    CROSS JOIN generate_series(-1, 1) beside CROSS JOIN generate_series(-1, 1) above
    JOIN placed b ON b.column_ = a.column_ + beside AND b.row_ = a.row_ + above
    WHERE abs(a.day - b.day) <= {days} AND (a.x - b.x) ^ 2 + (a.y - b.y) ^ 2 <= {radius} ^ 2
), near AS (
    SELECT s.period, s.starts, pair.one, pair.other, pair.day, count(*) OVER (PARTITION BY s.period, pair.one) >= {least} AS one_is_core,
        count(*) OVER (PARTITION BY s.period, pair.other) >= {least} AS other_is_core
    FROM shown s JOIN pair ON pair.earlier >= s.first AND pair.later < s.ends
), linked AS (
    SELECT period, starts, one, other, day,
        ST_ClusterDBSCAN(CASE WHEN other_is_core THEN ST_Collect(ST_MakePoint(one, 0), ST_MakePoint(other, 0)) END, 0, 1)
            OVER (PARTITION BY period) AS link
    FROM near WHERE one_is_core
), reached AS (
    SELECT period, other, day >= starts AS is_inside, min(link) OVER (PARTITION BY period, one) AS cluster FROM linked
), touched AS (
    SELECT period, other, cluster, bool_or(is_inside) OVER (PARTITION BY period, cluster) AS is_touched FROM reached
), member AS MATERIALIZED (
    SELECT period, other AS number, min(cluster) AS cluster FROM touched WHERE is_touched GROUP BY period, other
)
SELECT {shown_columns}, p.day, s.period, s.starts AS period_starts, m.cluster, p.day >= s.starts AS is_inside
FROM shown s
JOIN placed p ON p.day >= s.first AND p.day < s.ends
LEFT JOIN member m ON m.period = s.period AND m.number = p.number
WHERE p.day >= s.starts OR m.cluster IS NOT NULL
"""


def view_name(measure: str) -> str:
    """`points_clusters_of_reports`."""
    return PREFIX + measure


def clustered(contract: Contract) -> dict[str, Resource]:
    """Resource by the measure of whose clusters a panel shows the points, each once."""
    panels = [panel for row in contract.dashboard.rows for panel in row if panel.points is not None and panel.clusters is not None]
    return {str(panel.clusters): contract.resource(str(panel.points)) for panel in panels}


def shown_columns(resource: Resource) -> list[str]:
    """Columns of the rows that the view has beside its own."""
    fixed = ["unit_id", "unit_code", "unit_name", "unit_level", "agency", "agency_title"]
    return [*fixed, *agency_titles(resource).values(), *(f.column for f in readable_fields(resource) if not f.is_unit)]


def points_query(contract: Contract, resource: Resource, measure: str) -> sql.Composed:
    """Rows by period with their clusters."""
    d = declared.one(contract, measure)
    wanted = ClusteredCount.model_validate(d.measure.with_)
    if d.on is None or wanted.longitude is None or wanted.latitude is None:
        raise AssertionError("the contract's check lets only clusters of rows with a day, a longitude and a latitude through")
    columns = shown_columns(resource)
    return sql.SQL(VIEW).format(
        radius=sql.Literal(wanted.radius_m),
        days=sql.Literal(wanted.days),
        least=sql.Literal(wanted.least),
        longitude=sql.Identifier(wanted.longitude),
        latitude=sql.Identifier(wanted.latitude),
        srid=sql.Literal(int(METRES.removeprefix("EPSG:"))),
        day=d.on.day("r"),
        columns=sql.SQL(", ").join(sql.Identifier("r", column) for column in columns),
        shown_columns=sql.SQL(", ").join(sql.Identifier("p", column) for column in columns),
        view=sql.Identifier(contract.pg_schema, contract.view(resource)),
        where=d.where(NO_CLOCK),
        calendar=sql.Literal(d.measure.calendar.value),
        shown=sql.Literal(SHOWN_DAYS),
        kept=sql.Literal(SHOWN_DAYS + 366 + wanted.days),
    )


def points_steps(
    conn: psycopg.Connection[Any], contract: Contract, agencies: Mapping[str, AgencyLike], areas: Areas, remade: Collection[str]
) -> Definition:
    """What makes the views of points what the contract says, and takes away those that no panel shows any more.

    `remade`: names of the stable views that are dropped and made anew, which those over them must go before.
    """
    schema = contract.pg_schema
    there = {row[0] for row in conn.execute(THERE, (f'"{schema}"', MARK))}
    done = Definition()
    for measure, resource in clustered(contract).items():
        name = view_name(measure)
        query = points_query(contract, resource, measure)
        mark, view = MARK + digest_of(conn, query), sql.Identifier(schema, name)
        is_there = name in there
        same = is_there and comment_on(conn, "to_regclass", "pg_class", f'"{schema}"."{name}"') == mark
        fresh = not same or contract.view(resource) in remade
        if fresh and is_there:
            done.drop.append(Step("", sql.SQL("DROP VIEW {}").format(view)))
        if fresh:
            word = "is defined anew" if is_there else "is made"
            create = sql.SQL("CREATE VIEW {} WITH (security_invoker = true) AS {}").format(view, query)
            done.make.append(Step(f"view {schema}.{name} {word}", create, kind="changed" if is_there else "made"))
            done.make.append(Step("", sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(mark))))
        reading = {Grant(role, "SELECT") for role in who_reads(resource, agencies, areas)}
        done.make += grant_steps(conn, "TABLE", f'"{schema}"."{name}"', view, reading, fresh)
        there.discard(name)
    for name in sorted(there):
        drop = sql.SQL("DROP VIEW {}").format(sql.Identifier(schema, name))
        done.drop.append(Step(f"view {schema}.{name} goes; no panel shows its clusters", drop, kind="dropped"))
    return done
