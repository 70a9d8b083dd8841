"""Markers of language models: read where they cite, told of where they do not, never shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.markers import Finding, MarkerFlaw, read_markers

NUMBERED = re.compile(r"[\[［【]\s*\^?\s*[0-9０-９]")
DECREE = re.compile(r"[\[［【]\s*(?:[1１][9９]|[2２][0０])[0-9０-９]{2}\s*[\]］】]")
WORDS = st.text(st.sampled_from("存款为6.04万亿元 loans grew,。（）()."), max_size=12)
NUMBER = st.integers(1, 5).map(str) | st.sampled_from(["１", "３"])
MARKER = st.builds(
    lambda pair, inside: f"{pair[0]}{inside}{pair[1]}",
    st.sampled_from(["[]", "【】", "［］"]),
    NUMBER
    | st.builds("{}, {}".format, NUMBER, NUMBER)
    | st.builds("{}-{}".format, NUMBER, NUMBER)
    | st.builds("^{}".format, NUMBER)
    | st.builds("来源{}".format, NUMBER)
    | st.builds("Source {}".format, NUMBER)
    | st.builds("{}†source".format, NUMBER),
)
HOSTILE = st.text(st.sampled_from("[]［］【】()（）^†,，-–1２39 来源第段source:https#"), max_size=60)


@given(st.lists(st.tuples(WORDS, MARKER), max_size=6), WORDS)
def test_text_around_markers_stays_and_they_are_gone(parts: list[tuple[str, str]], last: str) -> None:
    written = "".join(word + marker for word, marker in parts) + last
    marked = read_markers(written, 5)
    assert not NUMBERED.search(marked.text)
    wanted = "".join(word for word, _ in parts) + last
    assert [c for c in marked.text if c.isalnum()] == [c for c in wanted if c.isalnum()]


@given(HOSTILE)
def test_no_numbered_bracket_survives_but_the_year_of_a_decree(text: str) -> None:
    assert not NUMBERED.search(DECREE.sub("", read_markers(text, 3).text))


@given(HOSTILE, st.integers(0, 20))
def test_only_paragraphs_that_were_shown_are_named_each_once(text: str, shown: int) -> None:
    numbers = read_markers(text, shown).numbers
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= shown for number in numbers)


@given(st.text(st.characters(exclude_characters="[［【"), max_size=200))
def test_text_without_markers_is_left_alone(text: str) -> None:
    assert read_markers(text, 5).text == text


@pytest.mark.parametrize(
    ("written", "text", "numbers"),
    [
        ("存款为6.04万亿元[1]。", "存款为6.04万亿元。", (1,)),
        ("Deposits rose [1, 2].", "Deposits rose.", (1, 2)),
        ("Deposits rose.[2][1]", "Deposits rose.", (2, 1)),
        ("Deposits rose [1], [2] and [3].", "Deposits rose.", (1, 2, 3)),
        ("存款增长[1]、[2]。", "存款增长。", (1, 2)),
        ("存款增长【1-3】。", "存款增长。", (1, 2, 3)),
        ("存款增长［２］。", "存款增长。", (2,)),
        ("存款增长[来源1、来源2]。", "存款增长。", (1, 2)),
        ("存款增长（见[3]）。", "存款增长。", (3,)),
        ("Deposits rose (Source: [Source 2]).", "Deposits rose.", (2,)),
        ("Deposits rose[^4].", "Deposits rose.", (4,)),
        ("Deposits rose【2:0†source】.", "Deposits rose.", (2,)),
        ("Deposits [1](#ref1) rose [Passages 2 to 4].", "Deposits rose.", (1, 2, 3, 4)),
        ("存款[1]增长", "存款增长", (1,)),
        ("存款（1）增长", "存款（1）增长", ()),
        ("国发[2025]12号[1]", "国发[2025]12号", (1,)),
        ("Loans grew [2024, 2025] and [2023-2025].", "Loans grew [2024, 2025] and [2023-2025].", ()),
        ("[INST] [citation needed]", "[INST] [citation needed]", ()),
    ],
)
def test_markers_are_read_in_every_form(written: str, text: str, numbers: tuple[int, ...]) -> None:
    marked = read_markers(written, 5)
    assert (marked.text, marked.numbers, marked.findings) == (text, numbers, ())


@pytest.mark.parametrize(
    ("written", "numbers", "findings"),
    [
        ("a [9].", (), [Finding(MarkerFlaw.OUT_OF_RANGE, "[9]")]),
        ("a [0].", (), [Finding(MarkerFlaw.OUT_OF_RANGE, "[0]")]),
        ("a [12345].", (), [Finding(MarkerFlaw.OUT_OF_RANGE, "[12345]")]),
        ("a [1-99].", (), [Finding(MarkerFlaw.OUT_OF_RANGE, "[1-99]")]),
        ("a [1, 2025].", (1,), [Finding(MarkerFlaw.OUT_OF_RANGE, "[1, 2025]")]),
        ("a [1][1].", (1,), [Finding(MarkerFlaw.REPEATED, "[1]")]),
        ("a [来源].", (), [Finding(MarkerFlaw.DANGLING, "[来源]")]),
        ("a [2, 9].", (2,), [Finding(MarkerFlaw.OUT_OF_RANGE, "[2, 9]")]),
        ("a [1", (), [Finding(MarkerFlaw.DANGLING, "[1")]),
        ("a [1 b", (), [Finding(MarkerFlaw.DANGLING, "[1")]),
    ],
)
def test_what_cites_nothing_is_told(written: str, numbers: tuple[int, ...], findings: list[Finding]) -> None:
    marked = read_markers(written, 5)
    assert (marked.numbers, list(marked.findings)) == (numbers, findings)


@pytest.mark.parametrize("unit", ["[", "[1", "[1,", "[1]", "(", "[第", "[1](", "[1†", "1, "])
def test_hostile_lengths_stay_within_the_line(unit: str) -> None:
    """No pattern goes over a long text again and again: a thousand of anything comes back at once."""
    assert not NUMBERED.search(read_markers(unit * 1000, 5).text)
