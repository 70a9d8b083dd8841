"""Two paragraphs cited for one clause: its figure, its names and its measures stand together in one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..text.measures import QUALIFIERS, Measure, find_measures
from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .aliases import find_aliases
from .claim import Claim
from .facts import TOPICS
from .names import Name, speaks_of
from .proof import Proof
from .supplied import Supplied


def find_unions(claim: Claim, supplied: Sequence[Supplied], proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each name or measure beside a figure that only paragraphs without that figure hold."""
    if len({proof.passage.paragraph.paragraph_id for proof in proofs}) < 2:
        return
    for one in supplied:
        givers = {place.proof.passage.paragraph.paragraph_id for place in one.places}
        own = [proof for proof in proofs if proof.passage.paragraph.paragraph_id in givers]
        others = [proof for proof in proofs if proof.passage.paragraph.paragraph_id not in givers]
        if not own or not others:
            continue
        for name in claim.names:
            if fold_text(name.text) in one.clause and not _speak(own, name) and _speak(others, name):
                yield Doubt(Flaw.NAME, name.text)
        aliases = find_aliases(one.clause)
        for alias, written in aliases.items():
            held = any(alias in proof.aliases for proof in own)
            if not held and any(alias in proof.aliases for proof in others):
                yield Doubt(Flaw.NAME, written)
        for measure in sorted(find_measures(one.clause) & (TOPICS | QUALIFIERS)):
            if not _measure(own, measure) and _measure(others, measure):
                yield Doubt(Flaw.FIGURE, one.figure.text)


def _speak(proofs: Sequence[Proof], name: Name) -> bool:
    return any(speaks_of(name, proof.around) for proof in proofs)


def _measure(proofs: Sequence[Proof], measure: Measure) -> bool:
    return any(measure in proof.measures for proof in proofs)
