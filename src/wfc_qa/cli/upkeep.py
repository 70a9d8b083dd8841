"""``wfc-qa openapi`` and ``wfc-qa purge``."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from .options import IndexDir, read_settings


def openapi(index: IndexDir = None) -> None:
    """Print the OpenAPI document, with examples made by asking the index."""
    settings = read_settings(index_dir=index)
    from ..engine import open_engine
    from ..serving.openapi import describe
    from ..serving.openapi_examples import add_examples

    with closing(open_engine(settings)) as engine:
        document = describe()
        add_examples(document, engine)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


def purge(
    older_than: Annotated[
        int | None, typer.Option("--older-than", min=0, metavar="DAYS", help="Only what is older.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Whatever its age.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what is kept of answers (counts, conversations, feedback), so that the disk holds nothing of it."""
    from ..errors import ConfigError

    settings = read_settings()
    if everything and older_than is not None:
        raise ConfigError("--all and --older-than exclude each other; give one")
    days = settings.keep_days if older_than is None else older_than
    what = "everything kept of answers" if everything else f"what is older than {days} days"
    if not yes:
        typer.confirm(f"Delete {what} in {settings.data_dir}?", abort=True)
    from ..feedback import DATABASE as FEEDBACK
    from ..feedback import FeedbackStore
    from ..serving.observing.keeper import forget
    from ..serving.observing.kept import DATABASE, KeptStore

    before = None if everything else datetime.now(UTC) - timedelta(days=days)
    store, feedback = KeptStore(settings.data_dir / DATABASE), FeedbackStore(settings.data_dir / FEEDBACK)
    typer.echo(f"{forget(store, feedback, before):,} rows deleted")
