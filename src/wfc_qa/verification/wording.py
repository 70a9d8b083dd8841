"""How well the cited passages bear out the words of a claim: what the fitted model sees."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.cues import find_denials, find_done, find_plans
from ..text.poles import find_poles
from .checks import Claim
from .coverage import Weighed, cover
from .facts import TOPICS, Statement
from .proof import Proof
from .reading import Reading


def read_wording(
    claim: Claim, proofs: Sequence[Proof], cosines: tuple[float, float], words: tuple[Weighed, ...]
) -> dict[str, float]:
    """Features: cosines in [-1, 1], shares in [0, 1], flags 0 or 1. ``cosines`` are the claim's with the nearest
    cited sentence and passage, ``words`` its content words."""
    foreign = all(proof.language is not claim.language for proof in proofs)
    said = frozenset[str]().union(
        *(s.whole.spoken(foreign=p.language is not claim.language) for p in proofs for s in p.statements)
    )
    around = said.union(*(p.around.spoken(foreign=p.language is not claim.language) for p in proofs))
    own, near = cover(words, said), cover(words, around)
    clauses = [_cover_clause(clause, claim, around) for clause in claim.statement.clauses]
    measures = claim.measures & TOPICS
    said_measures = frozenset(measure for proof in proofs for measure in proof.measures)
    texts = [statement for proof in proofs for statement in proof.statements]
    turned = _turns(claim.statement, texts)
    features = {
        "cosine": cosines[0],
        "cosine_passage": cosines[1],
        "covered": own.covered,
        "covered_around": near.covered,
        "gap": near.gap,
        "elsewhere": near.elsewhere,
        "least_clause": min(clauses, default=1.0),
        "measure_missing": len(measures - said_measures) / max(len(measures), 1),
    }
    # What a dictionary makes of a text covers less of it than the text itself would.
    return {
        **{f"{name}_foreign": value if foreign else 0.0 for name, value in features.items()},
        **{name: 0.0 if foreign else value for name, value in features.items()},
        "foreign": float(foreign),
        **turned,
    }


def _cover_clause(clause: Reading, claim: Claim, said: frozenset[str]) -> float:
    words = claim.weigh(clause.folded)
    return cover(words, said).covered if words else 1.0


def _turns(claim: Statement, texts: Sequence[Statement]) -> dict[str, float]:
    """What turns the claim round against the evidence, or the evidence against the claim."""
    own = find_poles(claim.rest)
    said = frozenset(pole for text in texts for pole in find_poles(text.rest))
    denied, plans, done = (
        (bool(find(claim.rest)), any(find(text.rest) for text in texts))
        for find in (find_denials, find_plans, find_done)
    )
    return {
        "opposed": float(sum(pole.opposite in said and pole not in said for pole in own)),
        "turned": float(sum(pole.axis == "trend" and pole not in said for pole in own)),
        "denied": float(denied[0] and not denied[1]),
        "affirmed": float(denied[1] and not denied[0]),
        "planned": float(plans[0] and not plans[1]),
        "done": float((done[0] and not done[1]) or (plans[1] and not plans[0])),
    }
