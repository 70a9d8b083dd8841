"""The catalogue holds every measure once, and the page made of it is the one that is kept."""

from __future__ import annotations

from pathlib import Path

from measure_support import answer, ask, decline, make_run, ranked
from wfc_qa.evaluation.measures import MEASURES, describe_measures, score_questions
from wfc_qa.evaluation.record import Outcome

PAGE = Path(__file__).resolve().parents[1] / "docs/measures.md"
NAMES = [measure.name for measure in MEASURES]


def test_the_page_is_what_the_catalogue_makes_of_itself() -> None:
    assert PAGE.read_text("utf-8") == describe_measures()


def test_every_measure_has_one_name_and_is_wholly_described() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for measure in MEASURES:
        assert measure.better in ("higher", "lower") and measure.unit in ("share", "ms", "score")
        for text in (measure.title, measure.formula, measure.source, measure.scope):
            assert text and "|" not in text and "\n" not in text


def test_every_score_belongs_to_a_measure_of_the_catalogue_and_lies_within_0_and_1() -> None:
    questions = [ask("q1"), ask("q2", answerable=False), ask("q3"), ask("q4", answerable=False), ask("q5")]
    outcomes = [
        answer("q1", ("8641亿元", ["a.zh"]), hits=ranked("a.zh", "c.en"), qrels={"a.zh": 2}),
        answer("q2", ("8641亿元", ["a.zh"])),
        decline("q3", qrels={"a.zh": 2}),
        decline("q4"),
        Outcome("q5", failed="broken", qrels={"a.zh": 2}),
    ]
    scores = score_questions(make_run(questions, outcomes))
    assert {score.measure for score in scores} < set(NAMES) - {"risk"}
    assert all(0 <= score.value <= 1 for score in scores)
    assert len({(score.query_id, score.measure) for score in scores}) == len(scores)
    assert len([score for score in scores if score.measure == "wrong_figure"]) == len(questions)
    assert [score.query_id for score in scores if score.measure == "coverage"] == ["q1", "q3", "q5"]
