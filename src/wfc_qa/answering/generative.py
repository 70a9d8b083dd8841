"""An answer in a language model's words: each sentence is proved by a passage shown to the model, or never told."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ..adapters.llms import Failure, GenerationError
from ..indexing.store import PassageRow
from ..text.language import detect_language
from ..text.markers import Finding
from ..types import Citation, Language, Sentence, Support
from ..verification.reading import Reading
from ..verification.verifier import Verifier
from .asked import Asked
from .assembly import Draft, cut_sentences, tidy_sentence
from .citing import cover
from .evidence import DISAGREE, Evidence, Reader
from .facets import find_facets
from .guard import find_refusal, find_unsaid
from .sides import Sides, Told

# A budget: how many passages are tried for a sentence that does not cite what proves it.
TRIED = 3
# A model that repeats itself or rambles is not heard to its end.
MOST_SENTENCES = 16
_STOPS = tuple("。！？｡.!?…")
_CLOSERS = "”’』」）)】》\"'"
_ENDS = {Language.ZH: "。", Language.EN: "."}


@dataclass(slots=True)
class Written:
    """What came of a model's text: ``told`` is proved and was told, ``withheld`` was not; ``findings`` are the markers
    that cite nothing."""

    told: list[Told] = field(default_factory=list)
    withheld: list[Sentence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def sentences(self) -> list[Sentence]:
        return [one.sentence for one in self.told]


def write_answer(
    pieces: Iterable[str],
    asked: Asked,
    shown: Sequence[PassageRow],
    verifier: Verifier,
    reader: Reader,
    sides: Sides | None = None,
) -> Generator[Sentence, None, Written]:
    """Tell each sentence of a model's text once ``shown`` proves it and the question's guard is met; a failure of the
    model ends it. ``sides`` finds the other language's version to cite beside.

    What is proved waits until all that was proved so far answers the question.
    """
    written = Written()
    told: list[Told] = []
    waiting = True
    markers: dict[str, int] = {}
    try:
        for raw in islice(cut_sentences(pieces), MOST_SENTENCES):
            draft = tidy_sentence(raw, len(shown))
            if draft is None:
                continue
            written.findings += draft.findings
            sentence, cited = prove_draft(draft, shown, verifier, reader)
            if sentence.support is not Support.SUPPORTED:
                written.withheld.append(sentence)
            elif all(sentence.text != one.sentence.text for one in told):
                one = _cite(sentence, cited, markers, reader, sides)
                told.append(one)
                ready = [one] if not waiting else told if answers(asked, told) else []
                for proved in ready:
                    waiting = False
                    written.told.append(proved)
                    yield proved.sentence
    except GenerationError as error:
        written.failure = error.failure
    if waiting:
        written.withheld += [one.sentence for one in told]
    return written


def prove_draft(
    draft: Draft, shown: Sequence[PassageRow], verifier: Verifier, reader: Reader
) -> tuple[Sentence, tuple[PassageRow, ...]]:
    """The sentence with the verdict on it, and the passages that prove it: those it cites or, where they do not, the
    one of ``shown`` that does best."""
    claim, language = draft.text, detect_language(draft.text)
    named = tuple(shown[number - 1] for number in draft.numbers)
    verdict = verifier.verify(claim, language, named)
    if verdict.support is Support.SUPPORTED:
        cited = _needed(claim, language, named, verifier)
    else:
        cited = _proving(claim, language, [row for row in shown if named != (row,)], verifier, reader)
    if cited:
        return _sentence(claim, language, cited), cited
    doubted = _sentence(claim, language, named)
    return replace(doubted, support=verdict.support, doubts=verdict.doubts), ()


def _needed(
    claim: str, language: Language, named: tuple[PassageRow, ...], verifier: Verifier
) -> tuple[PassageRow, ...]:
    """Without passages that the claim does not need: those that prove it alone, or all of them together."""
    if len(named) < 2:
        return named
    alone = [row for row in named if verifier.verify(claim, language, [row]).support is Support.SUPPORTED]
    return tuple(alone) or named


def _proving(
    claim: str, language: Language, rows: Sequence[PassageRow], verifier: Verifier, reader: Reader
) -> tuple[PassageRow, ...]:
    """The passage that proves ``claim`` best, if any does; only those that share most with it are tried."""
    said = reader.read_claim(claim, language)
    near = sorted(rows, key=lambda row: _most_shared(said, reader.read(row)), reverse=True)[:TRIED]
    verdicts = [(verifier.verify(claim, language, [row]), row) for row in near]
    proved = [(verdict.confidence, row) for verdict, row in verdicts if verdict.support is Support.SUPPORTED]
    return (max(proved, key=lambda pair: pair[0])[1],) if proved else ()


def answers(asked: Asked, told: Sequence[Told]) -> bool:
    """Whether proved sentences answer the question: the passages they cite hold what it names, and they say it
    themselves where it is what is asked for. Each thing compared is answered by a sentence of its own."""
    facets = find_facets(asked)
    whole = _meets(asked, told)
    return whole and (len(facets) < 2 or all(any(_meets(facet, [one]) for one in told) for facet in facets))


def _meets(asked: Asked, told: Sequence[Told]) -> bool:
    quoted = [evidence for one in told for evidence in one.quoted]
    own = [evidence for one in told for evidence in one.own]
    return bool(quoted) and find_refusal(asked, quoted) is None and find_unsaid(asked, own) is None


def _sentence(text: str, language: Language, cited: Sequence[PassageRow]) -> Sentence:
    """A list's items often end without a mark, or with one that leads on."""
    whole = text if text.rstrip(_CLOSERS)[-1:] in _STOPS else text.rstrip("；;，,、") + _ENDS[language]
    return Sentence(whole, tuple(Citation(n, row.paragraph.paragraph_id) for n, row in enumerate(cited, 1)))


