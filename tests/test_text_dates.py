"""Dates are found as stated and compared part by part."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wfc_qa.text.dates import DateMention, covers, find_dates

Parts = tuple[int | None, int | None, int | None, int | None, int | None]


def parts(date: DateMention) -> Parts:
    return date.year, date.month, date.day, date.quarter, date.half


def only(text: str) -> DateMention:
    (date,) = find_dates(text)
    return date


SAME = {
    (2025, 5, 23, None, None): [
        "2025年5月23日",
        "2025-05-23",
        "2025/5/23",
        "2025.5.23",
        "23 May 2025",
        "May 23, 2025",
        "２０２５年５月２３日",
        "23rd of May 2025",
        "二〇二五年五月二十三日",
        "2025 年 5 月 23 日",
    ],
    (2025, 5, None, None, None): ["May 2025", "2025年5月", "2025-05", "二〇二五年五月"],
    (2025, 12, 31, None, None): [
        "2025年末",
        "2025年底",
        "2025年年末",
        "2025末",
        "end of 2025",
        "end-2025",
        "End-2025",
        "year-end 2025",
        "the end of 2025",
        "2025年12月31日",
        "Dec. 31, 2025",
        "2025 year-end",
        "end of December 2025",
    ],
    (2025, 6, 30, None, None): [
        "end of June 2025",
        "2025年6月末",
        "2025年6月底",
        "end-June 2025",
        "2025年二季度末",
    ],
    (2024, 2, 29, None, None): ["2024年2月末", "end of February 2024"],
    (2025, None, None, None, 1): [
        "2025年上半年",
        "H1 2025",
        "first half of 2025",
        "2025H1",
        "2025年1-6月",
        "1H 2025",
    ],
    (2025, None, None, None, 2): ["2025年下半年", "H2 2025", "the second half of 2025"],
    (2025, None, None, 1, None): [
        "2025年一季度",
        "2025年第一季度",
        "Q1 2025",
        "first quarter of 2025",
        "2025 Q1",
    ],
    (2025, None, None, None, None): [
        "in 2025",
        "2025年",
        "2025",
        "FY2025",
        "2025年全年",
        "2025 deposits",
        "2025 loans",
    ],
    (None, 12, None, None, None): ["12月", "December", "十二月"],
    (None, 12, 31, None, None): ["年末", "year-end", "12月末"],
    (None, None, None, 1, None): ["第一季度", "Q1", "first quarter"],
    (None, None, None, None, 1): ["上半年", "H1", "first half"],
    (None, 5, 23, None, None): ["5月23日", "May 23", "23 May"],
    (None, None, 28, None, None): ["28日"],
}


@pytest.mark.parametrize(
    ("text", "stated"), [(text, stated) for stated, texts in SAME.items() for text in texts]
)
def test_a_date_is_read_alike_in_all_its_forms(text: str, stated: Parts) -> None:
    date = only(text)
    assert (parts(date), date.cumulative) == (stated, False)


@pytest.mark.parametrize(
    "text", ["2025年前三季度", "first three quarters of 2025", "2025年1—9月", "first nine months of 2025"]
)
def test_the_first_three_quarters_are_the_third_cumulatively(text: str) -> None:
    date = only(text)
    assert (parts(date), date.cumulative) == ((2025, None, None, 3, None), True)


@pytest.mark.parametrize(
    "text", ["2024—2027年", "2024-2027", "2024至2027年", "from 2024 to 2027", "（2024—2027年）", "2024–27"]
)
def test_a_span_of_years_states_both(text: str) -> None:
    assert [date.year for date in find_dates(text)] == [2024, 2027]


@pytest.mark.parametrize(
    "text",
    [
        "十四五",
        "2023家",
        "1919 institutions",
        "2022 financial institutions",
        "2000 yuan",
        "1,919",
        "1919.5",
        "2000亿元",
        "2000-3000家",
        "$2000",
        "超过2000",
        "1899",
        "2101",
        "F2023",
        "20231",
        "may be",
        "to march on",
        "3个月",
        "5年",
        "第三",
        "2024%",
        "15日内",
        "100日元",
        "2000公里",
    ],
)
def test_counts_and_words_are_not_dates(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("evidence", "asked"),
    [
        ("2023-12-31", "2023"),
        ("end of 2023", "2023"),
        ("2023年末", "2023年"),
        ("2025-12-31", "end of 2025"),
        ("2025-12-31", "2025年末"),
        ("2025-12-31", "December 2025"),
        ("2025-12-31", "Q4 2025"),
        ("2025年6月30日", "H1 2025"),
        ("2025年6月", "上半年"),
        ("2025-09-30", "2025年前三季度"),
        ("first three quarters of 2025", "2025年前三季度"),
        ("first three quarters of 2025", "2025"),
        ("2025年6月末", "6月末"),
        ("Q3 2025", "second half of 2025"),
    ],
)
def test_evidence_as_specific_and_agreeing_covers(evidence: str, asked: str) -> None:
    assert covers(only(evidence), only(asked))


@pytest.mark.parametrize(
    ("evidence", "asked"),
    [
        ("2023", "June 2023"),
        ("2023", "end of 2023"),
        ("December 2025", "end of 2025"),
        ("2024", "2023"),
        ("6月末", "2025年6月末"),
        ("first three quarters of 2025", "Q3 2025"),
        ("first three quarters of 2025", "September 2025"),
        ("Q3 2025", "2025年前三季度"),
        ("2025-08-31", "2025年前三季度"),
        ("2025-07-01", "H1 2025"),
        ("2025-05-22", "2025-05-23"),
    ],
)
def test_evidence_less_specific_or_other_does_not_cover(evidence: str, asked: str) -> None:
    assert not covers(only(evidence), only(asked))


@given(st.dates())
def test_every_day_from_1900_to_2099_is_read_in_every_form(day: object) -> None:
    from datetime import date

    assert isinstance(day, date)
    day = day.replace(year=1900 + day.year % 200, day=min(day.day, 28))
    forms = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day} {day:%b} {day.year}",
    ]
    for form in forms:
        found = only(form)
        assert (parts(found), found.text) == ((day.year, day.month, day.day, None, None), form)
        assert covers(found, found)


PIECES = st.sampled_from(
    "2025 年 5 12 月 23 日 末 底 - — / . Q1 H2 end of first second half quarter three quarters "
    "months May June 前 三 季度 "
    "上半年 一 二 〇 十 FY , to yuan 家 ſ ٣ İ \n".split(" ")
)


@given(
    st.one_of(
        st.text(), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES, max_size=40).map(" ".join)
    )
)
@example("2025-02-31 2月30日 二〇二五年十三月")
def test_any_text_yields_dates_in_order_that_lie_where_they_say(text: str) -> None:
    end = 0
    for date in find_dates(text):
        assert end <= date.span.start < date.span.end <= len(text)
        assert date.span.of(text) == date.text
        assert any(part is not None for part in parts(date))
        assert date.month is None or 1 <= date.month <= 12
        end = date.span.end


@pytest.mark.parametrize(
    ("unit", "each"), [("2025年5月，", 1), ("in 2023 ", 1), ("2023-", 0), ("end of ", 0), ("一", 0)]
)
def test_long_text_is_read_in_linear_time(unit: str, each: int) -> None:
    """Quadratic reading would run into the suite's time limit."""
    repeats = 1_000_000 // len(unit) // (1 if each else 5)
    found = len(find_dates(unit * repeats))
    assert found == repeats * each or not each
