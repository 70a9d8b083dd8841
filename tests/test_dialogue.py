"""Follow-ups: a bed of conversations, and what holds for every one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wfc_qa.adapters.cedict import Dictionary
from wfc_qa.adapters.encoders import Encoder
from wfc_qa.answering.dialogue import complete_question, lean_question
from wfc_qa.answering.dialogue.complete import LONGEST
from wfc_qa.engine import Engine
from wfc_qa.text.courtesy import strip_courtesy
from wfc_qa.text.dates import find_dates
from wfc_qa.text.language import detect_language
from wfc_qa.text.scripts import fold_text, simplify_text
from wfc_qa.text.terms import content_terms
from wfc_qa.types import Language

BED = tomllib.loads((Path(__file__).parent / "data" / "dialogues.toml").read_text("utf-8"))["turn"]
KINDS = {turn["kind"] for turn in BED}
ALONE = sorted({turn["understood"] for turn in BED if turn["kind"] == "switch"})
HISTORY = st.lists(
    st.sampled_from([said for turn in BED for said in turn["history"]]), min_size=1, max_size=6
)
ASKED = st.sampled_from([turn["question"] for turn in BED])
PIECES = st.sampled_from(
    [
        *"那 呢 ？ ? 它 其 该 这 前者 不， 我是问 是 的 了 办了 列了 2024年 去年 回到 贷款 多少".split(),
        "and ",
        "what about ",
        "it ",
        "the former ",
        "no, I meant ",
        "not ",
        ", ",
        "in 2024 ",
        "loans ",
        "back to: ",
    ]
)
NOISE = st.lists(PIECES, min_size=1, max_size=40).map("".join) | st.text(min_size=1, max_size=60)


@pytest.fixture(scope="module")
def tools(engine: Engine) -> tuple[Encoder, Dictionary]:
    return engine.encoder, engine.dictionary


def understand(question: str, history: list[str], tools: tuple[Encoder, Dictionary]) -> str:
    """As the engine does before it cuts to the settings' length."""
    asked = strip_courtesy(simplify_text(question))
    return complete_question(asked, history, detect_language(asked), *tools)


@pytest.mark.parametrize("turn", BED, ids=lambda turn: f"{turn['kind']}: {turn['question']}")
def test_a_turn_is_understood_by_what_was_said_before(turn: dict, tools: tuple[Encoder, Dictionary]) -> None:
    understood = fold_text(understand(turn["question"], turn["history"], tools))
    if "understood" in turn:
        assert understood == fold_text(turn["understood"])
    assert not [said for said in turn.get("has", ()) if fold_text(said) not in understood]
    assert not [said for said in turn.get("lacks", ()) if fold_text(said) in understood]


def test_the_bed_covers_every_phenomenon_in_both_languages() -> None:
    assert len(BED) >= 120
    both = {(turn["kind"], detect_language(turn["question"])) for turn in BED}
    assert len(both) == 2 * len(KINDS)


@pytest.mark.parametrize("turn", BED, ids=lambda turn: f"{turn['kind']}: {turn['question']}")
def test_completing_again_changes_nothing(turn: dict, tools: tuple[Encoder, Dictionary]) -> None:
    understood = understand(turn["question"], turn["history"], tools)
    assert complete_question(understood, turn["history"], detect_language(understood), *tools) == understood


@given(question=st.sampled_from(ALONE), history=HISTORY)
def test_a_question_that_stands_alone_is_never_changed(
    tools: tuple[Encoder, Dictionary], question: str, history: list[str]
) -> None:
    assert complete_question(question, history, detect_language(question), *tools) == question


@given(question=ASKED | NOISE)
def test_without_history_nothing_is_changed(tools: tuple[Encoder, Dictionary], question: str) -> None:
    asked = question.strip()
    assert complete_question(asked, [], detect_language(asked), *tools) == asked
    assert complete_question(asked, ["  "], detect_language(asked), *tools) == asked


