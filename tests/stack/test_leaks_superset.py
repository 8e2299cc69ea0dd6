"""No restricted row and no unshared total through Superset: one test for each way, with the cache warmed by a leader just before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from datasets.model.audience import PUBLIC
from tests.running import Running
from tests.stack.leaks import (
    AREA,
    IN_NOVEMBER,
    LEADER,
    NAMED,
    OTHER,
    OTHERS,
    OWNER,
    OWNERS,
    ROWS,
    SECRETS,
    SHUT_OUT,
    SUMS,
    TOTAL,
    TOTALS,
    Exposed,
    Viewer,
    delivered,
    exposed,
    expression,
    figures,
    marks_of,
    seen,
    superset_site,
    viewers,
    warmed,
)

__all__ = ["delivered", "exposed", "superset_site", "viewers", "warmed"]
pytestmark = pytest.mark.stack
Viewers = Callable[[str], Viewer]
every_stranger = pytest.mark.parametrize("audience", SHUT_OUT)
NOT_SHARED = ("không chia sẻ", "not shared", "ne sont pas partag", "không công khai", "not public", "ne sont pas publiques")


@every_stranger
def test_chart_data_of_rows(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    for query in (ROWS, SUMS):
        answer = viewers(audience).ask(warmed.rows, query)
        assert not seen(answer.text)
        assert figures(answer) in (None, [], [[None, None, 0]])


@every_stranger
def test_chart_data_in_every_kind_of_result(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    for kind in ("results", "samples", "drill_detail", "post_processed", "columns", "query"):
        for chart, query in ((warmed.rows, ROWS), (warmed.totals, TOTAL)):
            assert not seen(viewers(audience).ask(chart, query, result_type=kind).text), kind


@every_stranger
def test_chart_data_of_totals(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    answer = viewers(audience).ask(warmed.totals, TOTAL)
    assert not seen(answer.text)
    assert figures(answer) in (None, [], [[None, None]])


@pytest.mark.parametrize(("audience", "words"), [(PUBLIC, "không công khai"), ("aud_official", "không chia sẻ")])
def test_what_is_not_shared_is_said_in_words_and_not_by_name(viewers: Viewers, warmed: Exposed, audience: str, words: str) -> None:
    said = viewers(audience).ask(warmed.rows, ROWS).json()
    text = json.dumps(said, ensure_ascii=False)
    assert words in text
    assert "permission denied" not in text
    errors = json.dumps([result.get("error") for result in said.get("result", [])] + said.get("errors", []), ensure_ascii=False)
    assert "tests" not in errors


@every_stranger
def test_samples(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    for chart in (warmed.rows, warmed.totals):
        for on in ("", f"&dashboard_id={warmed.dashboard}"):
            path = f"/datasource/samples?datasource_type=table&datasource_id={chart.dataset}{on}&per_page=1000&page=1"
            assert viewers(LEADER).post(f"{path}", {}).status_code == (200 if on else 403)
            answer = viewers(audience).post(path, {})
            assert not seen(answer.text), path


@every_stranger
def test_drill_to_detail(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    path = (
        f"/datasource/samples?datasource_type=table&datasource_id={warmed.rows.dataset}&dashboard_id={warmed.dashboard}&per_page=50&page=1"
    )
    question = {"filters": [{"col": "facility", "op": "==", "val": SECRETS[OWNER][0]}], "granularity": "period_starts"}
    assert seen(viewers(LEADER).post(path, question).text, marks_of(OWNER)) == list(marks_of(OWNER))
    answer = viewers(audience).post(path, question)
    assert not seen(answer.text, (str(SECRETS[OWNER][1]), str(SECRETS[OWNER][2])))
    if answer.status_code == requests.codes.ok:
        assert (answer.json()["result"]["data"], answer.json()["result"]["total_count"]) == ([], 0)


@every_stranger
def test_column_values(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    viewer = viewers(audience)
    for chart in (warmed.rows, warmed.totals):
        assert not seen(viewer.get(f"/api/v1/datasource/table/{chart.dataset}/column/facility/values/").text)
        for filtered in ({}, {"native_filter_id": "NATIVE_FILTER-x", "type": "NATIVE_FILTER"}):
            answer = viewer.ask(chart, {"columns": ["facility"], "metrics": []}, **filtered)
            assert not seen(answer.text)


@every_stranger
def test_csv_and_other_files(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    assert seen(viewers(LEADER).ask(warmed.rows, ROWS, "csv").text, marks_of(OWNER)) == list(marks_of(OWNER))
    for file in ("csv", "xlsx"):
        for chart, query in ((warmed.rows, ROWS), (warmed.totals, TOTAL)):
            answer = viewers(audience).ask(chart, query, file)
            assert not seen(answer.text), file
    for path in (f"/api/v1/chart/{warmed.rows.id}/data/?format=csv", f"/api/v1/dashboard/export/?q=!({warmed.dashboard})"):
        assert not seen(viewers(audience).get(path).text), path


@every_stranger
def test_permalinks(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    leader, viewer = viewers(LEADER), viewers(audience)
    state = {"dataMask": {}, "activeTabs": [], "anchor": "", "urlParams": []}
    made = leader.post(f"/api/v1/dashboard/{warmed.dashboard}/permalink", state)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    for path in (f"/api/v1/dashboard/permalink/{key}", f"/superset/dashboard/p/{key}/"):
        assert not seen(viewer.get(path).text), path
    assert viewer.post("/api/v1/explore/permalink", {"formData": {"datasource": f"{warmed.rows.dataset}__table"}}).status_code in (
        400,
        401,
        403,
    )


@every_stranger
def test_thumbnails(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    for path in (
        f"/api/v1/chart/{warmed.rows.id}/thumbnail/x/",
        f"/api/v1/chart/{warmed.rows.id}/screenshot/x/",
        f"/api/v1/chart/{warmed.rows.id}/cache_screenshot/",
        f"/api/v1/dashboard/{warmed.dashboard}/thumbnail/x/",
        f"/api/v1/dashboard/{warmed.dashboard}/screenshot/x/",
    ):
        answer = viewers(audience).get(path)
        assert answer.status_code in (401, 403, 404), f"{path}: {answer.status_code}"
        assert not answer.headers["Content-Type"].startswith("image/"), path


EXPRESSIONS = (
    "MAX(tested)",
    "STRING_AGG(facility, ';')",
    "(SELECT SUM(tested) FROM health.tests)",
    "(SELECT STRING_AGG(facility, ';') FROM health.tests__v1)",
    "(SELECT SUM(tested) FROM health.tests__as_of(1000000))",
    "(SELECT SUM(value) FROM measure.value WHERE measure = 'health.tested')",
    "(SELECT SUM(tested) FROM health.indicators_month__as_of(1000000))",
    "MAX((query_to_xml('SELECT * FROM health.tests', true, false, ''))::text)",
    "MAX(pg_relation_size('health.tests__v1'))",
    "MAX(pg_stat_get_live_tuples('health.tests__v1'::regclass))",
    "SUM(tested) OVER ()",
    "SUM(tested) FROM health.tests --",
)


@every_stranger
def test_an_sql_expression_in_a_metric(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    for text in EXPRESSIONS:
        for chart in (warmed.rows, warmed.totals):
            answer = viewers(audience).ask(chart, {"columns": [], "metrics": [expression(text)], **IN_NOVEMBER})
            assert not seen(answer.text.replace(text, "")), text
            found = figures(answer)
            assert not found or {value for row in found for value in row} <= {None}, f"{text}: {found}"


@every_stranger
def test_an_sql_expression_in_a_column_or_a_condition(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    written = {"expressionType": "SQL", "sqlExpression": "facility || ':' || tested", "label": "x"}
    for query in (
        {"columns": [written], "metrics": []},
        {"columns": ["facility"], "metrics": [], "extras": {"where": "1 = 1) OR (tested > 0", "having": ""}},
        {"columns": ["unit_name"], "metrics": ["count"], "extras": {"where": "tested / (tested - 3141593) > 0", "having": ""}},
    ):
        assert not seen(viewers(audience).ask(warmed.rows, query).text.replace("3141593", ""))


@every_stranger
def test_information_schema_and_sql_lab(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    viewer = viewers(audience)
    for text in ("(SELECT STRING_AGG(table_name, ';') FROM information_schema.tables)", "(SELECT COUNT(*) FROM pg_stats)"):
        assert not figures(viewer.ask(warmed.totals, {"columns": [], "metrics": [expression(text)]})), text
    question = {"database_id": 1, "sql": "SELECT * FROM health.tests", "schema": "health"}
    assert viewer.post("/api/v1/sqllab/execute/", question).status_code in (400, 401, 403)
    for path in ("/api/v1/database/1/tables/?q=(schema_name:health)", "/api/v1/database/1/schemas/", "/api/v1/database/", "/api/v1/query/"):
        assert viewer.get(path).status_code in (401, 403, 404), path


@every_stranger
def test_explore_and_its_form_data(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    viewer = viewers(audience)
    form = {"datasource_id": warmed.rows.dataset, "datasource_type": "table", "chart_id": warmed.rows.id, "form_data": "{}"}
    assert viewer.post("/api/v1/explore/form_data", form).status_code in (400, 401, 403)
    for path in (
        f"/api/v1/explore/?slice_id={warmed.rows.id}",
        f"/api/v1/explore/?datasource_id={warmed.rows.dataset}&datasource_type=table",
        "/api/v1/explore/form_data/x",
    ):
        assert viewer.get(path).status_code in (401, 403, 404), path
    legacy = quote(json.dumps({"slice_id": warmed.rows.id}))
    assert not seen(viewer.get(f"/superset/explore_json/?form_data={legacy}").text)
    assert not seen(viewer.get(f"/superset/explore_json/table/{warmed.rows.dataset}/?form_data={legacy}").text)


@every_stranger
def test_the_datasets_themselves(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    viewer, dataset = viewers(audience), warmed.rows.dataset
    for path in (
        f"/api/v1/dataset/{dataset}",
        "/api/v1/dataset/",
        f"/api/v1/dataset/{dataset}/drill_info/?q=(dashboard_id:{warmed.dashboard})",
        f"/datasource/get/table/{dataset}/",
        f"/datasource/external_metadata/table/{dataset}/",
        f"/api/v1/dashboard/{warmed.slug}/datasets",
        f"/api/v1/dashboard/{warmed.slug}/charts",
        f"/api/v1/chart/{warmed.rows.id}",
        f"/superset/fetch_datasource_metadata?datasourceKey={dataset}__table",
    ):
        assert not seen(viewer.get(path).text), path
    direct: dict[str, Any] = {"datasource": {"id": dataset, "type": "table"}, "queries": [ROWS], "result_format": "json"}
    assert viewer.post("/api/v1/chart/data", direct).status_code in (400, 401, 403)


def test_another_publisher_sees_its_own_rows_and_no_total(viewers: Viewers, warmed: Exposed) -> None:
    viewer = viewers(OTHERS)
    answer = viewer.ask(
        warmed.rows, {**ROWS, **{"filters": [{"col": "facility", "op": "IN", "val": [row[0] for row in SECRETS.values()]}]}}
    )
    assert figures(answer) == [[*SECRETS[OTHER], OTHER]]
    for found in (answer.text, viewer.ask(warmed.rows, ROWS).text, viewer.ask(warmed.rows, ROWS, "csv").text):
        assert not seen(found.replace(f'"{SECRETS[OWNER][0]}"', ""), (*marks_of(OWNER)[1:], *TOTALS))
    assert figures(viewer.ask(warmed.totals, TOTAL)) in (None, [], [[None, None]])


@pytest.mark.parametrize("audience", [OWNERS, NAMED, LEADER])
def test_who_may_see_it_all_does(viewers: Viewers, warmed: Exposed, audience: str) -> None:
    rows = viewers(audience).ask(warmed.rows, ROWS).text
    assert set(marks_of(OWNER, OTHER)) <= set(seen(rows))
    assert set(TOTALS) <= set(seen(viewers(audience).ask(warmed.totals, TOTAL).text))


def test_who_answers_for_an_area_sees_the_rows_of_its_units_and_no_other(instance: Running, viewers: Viewers, warmed: Exposed) -> None:
    question = {"columns": ["unit_id"], "metrics": ["count"], "row_limit": 1000}
    own = {row[0] for row in figures(viewers(AREA).ask(warmed.rows, question)) or []}
    every = {row[0] for row in figures(viewers(LEADER).ask(warmed.rows, question)) or []}
    with instance.store() as connection:
        area = {row[0] for row in connection.execute("SELECT unit_id FROM ref.unit_group WHERE group_id = 'former-vinh'")}
    assert own == every & area
    assert own, "the demonstration has tests of the former city of Vinh"
