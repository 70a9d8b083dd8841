"""Embeddings already made, by the content they were made from."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
# Between two commits: what an interrupted build can lose.
CHUNK = 512


class EmbeddingCache:
    """SQLite file of float32 vectors keyed by SHA-256 of model and text."""

    def __init__(self, path: Path, model_id: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._model = model_id
        self._base = sqlite3.connect(path, timeout=60)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS vector(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
        )

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def embed(
        self,
        texts: Sequence[str],
        dim: int,
        encode: Callable[[Sequence[str]], FloatArray],
        progress: Callable[[int], None] = lambda done: None,
    ) -> FloatArray:
        """Vectors of ``texts``, shape ``(n, dim)``; only texts not seen before are encoded."""
        keys = [self._key(text) for text in texts]
        known = self._read(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        progress(sum(key in known for key in keys))
        # Neighbours in length share a batch: least padding, whatever the chunk.
        queue = sorted(missing.items(), key=lambda item: -len(item[1]))
        for start in range(0, len(queue), CHUNK):
            part = queue[start : start + CHUNK]
            vectors = encode([text for _, text in part])
            fresh = dict(zip((key for key, _ in part), vectors, strict=True))
            self._base.executemany(
                "INSERT OR IGNORE INTO vector VALUES(?,?)",
                [(key, row.tobytes()) for key, row in fresh.items()],
            )
            self._base.commit()
            known |= fresh
            progress(len(part))
        if not keys:
            return np.empty((0, dim), np.float32)
        return np.stack([known[key] for key in keys])

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._model}\0{text}".encode()).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        known: dict[bytes, FloatArray] = {}
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            marks = ",".join("?" * len(part))
            rows = self._base.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
            known |= {key: np.frombuffer(value, np.float32) for key, value in rows}
        return known
