"""The sign of a figure: growth of -8.3% is no growth of 8.3%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.poles import FALL, RISE
from ..types import Doubt, Flaw
from .supplied import Place, Supplied

# Hyphens before digits are read with the figure; 负债 and 负责 are no signs.
_BEFORE = re.compile(r"(?:负|零下|\bminus|\bnegative)\s*(?:的|of |at |about |约)?\s*$|[−－﹣]\s?$")
_AROUND = re.compile(r"[为是呈转]负(?![债责])|负(?:值|数)|\bnegative\b(?! (?:growth|list|impact|effect))")


def find_unsaid_signs(supplied: Sequence[Supplied]) -> Iterator[Doubt]:
    """A doubt for each figure with a sign, or without, that no place gives so."""
    for one in supplied:
        if one.places and not any(_agrees(one, place) for place in one.places):
            yield Doubt(Flaw.FIGURE, one.figure.text)


def _agrees(one: Supplied, place: Place) -> bool:
    own, said = _signed(one), _signed(place)
    falls = FALL in place.fact.poles and RISE not in place.fact.poles
    if own and FALL in one.fact.poles:
        # "Fell by -8.3%" says either; only the same words prove it.
        return said and falls
    if own:
        return said or falls or any(not pole.high for pole in place.fact.poles)
    return not said or any(not pole.high for pole in one.fact.poles)


def _signed(one: Supplied | Place) -> bool:
    """Whether the figure is below zero by its own sign or by a word that says so."""
    if one.figure.value < 0:
        return True
    return bool(_BEFORE.search(one.before) or _AROUND.search(one.clause))
