"""The figures of a claim with the places that supply them: what the strict rules hold against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..text.figures import Figure, Unit
from ..text.scripts import fold_text
from .amounts import is_duration, proves_amount, same_amount
from .claim import Claim
from .facts import Fact, Statement
from .proof import Proof


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A figure of the evidence; ``clause`` is its stretch of the sentence, up to that of the next figure, ``before``
    what of it stands before the figure, both folded."""

    fact: Fact
    figure: Figure
    clause: str
    before: str
    statement: Statement
    proof: Proof


@dataclass(frozen=True, slots=True, eq=False)
class Supplied:
    """A figure of the claim, read like a place, with every place that gives its amount of the same measure."""

    fact: Fact
    figure: Figure
    clause: str
    before: str
    places: tuple[Place, ...]


def find_supplied(claim: Claim, proofs: Sequence[Proof]) -> tuple[Supplied, ...]:
    """Each figure of ``claim`` that tells something; one that no place gives is left to the other rules."""
    known = [
        place for proof in proofs for statement in proof.statements for place in read_places(statement, proof)
    ]
    own = claim.statement
    return tuple(
        Supplied(
            fact,
            fact.mark,
            clause,
            before,
            tuple(place for place in known if _gives(place, fact, fact.mark, own.text)),
        )
        for fact, clause, before in _clauses(own)
        if isinstance(fact.mark, Figure) and not _idle(fact.mark)
    )


def read_places(statement: Statement, proof: Proof) -> list[Place]:
    """Every figure of one sentence of the evidence."""
    return [
        Place(fact, fact.mark, clause, before, statement, proof)
        for fact, clause, before in _clauses(statement)
        if isinstance(fact.mark, Figure)
    ]


def _clauses(statement: Statement) -> Iterator[tuple[Fact, str, str]]:
    """Every figure with what is said from its stretch to the next one's, and before it."""
    facts, text = statement.figures, statement.text
    for fact, after in zip(facts, (*facts[1:], None), strict=False):
        start = fact.span.start
        end = max(after.span.start, fact.mark.span.end) if after else len(text)
        yield fact, fold_text(text[start:end]), fold_text(text[start : fact.mark.span.start])


def _gives(place: Place, fact: Fact, figure: Figure, claimed_in: str) -> bool:
    said, own = place.fact.topics, fact.topics
    if said and own and not said & own:
        return False
    return same_amount(place.figure, figure) or proves_amount(
        place.figure, place.statement.text, figure, claimed_in
    )


def _idle(figure: Figure) -> bool:
    """ "One" is a word more often than a figure."""
    return figure.unit is Unit.COUNT and figure.value == 1 and not is_duration(figure)
