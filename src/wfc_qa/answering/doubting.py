"""A question held against its evidence as a claim is: what it takes for granted, the evidence should bear out."""

from __future__ import annotations

from collections.abc import Sequence

from ..calibration import Margins
from ..text.measures import find_measures
from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from ..verification.checks import find_doubts
from ..verification.claim import Claim
from ..verification.coverage import Weighed
from ..verification.facts import TOPICS, Statement
from ..verification.proof import Proof
from ..verification.strict import find_strict_doubts
from ..verification.wording import WEAK, count_turns
from .asked import Asked

MOST = 3
MARKS = frozenset({Flaw.FIGURE, Flaw.DATE, Flaw.ORDINAL, Flaw.BOUND, Flaw.DIRECTION})


def weigh_doubts(
    asked: Asked, question: Statement, words: tuple[Weighed, ...], proofs: Sequence[Proof], margins: Margins
) -> dict[str, float]:
    """Features of the confidence: counts up to ``MOST``, flags 0 or 1; ``question`` is what it takes for granted."""
    claim = _as_claim(asked, question, words, margins)
    turns = count_turns(claim.statement, [said for proof in proofs for said in proof.statements])
    doubts: list[Doubt] = [*find_doubts(claim, proofs), *find_strict_doubts(claim, proofs)]
    flaws = {doubt.flaw for doubt in doubts}
    known = frozenset(measure for proof in proofs for measure in proof.measures)
    return {
        "doubts": float(min(len(doubts), MOST)),
        "doubted_mark": float(bool(flaws & MARKS)),
        "doubted_name": float(Flaw.NAME in flaws),
        "turned": float(min(sum(value for name, value in turns.items() if name not in WEAK), MOST)),
        "risen": turns["risen"],
        "affirmed": turns["affirmed"],
        "unmeasured": float(min(len((claim.measures & TOPICS) - known), MOST)),
    }


def _as_claim(asked: Asked, question: Statement, words: tuple[Weighed, ...], margins: Margins) -> Claim:
    def weigh(stretch: str) -> tuple[Weighed, ...]:
        folded = fold_text(stretch)
        return tuple(one for one in words if one.word.text in folded)

    return Claim(
        statement=question,
        language=asked.query.language,
        names=asked.names,
        measures=find_measures(asked.query.text),
        weigh=weigh,
        margins=margins,
    )
