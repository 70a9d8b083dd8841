"""What the collection says beside what a model told: the same fact in the other language, and whoever disputes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..calibration import Calibration
from ..retrieval.retriever import Candidate
from ..text.figures import same_figure
from ..text.language import detect_language
from ..types import Flaw, Language, Sentence, Support
from ..verification.reading import telling
from ..verification.verifier import Verifier
from .asked import Asked
from .closeness import Closeness
from .disputes import find_disputes, prefer_own
from .evidence import Evidence, Reader
from .parity import Counterpart, find_counterparts


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A proved sentence: what the passages it cites say, and ``own``, the same passages with its words for theirs.
    ``places`` are the sentences that say it, ``twins`` those that say it in the other language."""

    sentence: Sentence
    own: tuple[Evidence, ...]
    quoted: tuple[Evidence, ...]
    places: tuple[Evidence, ...] = ()
    twins: tuple[Evidence, ...] = ()

    @property
    def claims(self) -> list[Evidence]:
        """Its words as each passage cited might say them."""
        return list({one.passage.row: one for one in self.own}.values())

    def languages(self) -> set[Language]:
        """Those of the paragraphs it cites."""
        return {one.language for one in (*self.quoted, *self.twins)}


@dataclass(frozen=True, slots=True)
class OtherSide:
    """``differ`` is whether sources disagree about a figure that was told, ``untold`` what of it no reader heard."""

    differ: bool = False
    untold: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """Looks around what is told in answer to one question, as quoting looks around what it quotes."""

    asked: Asked
    candidates: Sequence[Candidate]
    reader: Reader
    verifier: Verifier
    closeness: Closeness
    calibration: Calibration

    def find_twins(self, claim: str, language: Language, places: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """The first sentence in the other language that says what one of ``places`` does and proves ``claim``."""
        for found in self._counterparts(places):
            if found.agrees:
                verdict = self.verifier.verify(claim, language, [found.other.passage])
                if verdict.support is Support.SUPPORTED:
                    return (found.other,)
        return ()

    def find_other_side(self, told: Sequence[Told]) -> OtherSide:
        """Who disputes a figure told; a dispute that was itself told is no news."""
        disputes = prefer_own(self._disputes(told), self.asked.query.wanted)
        untold = [one for one in disputes if not any(_tells(claim, one) for t in told for claim in t.claims)]
        rivals = dict.fromkeys(rival for one in told for rival in self._rivals(one, told))
        return OtherSide(bool(disputes or rivals), tuple(dict.fromkeys((*untold, *rivals))))

    def _disputes(self, told: Sequence[Told]) -> Iterator[Evidence]:
        claims = [claim for one in told for claim in one.claims]
        for dispute, near in find_disputes(claims, self.candidates, self.reader, self.closeness):
            if near >= self.calibration.dispute_closeness or self._half_proves(dispute, claims):
                yield dispute

    def _half_proves(self, dispute: Evidence, claims: Sequence[Evidence]) -> bool:
        """Whether a claim says flatly what the dispute gives as one of its sides: then it is about that claim."""
        for claim in claims:
            verdict = self.verifier.verify(claim.text, detect_language(claim.text), [dispute.passage])
            only_wording = all(doubt.flaw is Flaw.WORDING for doubt in verdict.doubts)
            if only_wording and verdict.confidence >= self.calibration.verification.threshold:
                return True
        return False

    def _rivals(self, one: Told, told: Sequence[Told]) -> Iterator[Evidence]:
        """What gives other figures in the other language and was not cited itself."""
        cited = {evidence.passage.paragraph.paragraph_id for each in told for evidence in each.quoted}
        for found in self._counterparts(one.places):
            new = found.other.passage.paragraph.paragraph_id not in cited
            if new and not found.agrees and not _states_all(found.other, one.claims[0]):
                yield found.other

    def _counterparts(self, places: Sequence[Evidence]) -> Iterator[Counterpart]:
        # Filters keep documents out of an answer, whoever words it.
        held = [candidate.row for candidate in self.candidates] if self.asked.query.filters else None
        least = self.calibration.twin_similarity
        return find_counterparts(places, held, self.reader, self.closeness, least)


def _tells(claim: Evidence, dispute: Evidence) -> bool:
    """Whether ``claim`` tells of the disagreement itself: that there is one, and two of the figures."""
    return claim.disagrees and sum(_states(claim, dispute)) > 1


def _states_all(evidence: Evidence, claim: Evidence) -> bool:
    return all(_states(evidence, claim))


def _states(one: Evidence, other: Evidence) -> list[bool]:
    """Of each figure of ``other``, whether ``one`` gives it."""
    figures = [figure for figure in other.own.figures if telling(figure)]
    return [any(same_figure(figure, said) for said in one.own.figures) for figure in figures]
