"""Word lists of the verifier: looking for few patterns finds what looking for all of them finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.evaluation.gold import load_gold
from wfc_qa.text.scripts import fold_text
from wfc_qa.verification.patterns import Patterns, read_lines, read_pattern

QUESTIONS = load_gold(Path(__file__).parent.parent / "eval" / "dev.jsonl")[0]
LISTS = {
    name: [part for line in read_lines(f"{name}.txt") for part in line.split(" < ")]
    for name in ("things", "loose", "aliases", "places")
}
PIECES = sorted(
    {re.sub(r"[^\w\s]", "", part) for lines in LISTS.values() for line in lines for part in line.split("|")}
)


def check(lines: list[str], text: str) -> None:
    patterns = Patterns(dict(enumerate(lines)))
    every = [
        (number, match) for number, line in enumerate(lines) for match in read_pattern(line).finditer(text)
    ]
    assert [(number, match.span()) for number, match in patterns.find(text)] == [
        (number, match.span()) for number, match in every
    ]
    first = [(number, match.span()) for number, match in patterns.named(text)]
    firsts = {number: match.span() for number, match in reversed(every)}
    assert first == sorted(firsts.items())


@pytest.mark.parametrize("name", LISTS)
def test_what_the_gold_questions_name_is_found_as_by_every_pattern(name: str) -> None:
    for question in QUESTIONS[::4]:
        check(LISTS[name], fold_text(" ".join((question.text, *question.history))))


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8),
    st.sampled_from(["", " ", "x", "的"]),
)
def test_what_any_text_names_is_found_as_by_every_pattern(pieces: list[str], glue: str) -> None:
    text = fold_text(glue.join(pieces))
    for lines in LISTS.values():
        check(lines, text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("lo?ans", "lans"),
        ("存?款", "款"),
        ("5g", "5g"),
        ("gdp总量", "xgdp总量"),
        ("(?:old )?town", "town"),
        ("a", "a b"),
    ],
)
def test_a_word_whose_first_letters_may_be_missing_is_found(line: str, text: str) -> None:
    check([line], text)
    assert list(Patterns({0: line}).find(text))
