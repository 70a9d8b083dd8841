"""What a model replied to gold questions, judged as our own answers are, and the tables that tell of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from measure import print_table
from wfc_qa.engine import Engine, open_engine
from wfc_qa.evaluation.gold import is_right, meets, resolve
from wfc_qa.evaluation.judge import give_verdict, judge, tokenise
from wfc_qa.evaluation.ranking import find_proofs
from wfc_qa.evaluation.record import Outcome, Said
from wfc_qa.evaluation.results import Estimate, Verdict
from wfc_qa.evaluation.runner import ask_question
from wfc_qa.evaluation.statistics import estimate_rate, paired_difference, permutation_p, tally
from wfc_qa.text.dates import covers
from wfc_qa.text.figures import same_figure
from wfc_qa.text.marks import read_marks
from wfc_qa.types import Abstention, GoldQuestion

OURS, FORCED, MODEL = SIDES = ("ours", "forced", "model")
MEASURES = ("right", "right in content", "answered", "false answer", "wrong figure", "well served")
MARKER = re.compile(r"\s*[\[【]([0-9]{1,2})[\]】]")
# A small model declines in words of its own, too: that counts for it.
DECLINES = re.compile(
    r"\bNOT FOUND\b|\bpassages? (?:do|does) not\b|\bno information\b|\bnot (?:mentioned|stated|provided)\b"
    r"|资料中?并?(?:未|没)|未(?:提供|提及|提到)|没有(?:提供|提及|提到|给出)",
    re.IGNORECASE,
)
# Of the words of an accepted wording, to say the same in other words.
MOST = 0.7


@dataclass(frozen=True, slots=True)
class Reading:
    """A question put to a model: ``passages`` are the ids of the paragraphs shown, best first; ``prompt`` is the
    SHA-256 of the model's name and all it was told; ``ours`` and ``forced`` are what we answered then."""

    query_id: str
    model: str
    prompt: str
    understood: str
    passages: tuple[str, ...]
    said: str
    seconds: float
    ours: str
    forced: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with each side's measures, all 0 or 1. ``held`` is whether one paragraph shown says all of the answer,
    ``spread`` whether they do together; ``source`` is what the question rests on."""

    question: GoldQuestion
    scores: Mapping[str, Mapping[str, float]]
    held: bool
    spread: bool
    source: str


def load_readings(told: Path) -> dict[str, Reading]:
    """The last reading of each question; a last line that was cut off does not count."""
    lines = told.read_bytes().rpartition(b"\n")[0].splitlines() if told.is_file() else []
    readings = [Reading(**{**row, "passages": tuple(row["passages"])}) for row in map(json.loads, lines)]
    return {one.query_id: one for one in readings}


def save_readings(readings: Iterable[Reading], told: Path) -> None:
    """Whole lines only: what a stopped run cut off would spoil the next line."""
    told.write_text("".join(map(reading_line, readings)), "utf-8")


def reading_line(reading: Reading) -> str:
    return json.dumps(asdict(reading), ensure_ascii=False) + "\n"


def read_reply(query_id: str, said: str, passages: Sequence[str]) -> Outcome:
    """The reply as an outcome: its markers are citations; one without any leans on all it was shown."""
    text = MARKER.sub("", said).strip()
    if not text or DECLINES.search(text):
        return Outcome(query_id, abstention=Abstention.NOT_IN_COLLECTION.value)
    numbers = dict.fromkeys(int(number) for number in MARKER.findall(said))
    cited = tuple(passages[number - 1] for number in numbers if 0 < number <= len(passages))
    return Outcome(query_id, sentences=(Said(text, cited or tuple(passages)),))


def without_doubt(engine: Engine) -> Engine:
    """The same engine, answering at any confidence."""
    return open_engine(engine.settings.model_copy(update={"abstain_below": 0.0}))


def hold_together(
    engine: Engine, questions: Iterable[GoldQuestion], readings: Mapping[str, Reading]
) -> list[Judged]:
    """Today's answers beside the model's, for every question that it was asked."""
    paragraphs = {head.doc_id: engine.paragraphs(head.doc_id) for head in engine.heads()}
    texts = {one.paragraph_id: one.text for found in paragraphs.values() for one in found}
    eager = without_doubt(engine)
    judged = []
    for question in questions:
        if reading := readings.get(question.query_id):
            qrels = resolve(question, paragraphs)
            outcomes = {
                OURS: ask_question(engine, question),
                FORCED: ask_question(eager, question),
                MODEL: read_reply(question.query_id, reading.said, reading.passages),
            }
            outcomes = {side: replace(one, qrels=qrels) for side, one in outcomes.items()}
            shown = [texts.get(name, "") for name in reading.passages]
            judged.append(
                Judged(
                    question,
                    {side: score(question, one, texts) for side, one in outcomes.items()},
                    held=any(is_right(question, text) for text in shown),
                    spread=is_right(question, "\n".join(shown)),
                    source=min(find_proofs(outcomes[OURS]), default=question.query_id),
                )
            )
    return judged


def score(question: GoldQuestion, outcome: Outcome, texts: Mapping[str, str]) -> dict[str, float]:
    """Measure to 0 or 1, of those that speak of the question."""
    verdict = give_verdict(question, outcome)
    scores = {
        "well served": float(verdict.good),
        "wrong figure": judge(question, outcome, texts)["wrong_figure"],
    }
    if not question.answerable:
        return scores | {"false answer": float(verdict is Verdict.FALSE_ANSWER)}
    return scores | {
        "answered": float(outcome.answered),
        "right": float(verdict is Verdict.RIGHT),
        "right in content": float(outcome.answered and tells(question, outcome.text)),
    }


def tells(question: GoldQuestion, said: str) -> bool:
    """Whether ``said`` answers every part, in accepted words or others: with the figures and dates of an accepted
    wording in any form, or, where it has none, with most of its words. Kinder than the suite's rule, to every side."""
    parts = zip(meets(question, said), question.answers, strict=True)
    return all(met or any(_says_alike(said, wording) for wording in part) for met, part in parts)


