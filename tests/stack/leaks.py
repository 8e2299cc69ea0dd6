"""Rows and totals that only some may see, people who may and may not, and the ways on which Superset could show them.

Two agencies deliver tests of November 2019 with figures that no other data have. A dashboard over these rows, and over the wide view with
their totals, is opened to everyone by hand, to anonymous visitors too: what it shows then is the store's decision alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from control.accounts.assignments import Assignment, Assignments
from control.accounts.people import ensure_person, take_away
from control.compile.superset.site import SupersetSite
from datasets.model.audience import PUBLIC, position_audience
from datasets.model.reference import read_reference
from tests.running import Account, Running
from tests.stack.deliveries import COMMUNE, Editor
from tests.stack.superset_questions import site_of

SECONDS = 90
PERIOD = "2019-11"
OWNER, OTHER = "trung-tam-kiem-soat-benh-tat", "benh-vien-huu-nghi-da-khoa"
TESTS = "health-tests"
HEADER = "ngay_xet_nghiem,ma_xa,ma_co_so,ky_thuat,so_mau,so_duong_tinh"
SECRETS = {OWNER: ("97531", 3_141_593, 271_829), OTHER: ("97532", 1_618_039, 141_427)}
"""Facility, samples tested and positive samples by the agency that delivers them."""
TOTALS = (str(sum(tested for _, tested, _ in SECRETS.values())), str(sum(positive for _, _, positive in SECRETS.values())))
NOVEMBER = "2019-11-01 : 2019-12-01"

LEADER, OFFICIAL, OPERATOR = "aud_leader", "aud_official", "aud_operator"
OWNERS, OTHERS = "aud_agency_trung_tam_kiem_soat_benh_tat", "aud_agency_benh_vien_huu_nghi_da_khoa"
NAMED, STRANGER = "aud_agency_so_y_te", "aud_agency_bao_hiem_xa_hoi_tinh"
AREA = "aud_locality_former_vinh"
SHUT_OUT = (PUBLIC, OFFICIAL, STRANGER, AREA)
"""Viewers who may see nothing of it: anonymous, an official, another agency, who answers for an area that the rows do not lie in."""


def file_of(agency: str) -> bytes:
    facility, tested, positive = SECRETS[agency]
    return f"{HEADER}\n11/11/2019,{COMMUNE},{facility},pcr,{tested},{positive}\n".encode()


def marks_of(*agencies: str) -> tuple[str, ...]:
    """Texts by which the figures of these agencies would be recognised."""
    return tuple(str(value) for agency in agencies for value in SECRETS[agency])


ALL_MARKS = (*marks_of(OWNER, OTHER), *TOTALS)


def seen(text: str, marks: Sequence[str] = ALL_MARKS) -> list[str]:
    """Marks that stand in a text, also with separators of thousands."""
    plain = text.replace(",", "").replace("\u202f", "").replace("\u00a0", "")
    return [mark for mark in marks if mark in text or mark in plain]


@dataclass
class Viewer:
    """One person's browser, and how it asks."""

    audience: str
    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=SECONDS, **options)

    def post(self, path: str, body: dict[str, Any], **options: Any) -> requests.Response:
        return self.session.post(self.url + path, json=body, timeout=SECONDS, **options)

    def ask(
        self, chart: Chart, query: dict[str, Any], result_format: str = "json", result_type: str = "full", **more: Any
    ) -> requests.Response:
        """A chart's question, as its dashboard asks it."""
        body = {
            "datasource": {"id": chart.dataset, "type": "table"},
            "force": False,
            "queries": [{"filters": [], "row_limit": 1000, **query}],
            "form_data": {"slice_id": chart.id, "dashboardId": chart.dashboard, "viz_type": "table", **more},
            "result_format": result_format,
            "result_type": result_type,
        }
        return self.post("/api/v1/chart/data", body)


@dataclass(frozen=True)
class Chart:
    """A chart of the dashboard that was opened too far."""

    id: int
    dataset: int
    dashboard: int


@dataclass(frozen=True)
class Exposed:
    """The dashboard that was opened too far: a chart over the restricted rows, one over the totals by month."""

    dashboard: int
    slug: str
    rows: Chart
    totals: Chart


IN_NOVEMBER = {"filters": [{"col": "period_starts", "op": "TEMPORAL_RANGE", "val": NOVEMBER}]}
ROWS: dict[str, Any] = {"columns": ["facility", "tested", "positive", "agency"], "metrics": [], **IN_NOVEMBER}
SUMS: dict[str, Any] = {"columns": [], "metrics": ["sum_tested", "sum_positive", "count"], **IN_NOVEMBER}


def expression(text: str, label: str = "x") -> dict[str, str]:
    """A metric that a viewer writes as SQL."""
    return {"expressionType": "SQL", "sqlExpression": text, "label": label}


