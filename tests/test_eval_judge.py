"""What one outcome is worth: answers, citations and abstention, against cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure_support import TEXTS, answer, ask, decline
from wfc_qa.evaluation.judge import exact_match, give_verdict, is_answer_right, judge, token_f1, tokenise
from wfc_qa.evaluation.record import Outcome, Said
from wfc_qa.evaluation.results import Verdict
from wfc_qa.text.figures import find_figures
from wfc_qa.types import GoldQuestion
from wfc_qa.verification.reading import telling

# said, parts, exact match, and F1 as 2 x shared / (tokens said + tokens wanted)
CASES = [
    ("重庆", [["重庆"]], 1.0, 2 * 2 / (2 + 2)),
    ("重慶。", [["重庆"]], 1.0, 1.0),  # traditional folds to simplified, the stop goes
    ("在重庆", [["重庆"]], 0.0, 2 * 2 / (3 + 2)),
    ("成都", [["重庆"]], 0.0, 0.0),
    ("重庆市江北区", [["江北区"]], 0.0, 2 * 3 / (6 + 3)),
    ("重庆", [["成都", "重庆"]], 1.0, 1.0),  # the best wording counts
    ("庆重", [["重庆"]], 0.0, 1.0),  # F1 knows no order, exact match does
    ("重重", [["重庆"]], 0.0, 2 * 1 / (2 + 2)),  # a token is shared as often as both have it
    ("8641亿元", [["8641亿元"]], 1.0, 1.0),
    ("贷款8641亿元", [["8641亿元"]], 0.0, 2 * 3 / (5 + 3)),  # 贷 款 8641 亿 元
    ("1,190 people", [["1190 people"]], 1.0, 1.0),  # thousands commas go
    ("6.25万亿元", [["6.2万亿元"]], 0.0, 2 * 3 / (4 + 4)),  # 6.25 is one token, not 6.2 and more
    ("The bank", [["bank"]], 1.0, 1.0),  # an article goes
    ("a bank", [["the bank"]], 1.0, 1.0),
    ("BANK!", [["bank"]], 1.0, 1.0),
    ("China's bank", [["Chinas bank"]], 1.0, 1.0),  # an apostrophe joins
    ("twenty-foot units", [["twenty foot units"]], 1.0, 1.0),  # a hyphen parts
    ("the new bank of Chongqing", [["bank of Chongqing"]], 0.0, 2 * 3 / (4 + 3)),
    ("40.2%", [["40.2 percent"]], 0.0, 2 * 1 / (1 + 2)),
    ("西部金融中心WFC", [["wfc中心"]], 0.0, 2 * 3 / (7 + 3)),  # mixed: wfc and two Han of seven
    ("ＷＦＣ２０２５", [["wfc2025"]], 1.0, 1.0),  # full width is half width
    ("重庆、成都", [["重庆"], ["成都"]], 0.0, (2 * 2 / (4 + 2) + 2 * 2 / (4 + 2)) / 2),
    ("重庆", [["重庆"], ["成都"]], 0.5, (1.0 + 0.0) / 2),
    ("—", [["…"]], 1.0, 1.0),  # neither holds a token
    ("the", [["bank"]], 0.0, 0.0),
    ("bank", [["the"]], 0.0, 0.0),
]


@pytest.mark.parametrize(("said", "parts", "exact", "f1"), CASES, ids=[f"{c[0]} for {c[1]}" for c in CASES])
def test_exact_match_and_f1_are_as_worked_out_by_hand(
    said: str, parts: list[list[str]], exact: float, f1: float
) -> None:
    assert exact_match(said, parts) == exact
    assert token_f1(said, parts) == pytest.approx(f1, abs=1e-12)


WORDS = st.text("重庆金融中心 bank of the 12.5,%-'", max_size=20)


@given(WORDS, st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_scores_lie_within_0_and_1_and_exact_match_never_exceeds_f1(
    said: str, parts: list[list[str]]
) -> None:
    assert 0 <= exact_match(said, parts) <= token_f1(said, parts) <= 1


@given(WORDS, WORDS)
def test_f1_is_the_same_from_either_side(one: str, other: str) -> None:
    assert token_f1(one, [[other]]) == token_f1(other, [[one]])


@given(WORDS)
def test_tokens_of_tokens_are_the_same_tokens(text: str) -> None:
    assert tokenise(" ".join(tokenise(text))) == tokenise(text)


def score(question: GoldQuestion, outcome: Outcome) -> dict[str, float]:
    return judge(question, outcome, TEXTS)


RIGHT = answer("q1", ("科技企业贷款8641亿元", ["a.zh"]), qrels={"a.zh": 2, "a.en": 2})


def test_a_right_answer_cited_from_gold_scores_one_in_everything_but_wording() -> None:
    assert score(ask(), RIGHT) == {
        "exact_match": 0.0,
        "token_f1": 2 * 3 / (9 + 3),
        "answer_contained": 1.0,
        "answer_right": 1.0,
        "figure_match": 1.0,
        "citation_precision": 1.0,
        "citation_recall": 1.0,
        "citation_recall_paragraphs": 1 / 2,
        "citation_recall_all": 1.0,
        "verbatim_quote": 1.0,
        "figure_support": 1.0,
        "wrong_figure": 0.0,
        "correct_when_answered": 1.0,
        "coverage": 1.0,
    }


def test_a_declined_answerable_question_scores_0_and_is_left_out_of_what_is_told_of_answers() -> None:
    scores = score(ask(), decline("q1", "科技企业贷款8641亿元", qrels={"a.zh": 2}))
    assert scores.pop("abstention_precision") == 0.0
    assert set(scores) == {
        *("exact_match", "token_f1", "answer_contained", "answer_right", "figure_match"),
        *("citation_recall_all", "wrong_figure", "coverage"),
    }
    assert set(scores.values()) == {0.0}


def test_an_outcome_that_is_empty_scores_0_wherever_a_declined_one_does() -> None:
    empty, declined = score(ask(), Outcome("q1")), score(ask(), decline("q1"))
    assert set(declined) - set(empty) == {"abstention_precision"}
    assert not any(empty.values())
    assert score(ask(answerable=False), Outcome("q1"))["abstention_recall"] == 0.0


def test_an_answer_to_the_unanswerable_is_wrong_uncited_and_no_abstention() -> None:
    scores = score(ask(answerable=False), answer("q1", ("增长10.9%", ["a.zh"]), qrels={"a.zh": 1}))
    assert (
        scores["correct_when_answered"] == scores["citation_precision"] == scores["abstention_recall"] == 0.0
    )
    assert scores["wrong_figure"] == 1.0
    assert "coverage" not in scores and "answer_right" not in scores


@pytest.mark.parametrize("said", ["864.1 billion yuan", "RMB 864.1 billion", "0.8641万亿元", "86410000万元"])
def test_a_figure_matches_at_any_scale_and_in_either_language(said: str) -> None:
    scores = score(ask(answers=[["8641亿元"]]), answer("q1", (said, ["a.en"]), qrels={"a.en": 1}))
    assert scores["figure_match"] == 1.0
    assert scores["wrong_figure"] == 0.0


def test_figure_match_speaks_only_of_parts_with_a_figure() -> None:
    parts = [["8641亿元"], ["重庆"], ["10.9%"]]
    assert score(ask(answers=parts), answer("q1", ("8641亿元", ["a.zh"])))["figure_match"] == 1 / 2
    assert "figure_match" not in score(ask(answers=[["重庆"]]), RIGHT)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("贷款8642亿元", 1.0),  # money
        ("up 11 percent", 1.0),
        ("下降3个百分点", 1.0),
        ("251,800 TEU", 1.0),
        ("12家机构", 1.0),
        ("全长120公里", 1.0),
        ("10家机构", 0.0),  # small counts number things
        ("2025年9月30日", 0.0),  # a date is no figure
        ("没有数字", 0.0),
        ("增长10.9%", 0.0),  # beside the point, but the gold paragraph states it
        ("增长10.9%，贷款8642亿元", 1.0),
        ("贷款8641亿元，增长11%", 0.0),  # the answer is right; more may be said
    ],
)
def test_a_wrong_figure_is_a_telling_one_that_no_cited_gold_paragraph_states(said: str, wrong: float) -> None:
    """In an answer that is wrong; one to the unanswerable has no gold, so any figure in it is wrong."""
    outcome = answer("q1", (said, ["a.zh"]), qrels={"a.zh": 2})
    assert score(ask(), outcome)["wrong_figure"] == wrong
    unanswerable = score(ask(answerable=False), outcome)["wrong_figure"]
    assert unanswerable == float(wrong or "8641" in said or "10.9" in said)


def test_a_paragraph_that_is_not_gold_vouches_for_no_figure() -> None:
    said = ("56家机构", ["b.zh"])
    assert score(ask(), answer("q1", said, qrels={"a.zh": 2, "b.zh": 0}))["wrong_figure"] == 1.0
    assert score(ask(), answer("q1", said, qrels={"a.zh": 2, "b.zh": 1}))["wrong_figure"] == 0.0


def test_a_wrong_figure_is_seen_where_no_part_of_the_answer_has_one_and_beside_one_that_is_right() -> None:
    gold = {"a.zh": 2}
    nowhere = answer("q1", ("增长11%", ["a.zh"]), qrels=gold)
    assert score(ask(answers=[["重庆"]]), nowhere)["wrong_figure"] == 1.0
    beside = answer("q1", ("贷款8641亿元，增长11%", ["a.zh"]), qrels=gold)
    assert score(ask(answers=[["8641亿元"], ["重庆"]]), beside)["wrong_figure"] == 1.0


@given(st.integers(-100, 100))
def test_a_bare_count_is_telling_by_its_size_whatever_its_sign(value: int) -> None:
    figure = replace(find_figures("56家机构")[0], value=Decimal(value))
    assert telling(figure) is (abs(value) > 10)


def test_citations_are_gold_from_grade_1_and_each_counts_once() -> None:
    outcome = answer(
        "q1", ("8641亿元", ["a.zh", "b.zh"]), ("8641亿元", ["a.zh", "c.en"]), qrels={"a.zh": 1, "b.zh": 0}
    )
    assert score(ask(), outcome)["citation_precision"] == pytest.approx(1 / 3)


def test_citation_recall_goes_by_parts_so_one_language_version_is_enough() -> None:
    both = {"a.zh": 2, "a.en": 2, "b.zh": 2}
    question = ask(answers=[["8641亿元", "864.1 billion yuan"], ["56家"]])
    half = answer("q1", ("8641亿元", ["a.en"]), qrels=both)
    assert score(question, half)["citation_recall"] == score(question, half)["citation_recall_all"] == 1 / 2
    whole = answer("q1", ("8641亿元", ["a.en"]), ("56家", ["b.zh"]), qrels=both)
    assert score(question, whole)["citation_recall"] == 1.0
    unlisted = answer("q1", ("8641亿元", ["a.zh"]), qrels={"a.en": 2})
    assert score(question, unlisted)["citation_recall"] == 0.0


def test_citation_recall_by_paragraph_asks_for_every_proof_and_for_no_lesser_gold() -> None:
    gold = {"a.zh": 2, "a.en": 2, "b.zh": 1}
    one = answer("q1", ("8641亿元", ["a.zh", "c.en"]), qrels=gold)
    assert score(ask(), one)["citation_recall_paragraphs"] == 1 / 2
    both = answer("q1", ("8641亿元", ["a.zh"]), ("8641亿元", ["a.en"]), qrels=gold)
    assert score(ask(), both)["citation_recall_paragraphs"] == 1.0
    assert "citation_recall_paragraphs" not in score(ask(), decline("q1", qrels=gold))


def test_a_quote_stands_word_for_word_but_for_white_space() -> None:
    outcome = answer("q1", ("科技企业贷款 8641 亿元", ["a.zh"]), ("科技企业贷款8641亿", ["b.zh"]))
    assert score(ask(), outcome)["verbatim_quote"] == 1 / 2


def test_a_figure_is_supported_by_the_paragraph_its_own_sentence_cites() -> None:
    outcome = answer("q1", ("8641亿元和10.9%", ["a.en"]), ("56家机构和8641亿元", ["b.zh"]))
    assert score(ask(), outcome)["figure_support"] == 3 / 4
    assert "figure_support" not in score(ask(), answer("q1", ("没有", ["a.zh"])))


@pytest.mark.parametrize(
    ("question", "outcome", "verdict"),
    [
        (ask(), RIGHT, Verdict.RIGHT),
        (ask(), answer("q1", ("8642亿元", ["a.zh"])), Verdict.WRONG),
        (ask(), decline("q1"), Verdict.MISSED),
        (ask(answerable=False), decline("q1"), Verdict.DECLINED),
        (ask(answerable=False), RIGHT, Verdict.FALSE_ANSWER),
        (ask(), Outcome("q1"), Verdict.FAILED),
        (ask(answerable=False), Outcome("q1", failed="too long"), Verdict.FAILED),
        (ask(answers=[]), RIGHT, Verdict.RIGHT),
        (ask(answers=[]), answer("q1", ("8641亿元", ["b.zh"]), qrels={"a.zh": 2}), Verdict.WRONG),
    ],
)
def test_every_outcome_has_its_verdict(question: GoldQuestion, outcome: Outcome, verdict: Verdict) -> None:
    assert give_verdict(question, outcome) is verdict


def test_without_accepted_wordings_only_citations_are_judged() -> None:
    assert set(score(ask(answers=[]), RIGHT)) == {"citation_precision", "verbatim_quote", "figure_support"}


def test_nothing_said_is_never_right() -> None:
    assert not is_answer_right(ask(), ())
    assert not is_answer_right(ask(answerable=False), [Said("8641亿元", ())])
