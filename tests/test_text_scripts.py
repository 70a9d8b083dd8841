"""Folding makes different writings of one word equal, and every match can be shown in the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.scripts import fold, fold_text
from wfc_qa.types import Span

AWKWARD = st.text(alphabet="aAé\u0301\u0345\u200b\ufe0fＡﾊﾞ臺台裏㎡ﷺ①가ᅡ각ᆨİßΐ著 \u00ad\u0327.，\n", max_size=60)
TEXTS = st.text(max_size=80) | AWKWARD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("重慶金融資產達到八萬億元", "重庆金融资产达到八万亿元"),
        ("臺灣裏後國畫", "台湾里后国画"),
        ("瞭解沿著", "了解沿着"),
        ("ＧＤＰ　８．９％", "gdp 8.9%"),
        ("Chongqing", "CHONGQING"),
        ("金\u200b融\ufeff", "金融"),
        ("cafe\u0301", "CAFÉ"),
    ],
)
def test_writings_of_one_word_fold_to_one_text(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


def test_different_words_stay_different() -> None:
    assert len({fold_text(word) for word in ("重庆", "成都", "8.9", "89", "loan", "loans")}) == 6


@given(TEXTS)
def test_fast_folding_equals_mapped_folding(text: str) -> None:
    assert fold_text(text) == fold(text).text


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(TEXTS)
def test_mapping_is_monotone_and_lies_in_the_text(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(TEXTS)
def test_every_folded_character_is_the_folding_of_its_range(text: str) -> None:
    folded = fold(text)
    for index, char in enumerate(folded.text):
        assert char in fold_text(folded.original(Span(index, index + 1)).of(text))


def test_match_in_folded_text_shows_the_original_words() -> None:
    text = "據報，重慶\u200b金融資產達Ａ級。"
    folded = fold(text)
    start = folded.text.index("重庆金融")
    assert folded.original(Span(start, start + 4)).of(text) == "重慶\u200b金融"


@given(TEXTS)
def test_empty_span_maps_to_a_point_of_the_text(text: str) -> None:
    folded = fold(text)
    for index in range(len(folded.text) + 1):
        span = folded.original(Span(index, index))
        assert span.start == span.end <= len(text)


def test_endless_combining_marks_fold_in_bounded_length() -> None:
    assert len(fold_text("a" + "\u0301\u0327" * 50_000)) <= 30


def test_lone_surrogates_fold_to_themselves() -> None:
    assert fold_text("金\ud800融") == fold("金\ud800融").text == "金\ud800融"
