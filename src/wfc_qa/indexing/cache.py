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
        keys = [self._key(text) for text in texts]
        known = self._guard(partial(self._read, keys, dim))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        progress(len(keys) - len(missing))
        # Neighbours in length share a batch: least padding, whatever the chunk.
        queue = sorted(missing.items(), key=lambda item: -len(item[1]))
        for start in range(0, len(queue), CHUNK):
            part = queue[start : start + CHUNK]
            vectors = encode([text for _, text in part])
            fresh = dict(zip((key for key, _ in part), vectors, strict=True))
            self._guard(partial(self._write, fresh))
            known |= fresh
            progress(len(part))
        if not keys:
            return np.empty((0, dim), np.float32)
        return np.stack([known[key] for key in keys])

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

    def _read(self, keys: Sequence[bytes], dim: int) -> dict[bytes, FloatArray]:
        known: dict[bytes, FloatArray] = {}
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            marks = ",".join("?" * len(part))
            rows = self._base.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
            known |= {key: np.frombuffer(value, np.float32) for key, value in rows if len(value) == 4 * dim}
        return known

    def _write(self, fresh: Mapping[bytes, FloatArray]) -> None:
        rows = [(key, vector.tobytes()) for key, vector in fresh.items()]
        with self._base:
            self._base.executemany("INSERT OR REPLACE INTO vector VALUES(?,?)", rows)
