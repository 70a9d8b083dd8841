"""Commands, thin: each parses its flags, calls one function and prints what came back."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import __version__
from ..errors import WfcError
from ..types import Filters, Language
from . import datasets  # noqa: F401  (registers its commands)
from .access import key_app, site_app
from .evaluation import eval_app
from .options import Docs, IndexDir, Model, read_settings, show_progress
from .upkeep import openapi, purge

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
index_app = typer.Typer(no_args_is_help=True, help="Build, describe and check the index.")
app.add_typer(index_app, name="index")
app.command()(openapi)
app.command()(purge)
app.add_typer(eval_app, name="eval")
app.add_typer(site_app, name="site")
app.add_typer(key_app, name="key")

INTERRUPTED = 130
STDIN_BYTES = 16_000_000


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wfc-qa {__version__}")
        raise typer.Exit


@app.callback()
def wfc_qa(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask a document collection in Chinese or English; every sentence cites the paragraph that proves it."""


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; '-' reads it from standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    lang: Annotated[Language | None, typer.Option("--lang", help="Language to answer in.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="doc=ID, language=zh|en, from=YYYY-MM-DD, to=YYYY-MM-DD; repeatable."),
    ] = None,
    after: Annotated[
        list[str] | None,
        typer.Option("--after", help="An earlier question that this one follows; repeatable."),
    ] = None,
    index: IndexDir = None,
    model: Model = None,
) -> None:
    """Answer one question."""
    if question == "-":
        question = read_input(question).decode("utf-8", "replace")
    chosen, settings = parse_filters(filters or []), read_settings(index_dir=index, model=model)
    # Only now: what is wrong with a call is said before anything heavy is loaded.
    from ..engine import open_engine

    with closing(open_engine(settings)) as engine:
        if as_json:
            from ..serving.wire import answer_out

            answer = engine.ask(question, history=after or (), filters=chosen, language=lang)
            typer.echo(answer_out(answer, engine, "").model_dump_json(indent=2))
        else:
            from ..console import print_answer

            steps = engine.stream(question, history=after or (), filters=chosen, language=lang)
            print_answer(question, steps, engine)


@app.command()
def replay(
    receipt: Annotated[
        str, typer.Argument(help="JSON of an answer, as `ask --json` prints it; '-' reads standard input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as given now.")] = False,
    index: IndexDir = None,
) -> None:
    """Hold an answer again from its receipt: quotes asked again, a model's sentences proved again; what changed, with
    exit code 1."""
    raw, settings = read_input(receipt), read_settings(index_dir=index)
    from ..serving import replay as replaying

    found = replaying.replay(replaying.read_receipt(raw), settings)
    if as_json:
        typer.echo(found.answer.model_dump_json(indent=2))
    else:
        typer.echo(found.verdict)
        for line in found.changes:
            typer.echo(f"  {line}")
    for line in () if as_json else found.behind:
        typer.echo(f"behind it: {line}")
    if not found.identical:
        raise typer.Exit(1)


@index_app.command("build")
def build(documents: Docs = None, index: IndexDir = None, model: Model = None) -> None:
    """Read the documents and build the index; what is already embedded is not embedded again."""
    from ..builder import build_collection

    settings = read_settings(documents_dir=documents, index_dir=index, model=model)
    with show_progress() as progress:
        built, problems = build_collection(settings, progress)
    for problem in problems:
        typer.echo(f"left out: {problem.message}", err=True)
    state = "built and current" if built.fresh else "unchanged, already current"
    counts = ", ".join(f"{number:,} {name}" for name, number in built.counts.items())
    typer.echo(f"generation {built.generation} {state}: {counts}")
    if built.fresh:
        typer.echo("a server that is running takes it up by itself")


