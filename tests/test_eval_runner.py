"""A run asks every question as the chat would, goes on where it was stopped, and never mixes with another run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from wfc_qa.config import CHECKOUT
from wfc_qa.engine import Engine
from wfc_qa.errors import ConfigError, DocumentError
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.evaluation.record import (
    OUTCOMES,
    load_outcomes,
    load_run,
    load_stamp,
    outcome_line,
    save_stamp,
)
from wfc_qa.evaluation.report import load_ablations
from wfc_qa.evaluation.results import Estimate
from wfc_qa.evaluation.runner import run_questions
from wfc_qa.evaluation.tables import Ablation
from wfc_qa.types import GoldQuestion

ALL, DIGEST = load_gold(CHECKOUT / "eval" / "dev.jsonl")
KINDS = {question.kind: question for question in ALL}
SOME = [*KINDS.values(), next(question for question in ALL if len(question.history) > 1)]


def untimed(path: Path) -> list[str]:
    return [outcome_line(replace(outcome, timings_ms={})) for outcome in load_run(path).outcomes]


def test_every_question_has_its_outcome_in_order(engine: Engine, tmp_path: Path) -> None:
    run = run_questions(engine, SOME, DIGEST, tmp_path / "run")
    assert [outcome.query_id for outcome in run.outcomes] == [question.query_id for question in SOME]
    assert run == load_run(tmp_path / "run")
    assert run.stamp.seconds > 0
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        assert not outcome.failed
        assert bool(outcome.sentences) != bool(outcome.abstention)
        assert not (outcome.sentences and outcome.withheld)
        assert bool(outcome.qrels) == bool(question.evidence)
        named = {hit.paragraph_id for hit in outcome.hits} | set(outcome.qrels)
        named |= {name for said in (*outcome.sentences, *outcome.withheld) for name in said.cited}
        assert named <= set(run.paragraphs)


def test_an_answer_in_a_run_is_the_answer_of_the_engine(engine: Engine, tmp_path: Path) -> None:
    run = run_questions(engine, SOME, DIGEST, tmp_path / "run")
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        if not question.history:
            answer = engine.ask(question.text)
            assert outcome.text == "\n".join(sentence.text for sentence in answer.sentences)
            assert outcome.confidence == answer.confidence


def test_a_run_stopped_goes_on_to_the_same_end(engine: Engine, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole" / "run", tmp_path / "cut" / "run"
    whole.parent.mkdir()
    cut.parent.mkdir()
    run_questions(engine, SOME, DIGEST, whole)
    run_questions(engine, SOME, DIGEST, cut)
    lines = (cut / OUTCOMES).read_bytes().splitlines(keepends=True)
    (cut / OUTCOMES).write_bytes(b"".join(lines[:5]) + lines[5][:40])
    save_stamp(replace(load_stamp(cut), seconds=0.0), cut)
    assert len(load_outcomes(cut)) == 5
    run_questions(engine, SOME, DIGEST, cut)
    assert untimed(cut) == untimed(whole)
    assert (cut / OUTCOMES).read_bytes().splitlines(keepends=True)[:5] == lines[:5]


def stop_at(number: int) -> Any:
    def progress(done: int, total: int) -> None:
        if done == number:
            raise KeyboardInterrupt

    return progress


def test_a_run_that_did_not_end_is_read_by_nobody_and_names_the_mend(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run_questions(engine, SOME[:3], DIGEST, folder, stop_at(2))
    assert [outcome.query_id for outcome in load_outcomes(folder)] == [one.query_id for one in SOME[:2]]
    with pytest.raises(DocumentError) as refusal:
        load_run(folder)
    assert str(refusal.value) == f"run {folder} did not end; go on with `wfc-qa eval run --output {folder}`"
    assert load_stamp(folder).seconds == 0


def test_the_seconds_of_a_run_are_those_of_all_its_stretches(engine: Engine, tmp_path: Path) -> None:
    """What a stretch spent is written with every outcome, so that one killed outright has told it."""
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run_questions(engine, SOME[:3], DIGEST, folder, stop_at(1))
    first = load_stamp(folder)
    assert first.spent > 0
    save_stamp(replace(first, spent=5000.0), folder)
    with pytest.raises(KeyboardInterrupt):
        run_questions(engine, SOME[:3], DIGEST, folder, stop_at(2))
    second = load_stamp(folder)
    assert second.spent >= 5000
    stamp = run_questions(engine, SOME[:3], DIGEST, folder).stamp
    assert stamp.seconds >= second.spent
    assert (stamp.spent, stamp.started) == (0.0, first.started)


def test_a_finished_run_is_never_emptied(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_questions(engine, SOME[:2], DIGEST, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ConfigError, match="run holds a finished run; give another --output or remove it"):
        run_questions(engine, SOME[:2], DIGEST, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_question_that_cannot_be_asked_is_an_outcome_too(engine: Engine, tmp_path: Path) -> None:
    wordless = replace(SOME[0], query_id="wordless", text="？！")
    run = run_questions(engine, [wordless, SOME[0]], DIGEST, tmp_path / "run")
    assert "no words" in run.outcomes[0].failed
    assert not run.outcomes[0].answered
    assert not run.outcomes[1].failed


def test_a_folder_with_another_run_or_other_files_is_refused(engine: Engine, tmp_path: Path) -> None:
    run_questions(engine, SOME[:1], DIGEST, tmp_path / "run")
    before = (tmp_path / "run" / OUTCOMES).read_bytes()
    with pytest.raises(ConfigError, match="holds another run"):
        run_questions(engine, SOME[:1], "0" * 64, tmp_path / "run")
    assert (tmp_path / "run" / OUTCOMES).read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds other files"):
        run_questions(engine, SOME[:1], DIGEST, tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]


def test_a_folder_without_a_run_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="wfc-qa eval run"):
        load_run(tmp_path)


def test_a_question_without_an_outcome_is_not_left_out(engine: Engine, tmp_path: Path) -> None:
    run_questions(engine, SOME[:3], DIGEST, tmp_path / "run")
    path = tmp_path / "run" / OUTCOMES
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    run = load_run(tmp_path / "run")
    assert len(run.outcomes) == 3
    assert (run.outcomes[2].hits, run.outcomes[2].answered) == ((), False)


def test_history_is_told_as_the_chat_tells_it(engine: Engine, tmp_path: Path) -> None:
    """The follow-up is understood through the earlier questions, not through their bare words."""
    question: GoldQuestion = SOME[-1]
    run = run_questions(engine, [question], DIGEST, tmp_path / "run")
    told: list[str] = []
    for turn in (*question.history, question.text):
        answer = engine.ask(turn, history=told)
        told.append(answer.understood)
    assert run.outcomes[0].understood == answer.understood


ESTIMATE = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}
ABLATED = {"variant": "full", "estimates": {"recall": ESTIMATE}, "differences": {}}


@pytest.mark.parametrize(
    "held",
    [
        [],
        "ablations",
        {},
        {"ablations": 7},
        {"ablations": ["full"]},
        {"ablations": [ABLATED, ABLATED | {"estimates": []}]},
        {"ablations": [ABLATED | {"estimates": {"recall": {"value": 0.5}}}]},
        {"ablations": [ABLATED | {"differences": {"recall": ESTIMATE | {"low": "none"}}}]},
    ],
    ids=json.dumps,
)
def test_a_report_of_another_form_holds_no_ablations(tmp_path: Path, held: Any) -> None:
    (tmp_path / "report.json").write_text(json.dumps(held), "utf-8")
    assert load_ablations(tmp_path) == []


def test_ablations_are_read_as_they_were_written(tmp_path: Path) -> None:
    ablations = [
        Ablation("full", {"recall": Estimate(0.5, 0.4, 0.6, 9)}, {}),
        Ablation("lexical", {"recall": Estimate(0.4, 0.3, 0.5, 9)}, {"recall": Estimate(-0.1, -0.2, 0.0, 9)}),
    ]
    (tmp_path / "report.json").write_text(
        json.dumps({"ablations": [asdict(one) for one in ablations]}), "utf-8"
    )
    assert load_ablations(tmp_path) == ablations
    (tmp_path / "report.json").write_text("[" * 200_000, "utf-8")
    assert load_ablations(tmp_path) == []
