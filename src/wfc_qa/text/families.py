"""English word families: "issue", "issued", "issuance" and "issuer" have one root; a stemmer keeps them apart."""

from __future__ import annotations

from functools import lru_cache

REMEMBERED = 100_000
SHORTEST = 4
_ENDINGS = sorted(
    "isations izations isation ization ational ations ation itions ition"
    " ments ment ances ance ences ence ially ial ally"
    " als al ings ing ers er ors or ed es s ies ied y ity ities ive ives ively ly ness ion ions ise ize ised ized ises"
    " izes e th ship ships able ible ant ent ants ents ancy ency ary ory ist ists ic ical ics ful less".split(),
    key=len,
    reverse=True,
)


@lru_cache(maxsize=REMEMBERED)
def root(word: str) -> str:
    """A lower-case word without its last two endings, as long as four letters stay."""
    for _ in range(2):
        ending = next(
            (one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= SHORTEST), ""
        )
        word = word.removesuffix(ending)
    return word
