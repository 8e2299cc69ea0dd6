"""Who has not logged in: reads open dashboards, filters them, and finds nothing else in Superset."""

from __future__ import annotations

import re
from typing import Any

import pytest

from control.apply import read_contracts
from datasets.model.audience import PUBLIC
from tests.running import Running
from tests.stack.leaks import Chart, Viewer, expression, figures

pytestmark = pytest.mark.stack
OPEN = ("health-open", "public-services-open")


@pytest.fixture(scope="module")
def anyone(instance: Running) -> Viewer:
    return Viewer(PUBLIC, instance.superset_url)


def charts(anyone: Viewer, slug: str) -> list[tuple[dict[str, Any], Chart]]:
    """Every chart of a dashboard: its form data, and how it is asked."""
    dashboard = anyone.get(f"/api/v1/dashboard/{slug}").json()["result"]["id"]
    found = anyone.get(f"/api/v1/dashboard/{slug}/charts").json()["result"]
    return [(c["form_data"], Chart(c["id"], int(c["form_data"]["datasource"].split("__")[0]), dashboard)) for c in found]


@pytest.mark.parametrize("slug", OPEN)
def test_an_open_dashboard_is_read_without_a_login(anyone: Viewer, slug: str) -> None:
    assert anyone.get(f"/superset/dashboard/{slug}/", allow_redirects=False).status_code == 200
    shown = charts(anyone, slug)
    assert len(shown) >= 3
    for form, chart in shown:
        answer = anyone.ask(chart, {"columns": [], "metrics": [expression("COUNT(*)", "n")]})
        assert figures(answer), f"{form['viz_type']}: {answer.text[:300]}"


@pytest.mark.parametrize("slug", OPEN)
def test_an_open_dashboard_is_made_of_open_data_only(instance: Running, anyone: Viewer, slug: str) -> None:
    contracts, _ = read_contracts()
    open_rows = {(c.pg_schema, c.view(r)) for c in contracts for r in c.resources if r.access_class == "open"}
    with instance.superset_connection() as connection:
        tables = {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, schema, table_name FROM tables")}
    used = {tables[chart.dataset] for _, chart in charts(anyone, slug)}
    assert used
    for schema, table in used:
        assert table.endswith("__open") or (schema, table) in open_rows or schema in ("ledger", "ref"), f"{schema}.{table}"


def test_only_open_dashboards_are_listed_and_opened(anyone: Viewer) -> None:
    listed = {row["slug"] for row in anyone.get("/api/v1/dashboard/?q=(page_size:100)").json()["result"]}
    assert set(OPEN) <= listed
    assert not {"health", "public-services", "administration"} & listed
    assert anyone.get("/api/v1/chart/?q=(page_size:100)").json()["count"] == 0
    for slug in ("health", "public-services", "administration"):
        for part in ("", "/charts", "/datasets"):
            assert anyone.get(f"/api/v1/dashboard/{slug}{part}").status_code in (401, 403, 404)
        page = anyone.get(f"/superset/dashboard/{slug}/", allow_redirects=False)
        assert (page.status_code, "/login/" in page.headers["Location"]) == (302, True)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/dataset/",
        "/api/v1/database/",
        "/api/v1/query/",
        "/api/v1/log/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/api/v1/saved_query/",
        "/api/v1/rowlevelsecurity/",
        "/api/v1/explore/",
        "/api/v1/me/",
        "/explore/",
        "/users/list/",
        "/sqllab/",
        "/tablemodelview/list/",
    ],
)
def test_lists_of_data_and_of_people_are_closed(anyone: Viewer, path: str) -> None:
    answer = anyone.get(path, allow_redirects=False)
    assert answer.status_code in (302, 401, 403, 404), answer.status_code
    assert answer.status_code != 302 or "/login/" in answer.headers["Location"]


def test_no_person_is_named(instance: Running, anyone: Viewer) -> None:
    with instance.superset_connection() as connection:
        emails = [row[0] for row in connection.execute("SELECT email FROM ab_user")]
    for path in (
        *(f"/api/v1/{kind}/related/{key}" for kind in ("dashboard", "chart") for key in ("owners", "created_by", "changed_by", "roles")),
        "/api/v1/dashboard/",
        *(f"/api/v1/dashboard/{slug}{part}" for slug in OPEN for part in ("", "/charts", "/datasets")),
        *(f"/superset/dashboard/{slug}/" for slug in OPEN),
    ):
        said = anyone.get(path).text
        assert not [email for email in emails if email in said], path
        assert "Quản trị" not in said, path
        assert "Qu\\u1ea3n tr\\u1ecb" not in said, path
        assert "/related/" not in path or '"count":0' in said.replace(" ", "") or "Not found" in said, path


def test_nothing_is_taken_away_and_nothing_is_changed(anyone: Viewer) -> None:
    _, chart = charts(anyone, OPEN[0])[0]
    question = {"columns": [], "metrics": [expression("COUNT(*)", "n")]}
    for file in ("csv", "xlsx"):
        assert anyone.ask(chart, question, file).status_code == 403
    rows = f"/datasource/samples?datasource_type=table&datasource_id={chart.dataset}&dashboard_id={chart.dashboard}"
    assert anyone.post(rows, {}).status_code in (302, 400, 401, 403)
    for path in (f"/api/v1/dashboard/{chart.dashboard}", f"/api/v1/chart/{chart.id}"):
        for method in ("PUT", "DELETE"):
            answer = anyone.session.request(method, anyone.url + path, json={"description": "x"}, timeout=60, allow_redirects=False)
            assert answer.status_code in (302, 400, 401, 403, 404), f"{method} {path}"
        assert anyone.get(f"/api/v1/dashboard/{OPEN[0]}").status_code == 200


def test_the_public_roles_permissions_are_few_and_exact(instance: Running) -> None:
    held = """
        SELECT p.name || ' ' || v.name FROM ab_role r JOIN ab_permission_view_role x ON x.role_id = r.id
        JOIN ab_permission_view pv ON pv.id = x.permission_view_id JOIN ab_permission p ON p.id = pv.permission_id
        JOIN ab_view_menu v ON v.id = pv.view_menu_id WHERE r.name = %s
    """
    with instance.superset_connection() as connection:
        given = {row[0] for row in connection.execute(held, ("Public",))}
        audience_roles = "SELECT count(*) FROM ab_permission_view_role x JOIN ab_role r ON r.id = x.role_id WHERE r.name LIKE 'aud\\_%'"
        assert connection.execute(audience_roles).fetchone() == (0,)
    assert len(given) <= 20, sorted(given)
    assert not [one for one in given if re.search("datasource_access|schema_access|database_access|all_|Dataset|user|SQL|csv|export", one)]