@given(question=ASKED, history=HISTORY)
def test_nothing_is_carried_over_that_was_not_said(
    tools: tuple[Encoder, Dictionary], question: str, history: list[str]
) -> None:
    """Within one language every word comes from the turn or from what went before, and every date but one counted from
    there."""
    history = [said for said in history if detect_language(said) is detect_language(question)]
    understood = understand(question, history, tools)
    said = " ".join([question, *history])
    glue = set("的 是 多 少 年 what about at in on of the".split())
    characters = set(re.findall(r"[\u4e00-\u9fff]", understood))
    assert characters <= set(said) | glue
    words = {word.lower() for word in re.findall(r"[A-Za-z][\w-]*", understood)}
    assert words <= {word.lower() for word in re.findall(r"[A-Za-z][\w-]*", said)} | glue
    years = {date.year for date in find_dates(said) if date.year}
    near = years | {year + step for year in years for step in (-1, 1)}
    assert {date.year for date in find_dates(understood) if date.year} <= near


@given(
    question=st.sampled_from(
        ["那今年呢？", "比去年呢？", "它去年增长了多少？", "上个月的呢？", "明年的目标是多少？"]
    )
    | st.sampled_from(["And last year?", "How much did it grow last year?", "What about this quarter?"]),
    history=HISTORY,
)
def test_time_counted_from_today_is_never_taken_for_a_date_said_before(
    tools: tuple[Encoder, Dictionary], question: str, history: list[str]
) -> None:
    """The guard refuses such a question only while it states no date."""
    assert not find_dates(understand(question, history, tools))


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        (
            "What were Chongqing's deposits at the end of 2023?",
            "And how much of that belongs to households?",
            "How much of Chongqing's deposits at the end of 2023 belongs to households?",
        ),
        (
            "How large were loans to small firms at the end of June 2024?",
            "By how much did that grow?",
            "By how much did the loans to small firms at the end of June 2024 grow?",
        ),
        (
            "How large were green loans in Sichuan in May 2022?",
            "And the growth rate then?",
            "What about the growth rate of the green loans in Sichuan in May 2022?",
        ),
        (
            "What were Chongqing's loans at the end of 2024?",
            "And last year?",
            "What about Chongqing's loans last year?",
        ),
        (
            "How many TEU did Chongqing move through the corridor in 2024?",
            "And what were the goods worth?",
            "What were the goods worth — about: Chongqing, the corridor in 2024?",
        ),
        ("When did Chongqing's carbon market start?", "why?", "Why — about: Chongqing's carbon market?"),
        ("How large were green loans in 2022?", "为什么？", "为什么（关于：green loans in 2022）？"),
    ],
)
def test_a_follow_up_is_shown_as_a_reader_would_ask_it(
    tools: tuple[Encoder, Dictionary], before: str, question: str, understood: str
) -> None:
    assert understand(question, [before], tools) == understood
    assert complete_question(understood, [before], detect_language(understood), *tools) == understood


@given(question=ASKED, history=HISTORY)
def test_no_list_of_words_in_brackets_is_put_behind_an_english_follow_up(
    tools: tuple[Encoder, Dictionary], question: str, history: list[str]
) -> None:
    history = [said for said in history if not set("(（;；") & set(said)]
    if detect_language(question) is Language.EN:
        assert not set("(（;；") & set(understand(question, history, tools))


@given(question=ASKED | NOISE, history=st.lists(NOISE | ASKED, max_size=6))
@example(question="办了" * 900 + "x", history=["办了" * 900 + "x"])
@example(question="那" * 1999, history=["的" * 1999])
@example(question="And Some Bank?", history=[f"Where is the {'A' * 60} bank?"])
@example(question="and " * 499, history=["of the " * 280])
def test_any_turn_after_any_other_is_understood_within_bounds(
    tools: tuple[Encoder, Dictionary], question: str, history: list[str]
) -> None:
    understood = complete_question(question, history, detect_language(question), *tools)
    assert len(understood) <= LONGEST
    assert bool(understood) == bool(question.strip())


@given(question=ASKED, before=HISTORY)
def test_leaning_keeps_the_question_and_adds_only_what_was_said_before(
    question: str, before: list[str]
) -> None:
    leaning = lean_question(question, before[-1], detect_language(question))
    if leaning:
        assert leaning.startswith(question.rstrip("？?。.！! "))
        assert set(content_terms(leaning)) <= set(content_terms(f"{question} {before[-1]}"))
        assert lean_question(leaning, before[-1], detect_language(leaning)) == ""
