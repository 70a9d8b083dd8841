"""The gate: no measure may be significantly worse than the baseline by more than its margin, on the same questions."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..types import GoldQuestion
from .measures import Measure, score_questions
from .pages import to_json, write_whole
from .record import Run, Stamp
from .results import Estimate
from .statistics import find_clusters, paired_difference
from .tables import CATALOGUE, show, show_difference, show_interval

FORMAT = 1
MARGIN = 0.01
# No more wrong figures are borne than chance explains.
MARGINS = {
    "success@5": MARGIN,
    "rr@10": MARGIN,
    "answer_right": MARGIN,
    "coverage": MARGIN,
    "correct_when_answered": MARGIN,
    "citation_precision": MARGIN,
    "wrong_figure": 0.0,
    "abstention_recall": MARGIN,
}
GATED = tuple(MARGINS)
MEND = "write a new one from a full run with `wfc-qa eval gate RUN --update`"
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run must not fall behind: ``gold`` holds each question's hash, ``scores`` values by measure and question,
    ``margins`` what a measure may lose, in its own unit."""

    stamp: Stamp
    margins: Mapping[str, float]
    gold: Mapping[str, str]
    scores: Scores


@dataclass(frozen=True, slots=True)
class GateLine:
    """A measure then and now, over the questions both have; ``difference`` is now minus then."""

    measure: Measure
    then: float
    now: float
    difference: Estimate
    margin: float

    @property
    def passed(self) -> bool:
        """Whether the 95 % interval leaves room for a loss within the margin."""
        if self.measure.better == "higher":
            return self.difference.high >= -self.margin
        return self.difference.low <= self.margin

    def __str__(self) -> str:
        unit = self.measure.unit
        return (
            f"{'pass' if self.passed else 'FAIL'}  {self.measure.title}: {show(self.then, unit)} to "
            f"{show(self.now, unit)}; difference {show_difference(self.difference, unit)} "
            f"({show_interval(self.difference, unit, '+')}), margin {show(self.margin, unit)}, "
            f"{self.difference.n} questions"
        )


@dataclass(frozen=True, slots=True)
class GateResult:
    """``asked`` questions of the run, of which the baseline knows ``compared``."""

    lines: tuple[GateLine, ...]
    asked: int
    compared: int
    baseline: Stamp

    @property
    def passed(self) -> bool:
        return all(line.passed for line in self.lines)

    def __str__(self) -> str:
        failed = sum(not line.passed for line in self.lines)
        verdict = (
            f"{failed} of {len(self.lines)} measures are significantly worse"
            if failed
            else "no measure is significantly worse"
        )
        return "\n".join(
            (
                f"Compared with {self.baseline.name} of {self.baseline.started[:10]} ({self.baseline.code}) on "
                f"{self.compared} of {self.asked} questions.",
                *map(str, self.lines),
                f"{'FAIL' if failed else 'pass'}: {verdict} than the baseline beyond its margin.",
            )
        )


def write_baseline(run: Run, path: Path, margins: Mapping[str, float] = MARGINS) -> Path:
    """Make ``run`` what later runs are held to. Raises ConfigError for a run of uncommitted code, StorageError."""
    if run.stamp.code.rstrip(")").endswith("+"):
        raise ConfigError(
            f"run {run.stamp.name} is of uncommitted code ({run.stamp.code}); commit, run again, "
            "then make it the baseline"
        )
    gold, scores = {one.query_id: gold_hash(one) for one in run.questions}, gated_scores(run)
    data = {
        "format": FORMAT,
        "stamp": asdict(run.stamp),
        "margins": dict(margins),
        "questions": {
            query_id: {
                "gold": gold[query_id],
                "scores": {name: values[query_id] for name, values in scores.items() if query_id in values},
            }
            for query_id in gold
        },
    }
    return write_whole(path, to_json(data, indent=1) + "\n")


