"""The rules: every figure, date, place in a row and name of a claim must be one that a cited passage states of the same
thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from ..text.dates import DateMention, covers
from ..text.figures import Figure, Unit
from ..text.ordinals import Ordinal
from ..text.poles import TREND
from ..text.scripts import fold_text
from ..types import Doubt, Flaw, Span
from .aliases import alias_spans, find_aliases
from .amounts import comparable_amounts, is_duration, proves_amount, same_amount
from .claim import Claim, Place
from .closeness import closeness
from .concepts import find_concepts
from .facts import Fact, Mark, Statement
from .implied import is_implied
from .names import speaks_of
from .proof import Proof
from .reading import telling

# From far to near: what is told of a mark is how far its best proof went.
NEARNESS = (Flaw.FIGURE, Flaw.DATE, Flaw.ORDINAL, Flaw.BOUND, Flaw.DIRECTION)
WHOLE_YEAR = re.compile(r"(?:whole|entire|full|all)[- ](?:of |year |year of )?$", re.IGNORECASE)
LATE = re.compile(r"[底末]|\bend\b", re.IGNORECASE)


def find_doubts(claim: Claim, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """What of ``claim`` none of ``proofs`` states."""
    statement = claim.statement
    for facts, flaw in (
        (statement.figures, Flaw.FIGURE),
        (statement.dates, Flaw.DATE),
        (statement.ordinals, Flaw.ORDINAL),
    ):
        proven: list[tuple[Fact, list[Place]]] = []
        for fact in facts:
            places, wrong = _prove(claim, fact, proofs, flaw)
            if wrong and not _idle(fact):
                yield Doubt(wrong, fact.mark.text)
            elif places:
                proven.append((fact, places))
        yield from (Doubt(flaw, text) for text in _swapped(claim, proven))
    known = frozenset[str]().union(*(proof.digits for proof in proofs))
    yield from (Doubt(Flaw.FIGURE, digits) for digits in sorted(statement.digits - known))
    yield from (Doubt(Flaw.NAME, text) for text in _missing_names(claim, proofs))


def _missing_names(claim: Claim, proofs: Sequence[Proof]) -> Iterator[str]:
    """Names that no cited passage holds by any name they go by."""
    known = {alias for proof in proofs for alias in proof.aliases}
    named = find_aliases(claim.statement.text)
    yield from (written for alias, written in named.items() if alias not in known)
    text = fold_text(claim.statement.text)
    aliased = [span.of(text) for span in alias_spans(text)]
    for name in claim.names:
        folded = fold_text(name.text)
        held = any(folded in written or written in folded for written in aliased)
        # "Tech firms" begins a sentence; what lists know as a thing is held as a word.
        held = held or any(one.span == Span(0, len(folded)) for one in find_concepts(folded))
        if not held and not any(speaks_of(name, proof.around) for proof in proofs):
            yield name.text


def _idle(fact: Fact) -> bool:
    """ "One" is a word more often than a figure, unless it is of years or days."""
    mark = fact.mark
    if not isinstance(mark, Figure) or mark.unit is not Unit.COUNT:
        return False
    return mark.value == 1 and not is_duration(mark)


def _prove(claim: Claim, fact: Fact, proofs: Sequence[Proof], flaw: Flaw) -> tuple[list[Place], Flaw | None]:
    """Where the evidence states ``fact`` of the same thing; without such a place the doubt that came closest to being
    none."""
    nearest, places = flaw, list[Place]()
    for proof in proofs:
        for statement in proof.statements:
            rivals = _facts_like(fact.mark, statement)
            for said in rivals:
                if not _same_mark(said.mark, fact.mark, claim.statement.text):
                    continue
                if not _proves(said.mark, statement.text, fact.mark, claim.statement.text):
                    nearest = max(nearest, Flaw.BOUND, key=NEARNESS.index)
                    continue
                place = Place(said, statement, proof)
                wrong = _misfit(claim, fact, place, rivals, flaw)
                if wrong is None or _idle(fact):
                    places.append(place)
                else:
                    nearest = max(nearest, wrong, key=NEARNESS.index)
    if places or any(is_implied(claim, fact, proof) for proof in proofs):
        return places, None
    return [], nearest


def _facts_like(mark: Mark, statement: Statement) -> tuple[Fact, ...]:
    if isinstance(mark, Figure):
        return statement.figures
    return statement.dates if isinstance(mark, DateMention) else statement.ordinals


def _same_mark(said: Mark, claimed: Mark, claimed_in: str = "") -> bool:
    """Whether it is the mark meant, be it with another comparison word."""
    if isinstance(said, Figure) and isinstance(claimed, Figure):
        return same_amount(said, claimed) or proves_amount(said, "", claimed, claimed_in)
    return _proves(said, "", claimed, claimed_in)


def _proves(said: Mark, said_in: str, claimed: Mark, claimed_in: str) -> bool:
    if isinstance(said, Figure) and isinstance(claimed, Figure):
        return proves_amount(said, said_in, claimed, claimed_in)
    if isinstance(said, DateMention) and isinstance(claimed, DateMention):
        if LATE.search(claimed.text):
            # Loosely any day of the last month.
            claimed = replace(claimed, day=None)
        whole = claimed_in and ("全年" in claimed.text or WHOLE_YEAR.search(claimed_in[: claimed.span.start]))
        partial = (said.month, said.quarter, said.half) != (None,) * 3
        return covers(said, claimed) and not (whole and partial and said.day != 31)
    return isinstance(said, Ordinal) and isinstance(claimed, Ordinal) and said.value == claimed.value


def _could_be(said: Mark, claimed: Mark) -> bool:
    """Whether the one could stand where the other does, with another value."""
    if isinstance(said, Figure) and isinstance(claimed, Figure):
        return comparable_amounts(said, claimed) and not same_amount(said, claimed)
    if isinstance(said, DateMention) and isinstance(claimed, DateMention):
        return not covers(said, claimed) and not covers(claimed, said)
    return isinstance(said, Ordinal) and isinstance(claimed, Ordinal) and said.value != claimed.value


def _misfit(claim: Claim, fact: Fact, place: Place, rivals: Iterable[Fact], flaw: Flaw) -> Flaw | None:
    """Why the mark, though stated, is not stated of what the claim says."""
    said = place.fact
    if isinstance(fact.mark, Figure):
        dates = [date for date in fact.dates if _holds_for(fact, date, place, claim)]
        if fact.dates and not dates:
            return Flaw.DATE
        if any(
            pole.axis == TREND and pole.opposite in said.poles and pole not in said.poles
            for pole in fact.poles
        ):
            return Flaw.DIRECTION
        if _apart(fact.topics, said.topics) or _apart(fact.roles, said.roles) or _other_parent(fact, place):
            return flaw
        if _apart(fact.stages, said.stages):
            return flaw
        if fact.topics & said.topics and not (
            fact.qualifiers <= place.proof.measures and said.qualifiers <= claim.measures
        ):
            return flaw
    return flaw if _outscored(claim, fact, place, rivals) else None


def _apart(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one) and bool(other) and not one & other


def _other_parent(fact: Fact, place: Place) -> bool:
    """Whether a growth is told of another amount than in the evidence, which states both amounts."""
    if fact.parent is None or place.fact.parent is None:
        return False
    own, said = fact.parent.mark, place.fact.parent.mark
    return not _same_mark(said, own) and any(_same_mark(one.mark, own) for one in place.statement.figures)


def _holds_for(fact: Fact, date: DateMention, place: Place, claim: Claim) -> bool:
    """Whether a figure is stated of ``date``: by the dates next to it, by looser ones and the rest of its sentence, or,
    where the sentence has none, by its headings."""
    said = place.fact
    # A whole year that is only carried over from earlier in the sentence need not be whole here.
    text = claim.statement.text if fact.span.start <= date.span.start < fact.span.end else ""
    if any(_proves(one, "", date, text) for one in said.dates):
        return True
    if all(covers(date, one) for one in said.dates):
        others = [fact.mark for fact in place.statement.dates]
        return any(_proves(one, "", date, text) for one in (*others, *place.proof.above))
    return False


def _outscored(claim: Claim, fact: Fact, place: Place, rivals: Iterable[Fact]) -> bool:
    """Whether the words around the mark belong to another one of the evidence's sentence."""
    others = [other for other in rivals if _could_be(other.mark, fact.mark)]
    if not others:
        return False
    # A date beside a figure is held against the figure's; of several dates, each is held against the others.
    if isinstance(fact.mark, DateMention) and (_dates_figure(claim, fact) or len(claim.statement.dates) > 1):
        return False
    if fact.parent and place.fact.parent and _same_mark(place.fact.parent.mark, fact.parent.mark):
        return False
    best = closeness(claim, fact, place)
    foreign = place.proof.language is not claim.language
    margin = claim.margins.outscored_foreign if foreign else claim.margins.outscored
    return any(
        closeness(claim, fact, replace(place, fact=other)) > best + (1 + _idle(other)) * margin
        for other in others
    )


