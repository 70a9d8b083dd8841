"""The report of a run: one page that stands alone, the same for a pull request, and the data of both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..types import Language
from .drill import drill_down
from .pages import island, render, to_json, write_whole
from .plots import Plot, draw_latency, draw_reliability, draw_risk_coverage, draw_shares
from .record import Run, Stamp
from .results import Estimate, Summary
from .tables import (
    ABLATED,
    CATALOGUE,
    SLICED,
    VERDICTS,
    Ablation,
    Line,
    ablation_rows,
    count_verdicts,
    headlines,
    markdown_table,
    matrix,
    measure_lines,
    plain_markdown,
    slices,
    stage_lines,
)

SPOKEN = {Language.ZH.value: "Chinese", Language.EN.value: "English", "both": "both"}
PROVED = ("zh", "en", "both")


def write_report(run: Run, summary: Summary, folder: Path, ablations: Sequence[Ablation] = ()) -> Path:
    """Write report.html, report.md and report.json into ``folder``; the page's path. Raises StorageError."""
    data = {
        "stamp": asdict(run.stamp),
        "summary": asdict(summary),
        "ablations": [asdict(one) for one in ablations],
    }
    write_whole(folder / "report.json", to_json(data, indent=1) + "\n")
    write_whole(folder / "report.md", _markdown(run, summary, ablations))
    return write_whole(folder / "report.html", _page(run, summary, ablations))


