"""Runs made by hand for the tests of reports and gate: real nouns, no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wfc_qa.evaluation.record import Outcome, Ranked, Run, Said, Shown, Stamp
from wfc_qa.types import GoldQuestion, Language, Place

KINDS = ("figure", "fact", "cross", "near_miss_year")
HOSTILE = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>\u2028\'`|*_[x](javascript:1)'


def make_stamp(name: str = "a run") -> Stamp:
    return Stamp(
        name=name,
        questions="0" * 64,
        generation="acf3904733c4c3d4",
        collection="1" * 64,
        model="multilingual-e5-small:1571fc98:onnx-int8",
        prompts="2" * 64,
        calibration="3" * 64,
        settings={"candidates": 200, "target_risk": 0.02},
        code="0.1.0 (4c6341f)",
        machine="x86_64, 2 cores",
        started="2026-11-24T18:00:00+00:00",
        seconds=12.5,
    )


def make_question(number: int, extra: str = "") -> GoldQuestion:
    """Asked in either language in turn; each of ``KINDS`` in turn, the last of them unanswerable."""
    kind = KINDS[number % len(KINDS)]
    answerable = kind != "near_miss_year"
    chinese = number // len(KINDS) % 2 == 0
    return GoldQuestion(
        query_id=f"q{number:03}",
        text=(f"第{number}家银行的贷款余额是多少？" if chinese else f"What did bank {number} lend?") + extra,
        language=Language.ZH if chinese else Language.EN,
        kind=kind,
        answerable=answerable,
        answers=((f"{number + 100}亿元", f"{(number + 100) / 10:g} billion yuan"),) if answerable else (),
        figures=(f"{(number + 100) * 100_000_000} yuan",) if answerable else (),
        evidence=(Place(f"doc{number}", f"{number + 100}亿元"),) if answerable else (),
        history=("重庆有哪些银行？",) if kind == "fact" else (),
        note="right entity, wrong year" if not answerable else "",
    )


def make_outcome(question: GoldQuestion, extra: str = "") -> Outcome:
    """Rightly answered from its first hit, or rightly declined."""
    number = int(question.query_id[1:])
    hits = tuple(Ranked(f"p{(number + shift) % 1000:03}", 5.0 - shift / 2) for shift in range(10))
    timings = {"understand": 1.0 + number % 3, "retrieve": 20.0 + number % 7, "answer": 9.0, "total": 35.0}
    outcome = Outcome(question.query_id, question.text, hits, timings_ms=timings)
    if not question.answerable:
        return replace(outcome, abstention="missing_date", missing=("2031年",), confidence=0.1)
    said = Said(f"贷款余额{number + 100}亿元。{extra}", (hits[0].paragraph_id,))
    return replace(
        outcome, sentences=(said,), confidence=0.6 + number % 40 / 100, qrels={hits[0].paragraph_id: 2}
    )


def make_run(
    size: int = 24,
    *,
    wrong: Iterable[int] = (),
    missed: Iterable[int] = (),
    extra: str = "",
    name: str = "a run",
) -> Run:
    """A perfect run but for the questions of the numbers ``wrong`` and ``missed``; ``extra`` ends every text."""
    questions = tuple(make_question(number, extra) for number in range(size))
    outcomes = [make_outcome(question, extra) for question in questions]
    for number in wrong:
        outcomes[number] = replace(outcomes[number], sentences=(Said("贷款余额7亿元。", ("p999",)),))
    for number in missed:
        one = outcomes[number]
        outcomes[number] = replace(one, sentences=(), withheld=one.sentences, abstention="unsure")
    return Run(make_stamp(name), questions, tuple(outcomes), _paragraphs(size, extra))


def part_of(run: Run, ids: Sequence[str]) -> Run:
    """``run`` as if only those questions had been asked."""
    kept = [pair for pair in zip(run.questions, run.outcomes, strict=True) if pair[0].query_id in ids]
    return replace(run, questions=tuple(one for one, _ in kept), outcomes=tuple(one for _, one in kept))


def _paragraphs(size: int, extra: str) -> dict[str, Shown]:
    numbers = [*range(min(size + 10, 1000)), 999]
    return {
        f"p{number:03}": Shown(
            paragraph_id=f"p{number:03}",
            doc_id=f"doc{number}",
            title=f"重庆银行业{extra}",
            ordinal=number + 1,
            language=Language.ZH if number % 2 else Language.EN,
            text=f"截至2025年末，贷款余额{number + 100}亿元。{extra}",
        )
        for number in numbers
    }
