"""Each row is held to its contract: what breaks it is rejected with the line, the column and what to write."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ckan_harvesters.errors import MASK, TerminalError
from datasets.model.contract import Scope
from datasets.model.messages import say
from tests.small_deliveries import BEDS, BEDS_HEADER, DAY, beds, checked, field, problems, refusal, resource

pytestmark = pytest.mark.unit

GOOD = "04/08/2025;16681;BV1;20;15"


def one(folder: Path, value: str, type_: str = "string", **more: Any) -> Any:
    """The stored value of one cell, or the rule that rejected it."""
    to = resource(field("k"), field("v", type_, **more), key=["k"], dialect={"delimiter": "|"})
    result = checked(folder, f"k|v\n1|{value}\n", to)
    return result.rejected[0].rule if result.rejected else result.rows["v"][0]


def test_good_rows_become_rows_of_the_store(tmp_path: Path) -> None:
    result = beds(tmp_path, GOOD, "04/08/2025;16681;BV2;30;..", scope=DAY)
    assert result.rejected == []
    assert result.rows.columns == ["unit_id", "day", "facility", "beds", "occupied", "line"]
    assert result.rows.row(0) == ("16681.202507", date(2025, 8, 4), "BV1", 20, 15, 2)
    assert result.rows["occupied"][1] is None


def test_a_day_that_does_not_exist_is_rejected_and_the_clerk_reads_why(tmp_path: Path) -> None:
    result = beds(tmp_path, GOOD, "31/06/2021;16681;BV1;1;1")
    assert problems(result) == [(3, "ngay", "date_not_in_calendar")]
    bad = result.rejected[0]
    assert say(f"rule.{bad.rule}", "vi", column=bad.column, value=bad.value, **bad.params) == (
        "Ngày 31/06/2021 không có trong lịch: tháng 6 năm 2021 chỉ có 30 ngày. Hãy sửa thành ngày đúng, dạng ngày/tháng/năm."
    )
    assert result.rows.height == 1


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("05/06/2021", date(2021, 6, 5)),
        ("6/5/2021", date(2021, 5, 6)),
        (" 05/06/2021 ", date(2021, 6, 5)),
        ("2021-06-05", "type_date"),
        ("44360", "type_date"),
        ("+5/06/2021", "type_date"),
        ("05/06/20211", "type_date"),
        ("29/02/2021", "date_not_in_calendar"),
        ("06/25/2021", "month_not_in_calendar"),
    ],
)
def test_dates_are_read_by_the_declared_format_only(tmp_path: Path, value: str, stored: object) -> None:
    assert one(tmp_path, value, "date", format="%d/%m/%Y") == stored


def test_dates_without_a_format_are_iso(tmp_path: Path) -> None:
    assert one(tmp_path, "2021-06-05", "date") == date(2021, 6, 5)
    assert one(tmp_path, "2021-6-5", "date") == "type_date"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2021-06-05T16:30:00", datetime(2021, 6, 5, 9, 30, tzinfo=UTC)),
        ("2021-06-05 16:30", datetime(2021, 6, 5, 9, 30, tzinfo=UTC)),
        ("2021-06-05T16:30:00Z", datetime(2021, 6, 5, 16, 30, tzinfo=UTC)),
        ("2021-06-05T16:30:00-02:30", datetime(2021, 6, 5, 19, 0, tzinfo=UTC)),
        ("2021-06-05T25:30:00", "type_datetime"),
        ("2021-06-31T10:30:00", "type_datetime"),
    ],
)
def test_moments_without_a_zone_are_of_viet_nam(tmp_path: Path, value: str, stored: object) -> None:
    assert one(tmp_path, value, "datetime") == stored


@pytest.mark.parametrize("value", ["1.5", "1e3", "5_000", "12a", "0x1F", "１２", "1 250", "--5", "=5"])
def test_text_in_a_number_is_rejected(tmp_path: Path, value: str) -> None:
    assert one(tmp_path, value, "integer") == "type_integer"


def test_numbers_are_read_with_the_declared_marks_and_kept_exactly(tmp_path: Path) -> None:
    vietnamese: dict[str, Any] = {"decimalChar": ",", "groupChar": "."}
    assert one(tmp_path, "1.234,56", "number", **vietnamese) == Decimal("1234.56")
    assert one(tmp_path, "-0,10", "number", **vietnamese) == Decimal("-0.1")
    assert one(tmp_path, "12,5%", "number", unit="%", **vietnamese) == Decimal("12.5")
    assert one(tmp_path, "12,5%", "number", **vietnamese) == "type_number"
    assert one(tmp_path, "1.23,5", "number", **vietnamese) == "type_number"
    assert one(tmp_path, "1234.5", "number", **vietnamese) == "type_number"
    assert one(tmp_path, "1,5", "number") == "type_number"
    assert one(tmp_path, "1.250", "integer", groupChar=".") == 1250
    assert one(tmp_path, "4.5", "number") == Decimal("4.5")
    assert one(tmp_path, "0.1234567890123456789", "number") == "scale"
    assert one(tmp_path, "12345678901234567890", "integer") == "scale"
    assert one(tmp_path, "999999999999999999.123456789012345678", "number") == Decimal("999999999999999999.123456789012345678")


@pytest.mark.parametrize(
    ("value", "type_", "stored"),
    [
        ("true", "boolean", True),
        ("0", "boolean", False),
        ("yes", "boolean", "type_boolean"),
        ("2021", "year", 2021),
        ("21", "year", "type_year"),
    ],
)
def test_booleans_and_years(tmp_path: Path, value: str, type_: str, stored: object) -> None:
    assert one(tmp_path, value, type_) == stored


@pytest.mark.parametrize(
    ("value", "type_", "constraints", "stored"),
    [
        ("-1", "integer", {"minimum": 0}, "too_small"),
        ("101", "number", {"maximum": 100}, "too_large"),
        ("250", "number", {"maximum": 1e16}, Decimal(250)),
        ("0.5", "number", {"minimum": 0.00001}, Decimal("0.5")),
        ("2019-12-31", "date", {"minimum": "2020-01-01"}, "too_small"),
        ("1991", "year", {"minimum": 2000}, "too_small"),
        ("abc", "string", {"pattern": "[a-c]+|x"}, "abc"),
        ("abcx", "string", {"pattern": "[a-c]+|x"}, "pattern"),
        ("c", "string", {"enum": ["a", "b"]}, "enum"),
        ("3", "integer", {"enum": [1, 2]}, "enum"),
        ("1.50", "number", {"enum": [1.5, 10]}, Decimal("1.50")),
        ("10", "number", {"enum": [1.5, 10]}, Decimal(10)),
        ("3", "number", {"enum": [1.5, 10]}, "enum"),
        ("ab", "string", {"minLength": 3}, "too_short"),
        ("Đàn Đàn", "string", {"maxLength": 6}, "too_long"),
        ("", "string", {"required": True}, "required"),
        ("", "string", {"pattern": "x", "minLength": 3}, None),
    ],
)
def test_constraints(tmp_path: Path, value: str, type_: str, constraints: dict[str, Any], stored: object) -> None:
    assert one(tmp_path, value, type_, constraints=constraints) == stored


def test_texts_are_kept_as_written(tmp_path: Path) -> None:
    assert one(tmp_path, "=cmd()") == "=cmd()"
    assert one(tmp_path, "\t=1+1") == "\t=1+1"
    assert one(tmp_path, "null") == "null"
    assert one(tmp_path, "001") == "001"


def test_a_unit_is_the_one_of_the_rows_day(tmp_path: Path) -> None:
    result = beds(tmp_path, "30/06/2025;16681;A;1;1", "01/07/2025;16681;B;1;1")
    assert result.rows["unit_id"].to_list() == ["16681.200401", "16681.202507"]


@pytest.mark.parametrize(
    ("row", "rule", "text"),
    [
        ("04/08/2025;99999;A;1;1", "unit_unknown", "Không có đơn vị hành chính nào (cấp xã, phường, thị trấn) mang mã “99999”"),
        ("04/08/2025;Tổng cộng;A;1;1", "unit_unknown", "dòng tổng cộng"),
        ("04/08/2025;17002;A;1;1", "unit_not_valid_on", "chỉ có hiệu lực từ ngày 01/01/2004 đến trước ngày 01/07/2025"),
        ("04/08/2020;123;A;1;1", "unit_lost_zeros", "Hãy viết “00123”"),
    ],
)
def test_unknown_codes_are_rejected_with_what_is_known_of_them(tmp_path: Path, row: str, rule: str, text: str) -> None:
    result = beds(tmp_path, row)
    assert problems(result) == [(2, "ma_xa", rule)]
    bad = result.rejected[0]
    assert text in say(f"rule.{rule}", "vi", column=bad.column, value=bad.value, **bad.params)


def test_facts_without_a_unit_are_the_provinces(tmp_path: Path) -> None:
    to = resource(field("co_quan", refers={"agency": True}), field("n", "integer"), key=["co_quan"])
    result = checked(tmp_path, "co_quan,n\nso-y-te,1\nso-la,2\n", to)
    assert result.rows["unit_id"].to_list() == ["40.200401"]
    assert problems(result) == [(3, "co_quan", "agency_unknown")]


def test_a_repeated_key_is_rejected_after_the_first_which_is_named(tmp_path: Path) -> None:
    result = beds(tmp_path, "31/06/2025;16681;BV1;1;1", GOOD, GOOD, GOOD)
    assert [(r.line, r.rule, r.params.get("first_line")) for r in result.rejected][1:] == [(4, "duplicate_key", 3), (5, "duplicate_key", 3)]
    assert result.rejected[1].value == "2025-08-04 | BV1"
    assert result.rows["line"].to_list() == [3]


def test_unique_values_may_not_repeat(tmp_path: Path) -> None:
    to = resource(field("k"), field("v", constraints={"unique": True}), key=["k"])
    assert problems(checked(tmp_path, "k,v\n1,a\n2,a\n3,\n4,\n", to)) == [(3, "v", "not_unique")]


def test_rows_outside_the_delivered_period_are_rejected(tmp_path: Path) -> None:
    to = BEDS.model_copy(update={"delivery": BEDS.delivery.model_copy(update={"column": "ngay"})})
    result = beds(tmp_path, GOOD, "05/08/2025;16681;BV1;1;1", scope=DAY, to=to)
    assert [(r.line, r.rule, r.value) for r in result.rejected] == [(3, "outside_period", "05/08/2025")]


def with_check(rule: str, level: str) -> Any:
    """The beds' resource with one rule."""
    say_ = {"vi": "Vượt 150 %", "en": "Over 150 %"}
    return resource(
        field("k"), field("a", "integer", column="beds"), field("b", "number", column="occupied"), key=["k"],
        checks=[{"name": "reason", "rule": rule, "level": level, "say": say_}],
    )  # fmt: skip


