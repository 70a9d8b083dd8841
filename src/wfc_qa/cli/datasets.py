"""The commands that bring questions in and out: `wfc-qa eval check`, `import`, `export`, `trec`, `harvest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .evaluation import Bundle, Questions, RunFolder, eval_app
from .options import Docs, read_settings, show_progress

Form = Annotated[str, typer.Argument(help="squad (also CMRC 2018 and DRCD), beir or jsonl.")]


@eval_app.command("check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Gold files, one a split (default: eval/dev.jsonl and eval/test.jsonl)."),
    ] = None,
    documents: Docs = None,
) -> None:
    """Check gold questions against the documents: evidence, answers, leaks between splits, balance."""
    from ..adapters.encoders import open_encoder
    from ..evaluation.check import check_gold, count_kinds, in_batches
    from ..evaluation.places import load_splits
    from ..reading.collection import read_collection

    splits = load_splits(files or [])
    settings = read_settings(documents_dir=documents)
    encoder = open_encoder(settings)
    findings = check_gold(splits, read_collection(settings.documents_dir), in_batches(encoder.encode_queries))
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(count_kinds(splits))
    errors = sum(finding.severity == "error" for finding in findings)
    typer.echo(f"{errors} errors, {len(findings) - errors} warnings")
    if errors:
        raise typer.Exit(1)


@eval_app.command("import")
def import_(
    form: Form,
    source: Annotated[Path, typer.Argument(help="File of the data set; for beir its folder.")],
    target: Annotated[Path, typer.Argument(help="New folder of the evaluation bundle.")],
) -> None:
    """Make an evaluation bundle of a data set, with an index of its own; what cannot be read is listed and counted."""
    from ..evaluation.bundle import PROBLEMS_FILE, import_set
    from ..evaluation.places import open_bundle_engine

    settings = read_settings()
    with show_progress() as progress:
        bundle = import_set(form, source, target, progress)
        open_bundle_engine(settings, target, progress).close()
    counts = (f"{number:,} {name.replace('_', ' ')}" for name, number in bundle.counts.items())
    typer.echo(f"{target}: {', '.join(counts)}")
    if bundle.counts["left_out"]:
        typer.echo(f"what was left out, and why: {target / PROBLEMS_FILE}", err=True)


@eval_app.command("export")
def export(
    form: Form,
    target: Annotated[Path, typer.Argument(help="New file; for beir a new folder.")],
    questions: Questions = None,
    bundle: Bundle = None,
) -> None:
    """Write documents and questions in another form."""
    from ..evaluation.bundle import export_set
    from ..evaluation.places import read_set

    exported = export_set(*read_set(read_settings(), questions, bundle), form, target)
    typer.echo(f"{target}: {exported.questions:,} questions")
    for flaw in exported.left_out:
        typer.echo(f"left out: {flaw.record_id} {flaw.reason}", err=True)


@eval_app.command("trec")
def trec(
    folder: RunFolder,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write (default: the run's folder).")
    ] = None,
) -> None:
    """Write a run and its qrels in the TREC forms."""
    from ..evaluation.formats.trec import write_trec_qrels, write_trec_run
    from ..evaluation.record import load_run

    run, place = load_run(folder), output or folder
    write_trec_run(run, place / "run.trec")
    write_trec_qrels(run, place / "qrels.trec")
    typer.echo(f"{place / 'run.trec'}, {place / 'qrels.trec'}")


@eval_app.command("harvest")
def harvest(
    target: Annotated[
        Path | None, typer.Argument(help="File of candidates (default: candidates.jsonl in data_dir).")
    ] = None,
) -> None:
    """Turn questions with a thumbs-down into candidates for review; nothing is added to the gold questions."""
    from ..evaluation.harvest import harvest as gather
    from ..evaluation.places import load_splits
    from ..feedback import DATABASE

    folder = read_settings().data_dir
    gold = [question for split in load_splits([]).values() for question in split]
    found = gather(folder / DATABASE, gold, target or folder / "candidates.jsonl")
    typer.echo(
        f"{found.target}: {found.added} new candidates, {found.known} known already, {found.gold} in the gold set; "
        "fill in answers and evidence, then move them to a gold file"
    )
