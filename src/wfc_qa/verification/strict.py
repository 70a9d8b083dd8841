"""What no fitted mark may let through: rules for the wrong figures that read like true ones, each in its own file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..types import Doubt
from .bases import find_other_bases
from .claim import Claim
from .moments import find_unsaid_moments
from .multiples import find_unsaid_multiples
from .pointers import find_loose_pointers
from .proof import Proof
from .roles import find_other_roles
from .signs import find_unsaid_signs
from .standing import find_overstated
from .subjects import find_other_subjects, find_unsaid_ranks
from .supplied import find_supplied
from .unions import find_unions


def find_strict_doubts(claim: Claim, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """What of ``claim`` is told otherwise than ``proofs`` tell it, though its figures are theirs."""
    text, supplied = claim.statement.text, find_supplied(claim, proofs)
    yield from find_unsaid_signs(supplied)
    yield from find_unsaid_multiples(claim, proofs)
    yield from find_other_bases(supplied)
    yield from find_unsaid_moments(claim.statement, supplied, proofs)
    yield from find_loose_pointers(claim, supplied)
    yield from find_other_subjects(text, supplied)
    yield from find_unsaid_ranks(text, proofs)
    yield from find_overstated(text, supplied, proofs)
    yield from find_unions(claim, supplied, proofs)
    yield from find_other_roles(claim, proofs)
