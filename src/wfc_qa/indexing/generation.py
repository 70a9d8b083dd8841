"""One immutable build of the index, and the pointer that says which one serves."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..adapters.faiss_index import VectorIndex
from ..adapters.tantivy_index import LexicalIndex
from ..adapters.vectors import FloatArray, IntArray
from ..errors import IndexCorruptError, IndexMissingError, WfcError
from ..types import Language
from .manifest import Manifest, find_damage, read_manifest, refuse_damage
from .store import Store

HalfArray = npt.NDArray[np.float16]

CURRENT = "CURRENT"
GENERATIONS = "generations"
STORE = "store.sqlite"
VECTORS = "vectors.faiss"
SENTENCES = "sentences.npy"
STARTS = "sentence-starts.npy"
LEXICAL = "lexical"
CENTRES = "centres.npz"
NAME = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Generation:
    """Open for reading. ``sentences`` is memory-mapped, shape ``(sentences, dim)``, half precision, centred and
    L2-normalised like the rows of ``vectors``; those of passage ``i`` are ``starts[i]:starts[i + 1]``; ``centres``
    maps a language to its mean passage vector."""

    folder: Path
    manifest: Manifest
    store: Store
    vectors: VectorIndex
    sentences: HalfArray
    starts: IntArray
    lexical: LexicalIndex
    centres: dict[Language, FloatArray]

    def close(self) -> None:
        self.store.close()


def current_generation(index_dir: Path) -> str | None:
    """Name of the generation that serves, if any."""
    try:
        name = (index_dir / CURRENT).read_text("utf-8", "replace").strip()
    except OSError:
        return None
    return name if NAME.fullmatch(name) else None


def switch_generation(index_dir: Path, name: str) -> None:
    """Point to ``name``, atomically and durably."""
    partial = index_dir / f".{CURRENT}.{os.getpid()}"
    with partial.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(index_dir / CURRENT)
    flush(index_dir)


def flush(path: Path) -> None:
    """Wait until ``path`` is on the disk: a file's content, a folder's names."""
    # Windows keeps a folder's names by itself, and flushes no file opened for reading.
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def generation_folder(index_dir: Path) -> Path:
    """Folder of the serving generation. Raises IndexMissingError."""
    name = current_generation(index_dir)
    if name is None or not (index_dir / GENERATIONS / name).is_dir():
        raise IndexMissingError(f"no index in {index_dir}; run `wfc-qa index build`")
    return index_dir / GENERATIONS / name


def open_generation(folder: Path, *, deep: bool = False) -> Generation:
    """Open a generation after checking its files by size and, where small or ``deep``, by hash.

    Raises IndexCorruptError or IndexMismatchError.
    """
    manifest = read_manifest(folder)
    refuse_damage(find_damage(manifest, folder, deep=deep), manifest.generation)
    try:
        store = Store(folder / STORE)
        store.counts()
        if deep and not store.check():
            refuse_damage([STORE], manifest.generation)
        with np.load(folder / CENTRES) as centres:
            means = {Language(name): centres[name] for name in centres.files}
        return Generation(
            folder=folder,
            manifest=manifest,
            store=store,
            vectors=VectorIndex.load(folder / VECTORS),
            sentences=np.load(folder / SENTENCES, mmap_mode="r"),
            starts=np.load(folder / STARTS, mmap_mode="r"),
            lexical=LexicalIndex.load(folder / LEXICAL),
            centres=means,
        )
    except WfcError:
        raise
    except Exception as error:
        # Each library has its own way to refuse a file; the reader needs only the mend.
        raise IndexCorruptError(
            f"generation {manifest.generation} cannot be opened ({type(error).__name__}); run `wfc-qa index build`"
        ) from error
