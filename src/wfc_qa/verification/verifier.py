"""Holds a sentence against the paragraphs it cites: what they do not say is doubted, and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..adapters.encoders import Encoder
from ..adapters.remembered import Remembered
from ..calibration import Verification
from ..indexing.centring import centre
from ..indexing.generation import Generation
from ..indexing.store import PassageRow
from ..retrieval.terms import find_terms
from ..text.measures import find_measures
from ..text.quotes import is_quoted
from ..types import Doubt, Flaw, Language, Query, Support
from .addresses import find_unsaid_addresses
from .checks import find_doubts
from .claim import Claim
from .coverage import Weighed, weigh_words
from .facts import read_statement
from .names import find_names
from .proof import Proof, Prover, sentences
from .strict import find_strict_doubts
from .wording import denies_alone, read_wording

Asked = tuple[str, Language, frozenset[int], bool]
REMEMBERED = 4096
NUMBERS = frozenset({Flaw.FIGURE, Flaw.DATE, Flaw.ORDINAL, Flaw.BOUND})


@dataclass(frozen=True, slots=True)
class Verdict:
    """``confidence`` is the fitted probability that the wording is supported; 1 for a sentence quoted word for word."""

    support: Support
    doubts: tuple[Doubt, ...]
    confidence: float


class Verifier:
    """Verifies claims against one generation; safe to share between threads."""

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        prover: Prover,
        calibration: Verification,
        frequency: Callable[[str], int],
    ) -> None:
        self._generation = generation
        self._encoder = encoder
        self._dictionary = prover.dictionary
        self._calibration = calibration
        self._frequency = frequency
        self._passages = len(generation.vectors)
        self._prover = prover
        self._known: Remembered[Asked, Verdict] = Remembered(REMEMBERED)

    def verify(
        self, claim: str, language: Language, cited: Sequence[PassageRow], row: int | None = None
    ) -> Verdict:
        """Whether ``cited``, all passages of the paragraphs cited, say what ``claim``, one sentence, says.

        ``row`` is its row in the generation's sentence vectors, where it is quoted from the collection.
        """
        claim = claim.strip()
        if not cited:
            return _judge([Doubt(Flaw.UNCITED, claim)], 0.0)
        if any(is_quoted(claim, said) for passage in cited for said in sentences(passage)):
            # Whatever it says, the paragraph says it: the checks would hold the sentence against itself.
            return Verdict(Support.SUPPORTED, (), 1.0)
        # A stored vector is rounded: the verdict must not hang on who asked first.
        asked = claim, language, frozenset(passage.row for passage in cited), row is None
        return self._known.read(asked, lambda: self._verify(claim, language, cited, row))

    def _verify(
        self, claim: str, language: Language, cited: Sequence[PassageRow], row: int | None
    ) -> Verdict:
        proofs = self.proofs(cited)
        read = self.read(claim, language)
        doubts = self.rule(read, proofs)
        confidence = self._calibration.wording.probability(self.features(read, proofs, row))
        if confidence < self._calibration.threshold:
            doubts.append(Doubt(Flaw.NEGATION if denies_alone(read, proofs) else Flaw.WORDING, claim))
        return _judge(doubts, confidence)

    def rule(self, claim: Claim, proofs: Sequence[Proof]) -> list[Doubt]:
        """What rules doubt, whatever the fitted mark says of the wording."""
        addresses = find_unsaid_addresses(claim.statement.text, proofs)
        return [*find_doubts(claim, proofs), *addresses, *find_strict_doubts(claim, proofs)]

    def read(self, claim: str, language: Language) -> Claim:
        """Everything that ``claim`` states."""

        def weigh(text: str) -> tuple[Weighed, ...]:
            return self._weigh(text, language)

        return Claim(
            statement=read_statement(claim, language, self._dictionary),
            language=language,
            names=find_names(claim, language, self._dictionary, self._frequency, self._passages),
            measures=find_measures(claim),
            weigh=weigh,
            margins=self._calibration.margins,
        )

    def features(self, claim: Claim, proofs: Sequence[Proof], row: int | None = None) -> dict[str, float]:
        """What the wording model sees of a claim, whose vector stands in ``row`` where that is known."""
        if row is None:
            encoded = self._encoder.encode_passages([claim.statement.text])
            vector = centre(encoded, [claim.language], self._generation.centres)[0]
        else:
            vector = self._generation.sentences[row].astype(np.float32)
        nearest, words = self._nearest(vector, proofs), claim.weigh(claim.statement.text)
        return read_wording(claim, proofs, nearest, words, self._dictionary)

    def proofs(self, cited: Sequence[PassageRow]) -> list[Proof]:
        return [self._prover.read(passage) for passage in _in_order(cited)]

    def _weigh(self, text: str, language: Language) -> tuple[Weighed, ...]:
        terms = find_terms(Query(text, language), self._dictionary, self._frequency)
        return weigh_words(terms, self._frequency, self._passages)

    def _nearest(self, vector: np.ndarray, proofs: Sequence[Proof]) -> tuple[float, float]:
        """Cosine with the nearest sentence and the nearest passage."""
        rows = [quotable.row for proof in proofs for quotable in proof.passage.sentences]
        sentences = (
            self._generation.sentences[rows].astype(np.float32) if rows else np.zeros((1, len(vector)))
        )
        passages = self._generation.vectors.vectors(np.array([proof.passage.row for proof in proofs]))
        return float((sentences @ vector).max()), float((passages @ vector).max())


def _in_order(cited: Sequence[PassageRow]) -> list[PassageRow]:
    """Each once, in the collection's order: how they were cited proves nothing."""
    rows = {passage.row: passage for passage in cited}
    return [rows[row] for row in sorted(rows)]


def _judge(doubts: Sequence[Doubt], confidence: float) -> Verdict:
    unique = tuple(dict.fromkeys(doubts))
    if not unique:
        return Verdict(Support.SUPPORTED, (), confidence)
    wrong = any(doubt.flaw in NUMBERS for doubt in unique)
    return Verdict(Support.NUMBER_MISMATCH if wrong else Support.UNSUPPORTED, unique, confidence)
