"""FAISS: exact cosine search over vectors under keys that stay when others are added or removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .vectors import FloatArray, IntArray

WRITE_BYTES = 1 << 20


class KeyedVectors:
    """Vectors of one dimension, scaled to unit length on the way in; keys are 64-bit integers, each used once."""

    def __init__(self, dim: int, index: Any = None) -> None:
        import faiss

        self.dim = dim
        self.index = index or faiss.IndexIDMap2(faiss.IndexFlatIP(dim))

    @classmethod
    def load(cls, path: Path) -> KeyedVectors:
        """Open what ``save`` wrote. Raises ``RuntimeError``."""
        import faiss

        index = faiss.read_index(str(path))
        return cls(index.d, index)

    def save(self, path: Path) -> None:
        """Raises ``OSError``."""
        import faiss

        # FAISS only prints what fails when it closes a file of its own.
        with path.open("wb") as file:
            faiss.write_index(self.index, faiss.PyCallbackIOWriter(file.write, WRITE_BYTES))

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def add(self, keys: Sequence[int], vectors: FloatArray) -> None:
        """Add ``vectors``, shape ``(len(keys), dim)``, in one call."""
        if len(keys):
            self.index.add_with_ids(scale_rows(vectors), np.array(keys, np.int64))

    def remove(self, keys: Sequence[int] | IntArray) -> None:
        """Remove what is under ``keys``; unknown keys do not matter."""
        if len(keys):
            self.index.remove_ids(np.array(keys, np.int64))

    def search(self, vector: FloatArray, k: int, keys: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """The ``k`` nearest keys and their cosines, best first, ties by key; only among ``keys`` when given."""
        import faiss

        k = min(k, len(self) if keys is None else len(keys))
        if k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        # The selector must outlive the search: FAISS only borrows it.
        selector = None if keys is None else faiss.IDSelectorBatch(keys)
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)
        scores, found = self.index.search(scale_rows(vector[None, :]), k, params=parameters)
        # FAISS pads with -1 where fewer than k were found.
        kept = np.flatnonzero(found[0] >= 0)
        order = kept[np.lexsort((found[0][kept], -scores[0][kept]))]
        return found[0][order], scores[0][order]

    def vectors(self, keys: IntArray) -> FloatArray:
        """The unit vectors under ``keys``, shape ``(len(keys), dim)``. Raises ``RuntimeError`` for an unknown key."""
        if not len(keys):
            return np.empty((0, self.dim), np.float32)
        return np.asarray(self.index.reconstruct_batch(keys), np.float32)


def scale_rows(vectors: FloatArray) -> FloatArray:
    """Rows at unit length; a zero row stays zero. Shape kept."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(norms > 0, norms, 1), np.float32)
