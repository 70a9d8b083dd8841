"""What a declined answer says is missing stands in no paragraph shown with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.answering.extractive import Quoted
from wfc_qa.answering.lacking import own_up
from wfc_qa.engine import Engine
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.types import Abstention, Hit, Passage, Span
from wfc_qa.types.answers import NEAREST

QUESTIONS = load_gold(Path(__file__).parent.parent / "eval" / "dev.jsonl")[0]


def declined(
    missing: tuple[str, ...], *texts: str, abstention: Abstention = Abstention.MISSING_FIGURE
) -> Quoted:
    hits = tuple(
        Hit(Passage(f"a:{number}:0", f"a:{number}", Span(0, len(text)), text), 1.0, number)
        for number, text in enumerate(texts, 1)
    )
    return Quoted((), hits, abstention=abstention, missing=missing)


@pytest.mark.parametrize(
    ("word", "text"),
    [("78", "1.78 and 780"), ("78", "78,000"), ("NPC", "NPCs"), ("78家", "178家以外"), ("26", "2026")],
)
def test_a_piece_of_another_figure_or_word_is_not_what_is_missing(word: str, text: str) -> None:
    assert own_up(declined((word,), text)).missing == (word,)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("78", "with 78 members"),
        ("78家", "共有７８家"),
        ("NPC", "the npc decided"),
        ("江北", "在江北嘴"),
        ("78家", "with 78 institutions"),
        ("7800家", "7,800 firms"),
        ("3.3%", "3.3 percent"),
    ],
)
def test_what_a_paragraph_shown_says_is_not_said_to_be_missing(word: str, text: str) -> None:
    told = own_up(declined((word,), "else", text))
    assert (told.missing, told.abstention) == ((), Abstention.UNSURE)


def test_what_only_a_paragraph_not_shown_says_is_missing() -> None:
    quoted = declined(("78家",), *["别的"] * NEAREST, "共有78家")
    assert own_up(quoted) == quoted


def test_a_time_is_missing_though_a_paragraph_names_it_for_another_thing() -> None:
    quoted = declined(("2024",), "2024年列有14项", abstention=Abstention.MISSING_DATE)
    assert own_up(quoted) == quoted


@given(
    st.lists(st.sampled_from(["78", "上海", "NPC", "3.3%"]), unique=True),
    st.text("上海NPC783.% ", max_size=12),
)
def test_what_is_left_was_missing_before_and_the_rest_stays(words: list[str], text: str) -> None:
    quoted = declined(tuple(words), text)
    told = own_up(quoted)
    assert [word for word in words if word in told.missing] == list(told.missing)
    assert told.hits == quoted.hits
    assert own_up(told) == told


def test_no_gold_question_is_told_that_something_shown_is_missing(engine: Engine) -> None:
    told = 0
    for question in QUESTIONS[::4]:
        answer = engine.ask(question.text, history=question.history)
        if answer.abstention in {Abstention.MISSING_FIGURE, Abstention.MISSING_NAME}:
            told += 1
            shown = " ".join(hit.passage.text for hit in answer.hits[:NEAREST]).casefold()
            assert not [
                word for word in answer.missing if re.search(rf"\b{re.escape(word.casefold())}\b", shown)
            ]
    assert told > 20
