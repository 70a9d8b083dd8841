"""Terms are what two writings of the same thing share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.terms import content_terms, lexical_terms


def test_han_runs_become_bigrams_and_single_characters_stay() -> None:
    assert lexical_terms("金融中心，2025年") == ["金融", "融中", "中心", "2025", "年"]


def test_numbers_stay_whole_and_lose_their_thousands_separators() -> None:
    assert lexical_terms("1,919 of 8.9% in 2024,2025; 12,345,678.5 and ８．９％") == [
        *("1919", "of", "8.9%", "in", "2024", "2025", "12345678.5", "and", "8.9%")
    ]


def test_english_words_become_stems() -> None:
    assert lexical_terms("Loans reached banks’ RCEP 5G") == lexical_terms("loan REACHING bank rcep 5g")


def test_addresses_are_no_terms() -> None:
    assert lexical_terms("见 https://bank.example/loan?id=12 。") == ["见"]


def test_traditional_and_simplified_share_their_terms() -> None:
    assert lexical_terms("綠色貸款餘額") == lexical_terms("绿色贷款余额")


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("重庆贷款是多少？", ["重庆", "庆贷", "贷款"]),
        ("什么是智融惠畅", ["智融", "融惠", "惠畅"]),
        ("請問有哪些舉措", ["举措"]),
        ("目的和国有企业的贷款", ["目的", "国有", "有企", "企业", "贷款"]),
        ("What is the Chongqing loan?", ["chongq", "loan"]),
        ("是多少？", []),
        ("which of these?", []),
    ],
)
def test_content_terms_leave_out_function_words(question: str, terms: list[str]) -> None:
    assert content_terms(question) == terms


@given(st.text())
def test_terms_are_never_empty_nor_spaced(text: str) -> None:
    for term in lexical_terms(text) + content_terms(text):
        assert term
        assert not any(char.isspace() for char in term)


@given(st.text(alphabet="重庆金融abc 12.,%。\n"), st.text(alphabet="重庆金融abc 12.,%。\n"))
def test_texts_apart_have_their_terms_in_turn(one: str, other: str) -> None:
    assert lexical_terms(f"{one} \n {other}") == lexical_terms(one) + lexical_terms(other)
