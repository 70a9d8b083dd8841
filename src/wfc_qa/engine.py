"""Composition root: Settings in, a ready question-answering engine out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from .adapters.cedict import Dictionary, open_dictionary
from .adapters.encoders import Encoder, open_encoder
from .answering.asked import Asked, read_question
from .answering.closeness import GenerationCloseness
from .answering.coverage import Weighed, weigh_words
from .answering.dialogue import complete_question, lean_question
from .answering.evidence import Reader
from .answering.extractive import Quoted, quote
from .answering.question import check_question, is_only_tidied, tidy_question
from .answering.selection import READ, rank_hits, score_sentences
from .answering.wording import Wording, load_wording
from .calibration import Calibration, load_calibration, prior_centres
from .config import Settings
from .errors import IndexMismatchError, QuestionError
from .indexing.generation import Generation, generation_folder, open_generation
from .indexing.manifest import LAYOUT, index_settings
from .retrieval.retriever import Retrieved, Retriever
from .text.language import detect_language
from .types import (
    Abstention,
    Answer,
    Document,
    DocumentHead,
    Filters,
    Hit,
    Language,
    Paragraph,
    Query,
    Receipt,
    Step,
    Understood,
)
from .verification.names import find_names

HISTORY = 6


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """What the serving generation holds; ``as_of`` is the latest date any document's facts run to."""

    documents: int
    paragraphs: int
    languages: tuple[Language, ...]
    published_from: date | None
    published_to: date | None
    as_of: date | None
    generation: str
    model: str


