"""Sentences cover their text, and stops that end no sentence do not cut one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.sentences import is_source_note, source_address, split_sentences

WORDS = """重庆|。|？|；| |. |No. 12|U.S.|8.9|[1]|[2][3]|”|"|“|(|）|\n|The city|...|……|!|J. Smith|https://|\
来源：https://a.b/c?x=1;y|Source: <https://a.b>""".split("|")
PIECES = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


@given(st.text() | PIECES)
def test_sentences_are_trimmed_ordered_disjoint_and_cover_every_word(text: str) -> None:
    spans = split_sentences(text)
    position = 0
    for span in spans:
        assert span.start >= position
        assert not text[position : span.start].strip()
        assert span.of(text) == span.of(text).strip() != ""
        position = span.end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    "parts",
    [
        ["贷款余额6.04万亿元。", "存款呢？", "增长8.9%！"],
        ["他说：“很好。”", "然后走了；完（见附件。）"],
        ["Assets reached 8.9 trillion yuan.", "The U.S. Treasury agreed.", "Loans?", "Yes!"],
        ["The rules (Yu Fu Ban Fa [2022] No.126) and No. 126 apply, e.g. to banks.", "They hold."],
        ["J. Smith of ABC Co. Ltd. met Dr. Li vs. others... and left.", "It closed at 5 p.m.", "The end."],
        ['He said "It grew.', 'It fell."', "Then he left."],
        ["One fact. [1][4]", "Two facts. [2]", "三。[1][2]", "四 [3]."],
        ["See https://a.b/c.html?x=1;y=2!z for more.", "Next one."],
        ["1. First item.", "In 2024.", "2025 followed."],
        ["a; b；c。", "d"],
        ["Banks in the U.S.", "However, others grew."],
    ],
)
def test_sentence_ends(parts: list[str]) -> None:
    joined = " ".join(part.strip() for part in parts)
    assert sentences(joined) == [part.strip() for part in parts]


def test_newline_ends_a_sentence() -> None:
    assert sentences("西部金融中心\n2025-05-23 12:19") == ["西部金融中心", "2025-05-23 12:19"]


@pytest.mark.parametrize(
    ("note", "address"),
    [
        ("来源：https://a.b/c?d=1&e=2", "https://a.b/c?d=1&e=2"),
        ("（来源：重庆日报 https://a.b/c）", "https://a.b/c"),
        ("(Source: Xinhua, 2022-01-21, http://a.b/c.html)", "http://a.b/c.html"),
        ("Source: <https://a.b/c_(d)>", "https://a.b/c_(d)"),
        ("Sources: https://a.b/c; https://d.e/f", "https://a.b/c"),
        ("資料來源：https://a.b/c。", "https://a.b/c"),
    ],
)
def test_trailing_source_note_is_a_sentence_of_its_own(note: str, address: str) -> None:
    text = f"Assets reached 8.9 trillion yuan. {note}"
    assert sentences(text) == ["Assets reached 8.9 trillion yuan.", note]
    assert is_source_note(note)
    assert source_address(text) == address
    assert sentences(f"资产8.9万亿元{note}") == ["资产8.9万亿元", note]


@pytest.mark.parametrize(
    "text", ["", "The source: a bank.", "Resource: https://a.b", "See https://a.b", "来源：央行"]
)
def test_other_texts_are_no_source_notes(text: str) -> None:
    assert not is_source_note(text)
    assert source_address(text) == ""


@pytest.mark.parametrize(
    "note", ["（来源：中国新闻网，2023年8月3日）", "(Source: China News, no page address)"]
)
def test_a_bracketed_note_without_address_ends_a_paragraph_apart_from_its_sentences(note: str) -> None:
    assert is_source_note(note)
    assert sentences(f"资产8.9万亿元。{note}") == ["资产8.9万亿元。", note]
    assert sentences(f"资产{note}8.9万亿元。") == [f"资产{note}8.9万亿元。"]


def test_note_before_the_end_does_not_name_the_paragraphs_source() -> None:
    assert source_address("来源：https://a.b/c 之后还有一句。") == ""