def load_baseline(path: Path) -> Baseline:
    """Raises ConfigError when there is none that can be read."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']} is not {FORMAT}")
        rows: dict[str, dict[str, Any]] = data["questions"]
        return Baseline(
            stamp=Stamp(**data["stamp"]),
            margins={name: float(data["margins"][name]) for name in GATED},
            gold={query_id: str(row["gold"]) for query_id, row in rows.items()},
            scores={
                name: {
                    query_id: float(row["scores"][name])
                    for query_id, row in rows.items()
                    if name in row["scores"]
                }
                for name in GATED
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} is no baseline that can be read ({type(error).__name__}: {error}); {MEND}"
        ) from error


def check_gate(run: Run, path: Path, margins: Mapping[str, float] | None = None) -> GateResult:
    """Hold ``run`` to the baseline at ``path``, by its own margins unless others are given.

    A run over a part of the baseline's questions is held to that part. Raises ConfigError when no question is shared,
    or one was changed under the same id.
    """
    baseline = load_baseline(path)
    shared = _shared(run, baseline, path)
    now, clusters = gated_scores(run), find_clusters(run)
    lines = []
    for name in GATED:
        one, other = (_only(shared, scores[name]) for scores in (now, baseline.scores))
        # Where either never answers, there is no share of its answers: `answer_right` tells that loss.
        if one and other:
            lines.append(
                GateLine(
                    CATALOGUE[name],
                    then=_mean(other),
                    now=_mean(one),
                    difference=paired_difference(one, other, clusters),
                    margin=(margins or baseline.margins)[name],
                )
            )
    return GateResult(tuple(lines), len(run.questions), len(shared), baseline.stamp)


def fast_subset(questions: Sequence[GoldQuestion], size: int) -> list[GoldQuestion]:
    """At most ``size`` questions, in their order: every kind in every language in proportion, at least one of each
    while ``size`` allows; the same ones every time, and a smaller subset lies within a larger one."""
    strata: dict[tuple[str, str], list[GoldQuestion]] = defaultdict(list)
    for question in questions:
        strata[question.kind, question.language].append(question)
    turns: dict[str, tuple[float, str]] = {}
    for members in strata.values():
        members.sort(key=lambda one: _digest(one.query_id))
        for place, one in enumerate(members):
            turns[one.query_id] = (place / len(members), _digest(one.query_id))
    chosen = set(sorted(turns, key=turns.__getitem__)[:size])
    return [question for question in questions if question.query_id in chosen]


def gold_hash(question: GoldQuestion) -> str:
    """Of all that decides what a right answer is; not of split and note."""
    judged = (question.text, question.history, question.language, question.kind, question.answerable)
    expected = (question.answers, question.figures, [asdict(place) for place in question.evidence])
    return _digest(to_json([*judged, *expected]))[:16]


def gated_scores(run: Run) -> Scores:
    """Measure to question to value; a question that a measure does not speak of is not in it."""
    scores: dict[str, dict[str, float]] = {name: {} for name in GATED}
    for score in score_questions(run):
        if score.measure in scores:
            scores[score.measure][score.query_id] = score.value
    return scores


def _shared(run: Run, baseline: Baseline, path: Path) -> list[str]:
    """The ids both hold. Raises ConfigError, see ``check_gate``."""
    gold = {one.query_id: gold_hash(one) for one in run.questions}
    shared = [query_id for query_id in gold if query_id in baseline.gold]
    changed = [query_id for query_id in shared if gold[query_id] != baseline.gold[query_id]]
    if changed:
        named = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise ConfigError(f"gold questions {named} changed since the baseline; {MEND}")
    if not shared:
        raise ConfigError(f"the baseline {path} holds none of the run's questions; {MEND}")
    return shared


def _only(ids: Iterable[str], values: Mapping[str, float]) -> dict[str, float]:
    return {query_id: values[query_id] for query_id in ids if query_id in values}


def _mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / len(values)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
