"""Claims, true and perturbed, with the paragraphs they cite: what the verifier catches, and what it wrongly doubts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import Engine
from ..errors import DocumentError
from ..indexing.store import PassageRow
from ..types import Language, Place, Support
from ..verification.verifier import Verdict
from .results import Estimate
from .statistics import estimate_rate

TRUE_CHANGE, DEV = "none", "dev"


@dataclass(frozen=True, slots=True)
class GoldClaim:
    """A sentence that its ``evidence`` supports or not; ``change`` is what was done to the true claim ``origin``."""

    claim_id: str
    text: str
    language: Language
    evidence: tuple[Place, ...]
    truth: Support
    change: str
    origin: str
    split: str


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A claim with the passages it cites; ``cluster`` numbers the claims that lean on the same paragraph."""

    claim: GoldClaim
    cited: tuple[PassageRow, ...]
    cluster: int

    @property
    def crosses(self) -> bool:
        """Whether no cited passage is in the language of the claim."""
        return all(passage.language is not self.claim.language for passage in self.cited)


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and what the verifier made of it."""

    cited: CitedClaim
    verdict: Verdict

    @property
    def doubted(self) -> bool:
        return self.verdict.support is not Support.SUPPORTED

    @property
    def right(self) -> bool:
        return self.doubted is not (self.cited.claim.truth is Support.SUPPORTED)


@dataclass(frozen=True, slots=True)
class Rate:
    """The share doubted of the claims that ``name`` tells, with its 95 % interval."""

    name: str
    doubted: Estimate


def load_claims(path: Path) -> tuple[list[GoldClaim], str]:
    """Claims and the SHA-256 of the file. Raises DocumentError naming the line that is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"claims {path} cannot be read: {error.strerror}; give another file") from error
    claims: dict[str, GoldClaim] = {}
    for number, line in enumerate(raw.splitlines(), 1):
        if line.strip():
            try:
                claim = _read_claim(json.loads(line))
                if claim.claim_id in claims:
                    raise ValueError(f"claim_id {claim.claim_id!r} is an earlier claim's")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DocumentError(
                    f"{path.name} line {number} is no claim ({error}); mend the line"
                ) from error
            claims[claim.claim_id] = claim
    if not claims:
        raise DocumentError(f"{path} holds no claim; give another file")
    return list(claims.values()), hashlib.sha256(raw).hexdigest()


def load_splits(paths: Sequence[Path], split: str | None) -> list[GoldClaim]:
    """The claims of all files, or those of one ``split``. Raises DocumentError where there are none."""
    claims = [claim for path in paths for claim in load_claims(path)[0] if split in (None, claim.split)]
    if not claims:
        raise DocumentError(f"no claim is of split {split!r}; give another --split")
    return claims


def _read_claim(data: dict[str, Any]) -> GoldClaim:
    return GoldClaim(
        claim_id=str(data["claim_id"]),
        text=str(data["text"]),
        language=Language(data["language"]),
        evidence=tuple(Place(str(place["doc_id"]), str(place["contains"])) for place in data["evidence"]),
        truth=Support(data["truth"]),
        change=str(data["change"]),
        origin=str(data["origin"]),
        split=str(data["split"]),
    )


def cite_claims(engine: Engine, claims: Sequence[GoldClaim]) -> list[CitedClaim]:
    """Each claim with the passages of the paragraphs it cites, in the serving generation. Raises DocumentError where
    the generation has no such paragraph."""
    paragraphs = {
        doc_id: engine.paragraphs(doc_id)
        for doc_id in {place.doc_id for claim in claims for place in claim.evidence}
        & {head.doc_id for head in engine.heads()}
    }
    numbers: dict[str, int] = {}
    found = []
    for claim in claims:
        names = []
        for place in claim.evidence:
            holding = [
                one.paragraph_id for one in paragraphs.get(place.doc_id, ()) if place.contains in one.text
            ]
            if not holding:
                raise DocumentError(
                    f"claim {claim.claim_id}: no paragraph of {place.doc_id} holds {place.contains!r}; mend the claim "
                    "or build the index of its collection"
                )
            names += holding
        cluster = numbers.setdefault(min(names), len(numbers))
        found.append(CitedClaim(claim, tuple(engine.generation.store.cited(names)), cluster))
    return found


def judge_claims(
    engine: Engine, claims: Sequence[CitedClaim], advance: Callable[[int, int], None]
) -> list[Judged]:
    """What the verifier makes of each claim."""
    judged = []
    for number, one in enumerate(claims, 1):
        verdict = engine.verifier.verify(one.claim.text, one.claim.language, one.cited)
        judged.append(Judged(one, verdict))
        advance(number, len(claims))
    return judged


def tell_rates(judged: Sequence[Judged]) -> list[Rate]:
    """The share doubted, of figure errors, other errors and true claims; each within a language, across, and of wrong
    ones by what was changed."""
    rates = []
    for name, truth in (
        ("figure errors caught", Support.NUMBER_MISMATCH),
        ("other errors caught", Support.UNSUPPORTED),
        ("true claims doubted", Support.SUPPORTED),
    ):
        kind = [one for one in judged if one.cited.claim.truth is truth]
        rates += _rate(name, kind)
        rates += _rate("  within a language", (one for one in kind if not one.cited.crosses))
        rates += _rate("  across languages", (one for one in kind if one.cited.crosses))
        changes = sorted({one.cited.claim.change for one in kind} - {TRUE_CHANGE})
        for change in changes:
            rates += _rate(f"  {change}", (one for one in kind if one.cited.claim.change == change))
    return rates


def tell_misses(judged: Sequence[Judged]) -> list[str]:
    """A line for each claim of the dev split that was wrongly doubted or let through; others stay sealed."""
    return [
        f"{one.cited.claim.claim_id}  {one.cited.claim.change}  {one.cited.claim.text}"
        + "".join(f"  [{doubt.flaw}: {doubt.text}]" for doubt in one.verdict.doubts)
        for one in judged
        if not one.right and one.cited.claim.split == DEV
    ]


def _rate(name: str, judged: Iterable[Judged]) -> list[Rate]:
    """One rate, or none where there are no such claims."""
    held = list(judged)
    if not held:
        return []
    doubted = np.array([one.doubted for one in held], np.float64)
    clusters = np.array([one.cited.cluster for one in held], np.int64)
    return [Rate(name, estimate_rate(doubted, clusters))]
