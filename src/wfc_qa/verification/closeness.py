"""How well what stands around a mark of the evidence fits what stands around one of the claim."""

from __future__ import annotations

from ..text.dates import DateMention, covers
from ..text.figures import Figure
from .claim import Claim, Place
from .concepts import find_concepts
from .coverage import cover
from .facts import SHARES, Fact, Mark
from .reading import Reading


def closeness(claim: Claim, fact: Fact, place: Place) -> float:
    """How well a mark's stretch of the evidence fits that of the claim: up to 1 each for the words, for what is
    counted, for measures, stages and dates in common, and half for the concepts around a bare mark."""
    said, foreign = place.fact, place.proof.language is not claim.language
    own = () if isinstance(fact.mark, DateMention) else fact.dates
    dates = [date for date in own if fact.span.start <= date.span.start < fact.span.end]
    return (
        _covered(claim, fact.near, said.near, foreign)
        + _covered(claim, fact.head, said.head, foreign)
        + float(bool(fact.topics & said.topics))
        + float(bool(fact.roles & said.roles))
        + float(bool(fact.stages & said.stages))
        + (_alike(fact.near.folded, said.near.folded) / 2 if _bare(fact.mark) else 0.0)
        + float(any(covers(one, date) for date in dates for one in said.dates))
    )


def _bare(mark: Mark) -> bool:
    """Whether it does not tell what it is of: a date or a share, unlike an amount."""
    return isinstance(mark, DateMention) or (isinstance(mark, Figure) and mark.unit in SHARES)


def _alike(words: str, said: str) -> float:
    """The share of the concepts of ``words`` that ``said`` speaks of too."""
    own, known = ({one.concept for one in find_concepts(text)} for text in (words, said))
    return len(own & known) / len(own) if own else 0.0


def _covered(claim: Claim, words: Reading, said: Reading, foreign: bool) -> float:
    weighed = claim.weigh(words.folded)
    return cover(weighed, said.spoken(foreign=foreign)).covered if weighed else 0.0
