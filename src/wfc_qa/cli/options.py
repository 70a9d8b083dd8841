"""What commands share: options, settings, a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..config import Settings
    from ..indexing.draft import Progress

Docs = Annotated[
    Path | None, typer.Option("--documents", help="Folder of documents (default: the home collection).")
]
IndexDir = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
Model = Annotated[str | None, typer.Option("--model", help="'bundled', a model folder, or a hub name.")]


def read_settings(**flags: Any) -> Settings:
    from ..config import load_settings

    return load_settings(**flags)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """A bar on a terminal, silence elsewhere."""
    from tqdm import tqdm

    with tqdm(unit="text", disable=not sys.stderr.isatty(), leave=False) as bar:

        def advance(step: str, done: int, total: int) -> None:
            bar.total = total
            bar.set_description(step)
            bar.update(done - bar.n)

        yield advance