def load_ablations(folder: Path) -> list[Ablation]:
    """Those of the report that ``folder`` holds: they are measured with a run, not kept with it. None where there is
    no report, or one of another form."""
    try:
        rows = json.loads((folder / "report.json").read_text("utf-8"))["ablations"]
        return [
            Ablation(
                str(row["variant"]),
                _estimates(row["estimates"]),
                _estimates(row["differences"]),
                {name: float(p) for name, p in row.get("p_values", {}).items()},
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []


def _estimates(data: Mapping[str, Mapping[str, float]]) -> dict[str, Estimate]:
    return {
        name: Estimate(float(one["value"]), float(one["low"]), float(one["high"]), int(one["n"]))
        for name, one in data.items()
    }


def stamp_rows(stamp: Stamp) -> list[tuple[str, str]]:
    """What stood behind a run, named for readers."""
    return [
        ("Asked", f"{stamp.started.replace('T', ' ')}, in {stamp.seconds:.1f} s"),
        ("Gold questions", stamp.questions),
        ("Collection", stamp.collection),
        ("Generation", stamp.generation),
        ("Model", stamp.model),
        ("Prompts", stamp.prompts),
        ("Calibration", stamp.calibration),
        ("Settings", ", ".join(f"{name} {value}" for name, value in stamp.settings.items())),
        ("Code", stamp.code),
        ("Machine", stamp.machine),
    ]


def _page(run: Run, summary: Summary, ablations: Sequence[Ablation]) -> str:
    return render(
        "report.html",
        name=run.stamp.name,
        asked=_asked(run),
        stamp=stamp_rows(run.stamp),
        headlines=headlines(summary),
        verdicts=[(one.value, VERDICTS[one], count) for one, count in count_verdicts(summary).items()],
        plots=_plots(run, summary),
        matrix=matrix(summary),
        proofs=PROVED,
        spoken=SPOKEN,
        columns=[column.name for column in ABLATED],
        ablations=ablation_rows(ablations),
        lines=measure_lines(summary),
        stages=stage_lines(summary),
        kinds=slices(run, summary, "kind"),
        languages=slices(run, summary, "language"),
        sliced=[CATALOGUE[name].title for name in SLICED],
        data=island(drill_down(run, summary)),
    )


def _asked(run: Run) -> str:
    """What was measured, in a sentence."""
    spoken = Counter(question.language for question in run.questions)
    languages = ", ".join(f"{count} in {SPOKEN[language]}" for language, count in spoken.most_common())
    unanswerable = sum(not question.answerable for question in run.questions)
    return (
        f"{len(run.questions)} questions ({languages}; {unanswerable} that the collection cannot answer), "
        f"asked on {run.stamp.started[:10]} of a collection searched with {run.stamp.model.split(':')[0]}."
    )


def _plots(run: Run, summary: Summary) -> list[Plot]:
    """Those that the run has something to show in."""
    coverage, risk = summary.find("coverage"), summary.find("risk")
    kinds = sorted({question.kind for question in run.questions})
    handled = [(kind, _first(summary, kind, "answer_right", "abstention_recall")) for kind in kinds]
    found = [(kind, _first(summary, kind, "success@5")) for kind in kinds]
    plots = []
    if summary.curve:
        plots.append(draw_risk_coverage(summary.curve, coverage, risk))
    if summary.reliability:
        plots.append(draw_reliability(summary.reliability))
    if summary.stages:
        plots.append(draw_latency(summary.stages))
    for name, title, rows in (
        ("handled", "Answered right, or rightly declined", handled),
        ("found", "Proof among the first five", found),
    ):
        known = [(kind.replace("_", " "), estimate) for kind, estimate in rows if estimate]
        if known:
            plots.append(draw_shares(name, title, known))
    return plots


def _first(summary: Summary, kind: str, *measures: str) -> Estimate | None:
    """Of the first of ``measures`` that speaks of the kind."""
    found = (summary.find(measure, f"kind:{kind}") for measure in measures)
    return next(filter(None, found), None)


def _markdown(run: Run, summary: Summary, ablations: Sequence[Ablation]) -> str:
    """The page's tables for a pull request."""
    names = [CATALOGUE[name].title for name in SLICED]
    sections = [
        f"# {plain_markdown(run.stamp.name)}\n\n{plain_markdown(_asked(run))}\n",
        "".join(f"- **{one.line.value}** ({one.line.interval}) {one.says}\n" for one in headlines(summary)),
        "Verdicts: "
        + ", ".join(f"{VERDICTS[one].lower()} {count}" for one, count in count_verdicts(summary).items())
        + ".\n",
        "## Measures\n\n"
        + markdown_table(
            ("Measure", "Value", "95 % interval", "Questions"),
            [
                (line.measure.title, line.value, line.interval, str(line.estimate.n))
                for line in measure_lines(summary)
            ],
        ),
    ]
    if stages := [(name, _short(median), _short(most)) for name, median, most in stage_lines(summary)]:
        named = ("Stage", "Percentile 50", "Percentile 95")
        sections.append("## Time by stage\n\n" + markdown_table(named, stages))
    for title, by in (("By kind", "kind"), ("By language", "language")):
        rows = [
            (
                one.name.replace("_", " "),
                f"{one.good} of {one.questions} ({one.interval} %)",
                *(_short(line) for line in one.lines),
            )
            for one in slices(run, summary, by)
        ]
        sections.append(f"## {title}\n\n" + markdown_table(("Questions", "Handled well", *names), rows))
    if cells := matrix(summary):
        rows = [
            (SPOKEN.get(asked, asked), *(str(row.get(proved, "–")) for proved in PROVED))
            for asked, row in cells.items()
        ]
        header = ("Asked in", *(f"proof in {SPOKEN[proved]}" for proved in PROVED))
        sections.append("## Success at five across languages\n\n" + markdown_table(header, rows))
    if ablations:
        rows = [(variant, *map(str, cells)) for variant, cells in ablation_rows(ablations)]
        header = ("Variant; difference to the full system", *(column.name for column in ABLATED))
        sections.append("## Ablations\n\n" + markdown_table(header, rows))
    sections.append("## What stood behind it\n\n" + markdown_table(("", ""), stamp_rows(run.stamp)))
    return "\n".join(sections)


def _short(line: Line | None) -> str:
    return f"{line.value} ({line.interval})" if line else "–"
