"""The candidates of one query and what each signal says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..adapters.vectors import FloatArray, IntArray
from ..calibration import Fusion
from ..indexing.generation import Generation
from ..types import Filters, Query, Sources
from .terms import Terms

SIGNALS = ("dense", "sentence", "lexical", "cross")


@dataclass(frozen=True, slots=True)
class Pool:
    """Arrays run along the candidates: ``rows`` are passages, ascending; a lexical score of 0 is no match.

    ``dense`` and ``sentence`` are centred cosines in [-1, 1]; ``lexical`` and ``cross`` are BM25 scores. ``spoken``
    holds the cosine of every sentence of every candidate, those of candidate ``i`` at ``starts[i]:starts[i + 1]``.
    """

    vector: FloatArray
    rows: IntArray
    dense: FloatArray
    sentence: FloatArray
    lexical: FloatArray
    cross: FloatArray
    spoken: FloatArray
    starts: IntArray

    def __len__(self) -> int:
        return len(self.rows)


def gather(query: Query, terms: Terms, embedded: FloatArray, generation: Generation, size: int) -> Pool:
    """First stage: the ``size`` best of each signal; second stage: every signal for all of them.

    ``embedded`` is the query's vector as the encoder gave it, shape ``(dim,)``.
    """
    vector = embedded - generation.centres[query.language]
    vector = vector / max(float(np.linalg.norm(vector)), 1e-9)
    documents, passages = _allowed(query.filters, generation)
    if documents is not None and not documents:
        rows = np.empty(0, np.int64)
    else:
        near, _ = generation.vectors.search(vector, size, passages)
        own = generation.lexical.search(terms.own, size, documents=documents)
        cross = generation.lexical.search(terms.cross, size, documents=documents)
        rows = np.unique(
            np.concatenate([near, [row for row, _ in own], [row for row, _ in cross]]).astype(np.int64)
        )
    if not len(rows):
        none = np.empty(0, np.float32)
        return Pool(vector, rows, none, none, none, none, none, np.zeros(1, np.int64))
    spoken, starts = _speak(vector, rows, generation)
    return Pool(
        vector=vector,
        rows=rows,
        dense=generation.vectors.vectors(rows) @ vector,
        sentence=np.maximum.reduceat(spoken, starts[:-1]),
        lexical=_scores(rows, own, len(own) == size, terms.own, generation),
        cross=_scores(rows, cross, len(cross) == size, terms.cross, generation),
        spoken=spoken,
        starts=starts,
    )


def fuse(pool: Pool, fusion: Fusion) -> FloatArray:
    """Weighted sum of z-scores over the pool; shape ``(len(pool),)``."""
    fused = np.zeros(len(pool), np.float32)
    for name in SIGNALS:
        weight, floor = getattr(fusion, name), getattr(fusion, f"{name}_floor")
        fused += weight * standardise(getattr(pool, name), floor)
    return fused


def rank_sources(pool: Pool, order: IntArray) -> list[Sources]:
    """Ranks of the candidates at ``order`` under each signal."""
    dense, sentence = _ranks(pool.dense), _ranks(pool.sentence)
    lexical, cross = _ranks(pool.lexical), _ranks(pool.cross)
    return [
        Sources(
            int(dense[i]),
            int(sentence[i]),
            int(lexical[i]) if pool.lexical[i] > 0 else None,
            int(cross[i]) if pool.cross[i] > 0 else None,
        )
        for i in order
    ]


def _allowed(filters: Filters, generation: Generation) -> tuple[list[int] | None, IntArray | None]:
    if not filters:
        return None, None
    documents, passages = generation.store.matching(filters)
    return documents, np.array(passages, np.int64)


def _speak(vector: FloatArray, rows: IntArray, generation: Generation) -> tuple[FloatArray, IntArray]:
    first, last = generation.starts[rows], generation.starts[rows + 1]
    starts = np.concatenate([[0], np.cumsum(last - first)])
    wanted = np.arange(starts[-1]) + np.repeat(first - starts[:-1], last - first)
    return generation.sentences[wanted].astype(np.float32) @ vector, starts


def _scores(
    rows: IntArray, found: list[tuple[int, float]], cut: bool, terms: dict[str, float], generation: Generation
) -> FloatArray:
    """BM25 of every candidate; asks again for those that the cut-off list may have left out."""
    known = dict(found)
    if cut:
        missing = [int(row) for row in rows if int(row) not in known]
        known |= dict(generation.lexical.search(terms, len(missing) or 1, rows=missing))
    return np.array([known.get(int(row), 0.0) for row in rows], np.float32)


def standardise(scores: FloatArray, floor: float) -> FloatArray:
    """z-scores; the spread counts as at least ``floor``."""
    return np.asarray((scores - scores.mean()) / max(float(scores.std()), floor), np.float32)


def _ranks(scores: FloatArray) -> IntArray:
    ranks = np.empty(len(scores), np.int64)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return ranks