def _says_alike(said: str, wording: str) -> bool:
    marks, asked = read_marks(said), read_marks(wording)
    if asked.figures or asked.dates:
        return all(any(same_figure(one, other) for other in marks.figures) for one in asked.figures) and all(
            any(covers(other, one) for other in marks.dates) for one in asked.dates
        )
    words = set(tokenise(wording))
    return len(words & set(tokenise(said))) >= MOST * len(words)


def show(judged: Sequence[Judged]) -> None:
    """Each side's measures, their paired differences, and what languages and kinds they come from."""
    able = [one for one in judged if one.question.answerable]
    held, spread = (sum(getattr(one, name) for one in able) for name in ("held", "spread"))
    print_table(
        f"{len(judged)} questions, {len(able)} of them answerable",
        ("", *SIDES),
        [[measure, *(_tell(judged, side, measure) for side in SIDES)] for measure in MEASURES],
        f"one passage shown says all of the answer: {held} of {len(able)}; they do together: {spread}",
        "right in content: figures and dates in any form, most of the words of an accepted wording",
        "well served: right, or declined where there is no answer",
    )
    print_table(
        "Paired differences, p by permutation",
        ("", "ours - model", "p", "forced - model", "p"),
        [[m, *_compare(judged, OURS, m), *_compare(judged, FORCED, m)] for m in MEASURES],
    )
    print_table(
        "Answerable: right",
        ("", "questions", "held", *SIDES, "model, in content"),
        [_count(part, found) for part, found in _parts(able)],
    )
    print_table(
        "Unanswerable: declined",
        ("", "questions", *SIDES),
        [
            [part, str(len(found)), *(_sum(found, side, "well served") for side in SIDES)]
            for part, found in _parts([one for one in judged if not one.question.answerable])
        ],
    )


def _values(judged: Iterable[Judged], side: str, measure: str) -> dict[str, float]:
    return {one.question.query_id: one.scores[side][measure] for one in judged if measure in one.scores[side]}


def _clusters(judged: Iterable[Judged]) -> dict[str, int]:
    """Cluster by question: those that rest on one paragraph form one."""
    numbers: dict[str, int] = {}
    return {one.question.query_id: numbers.setdefault(one.source, len(numbers)) for one in judged}


def _tell(judged: Sequence[Judged], side: str, measure: str) -> str:
    values, clusters = _values(judged, side, measure), _clusters(judged)
    if not values:
        return "-"
    one = estimate_rate(np.array(list(values.values())), np.array([clusters[name] for name in values]))
    return f"{sum(values.values()):.0f} of {len(values)}: {_percent(one)}"


def _compare(judged: Sequence[Judged], side: str, measure: str) -> tuple[str, str]:
    """``side`` minus the model, in points, and p."""
    now, then = (_values(judged, one, measure) for one in (side, MODEL))
    if not now:
        return "-", "-"
    clusters = _clusters(judged)
    p = permutation_p(tally(now, clusters), tally(then, clusters))
    return _percent(paired_difference(now, then, clusters), "+"), f"{p:.4f}"


def _percent(one: Estimate, sign: str = "") -> str:
    value, low, high = (f"{100 * figure:{sign}.1f}" for figure in (one.value, one.low, one.high))
    return f"{value} [{low} to {high}]"


def _parts(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """By language, then by kind."""
    parts: dict[str, list[Judged]] = {}
    for one in sorted(judged, key=lambda one: one.question.language, reverse=True):
        parts.setdefault(one.question.language.value, []).append(one)
    for one in sorted(judged, key=lambda one: one.question.kind):
        parts.setdefault(one.question.kind, []).append(one)
    return list(parts.items())


def _count(part: str, found: Sequence[Judged]) -> list[str]:
    sides = [_sum(found, side, "right") for side in SIDES]
    return [
        part,
        str(len(found)),
        str(sum(one.held for one in found)),
        *sides,
        _sum(found, MODEL, "right in content"),
    ]


def _sum(found: Iterable[Judged], side: str, measure: str) -> str:
    return f"{sum(one.scores[side][measure] for one in found):.0f}"
