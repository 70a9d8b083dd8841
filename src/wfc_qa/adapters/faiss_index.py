"""FAISS: inner-product search over the rows of one generation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from .vectors import FloatArray, IntArray

EXACT_UP_TO = 50_000
HNSW_NEIGHBOURS = 32
HNSW_EF_CONSTRUCTION = 120
HNSW_EF_SEARCH = 256
WRITE_BYTES = 1 << 20


class VectorIndex:
    """Row numbers are the order in which vectors were added, from 0."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: FloatArray, kind: Literal["auto", "flat", "hnsw"]) -> VectorIndex:
        """Index ``vectors``, shape ``(n, dim)``, rows L2-normalised."""
        import faiss

        rows, dim = vectors.shape
        index: Any
        if kind == "hnsw" or (kind == "auto" and rows > EXACT_UP_TO):
            index = faiss.IndexHNSWFlat(dim, HNSW_NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = HNSW_EF_CONSTRUCTION
            index.hnsw.efSearch = HNSW_EF_SEARCH
        else:
            index = faiss.IndexFlatIP(dim)
        if rows:
            index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Open a saved index; its vectors stay on disk until they are read. Raises ``RuntimeError``."""
        import faiss

        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def save(self, path: Path) -> None:
        """Raises ``OSError``."""
        import faiss

        # FAISS only prints what fails when it closes a file of its own.
        with path.open("wb") as file:
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write, WRITE_BYTES))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: FloatArray, k: int, rows: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """The nearest ``k`` rows and their scores, best first; only among ``rows`` when given."""
        import faiss

        if rows is not None and isinstance(self._index, faiss.IndexHNSW):
            # A graph walked through a narrow filter comes back with few rows or none.
            scores = self.vectors(rows) @ vector
            order = np.argsort(-scores, kind="stable")[:k]
            return rows[order], scores[order]
        # The selector must outlive the search: FAISS only borrows it.
        selector = None if rows is None else faiss.IDSelectorBatch(rows)
        parameters = None if rows is None else faiss.SearchParameters(sel=selector)
        found_scores, found = self._index.search(vector[None, :], min(k, len(self)) or 1, params=parameters)
        # FAISS pads with -1, which Python reads as the last row.
        kept = found[0] >= 0
        return found[0][kept], found_scores[0][kept]

    def vectors(self, rows: IntArray) -> FloatArray:
        """The stored vectors of ``rows``, shape ``(len(rows), dim)``."""
        if not len(rows):
            return np.empty((0, self._index.d), np.float32)
        return np.asarray(self._index.reconstruct_batch(rows), np.float32)
