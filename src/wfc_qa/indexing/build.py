"""Documents in, a new generation out; the old one serves until the new one is whole."""

from __future__ import annotations

import errno
import importlib.metadata
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ..adapters.encoders import Encoder
from ..config import Settings
from ..errors import IndexCorruptError, IndexMismatchError, StorageError
from ..reading.collection import Collection
from .draft import Progress, draft_index, write_draft
from .generation import (
    CURRENT,
    GENERATIONS,
    current_generation,
    flush,
    open_generation,
    switch_generation,
)
from .manifest import LAYOUT, Manifest, index_settings, measure_files, name_generation, write_manifest

LIBRARIES = ("faiss-cpu", "tantivy", "numpy", "onnxruntime", "sentence-transformers", "wfc-qa")
KEPT = 2
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Where a library passes no number on: SQLite, tantivy, numpy.
FULL_SIGNS = ("disk is full", "No space left", "File too large", "requested and")


@dataclass(frozen=True, slots=True)
class Built:
    """``fresh`` is false when the serving generation already was what the documents make."""

    generation: str
    folder: Path
    fresh: bool
    counts: Mapping[str, int]


def build_index(
    settings: Settings,
    collection: Collection,
    encoder: Encoder,
    prior: Mapping[str, Sequence[float]],
    progress: Progress = lambda step, done, total: None,
) -> Built:
    """Build the generation that ``collection`` makes and switch to it.

    ``prior`` maps a language to a fitted mean vector of the same model. Raises StorageError when the disk is full
    or another build runs; a crash at any moment leaves the old generation serving.
    """
    index_dir = settings.index_dir
    documents = {d.doc_id: d.sha256 for d in collection.documents}
    inputs = index_settings(settings, prior)
    draft = draft_index(collection, encoder)
    name = name_generation(draft.content(), encoder.model_id, inputs)
    with _storage(index_dir):
        index_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(index_dir / ".lock", timeout=0):
            _sweep(index_dir)
            target, before = index_dir / GENERATIONS / name, current_generation(index_dir)
            if _whole(target):
                if before != name:
                    switch_generation(index_dir, name)
                return Built(name, target, before != name, draft.counts())
            partial = index_dir / GENERATIONS / f".building-{os.getpid()}"
            partial.mkdir(parents=True)
            try:
                write_draft(draft, partial, encoder, settings, prior, progress)
                write_manifest(
                    Manifest(
                        generation=name,
                        layout=LAYOUT,
                        built=datetime.now(UTC).isoformat(timespec="seconds"),
                        model=encoder.model_id,
                        dim=encoder.dim,
                        settings=inputs,
                        libraries={library: importlib.metadata.version(library) for library in LIBRARIES},
                        documents=documents,
                        counts=draft.counts(),
                        files=measure_files(partial),
                    ),
                    partial,
                )
                for path in (*partial.rglob("*"), partial):
                    flush(path)
                if target.exists():
                    _discard(target)
                partial.rename(target)
                flush(target.parent)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            # Readers follow the pointer, so it moves last.
            switch_generation(index_dir, name)
            _retire(index_dir, name, before)
    return Built(name, target, True, draft.counts())


def _whole(folder: Path) -> bool:
    """Whether ``folder`` already holds an undamaged generation."""
    if not folder.is_dir():
        return False
    try:
        open_generation(folder, deep=True).close()
    except (IndexCorruptError, IndexMismatchError):
        return False
    return True


def _sweep(index_dir: Path) -> None:
    """Remove what a killed build left; the lock says no other build runs."""
    for left in (index_dir / GENERATIONS).glob(".*"):
        shutil.rmtree(left, ignore_errors=True)
    for pointer in index_dir.glob(f".{CURRENT}.*"):
        pointer.unlink()


def _retire(index_dir: Path, current: str, before: str | None) -> None:
    """Keep the serving generation and the one before; open files of older ones stay readable until closed."""
    folders = [path for path in (index_dir / GENERATIONS).iterdir() if path.is_dir() and path.name != current]
    for old in sorted(folders, key=lambda path: (path.name != before, -path.stat().st_mtime))[KEPT - 1 :]:
        _discard(old)


def _discard(folder: Path) -> None:
    """Remove ``folder``; it loses its name first, so that no half of it is ever taken for a generation."""
    gone = folder.rename(folder.with_name(f".gone-{folder.name}"))
    shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def _storage(index_dir: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise StorageError(f"another build of {index_dir} is running; wait for it to end") from None
    except (OSError, sqlite3.DatabaseError) as error:
        if getattr(error, "errno", None) in FULL or any(sign in str(error) for sign in FULL_SIGNS):
            raise StorageError(
                f"no space left while building in {index_dir}; free some and run `wfc-qa index build` again "
                "(the previous index still serves)"
            ) from error
        where = getattr(error, "filename", None) or index_dir
        raise StorageError(
            f"cannot write the index to {where}: {getattr(error, 'strerror', None) or error}; "
            "mend the folder or set index_dir"
        ) from error
