"""Who belongs to which audience, and what a contract's access means for each."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from datasets.model.audience import (
    LEADER,
    OFFICIAL,
    OPERATOR,
    PUBLIC,
    RowRule,
    SeveralAudiences,
    agency_role,
    areas,
    audience_of_roles,
    audiences,
    group_role,
    measure_readers,
    member_audience,
    position_audience,
    row_rules,
    superset_roles,
    who_reads,
)
from datasets.model.reference import FOLDER, Reference, ReferenceProblem, read_reference
from superset_ioc.audience import audience_of
from tests.store.contracts import contract, resource

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.mark.parametrize(
    ("roles", "audience"),
    [
        ([], PUBLIC),
        (["Gamma"], PUBLIC),
        (["Public"], PUBLIC),
        (["ioc_official"], OFFICIAL),
        (["ioc_leader"], LEADER),
        (["ioc_leader", "ioc_official"], LEADER),
        (["ioc_operator"], OPERATOR),
        (["Admin"], LEADER),
        (["ioc_official", "aud_agency_so_y_te"], "aud_agency_so_y_te"),
        (["aud_locality_former_vinh", "ioc_official"], "aud_locality_former_vinh"),
    ],
)
def test_everybody_has_one_audience(roles: list[str], audience: str) -> None:
    assert audience_of_roles(roles) == audience


@dataclass
class Role:
    name: str


@dataclass
class User:
    username: str = "nguyen-van-a"
    roles: list[Role] = field(default_factory=list)
    is_anonymous: bool = False
    is_active: bool = True


@pytest.mark.parametrize(
    "roles", [("aud_agency_so_y_te", "aud_agency_so_noi_vu"), ("ioc_leader", "aud_agency_so_y_te"), ("ioc_leader", "ioc_operator")]
)
def test_a_person_with_two_audiences_is_a_mistake_that_is_logged_and_shows_what_is_public(
    roles: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SeveralAudiences, match="a person belongs to one"):
        audience_of_roles(roles)
    with caplog.at_level(logging.ERROR):
        assert audience_of(User(roles=[Role(name) for name in (*roles, "ioc_official")])) == PUBLIC
    assert "nguyen-van-a" in caplog.text
    assert all(role in caplog.text for role in roles)


def test_nobody_and_who_was_deactivated_are_the_public() -> None:
    leader = [Role("ioc_leader")]
    assert audience_of(User(roles=leader)) == LEADER
    for user in (None, User(roles=leader, is_anonymous=True), User(roles=leader, is_active=False)):
        assert audience_of(user) == PUBLIC


def test_the_roles_of_an_audience_name_it(reference: Reference) -> None:
    for audience in audiences(reference.agencies, areas(reference)):
        assert audience_of_roles(superset_roles(audience.role)) == audience.role


@pytest.mark.parametrize(
    ("position", "audience"),
    [
        ("van-phong-ubnd-tinh/ban-chi-dao-truong-ban", LEADER),
        ("so-khoa-hoc-va-cong-nghe/truc-van-hanh", OPERATOR),
        ("so-khoa-hoc-va-cong-nghe/to-giup-viec-to-truong", OFFICIAL),
        ("so-y-te/truong-phong-nghiep-vu-y", "aud_agency_so_y_te"),
        ("phuong-cua-lo/thu-truong", "aud_locality_phuong_cua_lo"),
        ("phuong-thanh-vinh/phu-trach-dia-ban-thanh-pho-vinh-cu", "aud_locality_former_vinh"),
    ],
)
def test_a_position_says_the_audience_or_its_agency_does(reference: Reference, position: str, audience: str) -> None:
    assert position_audience(reference.positions[position], reference.agencies) == audience


@pytest.mark.parametrize(
    ("organisations", "audience"),
    [
        ([], PUBLIC),
        (["to-chuc-la"], PUBLIC),
        (["so-y-te"], "aud_agency_so_y_te"),
        (["so-y-te", "to-chuc-la"], "aud_agency_so_y_te"),
        (["phuong-cua-lo"], "aud_locality_phuong_cua_lo"),
        (["so-y-te", "benh-vien-san-nhi"], OFFICIAL),
    ],
)
def test_a_member_of_one_organisation_of_ckan_has_its_audience(reference: Reference, organisations: list[str], audience: str) -> None:
    assert member_audience(organisations, reference.agencies) == audience


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("audience: leader, group: former-vinh", "keep one"),
        ("group: former-hanoi", "no group of units/groups.csv"),
        ("audience: king", "audience"),
    ],
)
def test_a_position_with_a_wrong_audience_is_refused_by_name(tmp_path: Path, written: str, says: str) -> None:
    folder = tmp_path / "reference"
    folder.mkdir()
    for file in FOLDER.iterdir():
        (folder / file.name).symlink_to(file)
    text = (FOLDER / "people.yaml").read_text().replace("audience: operator", written)
    (folder / "people.yaml").unlink()
    (folder / "people.yaml").write_text(text)
    with pytest.raises(ReferenceProblem, match=says) as problem:
        read_reference(folder)
    assert "truc-van-hanh" in str(problem.value)


def access(written: Any) -> Any:
    return contract(resource("cases", written)).resources[0]


def test_open_and_shared_datasets_have_no_row_rules() -> None:
    for written in ("open", "shared"):
        assert row_rules(access(written)) == []
    assert (who_reads(access("open")), who_reads(access("shared"))) == (["ioc_open"], ["ioc_shared"])


def test_rows_of_a_restricted_dataset_and_who_reads_them(reference: Reference) -> None:
    local = {group_role("former-vinh"): ("16681.202507", "16690.202507")}
    used = access({"restricted": ["thanh-tra-tinh"], "localities": True})
    assert row_rules(used, reference.agencies, local) == [
        RowRule("aud_leader", all_rows=True),
        RowRule("aud_agency_so_y_te", all_rows=True),
        RowRule("aud_agency_thanh_tra_tinh", all_rows=True),
        RowRule("aud_agency_benh_vien_san_nhi", agency="benh-vien-san-nhi"),
        RowRule("aud_locality_former_vinh", units=("16681.202507", "16690.202507")),
    ]
    assert measure_readers(used, reference.agencies) == ["aud_leader", "aud_agency_so_y_te", "aud_agency_thanh_tra_tinh"]
    without = row_rules(access({"restricted": ["thanh-tra-tinh"]}), reference.agencies, local)
    assert "aud_locality_former_vinh" not in {rule.role for rule in without}


def test_no_two_audiences_have_one_role(reference: Reference) -> None:
    groups = {member.group_id for member in reference.groups}
    roles = [agency_role(a.name, a.kind) for a in reference.agencies.values()] + [group_role(g) for g in groups]
    assert len(set(roles)) == len(roles)
