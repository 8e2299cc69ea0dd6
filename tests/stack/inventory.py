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
    "columns": "SELECT t.uuid || '.' || c.column_name FROM table_columns c LEFT JOIN tables t ON t.id = c.table_id",
    "metrics": "SELECT t.uuid || '.' || m.metric_name FROM sql_metrics m LEFT JOIN tables t ON t.id = m.table_id",
    "dashboards' uuids": "SELECT uuid::text FROM dashboards",
    "charts": "SELECT uuid::text FROM slices",
    "dashboards": "SELECT slug FROM dashboards",
    "charts of no dataset": "SELECT uuid::text FROM slices WHERE datasource_id NOT IN (SELECT id FROM tables)",
    "charts of no dashboard": "SELECT id::text FROM dashboard_slices WHERE dashboard_id NOT IN (SELECT id FROM dashboards)",
    "roles of no dashboard": "SELECT id::text FROM dashboard_roles WHERE dashboard_id NOT IN (SELECT id FROM dashboards)",
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


def numbers_of(instance: Running, subsystem: str) -> set[str]:
    """Identifiers by which a subsystem that is there is known in CKAN and Superset, and the files that were delivered to it."""
    schema = subsystem.replace("-", "_")
    questions = {
        "ckan": "SELECT id FROM package WHERE name LIKE '{name}-%' UNION SELECT r.id FROM resource r JOIN package p ON p.id = r.package_id "
        "WHERE p.name LIKE '{name}-%'",
        "superset": "SELECT uuid::text FROM tables WHERE schema = '{schema}' UNION SELECT s.uuid::text FROM slices s JOIN tables t "
        "ON t.id = s.datasource_id WHERE t.schema = '{schema}' UNION SELECT uuid::text FROM dashboards WHERE slug LIKE '{name}%'",
        "ioc": "SELECT f.path FROM ledger.file f JOIN ledger.load l ON l.file_sha256 = f.sha256 WHERE l.table_name LIKE '{schema}.%'",
    }
    found: set[str] = set()
    for database, query in questions.items():
        with postgres.connect(instance.instance, instance.secrets, database) as connection:
            found |= _names(connection, query.format(name=subsystem, schema=schema))
    return found


def mentioned(found: dict[str, set[str]], *words: str) -> dict[str, list[str]]:
    """The names that hold one of these words, by kind."""
    kept = {kind: sorted(name for name in names if any(word in name for word in words)) for kind, names in found.items()}
    return {kind: names for kind, names in kept.items() if names}


def _names(connection: psycopg.Connection[Any], query: str) -> set[str]:
    return {str(row[0]) for row in connection.execute(query.encode())}


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()
