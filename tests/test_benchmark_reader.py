"""The reader benchmark samples fairly, judges a model's reply as our own, and goes on where it was stopped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.config import CHECKOUT
from wfc_qa.engine import Engine
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.types import GoldQuestion, Language

sys.path.insert(0, str(CHECKOUT / "benchmarks"))

from reader import put_questions, sample
from replies import OURS, hold_together, load_readings, read_reply, tells

DEV = load_gold(CHECKOUT / "eval" / "dev.jsonl")[0]
PASSAGES = ("first", "second", "third")


def question(*parts: tuple[str, ...]) -> GoldQuestion:
    return GoldQuestion("q", "?", Language.ZH, "fact", answerable=True, answers=parts)


@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 20), st.integers(0, 9))
def test_a_larger_sample_of_the_same_seed_holds_the_smaller(
    answerable: int, unanswerable: int, more: int, seed: int
) -> None:
    small = sample(DEV, answerable, unanswerable, seed)
    names = {one.query_id for one in small}
    assert len(names) == len(small) == answerable + unanswerable
    assert sum(one.answerable for one in small) == answerable
    assert names <= {one.query_id for one in sample(DEV, answerable + more, unanswerable + more, seed)}


def test_a_sample_holds_every_language_and_kind() -> None:
    kinds = {(one.language, one.kind, one.answerable) for one in DEV}
    assert {(one.language, one.kind, one.answerable) for one in sample(DEV, 110, 70, 0)} == kinds


@pytest.mark.parametrize(
    ("said", "text", "cited"),
    [
        ("存款6.04万亿元[2]。", "存款6.04万亿元。", ("second",)),
        ("Loans rose [1][3], deposits fell [1].", "Loans rose, deposits fell.", ("first", "third")),
        ("是【2】", "是", ("second",)),
        ("No marker here", "No marker here", PASSAGES),
        ("Out of range [9]", "Out of range", PASSAGES),
    ],
)
def test_markers_of_a_reply_become_citations(said: str, text: str, cited: tuple[str, ...]) -> None:
    (sentence,) = read_reply("q", said, PASSAGES).sentences
    assert (sentence.text, sentence.cited) == (text, cited)


@pytest.mark.parametrize(
    "said", ["", "NOT FOUND", "资料未提供。", "The passages do not say who paid. [1]", "[1]"]
)
def test_a_reply_that_says_nothing_is_found_declines(said: str) -> None:
    outcome = read_reply("q", said, PASSAGES)
    assert outcome.abstention
    assert not outcome.answered


def test_content_is_right_in_other_words_but_never_with_another_figure() -> None:
    assert tells(question(("8641亿元",)), "It was 864.1 billion yuan.")
    assert tells(question(("held in Beijing",)), "Beijing is where it was held in August.")
    assert tells(question(("2015年11月7日",)), "On November 7, 2015.")
    assert not tells(question(("8641亿元",)), "It was 86.41 billion yuan.")
    assert not tells(question(("8641亿元",), ("22.9%",)), "8641亿元")


def test_a_stopped_run_goes_on_and_asks_only_what_is_new(engine: Engine, tmp_path: Path) -> None:
    told, asked = tmp_path / "told.jsonl", []

    def ask(system: str, user: str) -> str:
        asked.append(user)
        return "NOT FOUND"

    some = sample(DEV, 2, 1, 0)
    put_questions(engine, some[:2], told, "scripted", ask)
    told.write_text(told.read_text("utf-8") + '{"query_id": "cut off', "utf-8")
    put_questions(engine, some, told, "scripted", ask)
    assert len(asked) == len(some)
    assert list(load_readings(told)) == [one.query_id for one in some]
    judged = hold_together(engine, some, load_readings(told))
    assert [one.scores["model"]["well served"] for one in judged] == [not one.answerable for one in some]
    assert all(set(one.scores[OURS]) == set(one.scores["model"]) for one in judged)
