"""Everything that a subsystem could leave behind in CKAN, Superset, the store, Redis and the folders of files, as names to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import requests

from control.services import postgres, redis
from tests.running import Running

CKAN = {
    "packages": "SELECT name || ' ' || state FROM package",
    "resources": "SELECT id || ' ' || state FROM resource",
    "receipts": "SELECT resource_id FROM ioc_receipt",
    "views": "SELECT resource_id FROM resource_view",
    "activities": "SELECT object_id FROM activity",
    "members": "SELECT DISTINCT table_id FROM member WHERE table_name = 'package'",
}
SUPERSET = {
    "datasets": "SELECT coalesce(schema, '') || '.' || table_name FROM tables",
    "columns": "SELECT table_id || '.' || column_name FROM table_columns",
    "metrics": "SELECT table_id || '.' || metric_name FROM sql_metrics",
    "charts": "SELECT uuid::text FROM slices",
    "dashboards": "SELECT slug FROM dashboards",
    "dashboard charts": "SELECT dashboard_id || ' ' || slice_id FROM dashboard_slices",
    "dashboard roles": "SELECT dashboard_id || ' ' || role_id FROM dashboard_roles",
    "roles": "SELECT name FROM ab_role",
    "permissions": "SELECT v.name || ' ' || p.id FROM ab_view_menu v JOIN ab_permission_view p ON p.view_menu_id = v.id",
    "row rules": "SELECT name FROM row_level_security_filters",
}
STORE = {
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'",
    "relations": "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_'",
    "types": "SELECT typnamespace::regnamespace || '.' || typname FROM pg_type WHERE typnamespace::regnamespace::text !~ '^pg_'",
    "functions": "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE pronamespace::regnamespace::text !~ '^pg_'",
    "policies": "SELECT schemaname || '.' || tablename || ' ' || policyname FROM pg_policies",
    "grants": "SELECT DISTINCT grantee || ' ' || table_schema || '.' || table_name FROM information_schema.role_table_grants",
    "roles": "SELECT rolname FROM pg_roles",
    "measures": "SELECT DISTINCT measure FROM measure.definition",
    "measures with values": "SELECT DISTINCT measure FROM measure.value",
    "indicators": "SELECT DISTINCT indicator FROM indicator.definition",
    "targets": "SELECT DISTINCT indicator FROM indicator.target",
    "datasets": "SELECT table_name FROM ledger.dataset",
    "deliveries": "SELECT ckan_resource FROM ledger.delivery",
    "contracts": "SELECT name FROM ledger.current_contract",
    "current loads": "SELECT table_name || ' ' || scope FROM ledger.current_load WHERE kind = 'file'",
    "files": "SELECT path FROM ledger.file WHERE erased_at IS NULL",
}


def inventory(instance: Running) -> dict[str, set[str]]:
    """Names by "host: what"."""
    found: dict[str, set[str]] = {}
    for host, database, questions in (("CKAN", "ckan", CKAN), ("Superset", "superset", SUPERSET), ("store", "ioc", STORE)):
        with postgres.connect(instance.instance, instance.secrets, database) as connection:
            found |= {f"{host}: {what}": _names(connection, query) for what, query in questions.items()}
    solr = f"{instance.instance.url('solr')}/solr/ckan/select?q=*:*&fl=name&rows=10000&wt=json"
    found["Solr: datasets"] = {doc["name"] for doc in requests.get(solr, timeout=60).json()["response"]["docs"]}
    found["CKAN: stored files"] = _files(instance.instance.state / "ckan" / "storage" / "resources")
    found["harvest: stored files"] = _files(instance.instance.state / "files")
    return found


def identifiers(instance: Running) -> dict[str, Any]:
    """What a second apply must not change: identifiers in Superset and CKAN, tables, editions."""
    questions = {
        "superset": "SELECT 'd', id, uuid::text, table_name FROM tables UNION ALL SELECT 'c', id, uuid::text, slice_name FROM slices "
        "UNION ALL SELECT 'b', id, uuid::text, slug FROM dashboards",
        "ckan": "SELECT id, name, state, metadata_modified::text FROM package",
        "ioc": "SELECT c.oid::text, c.relname FROM pg_class c WHERE relnamespace::regnamespace::text !~ '^pg_' AND relkind IN ('r', 'v')",
    }
    found: dict[str, Any] = {}
    for database, query in questions.items():
        with postgres.connect(instance.instance, instance.secrets, database) as connection:
            found[database] = sorted(tuple(map(str, row)) for row in connection.execute(query.encode()))
    with instance.store() as connection:
        found["contracts"] = connection.execute("SELECT name, edition, sha256 FROM ledger.current_contract ORDER BY 1").fetchall()
    return found


def waiting(instance: Running) -> int:
    """Messages that no worker has taken yet."""
    from redis import Redis

    with Redis.from_url(f"{redis.url(instance.instance, instance.secrets)}/4", socket_timeout=5) as client:
        return int(client.llen("harvest"))  # type: ignore[arg-type]


def left_behind(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, list[str]]:
    """What is there after and was not before, by kind."""
    return {kind: sorted(names - before[kind]) for kind, names in after.items() if names - before[kind]}


def _names(connection: psycopg.Connection[Any], query: str) -> set[str]:
    return {str(row[0]) for row in connection.execute(query.encode())}


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()
