"""How well the cited passages bear out the words of a claim: what the fitted model sees."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..adapters.cedict import Dictionary
from ..text.cues import Cue, find_cues, implied_cues
from ..text.figures import Figure
from ..text.poles import FALL, RISE, UNWELCOME, find_poles
from .claim import Claim
from .coverage import Weighed, cover
from .facts import SHARES, TOPICS, Fact, Statement
from .proof import Proof
from .unsaid import find_unsaid

MOST = 3
# What true paraphrases do too, now and then.
WEAK = frozenset({"risen", "affirmed"})
# An amount by which something changed, not what it came to.
CHANGED = re.compile(
    r"(?:增加|减少|新增|净增|多增|少增|增长|下降|增量)[了为]?\s*$"
    r"|\b(?:gr[eo]wn?|increas\w+|r[io]sen?|fell|fallen|cut\w*|declin\w+|dropped|shr[au]nk|up|down)(?: \w+){0,3} by\s*$",
    re.IGNORECASE,
)


def read_wording(
    claim: Claim,
    proofs: Sequence[Proof],
    cosines: tuple[float, float],
    words: tuple[Weighed, ...],
    dictionary: Dictionary,
) -> dict[str, float]:
    """Features: cosines in [-1, 1], shares in [0, 1], counts up to ``MOST``, flags 0 or 1. ``cosines`` are the claim's
    with the nearest cited sentence and passage, ``words`` its content words."""
    foreign = all(proof.language is not claim.language for proof in proofs)
    said = frozenset[str]().union(
        *(p.around.spoken(foreign=p.language is not claim.language) for p in proofs)
    )
    near = cover(words, said)
    unsaid = find_unsaid(claim.statement, claim.language, proofs, dictionary)
    texts = [statement for proof in proofs for statement in proof.statements]
    measures = claim.measures & TOPICS
    known = frozenset(measure for proof in proofs for measure in proof.measures)
    turns = count_turns(claim.statement, texts)
    return {
        "cosine": cosines[0],
        "cosine_passage": cosines[1],
        "covered": 0.0 if foreign else near.covered,
        "covered_foreign": near.covered if foreign else 0.0,
        "foreign": float(foreign),
        "unsaid_things": _count(unsaid.things),
        "unsaid_loose": _count(unsaid.loose),
        "unsaid_words": _count(unsaid.words),
        "akin": _count(unsaid.akin),
        "unmeasured": float(min(len(measures - known), MOST)),
        "turned": float(min(sum(value for name, value in turns.items() if name not in WEAK), MOST)),
        "risen": turns["risen"],
        "affirmed": turns["affirmed"],
    }


def denies_alone(claim: Claim, proofs: Sequence[Proof]) -> bool:
    """Whether the claim denies something and no cited sentence does."""
    said = (statement for proof in proofs for statement in proof.statements)
    return Cue.DENIAL in find_cues(claim.statement.rest) and not any(
        Cue.DENIAL in implied_cues(statement.rest) for statement in said
    )


def _count(words: Sequence[str]) -> float:
    return float(min(len(words), MOST))


def count_turns(claim: Statement, texts: Sequence[Statement]) -> dict[str, float]:
    """What turns the claim round against the evidence, or the evidence against the claim."""
    own = find_poles(claim.rest)
    said = frozenset(pole for text in texts for pole in find_poles(text.rest))
    cues = find_cues(claim.rest)
    known = frozenset(cue for text in texts for cue in implied_cues(text.rest))
    return {
        "opposed": float(min(sum(pole.opposite in said and pole not in said for pole in own), MOST)),
        "risen": float(RISE in own and RISE not in said),
        "fallen": float(FALL in own and FALL not in said),
        "unwelcome": float(bool(own & UNWELCOME - said)),
        "changed": float(_changes(claim) and not any(map(_changes, texts))),
        "affirmed": float(Cue.DENIAL in known and Cue.DENIAL not in cues),
        "settled": float(Cue.PLAN in known and Cue.PLAN not in cues and Cue.DONE in cues - known),
        **{str(cue): float(cue in cues and cue not in known) for cue in Cue if cue is not Cue.DONE},
    }


def _changes(statement: Statement) -> bool:
    return any(_is_change(statement, fact) for fact in statement.figures)


def _is_change(statement: Statement, fact: Fact) -> bool:
    mark = fact.mark
    amount = isinstance(mark, Figure) and mark.unit not in SHARES
    return amount and bool(CHANGED.search(statement.text[: mark.span.start]))
