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
from ..errors import IndexCorruptError, StorageError
from ..reading.collection import Collection
from .draft import Progress, draft_index, write_draft
from .generation import GENERATIONS, current_generation, open_generation, switch_generation
from .manifest import LAYOUT, Manifest, index_settings, measure_files, name_generation, write_manifest

LIBRARIES = ("faiss-cpu", "tantivy", "numpy", "onnxruntime", "sentence-transformers", "wfc-qa")
KEPT = 2


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
            target = index_dir / GENERATIONS / name
            if _whole(target):
                fresh = current_generation(index_dir) != name
                switch_generation(index_dir, name)
                return Built(name, target, fresh, draft.counts())
            _sweep(index_dir)
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
                _flush(partial)
                if target.exists():
                    shutil.rmtree(target)
                partial.rename(target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            # Readers follow the pointer, so it moves last.
            switch_generation(index_dir, name)
            _retire(index_dir, name)
    return Built(name, target, True, draft.counts())


def _whole(folder: Path) -> bool:
    """Whether ``folder`` already holds an undamaged generation."""
    if not folder.is_dir():
        return False
    try:
        open_generation(folder, deep=True).close()
    except IndexCorruptError:
        return False
    return True


def _sweep(index_dir: Path) -> None:
    """Remove what a killed build left; the lock says no other build runs."""
    for left in (index_dir / GENERATIONS).glob(".building-*"):
        shutil.rmtree(left, ignore_errors=True)


def _retire(index_dir: Path, current: str) -> None:
    """Keep the serving generation and the one before; open files of older ones stay readable until closed."""
    folders = [path for path in (index_dir / GENERATIONS).iterdir() if path.is_dir() and path.name != current]
    for old in sorted(folders, key=lambda path: -path.stat().st_mtime)[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _flush(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _storage(index_dir: Path) -> Iterator[None]:
    try:
        yield
    except Timeout:
        raise StorageError(f"another build of {index_dir} is running; wait for it to end") from None
    except (OSError, sqlite3.OperationalError, ValueError) as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        if full or "disk is full" in str(error) or "No space" in str(error):
            raise StorageError(
                f"no space left while building in {index_dir}; free some and run `wfc-qa index build` again "
                "(the previous index still serves)"
            ) from error
        if isinstance(error, OSError):
            raise StorageError(
                f"cannot write the index to {index_dir}: {error.strerror or error}; mend the folder or set index_dir"
            ) from error
        raise