def _cite(
    sentence: Sentence,
    cited: Sequence[PassageRow],
    markers: dict[str, int],
    reader: Reader,
    sides: Sides | None,
) -> Told:
    """Number the paragraphs in the order in which an answer cites them, and mark what in them proves the sentence."""
    language = detect_language(sentence.text)
    said = reader.read_claim(sentence.text, language)
    quoted = tuple(evidence for row in cited for evidence in reader.read(row))
    places = {row: find_places(said, reader.read(row)) for row in cited}
    said_at = tuple(place for found in places.values() for place in found)
    one_sided = len({row.language for row in cited}) == 1
    twins = sides.find_twins(sentence.text, language, said_at) if sides and one_sided else ()
    citations: dict[str, Citation] = {}
    for row, found in (*places.items(), *((twin.passage, [twin]) for twin in twins)):
        name = row.paragraph.paragraph_id
        marker = markers.setdefault(name, len(markers) + 1)
        # Where two sentences of a passage say it as well, none is marked.
        quote = cover(found[0]) if len(found) == 1 else None
        citations.setdefault(name, Citation(marker, name, quote))
    disagrees = bool(DISAGREE.search(sentence.text))
    own = tuple(replace(one, text=sentence.text, own=said, disagrees=disagrees) for one in quoted)
    return Told(replace(sentence, citations=tuple(citations.values())), own, quoted, said_at, twins)


def find_places(said: Reading, among: Sequence[Evidence]) -> list[Evidence]:
    """The sentences that share most with what is ``said``, figures and dates before words."""
    shares = [_shared(said, one) for one in among]
    most = max(shares, default=(0, 0))
    return [one for one, share in zip(among, shares, strict=True) if share == most != (0, 0)]


def _most_shared(said: Reading, among: Sequence[Evidence]) -> tuple[int, int]:
    return max((_shared(said, one) for one in among), default=(0, 0))


def _shared(said: Reading, other: Evidence) -> tuple[int, int]:
    """How many figures and dates, and how many words."""
    words = other.own.spoken(foreign=other.language is not said.language)
    return (said.marks & other.own.marks).total(), len(said.terms & words)
