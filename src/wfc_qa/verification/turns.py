"""Small words that make another claim: what a paragraph tells flat is not planned, denied, whole, nor a cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..text.cues import Cue, find_cue, implied_cues
from ..types import Doubt, Flaw
from .claim import Claim
from .proof import Proof

# That something is past, its date or its paragraph's says as well.
_TURNING = frozenset(Cue) - {Cue.DONE}


def find_unsaid_turns(claim: Claim, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each such word of ``claim`` where no cited sentence has one like it."""
    known = frozenset[Cue]().union(
        *(implied_cues(statement.rest) for proof in proofs for statement in proof.statements)
    )
    for cue in sorted(_TURNING - known):
        if word := find_cue(claim.statement.rest, cue):
            yield Doubt(Flaw.NEGATION if cue is Cue.DENIAL else Flaw.WORDING, word)
