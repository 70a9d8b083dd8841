"""A summary tells every measure of every slice, with intervals, and leaves no question out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

import pytest

from measure_support import answer, ask, decline, make_run, ranked
from wfc_qa.evaluation.measures import MEASURES
from wfc_qa.evaluation.record import Outcome, Run
from wfc_qa.evaluation.results import Estimate, Stage, Summary, Verdict
from wfc_qa.evaluation.summary import in_part, summarise

GOLD = {"a.zh": 2, "a.en": 2}


def mixed() -> Run:
    """Right, missed, declined, false, wrong, failed: two languages, three kinds."""
    questions = [
        ask("q1"),
        ask("q2", kind="list"),
        ask("q3", answerable=False, kind="absent"),
        ask("q4", answerable=False, kind="absent", language="en"),
        ask("q5", language="en"),
        ask("q6", language="en", kind="list"),
    ]
    times = {"timings_ms": {"retrieve": 6.0, "answer": 1.0, "total": 7.0}}
    outcomes = [
        answer("q1", ("8641亿元", ["a.zh"]), hits=ranked("a.zh", "c.en"), qrels=GOLD, **times),
        decline("q2", "8641亿元", hits=ranked("b.zh"), qrels=GOLD, **times),
        decline("q3", "56家", hits=ranked("b.zh")),
        answer("q4", ("251,800 TEU", ["c.en"]), hits=ranked("c.en"), confidence=0.6),
        answer(
            "q5",
            ("up 10.9 percent", ["a.en"]),
            hits=ranked("b.zh", "a.en"),
            qrels={"a.en": 2},
            confidence=0.7,
        ),
        Outcome("q6", failed="broken", qrels={"a.zh": 2}),
    ]
    return make_run(questions, outcomes)


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(mixed())


def value(summary: Summary, measure: str, part: str = "all") -> float | None:
    found = summary.find(measure, part)
    return found.value if found else None


def test_every_measure_of_the_catalogue_is_told_over_all_questions(summary: Summary) -> None:
    told = [row.measure for row in summary.rows if row.part == "all"]
    assert told == [measure.name for measure in MEASURES]


def test_the_figures_are_as_counted_by_hand(summary: Summary) -> None:
    assert value(summary, "success@5") == 2 / 4
    assert value(summary, "rr@10") == (1 + 0 + 1 / 2 + 0) / 4
    assert value(summary, "answer_right") == value(summary, "coverage@1%") == pytest.approx(1 / 4)
    assert value(summary, "coverage") == 2 / 4
    assert value(summary, "risk") == pytest.approx(2 / 3)
    assert value(summary, "correct_when_answered") == pytest.approx(1 / 3)
    assert value(summary, "wrong_figure") == 1 / 6
    assert value(summary, "abstention_precision") == value(summary, "abstention_recall") == 1 / 2
    assert value(summary, "abstention_f1") == 1 / 2
    assert value(summary, "citation_precision") == pytest.approx(2 / 3)
    assert value(summary, "latency_p50") == 7.0
    assert summary.verdicts == {
        "q1": Verdict.RIGHT,
        "q2": Verdict.MISSED,
        "q3": Verdict.DECLINED,
        "q4": Verdict.FALSE_ANSWER,
        "q5": Verdict.WRONG,
        "q6": Verdict.FAILED,
    }
    assert summary.stages == tuple(
        Stage(name, Estimate(took, took, took, 2), Estimate(took, took, took, 2))
        for name, took in (("retrieve", 6.0), ("answer", 1.0), ("total", 7.0))
    )


def test_the_time_of_a_stage_has_an_interval_and_the_whole_of_it_is_the_latency() -> None:
    """Two of ten questions took long: the median of most draws is short, percentile 95 of many is not."""
    times = [1.0] * 8 + [100.0] * 2
    questions = [ask(f"q{place}") for place in range(10)]
    outcomes = [Outcome(f"q{place}", timings_ms={"total": took}) for place, took in enumerate(times)]
    summary = summarise(make_run(questions, outcomes))
    (whole,) = summary.stages
    assert (whole.p50_ms.value, whole.p50_ms.low, whole.p50_ms.high, whole.p50_ms.n) == (1.0, 1.0, 50.5, 10)
    assert (whole.p95_ms.low, whole.p95_ms.value, whole.p95_ms.high) == (1.0, 100.0, 100.0)
    assert (summary.find("latency_p50"), summary.find("latency_p95")) == (whole.p50_ms, whole.p95_ms)


def test_risk_mirrors_what_is_right_among_the_answers_with_its_interval(summary: Summary) -> None:
    for part in ("all", "kind:figure", "language:en"):
        right, risk = summary.find("correct_when_answered", part), summary.find("risk", part)
        assert right is not None and risk is not None
        assert (risk.value, risk.low, risk.high) == (1 - right.value, 1 - right.high, 1 - right.low)
        assert risk.n == right.n
    assert summary.find("risk", "kind:list") is None


def test_slices_are_by_kind_by_language_and_by_question_and_evidence_language(summary: Summary) -> None:
    assert {row.part for row in summary.rows} == {
        *("all", "kind:figure", "kind:list", "kind:absent", "language:zh", "language:en"),
        *("matrix:zh>both", "matrix:en>en", "matrix:en>zh", "cross"),
    }
    assert value(summary, "success@5", "matrix:zh>both") == 1 / 2
    assert value(summary, "success@5", "matrix:en>en") == 1.0
    assert value(summary, "success@5", "kind:list") == 0.0
    assert value(summary, "success@5", "kind:absent") is None


@pytest.mark.parametrize(
    ("language", "kind", "gold", "crossing"),
    [
        ("zh", "figure", {"c.en": 2}, True),
        ("en", "figure", {"a.zh": 2}, True),
        ("en", "figure", {"a.zh": 2, "c.en": 1}, True),  # a lesser gold paragraph is no proof
        ("zh", "cross", {"a.zh": 2, "a.en": 2}, False),
        ("zh", "cross", {"a.zh": 2}, False),
        ("zh", "cross", {}, False),
    ],
)
def test_a_question_crosses_when_its_proof_stands_only_in_the_other_language(
    language: str, kind: str, gold: Mapping[str, int], crossing: bool
) -> None:
    """Whatever its kind is called."""
    question, outcome = ask("q1", language=language, kind=kind), Outcome("q1", qrels=dict(gold))
    run = make_run([question], [outcome])
    assert in_part("cross", question, outcome, run) is crossing
    assert (summarise(run).find("success@5", "cross") is not None) is crossing
    assert in_part("all", question, outcome, run) and in_part(f"kind:{kind}", question, outcome, run)
    assert not in_part("kind:list", question, outcome, run)


def test_slices_of_a_kind_make_up_the_whole(summary: Summary) -> None:
    for by in ("kind:", "language:"):
        for measure in ("answer_right", "coverage", "wrong_figure"):
            parts = [
                row.estimate for row in summary.rows if row.measure == measure and row.part.startswith(by)
            ]
            whole = summary.find(measure)
            assert whole is not None and sum(part.n for part in parts) == whole.n


def test_every_estimate_lies_within_its_interval_and_the_whole_is_json(summary: Summary) -> None:
    for row in summary.rows:
        assert row.estimate.low <= row.estimate.value <= row.estimate.high, row
    json.dumps(asdict(summary), allow_nan=False)


def test_the_same_run_gives_the_same_summary(summary: Summary) -> None:
    assert summarise(mixed()) == summary


@pytest.mark.parametrize("place", range(6))
def test_a_lost_outcome_counts_as_zero_and_no_question_is_left_out(place: int, summary: Summary) -> None:
    run = mixed()
    outcomes = list(run.outcomes)
    outcomes[place] = Outcome(outcomes[place].query_id)
    poorer = summarise(replace(run, outcomes=tuple(outcomes)))
    for measure in (
        "success@5",
        "ndcg@10",
        "answer_right",
        "citation_recall_all",
        "coverage",
        "abstention_recall",
    ):
        before, after = summary.find(measure), poorer.find(measure)
        assert before is not None and after is not None
        assert after.n == before.n
        assert after.value <= before.value


def test_a_set_without_accepted_wordings_is_summed_up_by_its_ranking() -> None:
    questions = [ask("q1", []), ask("q2", [])]
    outcomes = [Outcome("q1", hits=ranked("a.zh"), qrels={"a.zh": 1}), Outcome("q2", qrels={"a.zh": 1})]
    summary = summarise(make_run(questions, outcomes))
    assert value(summary, "success@1") == 1 / 2
    assert summary.find("answer_right") is None
    assert summary.curve == summary.reliability == summary.stages == ()


def test_a_run_in_which_everything_failed_is_summed_up() -> None:
    summary = summarise(make_run([ask("q1"), ask("q2", answerable=False)], [Outcome("q1"), Outcome("q2")]))
    assert (
        value(summary, "success@5")
        == value(summary, "coverage")
        == value(summary, "abstention_recall")
        == 0.0
    )
    assert summary.find("risk") is None
