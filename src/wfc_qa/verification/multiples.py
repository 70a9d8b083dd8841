"""Figures said in words, "doubled" or 数千亿: what the evidence says in the same words or by a figure of that size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..text.figures import Figure, Unit
from ..text.scripts import fold_text
from ..text.units import MONEY
from ..types import Doubt, Flaw
from .claim import Claim
from .proof import Proof

TOLERANCE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Said:
    """How an amount is said in words; ``least`` to ``most`` is what figures it stands for, in ``units``."""

    words: re.Pattern[str]
    least: Decimal
    most: Decimal
    units: frozenset[Unit]


def _said(words: str, least: float | str, most: float | str, units: frozenset[Unit]) -> Said:
    return Said(re.compile(words), Decimal(least), Decimal(most), units)


_TIMES = frozenset({Unit.TIMES})
_PERCENT = frozenset({Unit.PERCENT})
_COUNT = frozenset({Unit.COUNT})
_AMOUNT = MONEY | _COUNT
_MANY = "[数几]"

# Each with the multiple it makes: what doubled is twice as much and grew by 100 %.
_MULTIPLES = [
    (
        r"翻了?(?:近|约|超|逾|将近|接近|超过)?一?[番倍]|倍增|\bdoubl(?:ed|es|ing)\b|\btwofold\b|\btwice (?:as|the|what"
        r"|its)\b",
        "2",
    ),
    (
        r"\btripl(?:ed|es|ing)\b|\btrebl(?:ed|es|ing)\b|\bthreefold\b|\bthrice\b|\bthree times (?:as|the)\b",
        "3",
    ),
    (r"翻了?[两二]番|\bquadrupl(?:ed|es|ing)\b|\bfourfold\b", "4"),
    (r"\bquintupl(?:ed|es|ing)\b|\bfivefold\b", "5"),
    (r"翻了?三番|\beightfold\b", "8"),
    (r"\btenfold\b", "10"),
    (r"减半|腰斩|\bhalv(?:ed|es|ing)\b", "0.5"),
]
_SHARES = [
    (
        r"(?:过|超|逾)半数?|(?:超过|多于)半数|大半|多数(?!量)|\bmore than half\b|\bover half\b|\b(?:the"
        r"|a) majority of\b",
        "50.0001",
        "100",
    ),
    (r"近半|将近半数|接近半数|\b(?:nearly|almost|close to) half\b", "40", "49.9999"),
    (r"(?:不足|不到|不及)一?半|\b(?:under|less than) half\b", "0", "49.9999"),
    (r"达半数|\bby half\b|\bhalf (?:higher|lower|more|less|again|as)\b", "50", "50"),
    (
        r"\bby (?:a|one)[- ]third\b|\b(?:a|one)[- ]third (?:higher|lower|more|less|larger|smaller|up"
        r"|down)\b",
        "32.4",
        "34.3",
    ),
    (r"\bby two[- ]thirds\b", "65.7", "67.6"),
    (r"\bby (?:a|one)[- ]quarter\b", "25", "25"),
    (r"\bby (?:a|one)[- ]fifth\b", "20", "20"),
    (r"\b(?:dozens|tens) of per ?cent\b|几十个?(?:百分点|%)|百分之[几数]十", "20", "99.99"),
    (r"\bdouble[- ]digit\b|两位数", "10", "99.99"),
]
_SIZES = [
    (f"{_MANY}亿", "2e8", "9.999e8"),
    (f"{_MANY}十亿", "2e9", "9.999e9"),
    (f"{_MANY}百亿", "2e10", "9.999e10"),
    (f"{_MANY}千亿", "2e11", "9.999e11"),
    (f"{_MANY}万亿", "2e12", "9.999e12"),
    (f"{_MANY}万(?!亿)", "2e4", "9.999e4"),
    (f"{_MANY}十万(?!亿)", "2e5", "9.999e5"),
    (f"{_MANY}百万(?!亿)", "2e6", "9.999e6"),
    (f"{_MANY}千万(?!亿)", "2e7", "9.999e7"),
    ("[上成]亿", "1e8", "9.999e9"),
    ("[上成]百亿", "1e10", "9.999e10"),
    ("[上成]千亿", "1e11", "9.999e11"),
    ("[上成]万亿|万亿[级之]", "1e12", "9.999e13"),
    (r"(?<!of )\bmillions\b", "2e6", "9.999e8"),
    (r"\b(?:dozens|tens) of millions\b", "2e7", "9.999e7"),
    (r"\bhundreds of millions\b", "2e8", "9.999e8"),
    (r"(?<!of )\bbillions\b", "2e9", "9.999e11"),
    (r"\b(?:dozens|tens) of billions\b", "2e10", "9.999e10"),
    (r"\bhundreds of billions\b", "2e11", "9.999e11"),
    (r"\bthousands of billions\b|\btrillions\b", "2e12", "9.999e13"),
]
_NUMBERS = [
    ("[数几上]十[家个项条笔种人次]|\\bdozens of\\b(?! (?:m|b|tr)illions| per)", "10", "99"),
    ("[数几上]百[家个项条笔种人次]|\\bhundreds of\\b(?! (?:m|b|tr)illions| thousands)", "100", "999"),
    ("[数几上]千[家个项条笔种人次]|\\bthousands of\\b(?! (?:m|b|tr)illions)", "1000", "9999"),
]
_NUMBERS += [
    (r"\b(?<!half )a dozen\b", "12", "12"),
    (r"\bhalf a dozen\b", "6", "6"),
    (r"\bscores of\b", "40", "199"),
]
_OPEN = [
    r"数倍|几倍|好几倍|成倍|多倍|\b(?:several|many|multi)[- ]?fold\b|\bseveral times\b|\bmany times (?:as|the"
    r"|over)\b|\bmanifold\b|\bmultipl(?:ied|ying)\b"
]


_FORMS = [
    *(_said(words, times, times, _TIMES) for words, times in _MULTIPLES),
    *(_said(words, least, most, _PERCENT) for words, least, most in _SHARES),
    *(_said(words, least, most, _AMOUNT) for words, least, most in _SIZES),
    *(_said(words, least, most, _COUNT) for words, least, most in _NUMBERS),
    *(_said(words, "2", "100", _TIMES) for words in _OPEN),
]


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
    grown = form.units == _TIMES and figure.unit is Unit.PERCENT and form.least == form.most
    return grown and abs(abs(figure.value) - abs(form.least - 1) * 100) < TOLERANCE
