"""Deposits are not loans, and a rise is not a fall: measures are found in both languages, and told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.measures import EVENTS, QUALIFIERS, Measure, find_measures

SAME = [
    ("2023年末存款余额5.36万亿元", "Outstanding deposits stood at 5.36 trillion yuan", {Measure.DEPOSITS}),
    ("新发放企业贷款利率", "the rate on new corporate loans was", {Measure.LOANS, Measure.INTEREST}),
    ("绿色贷款", "green loans", {Measure.LOANS, Measure.GREEN}),
    ("社会融资规模增量", "aggregate financing", {Measure.AGGREGATE_FINANCING, Measure.FINANCING}),
    ("金融业增加值", "value added of the financial sector", {Measure.VALUE_ADDED}),
    ("不良率", "the non-performing loan ratio", {Measure.BAD_LOANS}),
    ("贷款余额下降", "loans declined", {Measure.LOANS, Measure.FALL}),
    ("白皮书被撤销", "the white paper was withdrawn", {Measure.END}),
]


@pytest.mark.parametrize(("zh", "en", "named"), SAME, ids=[zh for zh, _, _ in SAME])
def test_both_languages_name_the_same_measures(zh: str, en: str, named: set[Measure]) -> None:
    assert named <= find_measures(zh)
    assert named <= find_measures(en)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("贷款余额6.25万亿元，同比增长8.3%", {Measure.DEPOSITS, Measure.FALL, Measure.BAD_LOANS}),
        ("At June 30, 2025 outstanding loans were 6.25 trillion yuan", {Measure.DEPOSITS, Measure.END}),
        ("financial assets amounted to 9.5 trillion yuan", {Measure.LOANS, Measure.REVENUE}),
        ("the corridor reached 490 ports", set(Measure)),
        ("relations are closed to none, and closeness helps", {Measure.LOANS}),
    ],
)
def test_what_is_not_named_is_not_found(text: str, absent: set[Measure]) -> None:
    assert not absent & find_measures(text)


def test_traditional_and_full_width_text_names_the_same() -> None:
    assert find_measures("存款與貸款") >= {Measure.DEPOSITS, Measure.LOANS}
    assert Measure.GDP in find_measures("ＧＤＰ")


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_names_at_least_what_its_parts_name(one: str, other: str) -> None:
    whole = find_measures(f"{one}\n{other}")
    assert find_measures(one) | find_measures(other) <= whole


def test_events_and_qualifiers_are_no_quantities() -> None:
    assert not EVENTS & QUALIFIERS
    assert frozenset(Measure) >= EVENTS | QUALIFIERS
