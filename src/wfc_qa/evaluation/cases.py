"""Gold questions as the engine sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..answering.asked import Asked
from ..answering.evidence import Evidence
from ..answering.selection import READ
from ..calibration import Fusion
from ..engine import Engine
from ..retrieval.retriever import Candidate, Retriever
from ..types import Filters, GoldQuestion, Query
from ..verification.coverage import Weighed
from .gold import meets, resolve


@dataclass(frozen=True, slots=True)
class Sample:
    """A gold question asked of ``engine``, its query as understood and the ids of the paragraphs that prove it: those
    of the best grade it has. ``judged`` is whether an answer to it can be judged at all."""

    engine: Engine
    question: GoldQuestion
    query: Query
    gold: frozenset[str]

    @property
    def judged(self) -> bool:
        return bool(self.question.answers) or not self.question.answerable

    @property
    def source(self) -> str:
        """What it rests on: questions of one source stay in one fold."""
        return min(self.gold, default=self.question.query_id)

    def proved_by(self, evidence: Evidence) -> bool:
        """Whether the sentence stands in a gold paragraph and meets a part of the answer."""
        return evidence.passage.paragraph.paragraph_id in self.gold and any(
            meets(self.question, evidence.text)
        )


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
            and not any(meets(self.sample.question, candidate.row.passage.text))
        )


def read_samples(engine: Engine, questions: Iterable[GoldQuestion]) -> list[Sample]:
    """Each question completed from those before it, and its evidence found in the collection."""
    paragraphs = {head.doc_id: engine.paragraphs(head.doc_id) for head in engine.heads()}
    samples = []
    for question in questions:
        query = engine.understand(question.text, tell(engine, question.history), Filters())
        grades = resolve(question, paragraphs)
        best = max(grades.values(), default=0)
        gold = frozenset(name for name, grade in grades.items() if grade == best)
        samples.append(Sample(engine, question, query, gold))
    return samples


def tell(engine: Engine, history: Iterable[str]) -> list[str]:
    """Earlier questions as understood, each completed from those before it as the chat does."""
    told: list[str] = []
    for turn in history:
        told.append(engine.understand(turn, told, Filters()).text)
    return told


def read_cases(samples: Iterable[Sample], fusion: Fusion) -> list[Case]:
    """Every sample retrieved with the weights of ``fusion``."""
    retrievers: dict[int, Retriever] = {}
    cases = []
    for sample in samples:
        engine = sample.engine
        if id(engine) not in retrievers:
            retrievers[id(engine)] = Retriever(
                engine.generation, engine.encoder, engine.dictionary, fusion, engine.settings.candidates
            )
        retrieved = retrievers[id(engine)].retrieve(sample.query, READ)
        cases.append(Case(sample, retrieved.candidates, *engine.read(retrieved)))
    return cases
