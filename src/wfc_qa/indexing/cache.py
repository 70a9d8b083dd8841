"""Embeddings already made, by the content they were made from."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..adapters.vectors import FloatArray
from ..errors import StorageError

T = TypeVar("T")
Encode = Callable[[Sequence[str]], FloatArray]
# Between two commits: what an interrupted build can lose.
CHUNK = 512


class EmbeddingCache:
    """SQLite file of float32 vectors keyed by SHA-256 of model and text; begun anew where it is damaged.

    Raises StorageError when it cannot be written.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self._path = path
        self._model = model_id
        self._base = self._guard(self._open)

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def embed(
        self,
        texts: Sequence[str],
        dim: int,
        encode: Encode,
        progress: Callable[[int], None] = lambda done: None,
    ) -> FloatArray:
        """Vectors of ``texts``, shape ``(n, dim)``; only texts not seen before are encoded."""
        first: dict[bytes, int] = {}
        rows = [first.setdefault(self._key(text), len(first)) for text in texts]
        text_of = dict(zip(reversed(rows), reversed(texts), strict=True))
        # Filled in place: beside a large collection there is no room for its vectors twice.
        vectors = np.empty((len(first), dim), np.float32)
        known = self._guard(partial(self._read, first, vectors))
        missing = [(key, row) for key, row in first.items() if not known[row]]
        progress(len(rows) - len(missing))
        # Neighbours in length share a batch: least padding, whatever the chunk.
        missing.sort(key=lambda item: -len(text_of[item[1]]))
        for start in range(0, len(missing), CHUNK):
            part = missing[start : start + CHUNK]
            fresh = encode([text_of[row] for _, row in part])
            vectors[[row for _, row in part]] = fresh
            self._guard(partial(self._write, [key for key, _ in part], fresh))
            progress(len(part))
        return vectors if len(first) == len(rows) else vectors[rows]

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._model}\0{text}".encode()).digest()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(self._path, timeout=60)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=NORMAL")
        base.execute("CREATE TABLE IF NOT EXISTS vector(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        return base

    def _guard(self, use: Callable[[], T]) -> T:
        """What ``use`` returns; a damaged file is begun anew, once."""
        try:
            return use()
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(
                f"cannot write the embeddings to {self._path}: {error}; free space there or set cache_dir"
            ) from error
        except sqlite3.DatabaseError:
            for end in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            self._base = self._open()
            return use()

    def _read(self, rows: Mapping[bytes, int], vectors: FloatArray) -> list[bool]:
        """Fill the rows of ``vectors`` that are there; tells which."""
        known = [False] * len(rows)
        keys = list(rows)
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            marks = ",".join("?" * len(part))
            found = self._base.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
            for key, value in found:
                if len(value) == 4 * vectors.shape[1]:
                    vectors[rows[key]] = np.frombuffer(value, np.float32)
                    known[rows[key]] = True
        return known

    def _write(self, keys: Sequence[bytes], fresh: FloatArray) -> None:
        rows = [(key, vector.tobytes()) for key, vector in zip(keys, fresh, strict=True)]
        with self._base:
            self._base.executemany("INSERT OR REPLACE INTO vector VALUES(?,?)", rows)
