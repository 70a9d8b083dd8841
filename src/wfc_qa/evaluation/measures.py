"""The catalogue: every measure with its formula and source, read from ``measures.toml``; and the scores of a run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..types import Score
from .judge import judge
from .ranking import balance_scores, rank_scores
from .record import Run

INTRODUCTION = """# Measures

Made of `evaluation/measures.toml` by `describe_measures()`; change it there.

- A **proof** is a gold paragraph of grade 2 or more, or of grade 1 for a question that has none better. **Gold** is any
  grade from 1.
- A measure is the mean over the questions it speaks of ("over"). One of these that got nothing scores 0.
- Sets that accept no wording (retrieval only) are ranked, and their citations checked; nothing else is said of them.
- **Intervals** are 95 %. Answerable questions with the same proof (the first by name, where there are several) form a
  cluster; any other question stands alone. Clusters are drawn with replacement, 10,000 times from a fixed seed. A mean
  is the ratio of the drawn sums to the drawn counts; its interval runs from percentile 2.5 to 97.5.
- A measure whose scores are all 0 or 1 is a rate: it gets Wilson's interval (1927) at its effective size, p (1 - p)
  over the variance between clusters (Kish 1965), at most the number of questions. Where nothing varies, the effective
  size is the number of clusters; so it is for a mean whose draws do not spread.
- **Comparisons** are paired: the same draws of clusters for both runs, and a permutation test in which each cluster's
  two outcomes change sides by the toss of a coin, p = (b + 1) / (10,000 + 1) (Phipson & Smyth 2010), adjusted over all
  measures by Holm (1979). Measures of the confidence and of latency are not compared: they are no means over questions;
  nor is risk, which is 1 minus what `correct_when_answered` tells.
"""
HEADER = "| name | title | definition | over | unit | source |\n|---|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Measure:
    """``scope`` says which questions count; ``source`` who defined it, or the library that computes it."""

    name: str
    title: str
    formula: str
    source: str
    better: Literal["higher", "lower"]
    unit: Literal["share", "ms", "score"]
    scope: str


def score_questions(run: Run) -> tuple[Score, ...]:
    """Every measure of every question that it speaks of; a question without an outcome scores 0, never nothing."""
    texts = {name: paragraph.text for name, paragraph in run.paragraphs.items()}
    judged = [
        Score(question.query_id, measure, value)
        for question, outcome in zip(run.questions, run.outcomes, strict=True)
        for measure, value in judge(question, outcome, texts).items()
    ]
    return (*rank_scores(run), *balance_scores(run), *judged)


def describe_measures() -> str:
    """The catalogue as a page in Markdown."""
    sections = [INTRODUCTION]
    for title, measures in GROUPS.items():
        rows = "".join(_row(measure) for measure in measures)
        sections.append(f"## {title}\n\n{HEADER}{rows}")
    return "\n".join(sections)


def _row(one: Measure) -> str:
    cells = (
        f"`{one.name}`",
        one.title,
        one.formula,
        one.scope,
        f"{one.unit}, {one.better} is better",
        one.source,
    )
    return f"| {' | '.join(cells)} |\n"


def _read_catalogue() -> Mapping[str, tuple[Measure, ...]]:
    text = Path(__file__).with_name("measures.toml").read_text("utf-8")
    return {title: tuple(Measure(**row) for row in rows) for title, rows in tomllib.loads(text).items()}


GROUPS = _read_catalogue()
MEASURES = tuple(measure for group in GROUPS.values() for measure in group)
