"""Two runs side by side: what differs significantly, and every question whose verdict changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..types import GoldQuestion
from .comparison import Comparison, Difference
from .pages import render, to_json, write_whole
from .record import Outcome, Run, Shown
from .report import stamp_rows
from .results import Verdict
from .tables import (
    CATALOGUE,
    SIGNIFICANT,
    VERDICTS,
    markdown_table,
    plain_markdown,
    show,
    show_difference,
    show_interval,
    tell_difference,
)


@dataclass(frozen=True, slots=True)
class Paired:
    """A measure of both runs as text; ``word`` is "better" or "worse" where Holm's p is significant, else empty."""

    title: str
    one: str
    other: str
    difference: str
    spread: str
    p: str
    holm: str
    word: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence and the names of the paragraphs it cites."""

    text: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a run made of a question: its sentences, or why there are none."""

    verdict: Verdict
    said: tuple[Spoken, ...]
    silent: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that each run was judged otherwise on."""

    question: GoldQuestion
    one: Told
    other: Told


def write_comparison(comparison: Comparison, run_a: Run, run_b: Run, folder: Path) -> Path:
    """Write compare.html, compare.md and compare.json into ``folder``; the page's path. Raises StorageError."""
    paired, changed = [_pair(one) for one in comparison.differences], _changed(comparison, run_a, run_b)
    told = _told(run_a, paired, changed)
    write_whole(folder / "compare.json", to_json(asdict(comparison), indent=1) + "\n")
    write_whole(folder / "compare.md", _markdown(comparison, told, paired, changed))
    page = render(
        "compare.html",
        one=comparison.a.name,
        other=comparison.b.name,
        told=told,
        stamps=[(stamp.name, stamp_rows(stamp)) for stamp in (comparison.a, comparison.b)],
        paired=paired,
        changed=changed,
        verdicts=VERDICTS,
    )
    return write_whole(folder / "compare.html", page)


def comparison_text(comparison: Comparison, run_a: Run, run_b: Run) -> str:
    """For a terminal: every measure that moved, and every verdict that changed, one a line."""
    paired, changed = [_pair(one) for one in comparison.differences], _changed(comparison, run_a, run_b)
    moved = [row for row, one in zip(paired, comparison.differences, strict=True) if one.a != one.b]
    measures = [
        f"  {row.title}: {row.one} to {row.other}; {row.difference} ({row.spread}), p by Holm {row.holm}"
        + (f", {row.word}" if row.word else "")
        for row in moved
    ]
    verdicts = [
        f"  {one.question.query_id} {VERDICTS[one.one.verdict]} to {VERDICTS[one.other.verdict]}: {one.question.text}"
        for one in changed
    ]
    return "\n".join((_told(run_a, paired, changed), *measures, *verdicts))


def _told(run: Run, paired: Sequence[Paired], changed: Sequence[Changed]) -> str:
    significant = sum(bool(one.word) for one in paired)
    return (
        f"The same {len(run.questions)} questions asked twice: {significant} of {len(paired)} measures differ "
        f"significantly, {len(changed)} verdicts changed."
    )


def _pair(one: Difference) -> Paired:
    measure = CATALOGUE[one.measure]
    return Paired(
        title=measure.title,
        one=show(one.a, measure.unit),
        other=show(one.b, measure.unit),
        difference=show_difference(one.difference, measure.unit),
        spread=show_interval(one.difference, measure.unit, "+"),
        p=f"{one.p:.4f}",
        holm=f"{one.p_holm:.4f}",
        word=tell_difference(measure, one.difference) if one.p_holm < SIGNIFICANT else "",
    )


def _changed(comparison: Comparison, run_a: Run, run_b: Run) -> list[Changed]:
    asked = {question.query_id: question for question in run_a.questions}
    got_a, got_b = ({one.query_id: one for one in run.outcomes} for run in (run_a, run_b))
    return [
        Changed(
            question=asked[change.query_id],
            one=_tell(run_a, got_a[change.query_id], change.a),
            other=_tell(run_b, got_b[change.query_id], change.b),
        )
        for change in comparison.changed
    ]


def _tell(run: Run, outcome: Outcome, verdict: Verdict) -> Told:
    said = tuple(
        Spoken(one.text, tuple(_place(run.paragraphs[name]) for name in one.cited))
        for one in outcome.sentences
    )
    why = outcome.failed or ": ".join((outcome.abstention.replace("_", " "), *outcome.missing))
    return Told(verdict, said, f"Declined: {why}" if why else "Nothing was said.")


def _place(paragraph: Shown) -> str:
    return f"{paragraph.title} ¶{paragraph.ordinal}"


def _markdown(comparison: Comparison, told: str, paired: Sequence[Paired], changed: Sequence[Changed]) -> str:
    a, b = comparison.a.name, comparison.b.name
    differences = [
        (row.title, row.one, row.other, f"{row.difference} ({row.spread})", row.p, row.holm, row.word)
        for row in paired
    ]
    verdicts = [
        (
            one.question.query_id,
            one.question.text,
            *(f"{VERDICTS[side.verdict]}: {_said(side)}" for side in (one.one, one.other)),
        )
        for one in changed
    ]
    sections = [f"# {plain_markdown(a)} and {plain_markdown(b)}\n\n{told}\n"]
    measured = ("Measure", a, b, "Difference (95 % interval)", "p", "p by Holm", "Significant")
    sections.append("## Paired differences\n\n" + markdown_table(measured, differences))
    if verdicts:
        sections.append(
            "## Verdicts that changed\n\n" + markdown_table(("Question", "Asked", a, b), verdicts)
        )
    return "\n".join(sections)


def _said(side: Told) -> str:
    return " ".join(one.text for one in side.said) or side.silent
