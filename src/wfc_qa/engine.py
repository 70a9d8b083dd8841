"""Composition root: Settings in, a ready question-answering engine out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from . import __version__
from .adapters.cedict import Dictionary, open_dictionary
from .adapters.encoders import Encoder, open_encoder
from .adapters.llm_turn import ModelTurn
from .adapters.llms import LanguageModel, open_language_model
from .answering.asked import Asked, read_question
from .answering.clock import Clock
from .answering.closeness import GenerationCloseness
from .answering.evidence import Reader
from .answering.extractive import Quoted
from .answering.flow import Author, Limits
from .answering.prompts import Prompts, load_prompts
from .answering.question import check_question, is_only_tidied
from .answering.selection import READ, rank_hits, score_sentences
from .answering.understanding import Understanding
from .answering.wording import Wording, load_wording
from .calibration import Calibration, load_calibration, prior_centres
from .config import Settings
from .errors import QuestionError
from .indexing.generation import Generation, generation_folder, open_generation
from .indexing.manifest import check_manifest, index_settings
from .retrieval.retriever import Retrieved, Retriever
from .steps import GoneError, Halt
from .types import (
    Answer,
    CollectionInfo,
    Document,
    DocumentHead,
    Filters,
    Hit,
    Language,
    Paragraph,
    Query,
    Receipt,
    Sentence,
    Step,
    Understood,
)
from .verification.coverage import Weighed, weigh_words
from .verification.names import find_names
from .verification.proof import Prover
from .verification.verifier import Verifier

# The settings that an answer depends on, beside what it was asked.
SHAPING = {"candidates", "hits", "max_sentences", "target_risk", "abstain_below", "vector_index", "centring"}


class Engine:
    """Answers questions from one generation of the index, quoting or in the words of ``model``; safe to share between
    threads. ``hear`` is told of each whole answer, in the thread that made it. Nothing in it refers back to it: an
    engine that was replaced goes, and lets its files go, with the last answer under way on it."""

    def __init__(
        self,
        settings: Settings,
        generation: Generation,
        encoder: Encoder,
        dictionary: Dictionary,
        calibration: Calibration,
        wording: Wording,
        prompts: Prompts,
        model: LanguageModel | None = None,
    ) -> None:
        self.settings = settings
        self.wording = wording
        self.generation = generation
        self.encoder = encoder
        self.calibration = calibration
        self.dictionary = dictionary
        prover = Prover(dictionary)
        self.reader = Reader(prover)
        self.closeness = GenerationCloseness(generation)
        self.retriever = Retriever(generation, encoder, dictionary, calibration.fusion, settings.candidates)
        self._passages = len(generation.vectors)
        self.verifier = Verifier(
            generation, encoder, prover, calibration.verification, self.retriever.frequency
        )
        below = settings.abstain_below
        self.understanding = Understanding(encoder, dictionary, prompts, settings.max_question_chars)
        limits = Limits(
            max_sentences=settings.max_sentences,
            answer_from=calibration.answer_from(settings.target_risk) if below is None else below,
            max_tokens=settings.llm_max_tokens,
            context_tokens=settings.llm_context_tokens,
        )
        self.author = Author(
            self.reader,
            self.verifier,
            calibration,
            self.closeness,
            prompts,
            generation.store.head,
            limits,
            model,
        )
        self.hear: Callable[[Answer, Engine], None] | None = None
        self._shaping = settings.model_dump(mode="json", include=SHAPING)
        self.prompts_sha256 = hashlib.sha256(f"{wording.sha256}{prompts.sha256}".encode()).hexdigest()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008
        language: Language | None = None,
        halt: Halt | None = None,
    ) -> Answer:
        """The whole answer at once; see ``stream``."""
        *_, answer = self.stream(question, history=history, filters=filters, language=language, halt=halt)
        return cast("Answer", answer)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters = Filters(),  # noqa: B008
        language: Language | None = None,
        halt: Halt | None = None,
    ) -> Generator[Step, None, None]:
        """Answer ``question`` step by step, the whole answer last; ``history`` holds earlier questions as understood,
        oldest first.

        ``language`` is the one to answer in; by default the question's own. Closing it ends the work, the language
        model's too; ``halt`` ends it from another thread while a step is under way. Raises QuestionError, and GoneError
        where ``halt`` left nothing to answer.
        """
        clock = Clock()
        question = check_question(question, self.settings.max_question_chars)
        author, halt = self._author_of_one_answer(), halt or Halt()
        query = self.understanding.understand(question, history, filters, language, author.model, halt)
        if halt.called:
            raise GoneError
        clock.lap("understand")
        retrieved = self._retrieve(query)
        clock.lap("retrieve")
        asked, quoted = self._quote(retrieved)
        if quoted.abstention and (leaning := self.understanding.lean(query, question, history)):
            leant = self._retrieve(leaning)
            asked_again, again = self._quote(leant)
            if not again.abstention:
                query, retrieved, asked, quoted = leaning, leant, asked_again, again
        clock.lap("answer")
        understood = question if is_only_tidied(question, query.text) else query.text
        yield Understood(understood)
        told = yield from clock.watch(author.tell(asked, retrieved.candidates, quoted, halt))
        answer = Answer(
            question=question,
            understood=understood,
            language=query.wanted,
            sentences=told.sentences,
            hits=told.hits[: self.settings.hits],
            receipt=self._receipt(query, told.sentences),
            abstention=told.abstention,
            missing=told.missing,
            notes=told.notes,
            confidence=round(told.confidence, 4),
            withheld=told.withheld,
            timings_ms=clock.laps(),
        )
        if self.hear:
            self.hear(answer, self)
        yield answer

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
        """The question as rules make it stand on its own, and the language to answer it in. Raises QuestionError."""
        return self.understanding.understand(question, history, filters, language)

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
        with ExitStack() as closing:
            closing.callback(self.dictionary.close)
            closing.callback(self.generation.close)
            if self.author.model:
                closing.callback(self.author.model.close)

    def _author_of_one_answer(self) -> Author:
        model = self.author.model
        if model is None:
            return self.author
        return replace(self.author, model=ModelTurn(model, self.settings.llm_timeout_s))

    def _retrieve(self, query: Query) -> Retrieved:
        return self.retriever.retrieve(query, max(READ, self.settings.hits))

    def _quote(self, retrieved: Retrieved) -> tuple[Asked, Quoted]:
        asked, words = self.read(retrieved)
        return asked, self.author.quote(asked, words, retrieved.candidates)

    def _receipt(self, query: Query, told: Sequence[Sentence]) -> Receipt:
        """What a model wrote it would hardly write again: the name of an answer is that of its words too."""
        manifest = self.generation.manifest
        receipt = Receipt(
            answer_id="",
            version=__version__,
            query=query,
            generation=manifest.generation,
            model=manifest.model,
            prompts=self.prompts_sha256,
            calibration=self.calibration.sha256,
            settings=self._shaping,
            llm=self.author.model.model_id if self.author.model else "",
        )
        stood = json.dumps([asdict(receipt), *map(asdict, told)], sort_keys=True, default=str)
        return replace(receipt, answer_id=hashlib.sha256(stood.encode()).hexdigest()[:16])


def open_engine(settings: Settings, folder: Path | None = None, like: Engine | None = None) -> Engine:
    """Open a generation, the serving one unless ``folder`` is another's, and everything that answers from it; ``like``
    is an engine of the same settings, which lends its encoder, dictionary and language model.

    Raises IndexMissingError, IndexCorruptError, IndexMismatchError, ModelError or ConfigError.
    """
    calibration = load_calibration(settings.calibration_file)
    wording, prompts = load_wording(settings.prompts_dir), load_prompts(settings.prompts_dir)
    with ExitStack() as opened:
        generation = open_generation(folder or generation_folder(settings.index_dir))
        opened.callback(generation.close)
        encoder = like.encoder if like else open_encoder(settings)
        wanted = index_settings(settings, prior_centres(calibration, encoder.model_id))
        check_manifest(generation.manifest, encoder.model_id, wanted)
        dictionary = like.dictionary if like else open_dictionary(settings.cache_dir)
        if not like:
            opened.callback(dictionary.close)
        model = like.author.model if like else open_language_model(settings)
        if model and not like:
            opened.callback(model.close)
            # A model's sentences are embedded as passages are: what that takes is loaded before a reader waits for it.
            encoder.encode_passages(["."])
        engine = Engine(settings, generation, encoder, dictionary, calibration, wording, prompts, model)
        opened.pop_all()
    return engine
