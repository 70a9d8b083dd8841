"""Figures are found exactly and mean the same in both languages."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import cn2an
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wfc_qa.text.figures import Bound, Figure, Unit, find_figures, same_figure
from wfc_qa.text.ordinals import find_ordinals

FACTS = [json.loads(line) for line in (Path(__file__).parent / "data" / "facts.jsonl").open(encoding="utf-8")]

# What one language states and the other does not: (only in Chinese, only in English).
DIFFERING = {
    "F01": (["八部门"], []),  # English names the eight instead of counting them
    "F17": ([], ["three"]),  # 前三季度 is a date, "in three quarters" counts quarters
    "F18": (["6.04万亿元"], ["6.04"]),  # English leaves the scale to the next figure
    "F31": (["八部门"], ["seven"]),  # eight ministries, the PBOC and seven others
}


def only(text: str) -> Figure:
    (figure,) = find_figures(text)
    return figure


def unmatched(ours: list[Figure], theirs: list[Figure]) -> list[str]:
    left = list(theirs)
    lonely = []
    for figure in ours:
        twin = next((other for other in left if same_figure(figure, other)), None)
        if twin is None:
            lonely.append(figure.text)
        else:
            left.remove(twin)
    return lonely


@pytest.mark.parametrize("fact", FACTS, ids=[fact["id"] for fact in FACTS])
def test_both_languages_of_a_fact_state_the_same_figures(fact: dict[str, str]) -> None:
    han, english = find_figures(fact["zh"]), find_figures(fact["en"])
    differing = (unmatched(han, english), unmatched(english, han))
    assert differing == DIFFERING.get(fact["id"], ([], []))


def test_the_facts_hold_the_figures_they_are_known_to_hold() -> None:
    found = {fact["id"]: [figure.text for figure in find_figures(fact["zh"])] for fact in FACTS}
    assert found["F10"] == ["2591亿元", "8.6%", "5.36万亿元", "+8.0%", "5.67万亿元", "+9.8%"]
    assert found["F25"] == ["14.8万标箱", "+32%", "251.2亿元", "+34%", "119国", "393港"]
    assert found["F05"] == ["两省", "58项"]
    assert sum(map(len, found.values())) == 97


@pytest.mark.parametrize(
    "forms",
    [
        [
            "8.9 trillion yuan",
            "8.9万亿元",
            "89,000亿元",
            "RMB 8.9 trillion",
            "8,900 billion yuan",
            "¥8.9 trillion",
            "８.９万亿元",
            "人民币8.9万亿元",
            "8.9万亿元人民币",
            "RMB8.9tn",
            "８，９００ billion yuan",
            "八点九万亿元",
        ],
        ["USD 5.3 billion", "53亿美元", "$5.3bn", "US$5.3 billion", "5.3 billion U.S. dollars"],
        ["6.6%", "６.６％", "百分之六点六", "百分之6.6", "6.6 percent", "6.6 per cent", "+6.6%"],
        ["1.03个百分点", "1.03 points", "1.03 percentage points", "103个基点", "103 bps"],
        ["32.77万标箱", "327,700 TEU", "327.7 thousand TEUs"],
        ["1.7公里", "1.7 km", "1700米", "1.7 kilometres"],
        ["五百三十亿元", "530亿元", "53 billion yuan"],
        ["1亿2000万元", "一亿两千万元", "120 million yuan", "a hundred and twenty million yuan"],
        ["S$5 million", "500万新元", "five million Singapore dollars"],
        ["一万两千亿元", "1万2千亿元", "1.2万亿元", "1.2 trillion yuan"],
        ["两千五百家", "2,500 branches", "two thousand five hundred branches", "2500家", "2.5千家"],
        ["十二项", "twelve measures", "12 measures", "12项"],
        ["一半", "half of the loans", "50%", "百分之五十", "五成以上"],
        ["三分之二", "two thirds of loans"],
        ["half a million wallets", "50万个"],
    ],
    ids=lambda forms: forms[0],
)
def test_forms_of_one_figure_are_the_same_figure(forms: list[str]) -> None:
    first = only(forms[0])
    assert [form for form in forms if not same_figure(only(form), first)] == []


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("5986亿元", "6000亿元"),
        ("5986亿元", "近6000亿元"),
        ("53亿元", "53亿美元"),
        ("HK$5", "$5"),
        ("1.03%", "1.03个百分点"),
        ("+3%", "-3%"),
        ("6万亿元", "6000亿元"),
        ("15家", "15%"),
        ("15", "15%"),
        ("15 institutions", "15 yuan"),
    ],
)
def test_figures_that_differ_in_value_or_unit_are_not_the_same(a: str, b: str) -> None:
    assert not same_figure(only(a), only(b))


def test_a_number_without_unit_agrees_with_that_amount_of_money() -> None:
    assert same_figure(only("6 trillion"), only("6万亿元"))
    assert not same_figure(only("6 trillion"), only("6亿元"))


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound", "measure"),
    [
        ("1,800余家", "1800", Unit.COUNT, Bound.OVER, "家"),
        ("50余项标志性成果", "50", Unit.COUNT, Bound.OVER, "项"),
        ("100多亿元", "1e10", Unit.YUAN, Bound.OVER, ""),
        ("十余万家", "1e5", Unit.COUNT, Bound.OVER, "家"),
        ("50+ results", "50", Unit.COUNT, Bound.OVER, "results"),
        ("贷款余额超6万亿元", "6e12", Unit.YUAN, Bound.OVER, ""),
        ("more than 1,800 institutions", "1800", Unit.COUNT, Bound.OVER, "institutions"),
        ("surpassing 6 trillion yuan", "6e12", Unit.YUAN, Bound.OVER, ""),
        ("近6000亿元", "6e11", Unit.YUAN, Bound.ABOUT, ""),
        ("约占全国25%", "25", Unit.PERCENT, Bound.ABOUT, ""),
        ("用5年左右", "5", Unit.COUNT, Bound.ABOUT, "年"),
        ("nearly 600 billion yuan", "6e11", Unit.YUAN, Bound.ABOUT, ""),
        ("占全市15%以上", "15", Unit.PERCENT, Bound.AT_LEAST, ""),
        ("at least 15%", "15", Unit.PERCENT, Bound.AT_LEAST, ""),
        ("no less than 15%", "15", Unit.PERCENT, Bound.AT_LEAST, ""),
        ("不超过5%", "5", Unit.PERCENT, Bound.AT_MOST, ""),
        ("no more than 5%", "5", Unit.PERCENT, Bound.AT_MOST, ""),
        ("不足5%", "5", Unit.PERCENT, Bound.UNDER, ""),
        ("less than 5%", "5", Unit.PERCENT, Bound.UNDER, ""),
        ("签约100亿元", "1e10", Unit.YUAN, Bound.EXACT, ""),
        ("增长-3%", "-3", Unit.PERCENT, Bound.EXACT, ""),
        ("2023家", "2023", Unit.COUNT, Bound.EXACT, "家"),
        ("1,919 financial institutions", "1919", Unit.COUNT, Bound.EXACT, "institutions"),
        ("数字人民币500万个", "5e6", Unit.COUNT, Bound.EXACT, "个"),
        ("六大体系", "6", Unit.COUNT, Bound.EXACT, "大"),
        ("one foundation", "1", Unit.COUNT, Bound.EXACT, "foundation"),
        ("增长2.3倍", "2.3", Unit.TIMES, Bound.EXACT, ""),
        ("a three-year plan", "3", Unit.COUNT, Bound.EXACT, "year"),
    ],
)
def test_a_figure_is_read_with_unit_bound_and_measure(
    text: str, value: str, unit: Unit, bound: Bound, measure: str
) -> None:
    figure = only(text)
    assert (figure.value, figure.unit, figure.bound, figure.measure) == (Decimal(value), unit, bound, measure)


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("3%-5%", [3, 5], Unit.PERCENT),
        ("3% to 5%", [3, 5], Unit.PERCENT),
        ("3 to 5 percent", [3, 5], Unit.PERCENT),
        ("100至200亿元", [10**10, 2 * 10**10], Unit.YUAN),
        ("between 100 and 200 billion yuan", [10**11, 2 * 10**11], Unit.YUAN),
        ("$100-200 million", [10**8, 2 * 10**8], Unit.USD),
        ("2000-3000家", [2000, 3000], Unit.COUNT),
        ("8万亿到9万亿元", [8 * 10**12, 9 * 10**12], Unit.YUAN),
    ],
)
def test_a_range_is_two_figures_of_one_unit(text: str, values: list[int], unit: Unit) -> None:
    assert [(figure.value, figure.unit) for figure in find_figures(text)] == [
        (value, unit) for value in values
    ]


@pytest.mark.parametrize(
    "text",
    [
        "一般",
        "一些",
        "统一",
        "第一",
        "三农",
        "一带一路",
        "万一",
        "十四五规划",
        "千里马",
        "五粮液",
        "一次性",
        "每一家",
        "三五家",
        "几十家",
        "数十项",
        "二十大",
        "五年规划",
        "第五届",
        "第三批",
        "上半年",
        "2025年5月23日",
        "[1]",
        "〔2022〕126号",
        "No.126",
        "F23",
        "the 14th",
        "G20",
        "5G",
        "COVID-19",
        "1.2.3",
        "10:30",
        "二〇二五年",
        "2021-2025",
        "in 2023",
        "2023 deposits",
        "Q1 2025",
        "first half of 2025",
        "one of them",
        "no one",
        "two-way",
        "14th Five-Year Plan",
        "1. 概述",
        "## 3.1 概述",
        "https://example.org/2024/123.html",
        "Section 3",
        "1/3",
    ],
)
def test_words_labels_and_dates_are_not_figures(text: str) -> None:
    assert find_figures(text) == []


def test_a_figure_far_too_long_to_mean_anything_is_skipped() -> None:
    assert find_figures("9" * 5000 + "亿元") == []


TENTHS_OF_A_BILLION = st.integers(1, 10**7).map(lambda n: Decimal(n) / 10)
WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789.%"}


@given(TENTHS_OF_A_BILLION)
def test_an_amount_is_the_same_figure_in_every_form(billions: Decimal) -> None:
    trillions, hundred_millions = billions / 1000, billions * 10
    forms = [
        f"{billions:f} billion yuan",
        f"{billions:,f} billion yuan",
        f"RMB{billions:f}bn",
        f"¥{trillions:f} trillion",
        f"{trillions:f} trillion yuan",
        f"{trillions:f}万亿元",
        f"{hundred_millions:f}亿元",
        f"{hundred_millions:,f}亿元",
        f"{hundred_millions:f}亿元".translate(WIDE),
        f"{billions * 10**9:,.0f} yuan",
    ]
    for form in forms:
        figure = only(form)
        assert (figure.value, figure.unit, figure.text) == (billions * 10**9, Unit.YUAN, form)


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_mean_what_cn2an_writes(number: int) -> None:
    assert only(f"{cn2an.an2cn(number)}亿元").value == number * 10**8


PIECES = st.sampled_from(
    "1 ,111 .5 一 十 百 千 万 亿 零 点 两 余 多 % ％ 元 家 年 月 日 - — 至 to RMB $ + one hundred half a million and "
    "third 第 分之 2025 Q1 end\u0020of 超 约 [ ] ( ) . , ， \n \u3000 ￥ ８ 美元 个 ſ K İ ² ٣ TEU bn points".split(
        " "
    )
)


@given(
    st.one_of(
        st.text(), st.lists(PIECES, max_size=40).map("".join), st.lists(PIECES, max_size=40).map(" ".join)
    )
)
@example("9" * 1_000_001 + "亿1万元")
@settings(deadline=None)
def test_any_text_yields_figures_in_order_that_lie_where_they_say(text: str) -> None:
    end = 0
    for figure in find_figures(text):
        assert end <= figure.span.start < figure.span.end <= len(text)
        assert figure.span.of(text) == figure.text
        assert figure.value.is_finite()
        end = figure.span.end


def test_a_megabyte_is_read_whole() -> None:
    repeats = 1_000_000 // len("资产8.9万亿元，")
    assert len(find_figures("资产8.9万亿元，" * repeats)) == repeats


@pytest.mark.parametrize("unit", ["1,111,", "一", "1.1", "one hundred ", "half a ", "2023-", "1", "\n"])
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    """Quadratic reading would run into the suite's time limit."""
    figures = find_figures(unit * (200_000 // len(unit)))
    assert all(figure.value > 0 for figure in figures)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("第五届", [5]),
        ("第十二次", [12]),
        ("5th", [5]),
        ("the fifth and the twenty-third batch", [5, 23]),
        ("第三批", [3]),
        ("third batch", [3]),
        ("seconds", []),
        ("五家", []),
    ],
)
def test_ordinals_are_found_by_value(text: str, values: list[int]) -> None:
    found = find_ordinals(text)
    assert [ordinal.value for ordinal in found] == values
    assert all(ordinal.span.of(text) == ordinal.text for ordinal in found)