@index_app.command("info")
def info(index: IndexDir = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Describe the serving generation."""
    from dataclasses import asdict

    from ..indexing.generation import generation_folder
    from ..indexing.manifest import read_manifest

    folder = generation_folder(read_settings(index_dir=index).index_dir)
    manifest = read_manifest(folder)
    if as_json:
        typer.echo(json.dumps(asdict(manifest), ensure_ascii=False, indent=2))
        return
    size = sum(size for size, _ in manifest.files.values())
    built = datetime.fromisoformat(manifest.built).astimezone()
    typer.echo(
        f"generation  {manifest.generation}\nbuilt       {built:%Y-%m-%d %H:%M}\nmodel       {manifest.model}"
    )
    for name, number in manifest.counts.items():
        typer.echo(f"{name:<11} {number:,}")
    typer.echo(f"size        {size / 1e6:.1f} MB\nfolder      {folder}")


@index_app.command("verify")
def verify(index: IndexDir = None) -> None:
    """Check every file of the serving generation against its manifest."""
    from ..indexing.generation import generation_folder, open_generation

    folder = generation_folder(read_settings(index_dir=index).index_dir)
    generation = open_generation(folder, deep=True)
    generation.close()
    typer.echo(
        f"generation {generation.manifest.generation} is whole: {len(generation.manifest.files)} files checked"
    )


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    root_path: Annotated[
        str | None, typer.Option(help="Path prefix behind a reverse proxy, such as /qa.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; several need state_url.")] = None,
    index: IndexDir = None,
    model: Model = None,
) -> None:
    """Open the chat in the browser's reach."""
    from ..serving.app import serve as run

    flags = {"host": host, "port": port, "root_path": root_path, "workers": workers}
    run(read_settings(**flags, index_dir=index, model=model))


@app.command()
def mcp(index: IndexDir = None, model: Model = None) -> None:
    """Lend the tools ask, search and paragraph to an MCP client, over standard input and output."""
    from ..serving.mcp_door import check_installed

    check_installed()
    settings = read_settings(index_dir=index, model=model)
    from ..engine import open_engine
    from ..serving.mcp_server import serve_stdio

    with closing(open_engine(settings)) as engine:
        serve_stdio(engine)


@app.command()
def doctor(
    documents: Docs = None,
    index: IndexDir = None,
    model: Model = None,
    port: Annotated[int | None, typer.Option()] = None,
) -> None:
    """Check environment, model, index and port; each finding comes with its mend."""
    from ..doctor import examine
    from ..serving.access.examine import examine_access

    settings, ill = read_settings(documents_dir=documents, index_dir=index, model=model, port=port), False
    for finding in chain(examine(settings), examine_access(settings)):
        ill = ill or not finding.well
        typer.echo(f"{'ok  ' if finding.well else 'MEND'}  {finding.subject:<12} {finding.message}")
    if ill:
        raise typer.Exit(2)


@app.command("settings")
def showread_settings(
    markdown: Annotated[bool, typer.Option(help="Print the table of the README instead.")] = False,
) -> None:
    """Show every setting in effect, with its meaning and default."""
    from ..config import describe_settings

    if markdown:
        typer.echo("| setting | default | meaning |\n|---|---|---|")
        for row in describe_settings():
            typer.echo("| `{}` | {} | {} |".format(*row))
        return
    from ..serving.access.state import shown_url

    effective = read_settings()
    for name, default, meaning in describe_settings():
        value = getattr(effective, name)
        shown = shown_url(value) if name == "state_url" else value
        typer.echo(f"{name} = {shown}\n    {meaning}; default: {default.replace('`', '')}")


def read_input(name: str) -> bytes:
    """The file ``name``, or standard input for "-". Raises QuestionError."""
    from ..errors import QuestionError

    if name == "-":
        return sys.stdin.buffer.read(STDIN_BYTES)
    try:
        with Path(name).open("rb") as file:
            return file.read(STDIN_BYTES)
    except OSError as error:
        raise QuestionError(
            f"{name} cannot be read: {error.strerror}; give a file, or '-' for standard input"
        ) from None


def parse_filters(pairs: list[str]) -> Filters:
    """Filters from ``name=value`` pairs. Raises QuestionError."""
    from datetime import date

    from ..errors import QuestionError

    known: dict[str, Any] = {"doc": [], "language": None, "from": None, "to": None}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            if name == "doc" and value:
                known["doc"].append(value)
            elif name == "language":
                known["language"] = Language(value)
            elif name in {"from", "to"}:
                known[name] = date.fromisoformat(value)
            else:
                raise ValueError
        except ValueError:
            raise QuestionError(
                f"filter {pair!r} is not understood; use doc=ID, language=zh|en, from=YYYY-MM-DD or to=YYYY-MM-DD"
            ) from None
    return Filters(tuple(known["doc"]), known["language"], known["from"], known["to"])


def main() -> None:
    """Entry point: errors a user can mend are one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows its code.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except WfcError as error:
        typer.echo(f"wfc-qa: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    except (SystemExit, KeyboardInterrupt) as stop:
        # Typer turns an interrupt into this code.
        if isinstance(stop, KeyboardInterrupt) or stop.code == INTERRUPTED:
            typer.echo("wfc-qa: stopped; nothing was left half-written", err=True)
            sys.exit(INTERRUPTED)
        raise
