"""A llama-index vector store over FAISS: batch add, delete by document, metadata filters, persistence, async.

Search is exact cosine. What persists is one SQLite file of nodes, which names the FAISS file beside it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.indices.query.embedding_utils import get_top_k_mmr_embeddings
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)

from ..errors import IndexCorruptError, IndexMismatchError, IndexMissingError, StorageError
from .faiss_keyed import KeyedVectors
from .llama_rows import NodeRows
from .vectors import FloatArray, IntArray

# Maximal marginal relevance chooses among this many times the nodes it is to return.
MMR_PREFETCH = 4


class FaissVectorStore(BasePydanticVectorStore):  # type: ignore[misc]
    """Nodes with their text, metadata and embeddings; safe to share between threads.

    A node added again under its id replaces the earlier one. An empty store takes embeddings of any dimension.
    """

    stores_text: bool = True
    is_embedding_query: bool = True
    flat_metadata: bool = False

    _rows: NodeRows = PrivateAttr(default_factory=NodeRows)
    _vectors: KeyedVectors | None = PrivateAttr(default=None)
    _lock: Any = PrivateAttr(default_factory=threading.RLock)

    @classmethod
    def class_name(cls) -> str:
        return "FaissVectorStore"

    @property
    def client(self) -> Any:
        """The FAISS index; ``None`` while there is no node."""
        return None if self._vectors is None else self._vectors.index

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Add ``nodes``, which carry embeddings; returns their ids. Raises IndexMismatchError, ``ValueError``."""
        if not nodes:
            return []
        last = {node.node_id: node for node in nodes}
        with self._lock:
            vectors = self._matrix([node.get_embedding() for node in last.values()])
            store = KeyedVectors(vectors.shape[1]) if self._vectors is None else self._vectors

            def exchange(added: list[int], replaced: IntArray) -> None:
                store.add(added, vectors)
                store.remove(replaced)

            self._rows.add(list(last.values()), flat=self.flat_metadata, then=exchange)
            self._vectors = store
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Delete every node that came from document ``ref_doc_id``."""
        with self._lock:
            self._remove(self._rows.find(documents=[ref_doc_id]))

    def delete_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **_: Any
    ) -> None:
        """Delete the nodes that pass both; with neither, nothing: that is what ``clear`` is for."""
        with self._lock:
            self._remove(self._rows.find(filters, node_ids))

    def clear(self) -> None:
        """Delete every node."""
        with self._lock:
            self._rows.remove(self._rows.all())
            self._vectors = None

    def get_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        """The nodes that pass both, in the order they were added; all of them with neither."""
        with self._lock:
            rows = self._rows.find(filters, node_ids)
            return self._rows.nodes(self._rows.all() if rows is None else rows)

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """The nearest nodes that every restriction lets through, best first; modes DEFAULT and MMR.

        Similarities are cosines; those of MMR are its own scores. Raises ``ValueError`` for another mode.
        """
        if query.mode not in {VectorStoreQueryMode.DEFAULT, VectorStoreQueryMode.MMR}:
            raise ValueError(f"this vector store searches in mode default or mmr, not {query.mode.value}")
        if query.query_embedding is None:
            raise ValueError("a vector query needs a query_embedding")
        with self._lock:
            vector = self._matrix([query.query_embedding])[0]
            # The retriever of an index that keeps no nodes itself sends an empty list and means no restriction.
            allowed = self._rows.find(query.filters, query.node_ids or None, query.doc_ids or None)
            rows, scores = self._search(vector, query, allowed, kwargs)
            nodes = self._rows.nodes(rows)
        return VectorStoreQueryResult(nodes, scores, [node.node_id for node in nodes])

    def persist(self, persist_path: str, fs: Any = None) -> None:
        """Write to ``persist_path`` and a FAISS file beside it; a crash leaves what was there. Raises StorageError."""
        _refuse_remote(fs)
        path = Path(persist_path)
        name = f"{path.name}.{secrets.token_hex(8)}"
        partial, vectors = path.with_name(f"{name}.partial"), path.with_name(f"{name}.faiss")
        with self._lock, _storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                (KeyedVectors(1) if self._vectors is None else self._vectors).save(vectors)
                self._rows.save(partial, vectors.name)
                for written in (vectors, partial):
                    _flush(written)
                # Readers follow the name in this file, so it moves last.
                partial.replace(path)
            except BaseException:
                vectors.unlink(missing_ok=True)
                partial.unlink(missing_ok=True)
                raise
            for old in path.parent.iterdir():
                if old.name.startswith(f"{path.name}.") and old.suffix == ".faiss" and old != vectors:
                    old.unlink(missing_ok=True)

    @classmethod
    def from_persist_path(cls, persist_path: str, fs: Any = None) -> FaissVectorStore:
        """Open what ``persist`` wrote. Raises IndexMissingError or IndexCorruptError."""
        _refuse_remote(fs)
        path = Path(persist_path)
        if not path.is_file():
            raise IndexMissingError(f"no vector store at {path}; persist one there first")
        store = cls()
        try:
            store._rows, name = NodeRows.load(path)
            vectors = KeyedVectors.load(path.with_name(name))
        except (sqlite3.Error, RuntimeError, OSError, ValueError) as error:
            raise IndexCorruptError(
                f"vector store {path} cannot be opened ({type(error).__name__}); build and persist it again"
            ) from error
        if len(vectors) != len(store._rows):
            raise IndexCorruptError(
                f"vector store {path} has {len(store._rows)} nodes but {len(vectors)} vectors; "
                "build and persist it again"
            )
        store._vectors = vectors if len(vectors) else None
        return store

    async def async_add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        return await asyncio.to_thread(self.add, nodes, **kwargs)

    async def adelete(self, ref_doc_id: str, **kwargs: Any) -> None:
        await asyncio.to_thread(self.delete, ref_doc_id, **kwargs)

    async def adelete_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **kwargs: Any
    ) -> None:
        await asyncio.to_thread(self.delete_nodes, node_ids, filters, **kwargs)

    async def aclear(self) -> None:
        await asyncio.to_thread(self.clear)

    async def aget_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        return await asyncio.to_thread(self.get_nodes, node_ids, filters)

    async def aquery(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        return await asyncio.to_thread(self.query, query, **kwargs)

    def _matrix(self, embeddings: Sequence[Sequence[float]]) -> FloatArray:
        """Embeddings as ``(n, dim)``. Raises IndexMismatchError where they differ from those stored."""
        wanted = len(embeddings[0]) if self._vectors is None else self._vectors.dim
        if odd := next((len(row) for row in embeddings if len(row) != wanted or not row), None):
            raise IndexMismatchError(
                f"vectors here have {wanted} dimensions, one given has {odd}; use the same embedding model or clear()"
            )
        return np.array(embeddings, np.float32)

    def _search(
        self,
        vector: FloatArray,
        query: VectorStoreQuery,
        allowed: IntArray | None,
        kwargs: dict[str, Any],
    ) -> tuple[IntArray, list[float]]:
        if self._vectors is None:
            return np.empty(0, np.int64), []
        k = query.similarity_top_k
        if query.mode is VectorStoreQueryMode.DEFAULT:
            rows, scores = self._vectors.search(vector, k, allowed)
            return rows, scores.tolist()
        prefetch = int(kwargs.get("mmr_prefetch_factor", MMR_PREFETCH) * k)
        rows, _ = self._vectors.search(vector, max(prefetch, k), allowed)
        threshold = kwargs.get("mmr_threshold", query.mmr_threshold)
        scores, chosen = get_top_k_mmr_embeddings(
            vector.tolist(),
            self._vectors.vectors(rows).tolist(),
            similarity_top_k=k,
            embedding_ids=list(range(len(rows))),
            mmr_threshold=threshold,
        )
        return rows[np.array(chosen, np.int64)], [float(score) for score in scores]

    def _remove(self, rows: IntArray | None) -> None:
        if rows is None or not len(rows) or self._vectors is None:
            return
        self._rows.remove(rows)
        self._vectors.remove(rows)
        if not len(self._vectors):
            self._vectors = None


def _refuse_remote(fs: Any) -> None:
    if fs is not None and "file" not in np.atleast_1d(fs.protocol):
        raise StorageError("this vector store persists to local files only; leave out fs")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _storage(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError, RuntimeError) as error:
        raise StorageError(
            f"cannot persist the vector store to {path} ({error}); free space or mend the folder"
        ) from error