def test_a_rule_of_the_contract_rejects_or_warns_and_unknown_passes(tmp_path: Path) -> None:
    content = "k,a,b\n1,10,15.0\n2,10,15.1\n3,10,\n"
    rejecting = checked(tmp_path, content, with_check("occupied <= beds * 1.5", "reject"))
    assert problems(rejecting) == [(3, None, "row_check")]
    warning = checked(tmp_path, content, with_check("occupied <= beds * 1.5", "warn"))
    assert (warning.rejected, warning.rows.height) == ([], 3)
    assert [(w.line, w.rule) for w in warning.warnings] == [(3, "row_check")]
    assert say("rule.row_check", "fr", **warning.warnings[0].params).startswith("Vượt 150 %")
    assert say("rule.row_check", "en", **warning.warnings[0].params).startswith("Over 150 %")


def test_a_rule_that_cannot_be_computed_is_the_contracts_fault(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match="reason"):
        checked(tmp_path, "k,a,b\n1,1,1\n", with_check("nothing_like_it > 1", "reject"))


def test_personal_values_are_masked_and_long_ones_cut(tmp_path: Path) -> None:
    to = resource(field("ten", personal="sensitive", constraints={"maxLength": 3}), field("n", "integer"), key=["ten"])
    result = checked(tmp_path, f"ten,n\nNguyen,1\nAn,{'x' * 500}\nAn,2\n", to)
    assert [r.value if r.value == MASK else len(r.value or "") for r in result.rejected] == [MASK, 200]
    twice = checked(tmp_path, "ten,n\nAn,1\nAn,2\n", to)
    assert twice.rejected[0].value == MASK


