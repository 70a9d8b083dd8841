"""What a report says of a summary: estimates as text, the rows of its tables, the headline in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .measures import MEASURES, Measure
from .record import Run
from .results import Estimate, Summary, Verdict
from .statistics import estimate_rate, find_clusters, holm

CATALOGUE = {measure.name: measure for measure in MEASURES}
SLICED = (
    "success@5",
    "rr@10",
    "answer_right",
    "correct_when_answered",
    "citation_precision",
    "wrong_figure",
    "abstention_recall",
)
PLAIN = (
    ("success@5", "all", "of the answerable questions have their proof among the first five paragraphs"),
    ("success@5", "cross", "of them where the proof stands only in the other language"),
    ("correct_when_answered", "all", "of the answers given are right"),
    ("coverage", "all", "of the answerable questions are answered"),
    ("abstention_recall", "all", "of the unanswerable questions are declined"),
    ("citation_precision", "all", "of the paragraphs cited belong to the answer"),
    (
        "wrong_figure",
        "all",
        "of all questions got a wrong answer with a figure that no gold paragraph it cites states",
    ),
)
SIGNIFICANT = 0.05
SUFFIX = {"share": "\N{NO-BREAK SPACE}%", "ms": "\N{NO-BREAK SPACE}ms", "score": ""}
MARKUP = re.compile(r"([\\\\`*_\[\]|~#])")
VERDICTS = {
    Verdict.RIGHT: "Right",
    Verdict.DECLINED: "Rightly declined",
    Verdict.MISSED: "Missed",
    Verdict.WRONG: "Wrong",
    Verdict.FALSE_ANSWER: "False answer",
    Verdict.FAILED: "Failed",
}


@dataclass(frozen=True, slots=True)
class Column:
    """What an ablation is told by: a measure over a part of the questions."""

    name: str
    measure: str
    part: str


ABLATED = (
    Column("success@5", "success@5", "all"),
    Column("rr@10", "rr@10", "all"),
    Column("cross success@5", "success@5", "cross"),
)


@dataclass(frozen=True, slots=True)
class Ablation:
    """A variant of the system: its estimates, and their paired differences (variant minus full system; none for the
    full system itself) with the p of each, all by the names of ``ABLATED``."""

    variant: str
    estimates: Mapping[str, Estimate]
    differences: Mapping[str, Estimate]
    p_values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """An estimate of a measure, ready to be shown."""

    measure: Measure
    estimate: Estimate

    @property
    def value(self) -> str:
        return show(self.estimate.value, self.measure.unit)

    @property
    def interval(self) -> str:
        return show_interval(self.estimate, self.measure.unit)


@dataclass(frozen=True, slots=True)
class Cell:
    """An estimate and its difference to the full system, both with intervals; ``word`` tells a significant one."""

    value: str
    interval: str
    difference: str = ""
    spread: str = ""
    word: str = ""

    def __str__(self) -> str:
        told = f"{self.value} ({self.interval})" if self.interval else self.value
        return f"{told}; {self.difference} ({self.spread}) {self.word}".rstrip() if self.difference else told


@dataclass(frozen=True, slots=True)
class Headline:
    line: Line
    says: str

    def __str__(self) -> str:
        return f"{self.line.value} ({self.line.interval}) {self.says}"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Questions in one language with their proof in another: how many proofs were among the first five, and how much
    of these five stood in the other language than the question."""

    found: Line
    other: Line | None

    def __str__(self) -> str:
        told = f"{self.found.value} ({self.found.interval})"
        if self.other is None:
            return told
        return f"{told}; {self.other.value} ({self.other.interval}) in the other language"


@dataclass(frozen=True, slots=True)
class Slice:
    """A kind or a language of questions: how many were handled well, and a line for each of ``SLICED`` that speaks of
    it."""

    name: str
    questions: int
    good: int
    handled: Estimate
    lines: tuple[Line | None, ...]

    @property
    def interval(self) -> str:
        """Of the share handled well, in per cent."""
        return show_interval(self.handled, "share")


def show(value: float, unit: str) -> str:
    """A ``share`` in per cent, ``ms`` with its unit, a ``score`` with three places."""
    return f"{_digits(value, unit)}{SUFFIX[unit]}"


def show_interval(estimate: Estimate, unit: str, sign: str = "") -> str:
    """Both ends: "92.1 to 98.0"; ``sign`` is "+" for a difference."""
    return f"{_digits(estimate.low, unit, sign)} to {_digits(estimate.high, unit, sign)}"


def show_difference(difference: Estimate, unit: str) -> str:
    """With its sign; shares in percentage points."""
    return _digits(difference.value, unit, "+")


def tell_difference(measure: Measure, difference: Estimate) -> str:
    """Either "better" or "worse" where the whole interval lies on one side of nothing, else empty."""
    if difference.low <= 0 <= difference.high:
        return ""
    return "better" if (difference.low > 0) == (measure.better == "higher") else "worse"


