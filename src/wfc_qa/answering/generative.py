"""An answer in a language model's words: each sentence is proved by a passage shown to the model, or never told."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from ..adapters.llms import Failure, GenerationError
from ..indexing.store import PassageRow
from ..text.language import detect_language
from ..types import Citation, Doubt, Flaw, Language, Sentence, Span, Support
from .asked import Asked
from .assembly import Draft, cut_sentences, refuses, tidy_sentence
from .evidence import Evidence, Reader
from .extractive import SOURCE_MARKS
from .facets import find_facets
from .guard import find_refusal, find_unsaid
from .markers import Finding

# A model that repeats itself or rambles is not heard to its end.
MOST_SENTENCES = 16
_STOPS = tuple("。！？｡.!?…")
_CLOSERS = "”’』」）)】》\"'"
_ENDS = {Language.ZH: "。", Language.EN: "."}


class Judged(Protocol):
    @property
    def support(self) -> Support: ...
    @property
    def doubts(self) -> tuple[Doubt, ...]: ...
    @property
    def confidence(self) -> float: ...


class Judge(Protocol):
    """Whether passages say what a claim says: ``verification.verifier.Verifier``."""

    def verify(self, claim: str, language: Language, cited: Sequence[PassageRow]) -> Judged: ...


@dataclass(slots=True)
class Written:
    """What came of a model's text: ``sentences`` are proved and were told, ``withheld`` were not told; ``findings`` are
    the markers that cite nothing."""

    sentences: list[Sentence] = field(default_factory=list)
    withheld: list[Sentence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A proved sentence: what it says itself, and what the passages it cites say."""

    sentence: Sentence
    own: Evidence
    quoted: tuple[Evidence, ...]


def write_answer(
    pieces: Iterable[str], asked: Asked, shown: Sequence[PassageRow], judge: Judge, reader: Reader
) -> Generator[Sentence, None, Written]:
    """Tell each sentence of a model's text once ``shown`` proves it and the question's guard is met; a failure of the
    model ends it.

    What is proved waits until all that was proved so far answers the question.
    """
    written = Written()
    told: list[Told] = []
    waiting = True
    markers: dict[str, int] = {}
    try:
        for raw in islice(cut_sentences(pieces), MOST_SENTENCES):
            written.refused |= refuses(raw)
            draft = tidy_sentence(raw, len(shown))
            if draft is None:
                continue
            written.findings += draft.findings
            sentence, cited = prove_draft(draft, shown, judge)
            if sentence.support is not Support.SUPPORTED:
                written.withheld.append(sentence)
            elif all(sentence.text != one.sentence.text for one in told):
                one = _cite(sentence, cited, markers, reader)
                told.append(one)
                ready = [one] if not waiting else told if answers(asked, told) else []
                for proved in ready:
                    waiting = False
                    written.sentences.append(proved.sentence)
                    yield proved.sentence
    except GenerationError as error:
        written.failure = error.failure
    if waiting:
        written.withheld += [one.sentence for one in told]
    return written


def prove_draft(
    draft: Draft, shown: Sequence[PassageRow], judge: Judge
) -> tuple[Sentence, tuple[PassageRow, ...]]:
    """The sentence with the verdict on it, and the passages that prove it: those it cites or, where they do not, the
    one of ``shown`` that does best."""
    language = detect_language(draft.text)
    named = [shown[number - 1] for number in draft.numbers]
    if named:
        verdict = judge.verify(draft.text, language, named)
        if verdict.support is Support.SUPPORTED:
            cited = _needed(draft.text, language, named, judge)
            return _sentence(draft.text, language, cited), cited
        doubts = verdict.doubts
    else:
        verdict, doubts = None, (Doubt(Flaw.UNCITED, draft.text),)
    others = [row for row in shown if named != [row]]
    verdicts = [(judge.verify(draft.text, language, [row]), row) for row in others]
    proving = [(other.confidence, row) for other, row in verdicts if other.support is Support.SUPPORTED]
    if proving:
        # Equal confidence goes to the passage that ranks first.
        cited = (max(proving, key=lambda pair: pair[0])[1],)
        return _sentence(draft.text, language, cited), cited
    support = verdict.support if verdict else Support.UNSUPPORTED
    return replace(_sentence(draft.text, language, named), support=support, doubts=doubts), ()


def answers(asked: Asked, told: Sequence[Told]) -> bool:
    """Whether proved sentences answer the question: the passages they cite hold what it names, and they say it
    themselves where it is what is asked for. Each thing compared is answered by a sentence of its own."""
    facets = find_facets(asked)
    whole = _meets(asked, told)
    return whole and (len(facets) < 2 or all(any(_meets(facet, [one]) for one in told) for facet in facets))


def _meets(asked: Asked, told: Sequence[Told]) -> bool:
    quoted = [evidence for one in told for evidence in one.quoted]
    own = [one.own for one in told]
    return bool(quoted) and find_refusal(asked, quoted) is None and find_unsaid(asked, own) is None


def _needed(
    claim: str, language: Language, named: Sequence[PassageRow], judge: Judge
) -> tuple[PassageRow, ...]:
    """Without passages that the claim does not need: those that prove it alone, or all of them together."""
    if len(named) < 2:
        return tuple(named)
    alone = [row for row in named if judge.verify(claim, language, [row]).support is Support.SUPPORTED]
    return tuple(alone or named)


def _sentence(text: str, language: Language, cited: Sequence[PassageRow]) -> Sentence:
    """A list's items often end without a mark, or with one that leads on."""
    whole = text if text.rstrip(_CLOSERS)[-1:] in _STOPS else text.rstrip("；;，,、") + _ENDS[language]
    return Sentence(whole, tuple(Citation(n, row.paragraph.paragraph_id) for n, row in enumerate(cited, 1)))


def _cite(sentence: Sentence, cited: Sequence[PassageRow], markers: dict[str, int], reader: Reader) -> Told:
    """Number the paragraphs in the order in which an answer cites them, and mark what in them proves the sentence."""
    language = detect_language(sentence.text)
    quoted = tuple(evidence for row in cited for evidence in reader.read(row))
    own = reader.read_claim(sentence.text, language, cited[0])
    citations: dict[str, Citation] = {}
    for row in cited:
        name = row.paragraph.paragraph_id
        marker = markers.setdefault(name, len(markers) + 1)
        citations.setdefault(name, Citation(marker, name, find_quote(own, reader.read(row))))
    return Told(replace(sentence, citations=tuple(citations.values())), own, quoted)


def find_quote(own: Evidence, said: Sequence[Evidence]) -> Span | None:
    """The sentence among ``said`` that shares most with ``own``, figures and dates before words; None where none
    stands out."""
    shares = [(_shared(own, one), one) for one in said]
    if not shares:
        return None
    most, best = max(shares, key=lambda pair: pair[0])
    if most == (0, 0) or sum(share == most for share, _ in shares) > 1:
        return None
    return Span(best.span.start, best.span.start + len(SOURCE_MARKS.sub("", best.text)))


def _shared(own: Evidence, other: Evidence) -> tuple[int, int]:
    words = other.own.spoken(foreign=other.own.language is not own.own.language)
    return sum((own.own.marks & other.own.marks).values()), len(own.own.terms & words)
