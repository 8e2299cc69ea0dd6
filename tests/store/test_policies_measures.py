"""Totals over a restricted dataset in every place where a total is kept or made: cells, wide views, earlier editions."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import yaml
from psycopg import errors

from ckan_harvesters.load import load
from datasets.model.audience import areas, audiences, row_rules
from datasets.model.contract import Contract
from datasets.model.read import parse_contract
from tests.store.conftest import Store
from tests.store.contracts import checked, resource

DAY = "2025-08-01"
VINH, KIM_LIEN = "16681.202507", "17971.202507"
OWNER, OTHER, NAMED = "so-y-te", "benh-vien-san-nhi", "thanh-tra-tinh"


def indicator(value: str) -> dict[str, Any]:
    return {
        "title": f"Chỉ số {value}",
        "titles": {"en": value, "fr": value},
        "method": {"vi": "Cộng", "en": "Sum"},
        "unit": "ca",
        "value": value,
        "direction": "down",
        "calendars": ["day"],
    }


@pytest.fixture
def guarded() -> Contract:
    """A restricted and a shared dataset, with what adds and what does not, in indicators."""
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "guarded",
        "version": "1.0.0",
        "title": "Kín",
        "titles": {"en": "Guarded", "fr": "Gardé"},
        "subsystem": {"order": 5, "owner": OWNER},
        "resources": [resource("cases", {"restricted": [NAMED], "localities": True}), resource("staff", "shared")],
        "measures": {
            "seen": {"of": "cases", "value": "SUM(cases)", "calendar": "day", "over_time": "sum", "over_units": "sum", "unit": "ca"},
            "most": {"of": "cases", "value": "MAX(cases)", "calendar": "day", "over_time": "none", "over_units": "none", "unit": "ca"},
            "told": {"of": "staff", "value": "SUM(cases)", "calendar": "day", "over_time": "sum", "over_units": "sum", "unit": "ca"},
        },
        "indicators": {"all-seen": indicator("seen"), "most-seen": indicator("most"), "all-told": indicator("told")},
    }
    return parse_contract(yaml.safe_dump(content, allow_unicode=True).encode())


@pytest.fixture
def filled(store: Store, guarded: Contract) -> Store:
    """Restricted: 1 (owner, Vinh), 2 (owner, Kim Lien), 4 (other, Vinh), 8 (other, Kim Lien). Shared: 32 of the owner."""
    store.apply(guarded)
    for name, agency, values in (("cases", OWNER, (1, 2)), ("cases", OTHER, (4, 8)), ("staff", OWNER, (32,))):
        delivered = [(DAY, unit, f"soi của {agency}", value) for unit, value in zip((VINH, KIM_LIEN), values, strict=False)]
        load(
            store.loader,
            checked(delivered, f"{agency}|{DAY}", of=guarded, resource_name=name, ckan_resource=f"{name} {agency}"),
            f"{name} {agency}",
        )
    return store


def answered(store: Store, query: str, role: str) -> int | None:
    """The only figure of an answer; None where it is refused or there is none."""
    try:
        found = store.ask(query, url=store.audience(role))
    except errors.InsufficientPrivilege:
        return None
    return int(found[0][0]) if found and found[0][0] is not None else None


SOURCES = ("guarded.indicators_day", "guarded.indicators_day__as_of(1000)")


def test_every_audience_reads_totals_whole_or_not_at_all(filled: Store, guarded: Contract) -> None:
    agencies, local = filled.reference.agencies, areas(filled.reference)
    whole = {rule.role for rule in row_rules(guarded.resources[0], agencies, local) if rule.all_rows}
    assert whole == {"aud_leader", "aud_agency_so_y_te", "aud_agency_thanh_tra_tinh"}
    for audience in audiences(agencies, local):
        for source in SOURCES:
            told = answered(filled, f"SELECT SUM(told) FROM {source}", audience.role)
            assert told == (None if audience.role == "aud_public" else 32), f"{audience.role} {source}"
            for column, total in (("seen", 15), ("most", 8)):
                expected = total if audience.role in whole else None
                query = f"SELECT {'SUM' if column == 'seen' else 'MAX'}({column}) FROM {source}"
                assert answered(filled, query, audience.role) == expected, f"{audience.role} {source} {column}"


@pytest.mark.parametrize("role", ["aud_public", "aud_official", "aud_agency_benh_vien_san_nhi", "aud_locality_former_vinh"])
def test_no_row_of_a_restricted_measure_is_there_to_be_counted(filled: Store, role: str) -> None:
    for query in (
        "SELECT count(*) FROM measure.value WHERE dataset = 'guarded-cases'",
        "SELECT count(*) FROM measure.value WHERE measure IN ('guarded.seen', 'guarded.most')",
        "SELECT count(*) FROM guarded.indicators_day WHERE measure <> 'guarded.told'",
        "SELECT count(*) FROM guarded.indicators_day__as_of(1000) WHERE measure <> 'guarded.told'",
    ):
        assert answered(filled, query, role) in (0, None), query


@pytest.mark.parametrize("role", ["aud_public", "aud_official", "aud_agency_benh_vien_san_nhi", "aud_locality_former_vinh"])
def test_a_condition_that_shouts_is_not_shown_a_hidden_cell(filled: Store, role: str) -> None:
    """A condition that raises with the value in its message would show it if it were tried before the policy."""
    with psycopg.connect(filled.audience(role)) as conn:
        try:
            conn.execute("SELECT 1 FROM measure.value WHERE (period || ' ' || value::text)::date IS NULL AND measure LIKE 'guarded.seen'")
        except psycopg.Error as error:
            assert not [hidden for hidden in (1, 2, 4, 8, 15) if f'"{DAY} {hidden}"' in str(error)], str(error)
