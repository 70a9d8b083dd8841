"""Documents in, a new generation out; the old one serves until the new one is whole."""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from ..adapters.encoders import Encoder
from ..adapters.faiss_index import VectorIndex
from ..adapters.tantivy_index import LexicalIndex
from ..config import Settings
from ..errors import IndexCorruptError, StorageError
from ..reading.collection import Collection
from ..text.terms import lexical_terms
from ..types import Language
from .cache import EmbeddingCache
from .generation import (
    CENTRES,
    GENERATIONS,
    LEXICAL,
    SENTENCES,
    STARTS,
    STORE,
    VECTORS,
    current_generation,
    open_generation,
    switch_generation,
)
from .manifest import LAYOUT, Manifest, measure_files, name_generation, write_manifest
from .passages import cut_passages
from .store import write_store

FloatArray = npt.NDArray[np.float32]
LIBRARIES = ("faiss-cpu", "tantivy", "numpy", "onnxruntime", "sentence-transformers", "wfc-qa")
# A mean over fewer passages than this leans on the fitted one (design.md: 20 suffice).
CENTRE_PRIOR = 20
KEPT = 2

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """``fresh`` is false when the serving generation already was what the documents make."""

    generation: str
    folder: Path
    fresh: bool
    counts: Mapping[str, int]


def index_settings(settings: Settings, centres: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What of the settings a generation depends on."""
    prior = hashlib.sha256(json.dumps(sorted(centres.items())).encode()).hexdigest()[:16]
    return {"vector_index": settings.vector_index, "prior_centres": prior}


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
    name = name_generation(documents, encoder.model_id, inputs)
    with _storage(index_dir):
        index_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(index_dir / ".lock", timeout=0):
            target = index_dir / GENERATIONS / name
            if _whole(target):
                fresh = current_generation(index_dir) != name
                switch_generation(index_dir, name)
                return Built(name, target, fresh, open_generation(target).manifest.counts)
            _sweep(index_dir)
            partial = index_dir / GENERATIONS / f".building-{os.getpid()}"
            partial.mkdir(parents=True)
            try:
                counts = _write(partial, collection, encoder, settings, prior, progress)
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
                        counts=counts,
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
    return Built(name, target, True, counts)


def _write(
    folder: Path,
    collection: Collection,
    encoder: Encoder,
    settings: Settings,
    prior: Mapping[str, Sequence[float]],
    progress: Progress,
) -> dict[str, int]:
    by_document: dict[str, list[Any]] = {d.doc_id: [] for d in collection.documents}
    for paragraph in collection.paragraphs:
        by_document[paragraph.doc_id].append(paragraph)
    entries = [
        entry
        for document in collection.documents
        for entry in cut_passages(
            document, by_document[document.doc_id], encoder.count_tokens, encoder.max_tokens
        )
    ]
    texts = {d.doc_id: d.text for d in collection.documents}
    documents = {d.doc_id: row for row, d in enumerate(collection.documents)}
    homes = {p.paragraph_id: p.doc_id for p in collection.paragraphs}
    quotable = [
        (entry.language, span.of(texts[homes[entry.passage.paragraph_id]]))
        for entry in entries
        for span in entry.sentences
    ]
    write_store(folder / STORE, collection.documents, collection.paragraphs, entries)
    LexicalIndex.build(
        folder / LEXICAL,
        (
            (row, documents[homes[entry.passage.paragraph_id]], lexical_terms(entry.indexed))
            for row, entry in enumerate(entries)
        ),
    )
    passages, sentences = _embed(
        [entry.indexed for entry in entries], [text for _, text in quotable], encoder, settings, progress
    )
    languages = np.array([entry.language.value for entry in entries])
    centres = find_centres(passages, languages, prior)
    VectorIndex.build(centre(passages, languages, centres), settings.vector_index).save(folder / VECTORS)
    spoken = np.array([language.value for language, _ in quotable])
    means = find_centres(sentences, spoken, prior)
    np.save(folder / SENTENCES, centre(sentences, spoken, means).astype(np.float16))
    starts = np.cumsum([0, *(len(entry.sentences) for entry in entries)])
    np.save(folder / STARTS, starts.astype(np.int64))
    np.savez(folder / CENTRES, **{language.value: mean for language, mean in centres.items()})
    return {
        "documents": len(documents),
        "paragraphs": len(collection.paragraphs),
        "passages": len(entries),
        "sentences": len(quotable),
    }


def _embed(
    passages: Sequence[str],
    sentences: Sequence[str],
    encoder: Encoder,
    settings: Settings,
    progress: Progress,
) -> tuple[FloatArray, FloatArray]:
    """Passages and sentences in one sweep: texts of like length share a batch."""
    total = len(passages) + len(sentences)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress("embedding", done, total)

    with EmbeddingCache(settings.cache_dir / "embeddings.sqlite", encoder.model_id) as cache:
        vectors = cache.embed([*passages, *sentences], encoder.dim, encoder.encode_passages, advance)
    return vectors[: len(passages)], vectors[len(passages) :]


def find_centres(
    vectors: FloatArray, languages: npt.NDArray[np.str_], prior: Mapping[str, Sequence[float]]
) -> dict[Language, FloatArray]:
    """Mean vector of each language, leaning on ``prior`` (else zero) where there are few."""
    centres = {}
    for language in Language:
        own = vectors[languages == language.value]
        lean = np.array(prior.get(language.value) or [0.0] * vectors.shape[1], np.float32)
        centres[language] = ((own.sum(0) + CENTRE_PRIOR * lean) / (len(own) + CENTRE_PRIOR)).astype(
            np.float32
        )
    return centres


def centre(
    vectors: FloatArray, languages: npt.NDArray[np.str_], centres: Mapping[Language, FloatArray]
) -> FloatArray:
    """Subtract each row's language centre and scale to unit length; shape kept."""
    moved = vectors.copy()
    for language, mean in centres.items():
        moved[languages == language.value] -= mean
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(norms, 1e-9), np.float32)


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
