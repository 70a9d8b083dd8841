"""The commands that measure and fit: `wfc-qa eval run`, `report`, `compare`, `gate`, `fit`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import IndexDir, read_settings, show_progress

if TYPE_CHECKING:
    from ..evaluation.record import Run
    from ..evaluation.results import Summary

eval_app = typer.Typer(no_args_is_help=True, help="Measure the system on gold questions, and fit it.")

Questions = Annotated[
    Path | None, typer.Option("--questions", help="Gold questions (default: the test split in eval/).")
]
Bundle = Annotated[
    Path | None,
    typer.Option("--bundle", help="An imported evaluation bundle instead of the home collection."),
]
Output = Annotated[
    Path | None, typer.Option("--output", help="Folder of the run (default: eval/runs/<time>).")
]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run.")]
FAST = 120


@eval_app.command("run")
def run(
    questions: Questions = None,
    bundle: Bundle = None,
    output: Output = None,
    index: IndexDir = None,
    target_risk: Annotated[float | None, typer.Option(help="Share of answers that may be wrong.")] = None,
    ablations: Annotated[
        bool, typer.Option(help="Also rank without each part of retrieval; fitted on the dev split.")
    ] = False,
) -> None:
    """Ask every gold question, measure the answers and write the report; a run stopped goes on where it was."""
    from ..errors import ConfigError
    from ..evaluation.ablation import ablate
    from ..evaluation.gold import load_gold
    from ..evaluation.places import open_set, run_folder
    from ..evaluation.report import write_report
    from ..evaluation.runner import run_questions
    from ..evaluation.summary import summarise

    asked = open_set(
        read_settings(index_dir=index, target_risk=target_risk), questions, bundle, show_progress
    )
    if ablations and not asked.fitted_on:
        raise ConfigError(
            "ablations are fitted on the dev split and measured on other questions of the home collection; "
            "leave out --ablations"
        )
    folder = output or run_folder(asked)
    with _bar("asking") as advance:
        done = run_questions(asked.engine, asked.questions, asked.digest, folder, advance)
    summary = summarise(done)
    page = write_report(done, summary, folder)
    if ablations and asked.fitted_on:
        typer.echo("ranking without each part of retrieval (a minute or two)", err=True)
        table = ablate(asked.engine, done, load_gold(asked.fitted_on)[0])
        page = write_report(done, summary, folder, table)
    asked.engine.close()
    _tell(done, summary)
    typer.echo(f"report: {page}")


@eval_app.command("report")
def report(folder: RunFolder) -> None:
    """Write the report of a run again."""
    from ..evaluation.record import load_run
    from ..evaluation.report import load_ablations, write_report
    from ..evaluation.summary import summarise

    done = load_run(folder)
    summary = summarise(done)
    typer.echo(f"report: {write_report(done, summary, folder, load_ablations(folder))}")


@eval_app.command("compare")
def compare(
    a: Annotated[Path, typer.Argument(help="Folder of the run to hold against.")],
    b: Annotated[Path, typer.Argument(help="Folder of the run whose gain is told.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write (default: folder b).")
    ] = None,
) -> None:
    """Show what differs between two runs on the same questions, with intervals, and whose verdict changed."""
    from ..evaluation.comparison import compare as hold
    from ..evaluation.record import load_run
    from ..evaluation.versus import comparison_text, write_comparison

    one, other = load_run(a), load_run(b)
    comparison = hold(one, other)
    typer.echo(comparison_text(comparison, one, other))
    typer.echo(f"page: {write_comparison(comparison, one, other, output or b)}")


@eval_app.command("gate")
def gate(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of a run; without one, a fast subset is asked now.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="The baseline (default: eval/baseline.json).")] = None,
    update: Annotated[bool, typer.Option("--update", help="Make this run the baseline.")] = False,
    index: IndexDir = None,
) -> None:
    """Fail when a measure is significantly worse than the baseline beyond its margin."""
    from ..errors import ConfigError
    from ..evaluation.gate import check_gate, write_baseline
    from ..evaluation.places import default_baseline, run_test
    from ..evaluation.record import load_run

    path = baseline or default_baseline()
    # A baseline is of the whole set; against it a part will do.
    most = None if update else FAST
    done = load_run(folder) if folder else run_test(read_settings(index_dir=index), most)
    if update:
        # What the new baseline loses against the old one is told, where the two can be compared.
        with suppress(ConfigError):
            typer.echo(str(check_gate(done, path)))
        typer.echo(f"baseline: {write_baseline(done, path)}")
        return
    result = check_gate(done, path)
    typer.echo(str(result))
    if not result.passed:
        raise typer.Exit(1)


@eval_app.command("fit")
def fit(
    questions: Annotated[
        Path | None, typer.Option("--questions", help="Gold questions to fit on (default: eval/dev.jsonl).")
    ] = None,
    bundles: Annotated[
        list[Path] | None, typer.Option("--with", help="A bundle to fit on besides; repeatable.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where to write (default: the calibration file in use).")
    ] = None,
    claims: Annotated[
        bool,
        typer.Option("--claims", help="Fit the verifier instead, on the claims of eval/claims.dev*.jsonl."),
    ] = False,
    index: IndexDir = None,
) -> None:
    """Fit fusion weights, sentence choice, abstention and language centres on gold questions, or the verifier on
    claims."""
    from ..evaluation.fit import fit_calibration
    from ..evaluation.fit_claims import fit_claims
    from ..evaluation.places import default_claims, default_dev

    settings = read_settings(index_dir=index)
    if claims:
        for line in fit_claims(settings, [questions] if questions else default_claims(), output):
            typer.echo(line)
        return
    for line in fit_calibration(settings, questions or default_dev(), bundles or [], output):
        typer.echo(line)


@eval_app.command("claims")
def claims(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of claims (default: eval/claims.dev*.jsonl).")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only the claims of this split.")] = None,
    misses: Annotated[bool, typer.Option("--misses", help="List what went wrong, of the dev split.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rates as JSON.")] = False,
    index: IndexDir = None,
) -> None:
    """Verify claims against the paragraphs they cite: how many errors are caught, how many true claims are doubted."""
    from ..engine import open_engine
    from ..evaluation.claims import cite_claims, judge_claims, load_splits, tell_misses, tell_rates
    from ..evaluation.places import default_claims
    from ..evaluation.tables import show, show_interval

    engine = open_engine(read_settings(index_dir=index))
    cited = cite_claims(engine, load_splits(files or default_claims(), split))
    with _bar("verifying") as advance:
        judged = judge_claims(engine, cited, advance)
    engine.close()
    rates = tell_rates(judged)
    if as_json:
        typer.echo(json.dumps([asdict(rate) for rate in rates], ensure_ascii=False, indent=2))
        return
    for rate in rates:
        share, interval = show(rate.doubted.value, "share"), show_interval(rate.doubted, "share")
        typer.echo(f"{rate.name:<24} {share:>7}  ({interval})  of {rate.doubted.n}")
    for line in tell_misses(judged) if misses else ():
        typer.echo(line)


def _tell(done: Run, summary: Summary) -> None:
    from ..evaluation.tables import headlines

    typer.echo(f"{len(done.questions)} questions in {done.stamp.seconds:.0f} s")
    for headline in headlines(summary):
        typer.echo(f"  {headline}")


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, silence elsewhere."""
    with show_progress() as progress:
        yield lambda done, total: progress(what, done, total)
