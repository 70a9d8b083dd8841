"""Gold items as the engine sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..answering.asked import Asked
from ..answering.coverage import Weighed
from ..answering.evidence import Evidence
from ..answering.selection import NEAR
from ..calibration import Calibration
from ..engine import Engine
from ..retrieval.retriever import Candidate, Retriever
from ..types import Filters, Query
from .gold import GoldItem, resolve


@dataclass(frozen=True, slots=True)
class Sample:
    """A gold item with its query as understood and the ids of the paragraphs that prove its answer."""

    item: GoldItem
    query: Query
    gold: frozenset[str]

    def proved_by(self, evidence: Evidence) -> bool:
        return evidence.passage.paragraph.paragraph_id in self.gold and self.item.right(evidence.text)


@dataclass(frozen=True, slots=True)
class Case:
    """A sample with what was retrieved for it, best first."""

    sample: Sample
    candidates: tuple[Candidate, ...]
    asked: Asked
    words: tuple[Weighed, ...]

    def without_proof(self) -> tuple[Candidate, ...]:
        """The candidates left when every paragraph that holds an accepted answer is taken away."""
        return tuple(
            candidate
            for candidate in self.candidates
            if candidate.row.paragraph.paragraph_id not in self.sample.gold
            and not self.sample.item.right(candidate.row.passage.text)
        )


def read_samples(engine: Engine, items: Iterable[GoldItem]) -> list[Sample]:
    """Each item's last question completed from those before it, and its evidence found in the collection."""
    paragraphs = {head.doc_id: engine.paragraphs(head.doc_id) for head in engine.heads()}
    samples = []
    for item in items:
        told: list[str] = []
        for question in (*item.history, item.question.text):
            query = engine.understand(question, told, Filters())
            told.append(query.text)
        samples.append(Sample(item, query, resolve(item, paragraphs)))
    return samples


def read_cases(engine: Engine, calibration: Calibration, samples: Sequence[Sample]) -> list[Case]:
    """Every sample retrieved with the weights of ``calibration``."""
    retriever = Retriever(
        engine.generation, engine.encoder, engine.dictionary, calibration.fusion, engine.settings.candidates
    )
    cases = []
    for sample in samples:
        retrieved = retriever.retrieve(sample.query, NEAR)
        cases.append(Case(sample, retrieved.candidates, *engine.read(retrieved)))
    return cases