def _swapped(claim: Claim, proven: Sequence[tuple[Fact, list[Place]]]) -> Iterator[str]:
    """Marks of the claim that fit the evidence better where they change places."""
    for (one, ones), (other, others) in combinations(proven, 2):
        if not _could_be(one.mark, other.mark) or _counts(one.mark) is not _counts(other.mark):
            continue
        # Two dates of figures are held against the figures' own.
        if _dates_figure(claim, one) and _dates_figure(claim, other):
            continue
        straight = max(closeness(claim, one, place) for place in ones) + max(
            closeness(claim, other, place) for place in others
        )
        crossed = max(closeness(claim, one, place) for place in others) + max(
            closeness(claim, other, place) for place in ones
        )
        foreign = ones[0].proof.language is not claim.language
        if crossed > straight + (claim.margins.swapped_foreign if foreign else claim.margins.swapped):
            yield from (one.mark.text, other.mark.text)


def _dates_figure(claim: Claim, fact: Fact) -> bool:
    """Whether it is the date of a figure that says something of its own."""
    return any(
        fact.mark in figure.dates
        for figure in claim.statement.figures
        if isinstance(figure.mark, Figure) and telling(figure.mark)
    )


def _counts(mark: Mark) -> bool:
    """Whether it is a number of things."""
    return isinstance(mark, Figure) and bool(mark.measure)
