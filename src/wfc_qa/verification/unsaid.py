"""The words of a claim that no cited passage says, in whatever words of either language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
from ..text.cues import cue_spans
from ..text.poles import Pole, find_poles, find_trends, pole_spans
from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Language, Span
from .aliases import alias_spans
from .concepts import Mentioned, find_concepts, idle_spans
from .facts import Statement
from .kin import is_akin
from .proof import Proof
from .words import find_words

TITLE = re.compile("《[^》]*》")


@dataclass(frozen=True, slots=True)
class Unsaid:
    """``things`` and ``loose`` are words whose every known synonym is missing, ``words`` others that are; ``akin`` are
    missing words, but for things, that the dictionary takes for much the same as one of the evidence."""

    things: tuple[str, ...]
    loose: tuple[str, ...]
    words: tuple[str, ...]
    akin: tuple[str, ...]


def find_unsaid(
    statement: Statement, language: Language, proofs: Sequence[Proof], dictionary: Dictionary
) -> Unsaid:
    """Hold each content word of the claim against all that the passages say."""
    folded = fold_text(statement.rest)
    said = frozenset(concept for proof in proofs for concept in proof.concepts)
    terms = frozenset[str]().union(
        *(proof.around.spoken(foreign=proof.language is not language) for proof in proofs)
    )
    spelled = [proof.around.spelled for proof in proofs if proof.language is not language]
    foreign = all(proof.language is not language for proof in proofs)
    found = list(find_words(folded, language, dictionary))
    mentioned = _settle(find_concepts(folded), found)
    found = [word for word in found if not any(_crosses(word, one.span) for one in mentioned)]
    aliased = alias_spans(folded)
    # What turns a sentence round is held against the evidence as such.
    skipped = [*idle_spans(folded), *find_trends(folded), *aliased, *cue_spans(folded)]
    named = (find_poles(said.rest) for proof in proofs for said in proof.statements)
    skipped += pole_spans(folded, frozenset[Pole]().union(*named))
    if foreign:
        # The title of a document is a name; what it is called in the other language says no more.
        skipped += [Span(*match.span()) for match in TITLE.finditer(folded)]
    missing: dict[str, list[str]] = {"things": [], "loose": [], "words": [], "akin": []}
    spans = {*found, *(one.span for one in mentioned)}
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        word = span.of(folded)
        parts = content_terms(word)
        if not parts or any(_within(span, one) for one in skipped):
            continue
        if any(_within(span, one.span) and span != one.span for one in mentioned):
            continue
        if any(_crosses(span, one) for one in aliased):
            continue
        own = _concepts_of(span, mentioned)
        literal = terms.issuperset(parts) and not (own and foreign)
        if literal or any(one.concept in said for one in own) or any(word in letters for letters in spelled):
            continue
        if own and not any(one.loose for one in own):
            kind = "things"
        elif any(is_akin(word, language, proof.around.kin, dictionary) for proof in proofs):
            kind = "akin"
        else:
            kind = "loose" if own else "words"
        missing[kind].append(word)
    return Unsaid(**{kind: tuple(dict.fromkeys(words)) for kind, words in missing.items()})


def _settle(mentioned: Sequence[Mentioned], words: Sequence[Span]) -> list[Mentioned]:
    """Without those that cut another concept in two: 融资 of 金融资产 is no financing."""
    firm = [word for word in words if any(_within(word, one.span) for one in mentioned)]
    return [one for one in mentioned if not any(_crosses(one.span, word) for word in firm)]


def _within(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end


def _crosses(span: Span, word: Span) -> bool:
    """Whether each of the two begins or ends within the other."""
    return word.start < span.start < word.end < span.end or span.start < word.start < span.end < word.end


def _concepts_of(span: Span, mentioned: Sequence[Mentioned]) -> list[Mentioned]:
    """Those that say most of ``span``: "venture capital" is not any capital."""
    shared = [(min(one.span.end, span.end) - max(one.span.start, span.start), one) for one in mentioned]
    most = max((length for length, _ in shared), default=0)
    return [one for length, one in shared if length == most > 0]
