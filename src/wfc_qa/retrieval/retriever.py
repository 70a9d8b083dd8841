"""A question to ranked hits: dense, sentence, lexical and cross-language signals, fused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..adapters.cedict import Dictionary
from ..adapters.encoders import Encoder
from ..adapters.remembered import Remembered
from ..calibration import Fusion
from ..indexing.generation import Generation
from ..indexing.store import PassageRow
from ..types import Hit, Query, Sources
from .pool import Pool, fuse, gather, rank_sources
from .terms import Terms, find_terms

REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit with all that answering needs: its signals, and the cosine of each of its sentences."""

    hit: Hit
    row: PassageRow
    dense: float
    sentence: float
    lexical: float
    cross: float
    spoken: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    query: Query
    terms: Terms
    candidates: tuple[Candidate, ...]

    @property
    def hits(self) -> tuple[Hit, ...]:
        return tuple(candidate.hit for candidate in self.candidates)


class Retriever:
    """Answers from one generation; the same query always gives the same hits in the same order."""

    def __init__(
        self, generation: Generation, encoder: Encoder, dictionary: Dictionary, fusion: Fusion, pool_size: int
    ) -> None:
        self._generation = generation
        self._encoder = encoder
        self._dictionary = dictionary
        self._fusion = fusion
        self._pool_size = pool_size
        # A generation never changes: what was looked up once stays true.
        self.frequency = lru_cache(maxsize=REMEMBERED)(generation.lexical.document_frequency)
        self._passages: Remembered[int, PassageRow] = Remembered(REMEMBERED)

    def retrieve(self, query: Query, k: int) -> Retrieved:
        """The ``k`` best passages, best first; ties go to the earlier passage of the collection."""
        terms, pool = self.gather(query)
        if not len(pool):
            return Retrieved(query, terms, ())
        scores = fuse(pool, self._fusion)
        order = np.argsort(-scores, kind="stable")[:k]
        rows = self._read([int(pool.rows[i]) for i in order])
        places = zip(order, rows, rank_sources(pool, order), strict=True)
        candidates = tuple(
            _candidate(pool, int(i), row, float(scores[i]), rank, sources)
            for rank, (i, row, sources) in enumerate(places, 1)
        )
        return Retrieved(query, terms, candidates)

    def gather(self, query: Query) -> tuple[Terms, Pool]:
        """The candidates before fusion: what fitting needs."""
        terms = find_terms(query, self._dictionary, self.frequency)
        embedded = self._encoder.encode_queries([query.text])[0]
        return terms, gather(query, terms, embedded, self._generation, self._pool_size)

    def _read(self, rows: list[int]) -> list[PassageRow]:
        known = {row: passage for row in rows if (passage := self._passages.get(row))}
        missing = [row for row in rows if row not in known]
        read = self._generation.store.passages(missing) if missing else []
        known |= {row: self._passages.keep(row, passage) for row, passage in zip(missing, read, strict=True)}
        return [known[row] for row in rows]


def _candidate(pool: Pool, i: int, row: PassageRow, score: float, rank: int, sources: Sources) -> Candidate:
    spoken = pool.spoken[pool.starts[i] : pool.starts[i + 1]]
    return Candidate(
        Hit(row.passage, score, rank, sources),
        row,
        float(pool.dense[i]),
        float(pool.sentence[i]),
        float(pool.lexical[i]),
        float(pool.cross[i]),
        tuple(float(value) for value in spoken),
    )
