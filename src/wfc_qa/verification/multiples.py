"""Figures said in words, "doubled" or 数千亿: what the evidence says in the same words or by a figure of that size."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ..text.figures import Figure, Unit
from ..text.scripts import fold_text
from ..text.units import MONEY
from ..types import Doubt, Flaw
from .claim import Claim
from .proof import Proof

TOLERANCE = Decimal(1)


_UNITS = {
    "times": frozenset({Unit.TIMES}),
    "percent": frozenset({Unit.PERCENT}),
    "amount": MONEY | {Unit.COUNT},
    "count": frozenset({Unit.COUNT}),
}


@dataclass(frozen=True, slots=True)
class Said:
    """How an amount is said in words; ``least`` to ``most`` is what figures it stands for, in ``units``."""

    words: re.Pattern[str]
    least: Decimal
    most: Decimal
    units: frozenset[Unit]


def _read_forms() -> list[Said]:
    kinds = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return [
        # A pattern may run over several lines.
        Said(
            re.compile(form["words"].replace("\n", "")),
            Decimal(form["least"]),
            Decimal(form["most"]),
            _UNITS[kind],
        )
        for kind, forms in kinds.items()
        for form in forms
    ]


_FORMS = _read_forms()


def find_unsaid_multiples(claim: Claim, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each amount in words that the evidence gives neither so nor by a figure of the same measure."""
    folded = fold_text(claim.statement.text)
    said = [fold_text(statement.text) for proof in proofs for statement in proof.statements]
    for form in _FORMS:
        for match in form.words.finditer(folded):
            if not any(form.words.search(text) for text in said) and not _figured(form, claim, proofs):
                yield Doubt(Flaw.FIGURE, match[0].strip())


def _figured(form: Said, claim: Claim, proofs: Sequence[Proof]) -> bool:
    """Whether a figure of the evidence is of that size; a claim that names measures means one of theirs."""
    return any(
        _is_of(form, fact.mark) and (not fact.topics or not claim.measures or fact.topics & claim.measures)
        for proof in proofs
        for statement in proof.statements
        for fact in statement.figures
        if isinstance(fact.mark, Figure)
    )


def _is_of(form: Said, figure: Figure) -> bool:
    if figure.unit in form.units and form.least <= figure.value <= form.most:
        return True
    grown = form.units == _UNITS["times"] and figure.unit is Unit.PERCENT and form.least == form.most
    return grown and abs(abs(figure.value) - abs(form.least - 1) * 100) < TOLERANCE