class Engine:
    """Answers questions from one generation of the index; safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        generation: Generation,
        encoder: Encoder,
        dictionary: Dictionary,
        calibration: Calibration,
        wording: Wording,
    ) -> None:
        self.settings = settings
        self.wording = wording
        self.generation = generation
        self.encoder = encoder
        self.calibration = calibration
        self.dictionary = dictionary
        self.reader = Reader(dictionary)
        self.closeness = GenerationCloseness(generation)
        self.retriever = Retriever(generation, encoder, dictionary, calibration.fusion, settings.candidates)
        self._passages = len(generation.vectors)
        below = settings.abstain_below
        self._answer_from = calibration.answer_from(settings.target_risk) if below is None else below
        shown = settings.model_dump(
            mode="json", include={"candidates", "hits", "max_sentences", "target_risk", "abstain_below"}
        )
        self._settings_hash = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008
        language: Language | None = None,
    ) -> Answer:
        """The whole answer at once; see ``stream``."""
        *_, answer = self.stream(question, history=history, filters=filters, language=language)
        return cast("Answer", answer)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008
        language: Language | None = None,
    ) -> Iterator[Step]:
        """Answer ``question`` step by step, the whole answer last; ``history`` holds earlier questions as understood,
        oldest first.

        ``language`` is the one to answer in; by default the question's own. Raises QuestionError.
        """
        clock = _Clock()
        question = check_question(question, self.settings.max_question_chars)
        query = self.understand(question, history, filters, language)
        clock.lap("understand")
        retrieved = self._retrieve(query)
        clock.lap("retrieve")
        quoted = self._quote(retrieved)
        if quoted.abstention and (leaning := self._lean(query, question, history)):
            again = self._quote(self._retrieve(leaning))
            if not again.abstention:
                query, quoted = leaning, again
        clock.lap("answer")
        understood = question if is_only_tidied(question, query.text) else query.text
        yield Understood(understood)
        yield from quoted.sentences
        yield Answer(
            question=question,
            understood=understood,
            language=query.wanted,
            sentences=quoted.sentences,
            hits=quoted.hits[: self.settings.hits],
            receipt=self._receipt(query),
            abstention=quoted.abstention,
            missing=quoted.missing,
            notes=quoted.notes,
            confidence=round(quoted.confidence, 4),
            withheld=quoted.withheld,
            timings_ms=clock.laps(),
        )

    def search(self, question: str, k: int, *, filters: Filters = Filters()) -> tuple[Hit, ...]:  # noqa: B008
        """The ``k`` best passages, as an answer ranks them, without answering. Raises QuestionError."""
        question = check_question(question, self.settings.max_question_chars)
        if not 1 <= k <= READ:
            raise QuestionError(f"{k} passages cannot be searched for; ask for 1 to {READ}")
        retrieved = self._retrieve(self.understand(question, (), filters))
        if not retrieved.candidates:
            return ()
        asked, words = self.read(retrieved)
        scored = score_sentences(asked, words, retrieved.candidates, self.reader, self.calibration.selection)
        return rank_hits(retrieved.candidates, scored)[:k]

    def understand(
        self, question: str, history: Sequence[str], filters: Filters, language: Language | None = None
    ) -> Query:
        """The question as it stands on its own, and the language to answer it in."""
        longest = self.settings.max_question_chars
        earlier = [check_question(said, longest) for said in history[-HISTORY:] if said.strip()]
        asked = tidy_question(question)
        spoken = detect_language(asked)
        text = complete_question(asked, earlier, spoken, self.encoder, self.dictionary)[:longest]
        # A follow-up may be asked in another language than the question that it completes.
        return Query(text, detect_language(text), filters, language or spoken)

    def _lean(self, query: Query, question: str, history: Sequence[str]) -> Query | None:
        """A follow-up that was taken to stand on its own, leaning on the question before it after all."""
        earlier = [said.strip() for said in history[-HISTORY:] if said.strip()]
        if not earlier or not is_only_tidied(question, query.text):
            return None
        text = lean_question(query.text, earlier[-1], query.language)[: self.settings.max_question_chars]
        return replace(query, text=text) if text else None

    def read(self, retrieved: Retrieved) -> tuple[Asked, tuple[Weighed, ...]]:
        """What the question asks, and the weight of each of its words."""
        query, terms = retrieved.query, retrieved.terms
        frequency = self.retriever.frequency
        names = find_names(query.text, query.language, self.dictionary, frequency, self._passages)
        return read_question(query, terms, names, frequency), weigh_words(terms, frequency, self._passages)

    def heads(self, most: int = -1) -> list[DocumentHead]:
        """The first ``most`` documents without their texts; all by default."""
        return self.generation.store.heads(most)

    def head(self, doc_id: str) -> DocumentHead:
        """Raises NotFoundError."""
        return self.generation.store.head(doc_id)

    def document(self, doc_id: str) -> Document:
        """With its whole text. Raises NotFoundError."""
        return self.generation.store.document(doc_id)

    def paragraphs(self, doc_id: str) -> list[Paragraph]:
        """In reading order. Raises NotFoundError."""
        return self.generation.store.paragraphs(doc_id)

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """Raises NotFoundError."""
        return self.generation.store.paragraph(paragraph_id)

    def collection(self) -> CollectionInfo:
        manifest, extent = self.generation.manifest, self.generation.store.extent()
        return CollectionInfo(
            documents=manifest.counts["documents"],
            paragraphs=manifest.counts["paragraphs"],
            languages=extent.languages,
            published_from=extent.published_from,
            published_to=extent.published_to,
            as_of=extent.as_of,
            generation=manifest.generation,
            model=manifest.model,
        )

    def close(self) -> None:
        self.generation.close()
        self.dictionary.close()

    def _retrieve(self, query: Query) -> Retrieved:
        return self.retriever.retrieve(query, max(READ, self.settings.hits))

    def _quote(self, retrieved: Retrieved) -> Quoted:
        if not retrieved.candidates:
            return Quoted((), abstention=Abstention.NOTHING_MATCHES_FILTERS)
        asked, words = self.read(retrieved)
        return quote(
            asked,
            words,
            retrieved.candidates,
            self.reader,
            self.calibration,
            self.closeness,
            max_sentences=self.settings.max_sentences,
            answer_from=self._answer_from,
        )

    def _receipt(self, query: Query) -> Receipt:
        manifest = self.generation.manifest
        stood = (
            manifest.generation,
            manifest.model,
            self.wording.sha256,
            self.calibration.sha256,
            self._settings_hash,
        )
        asked = json.dumps([query.text, query.wanted, repr(query.filters), *stood], ensure_ascii=False)
        return Receipt(hashlib.sha256(asked.encode()).hexdigest()[:16], *stood)


def open_engine(settings: Settings) -> Engine:
    """Open the serving generation and everything that answers from it.

    Raises IndexMissingError, IndexCorruptError, IndexMismatchError, ModelError or ConfigError.
    """
    calibration, wording = load_calibration(settings.calibration_file), load_wording(settings.prompts_dir)
    generation = open_generation(generation_folder(settings.index_dir))
    encoder = open_encoder(settings)
    manifest = generation.manifest
    wanted = index_settings(settings, prior_centres(calibration, encoder.model_id))
    if manifest.layout != LAYOUT:
        raise IndexMismatchError("the index was built by another version of wfc-qa; run `wfc-qa index build`")
    if manifest.model != encoder.model_id:
        raise IndexMismatchError(
            f"the index was built with model {manifest.model}, settings ask for {encoder.model_id}; "
            "run `wfc-qa index build`"
        )
    if manifest.settings != wanted:
        raise IndexMismatchError("the index was built with other settings; run `wfc-qa index build`")
    return Engine(settings, generation, encoder, open_dictionary(settings.cache_dir), calibration, wording)


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def laps(self) -> dict[str, float]:
        return {**self._laps, "total": round((self._last - self._start) * 1000, 2)}