TOTAL: dict[str, Any] = {"columns": [], "metrics": [expression("SUM(tested)", "t"), expression("SUM(positive)", "p")], **IN_NOVEMBER}


def figures(answer: requests.Response) -> list[list[Any]] | None:
    """Rows of an answer as lists of values; None where it was refused, at the door or by the store."""
    if answer.status_code != requests.codes.ok:
        return None
    result = answer.json()["result"]
    first = result[0] if isinstance(result, list) else result
    return None if first.get("error") else [list(row.values()) for row in first["data"]]


@pytest.fixture(scope="session")
def superset_site(instance: Running) -> SupersetSite:
    """Superset's API as its administrator."""
    return site_of(instance, instance.superset_admin)


@pytest.fixture(scope="session")
def viewers(instance: Running, superset_site: SupersetSite) -> Iterator[Callable[[str], Viewer]]:
    """Gives the browser of somebody who holds a position of an audience; the accounts are gone after the tests."""
    given, reference = Assignments(instance.instance.var), read_reference()
    known: dict[str, Viewer] = {PUBLIC: Viewer(PUBLIC, instance.superset_url)}
    made: list[str] = []

    def viewer(audience: str) -> Viewer:
        if audience not in known:
            position = next(p for p in reference.positions.values() if position_audience(p, reference.agencies) == audience)
            name = f"test-{len(made)}-{secrets.token_hex(3)}"
            person = Assignment(username=name, name=audience, email=f"{name}@localhost.localdomain", position=position.name)
            given.put(person)
            made.append(name)
            _, password = ensure_person(superset_site, instance.ckan(instance.sysadmin_token), person, reference)
            assert password is not None
            known[audience] = Viewer(audience, instance.superset_url, instance.superset(Account(name, password)))
        return known[audience]

    yield viewer
    for name in made:
        given.remove(name)
        take_away(superset_site, name)  # Superset deletes nobody who made a permalink


@pytest.fixture(scope="module")
def delivered(instance: Running, editors: Callable[[str, str], Editor]) -> dict[str, str]:
    """The two agencies' deliveries, checked and loaded: id by agency."""
    found = {}
    for agency in (OWNER, OTHER):
        editor = editors(agency, TESTS)
        found[agency] = editor.deliver(file_of(agency), PERIOD, f"mau-{agency}.csv")
        receipt = editor.receipt(found[agency])
        assert (receipt["state"], receipt["rows_accepted"]) == ("done", 1), receipt
    return found


@pytest.fixture(scope="module")
def exposed(superset_site: SupersetSite, delivered: dict[str, str]) -> Iterator[Exposed]:
    """The dashboard that somebody opened too far."""
    slug = f"test-exposed-{secrets.token_hex(3)}"
    ids = superset_site.role_ids()
    roles = [ids[name] for name in ("Public", "ioc_official", "ioc_leader", "ioc_operator")]
    wanted = {"dashboard_title": "Mở nhầm để kiểm thử", "slug": slug, "published": True, "roles": roles}
    dashboard = superset_site.call("POST", "/api/v1/dashboard/", json=wanted)["id"]
    datasets = {(d["schema"], d["table_name"]): d["id"] for d in superset_site.every("dataset", ["id", "schema", "table_name"])}
    charts: list[Chart] = []
    for table in ("tests", "indicators_month"):
        dataset = datasets["health", table]
        params = json.dumps({"viz_type": "table", "datasource": f"{dataset}__table"})
        wanted = {
            "slice_name": f"{slug} {table}",
            "viz_type": "table",
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": params,
        }
        made = superset_site.call("POST", "/api/v1/chart/", json={**wanted, "dashboards": [dashboard]})
        charts.append(Chart(made["id"], dataset, dashboard))
    yield Exposed(dashboard, slug, *charts)
    for chart in charts:
        superset_site.call("DELETE", f"/api/v1/chart/{chart.id}")
    superset_site.call("DELETE", f"/api/v1/dashboard/{dashboard}")


@pytest.fixture
def warmed(viewers: Callable[[str], Viewer], exposed: Exposed) -> Exposed:
    """The dashboard after a leader has looked at all of it, so that every answer is in the cache."""
    leader = viewers(LEADER)
    for chart, query in ((exposed.rows, ROWS), (exposed.rows, SUMS), (exposed.totals, TOTAL)):
        assert figures(leader.ask(chart, query)), "the leader sees it"
    assert set(marks_of(OWNER, OTHER)) <= set(seen(leader.ask(exposed.rows, ROWS).text))
    assert set(TOTALS) <= set(seen(leader.ask(exposed.totals, TOTAL).text))
    return exposed