def ablation_rows(ablations: Sequence[Ablation]) -> list[tuple[str, list[Cell]]]:
    """Each variant with a cell a column; a dash where no question is asked for it. A difference is called better or
    worse only where Holm's p over all cells is below ``SIGNIFICANT``."""
    cells = [(one.variant, name, p) for one in ablations for name, p in one.p_values.items()]
    adjusted = holm([p for _, _, p in cells])
    significant = {cell[:2] for cell, p in zip(cells, adjusted, strict=True) if p < SIGNIFICANT}
    return [
        (one.variant, [_cell(one, column, (one.variant, column.name) in significant) for column in ABLATED])
        for one in ablations
    ]


def headlines(summary: Summary) -> list[Headline]:
    """What matters most, in plain words; what the summary does not hold is left out."""
    found = [(_line(summary, measure, part), says) for measure, part, says in PLAIN]
    return [Headline(line, says) for line, says in found if line]


def measure_lines(summary: Summary) -> list[Line]:
    """Every measure over all questions, in the order of the catalogue."""
    lines = [_line(summary, measure.name, "all") for measure in MEASURES]
    return [line for line in lines if line]


def slices(run: Run, summary: Summary, by: str) -> list[Slice]:
    """By "kind" or "language", the largest first."""
    members: dict[str, list[str]] = {}
    for question in run.questions:
        members.setdefault(getattr(question, by), []).append(question.query_id)
    clusters = find_clusters(run)
    return [
        _slice(summary, by, name, ids, clusters)
        for name, ids in sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def stage_lines(summary: Summary) -> list[tuple[str, Line, Line]]:
    """Each stage with the percentiles 50 and 95 of its time."""
    median, most = CATALOGUE["latency_p50"], CATALOGUE["latency_p95"]
    return [(one.name, Line(median, one.p50_ms), Line(most, one.p95_ms)) for one in summary.stages]


def matrix(summary: Summary) -> dict[str, dict[str, Crossing]]:
    """Question language to evidence language to how well it went."""
    cells: dict[str, dict[str, Crossing]] = {}
    for row in summary.rows:
        if row.measure == "success@5" and row.part.startswith("matrix:"):
            asked, _, proved = row.part.removeprefix("matrix:").partition(">")
            found = Line(CATALOGUE[row.measure], row.estimate)
            cells.setdefault(asked, {})[proved] = Crossing(
                found, _line(summary, "other_language@5", row.part)
            )
    return cells


def count_verdicts(summary: Summary) -> dict[Verdict, int]:
    """Of those that occur, best first."""
    counts = {verdict: sum(one is verdict for one in summary.verdicts.values()) for verdict in VERDICTS}
    return {verdict: count for verdict, count in counts.items() if count}


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Whatever a cell holds stays text: markup and column marks are escaped."""
    told = [[plain_markdown(text) for text in row] for row in (header, *rows)]
    lines = [told[0], ["---"] * len(header), *told[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def plain_markdown(text: str) -> str:
    """``text`` on one line that no reader of Markdown takes for markup."""
    return MARKUP.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;")


def _slice(summary: Summary, by: str, name: str, ids: Sequence[str], clusters: Mapping[str, int]) -> Slice:
    good = np.array([summary.verdicts[query_id].good for query_id in ids], np.float64)
    return Slice(
        name=name,
        questions=len(ids),
        good=int(good.sum()),
        handled=estimate_rate(good, np.array([clusters[query_id] for query_id in ids], np.int64)),
        lines=tuple(_line(summary, measure, f"{by}:{name}") for measure in SLICED),
    )


def _cell(ablation: Ablation, column: Column, significant: bool) -> Cell:
    measure = CATALOGUE[column.measure]
    estimate, difference = ablation.estimates.get(column.name), ablation.differences.get(column.name)
    if estimate is None:
        return Cell("–", "")
    cell = Cell(show(estimate.value, measure.unit), show_interval(estimate, measure.unit))
    if difference is None:
        return cell
    return replace(
        cell,
        difference=show_difference(difference, measure.unit),
        spread=show_interval(difference, measure.unit, "+"),
        word=tell_difference(measure, difference) if significant else "",
    )


def _line(summary: Summary, measure: str, part: str) -> Line | None:
    estimate = summary.find(measure, part)
    return Line(CATALOGUE[measure], estimate) if estimate and measure in CATALOGUE else None


def _digits(value: float, unit: str, sign: str = "") -> str:
    if unit == "ms":
        text = f"{value:{sign},.0f}" if abs(value) >= 10 else f"{value:{sign}.2g}"
    else:
        text = f"{100 * value:{sign}.1f}" if unit == "share" else f"{value:{sign}.3f}"
    rounded_away = not text.strip("+-0.")
    return text.lstrip("+-") if rounded_away else text.replace("-", "\N{MINUS SIGN}")