def test_too_many_bad_rows_refuse_the_delivery_with_its_problems(tmp_path: Path) -> None:
    strict = BEDS.model_copy(update={"allowed_reject_share": 0.25})
    refused = refusal(tmp_path, BEDS_HEADER + f"{GOOD}\n31/06/2021;99999;B;x;1\n1;2\n", strict)
    assert refused.code == "too_many_bad"
    assert refused.params == {"rejected": 2, "total": 3, "share": "66.7", "allowed": "25"}
    assert {p.rule for p in refused.problems} == {"date_not_in_calendar", "type_integer", "row_cells"}


def test_a_file_without_rows_is_refused_unless_it_is_about_one_period(tmp_path: Path) -> None:
    assert refusal(tmp_path, BEDS_HEADER, BEDS).code == "no_rows"
    by_day = BEDS.model_copy(update={"delivery": BEDS.delivery.model_copy(update={"scope": Scope.PERIOD})})
    assert beds(tmp_path, scope=DAY, to=by_day).rows.height == 0


def test_all_problems_of_a_row_are_told_and_it_counts_once(tmp_path: Path) -> None:
    result = beds(tmp_path, GOOD, "x;16681;;-1;y")
    assert result.rejected_rows == 1
    assert {r.rule for r in result.rejected} == {"type_date", "required", "too_small", "type_integer"}


def test_a_large_file_is_checked_whole(tmp_path: Path) -> None:
    count = 200_000
    rows = pl.select(pl.int_range(count).alias("i")).select(
        pl.format(
            "{}/08/2025;16681;BV{};{};{}", (pl.col("i") % 28 + 1).cast(pl.String).str.zfill(2), "i", pl.col("i") % 500, pl.col("i") % 400
        )
    )
    content = BEDS_HEADER + "\n".join(rows.to_series()) + "\n31/06/2025;16681;BV1;1;1\n"
    result = checked(tmp_path, content, BEDS)
    assert (result.rows.height, result.rejected_rows) == (count, 1)
