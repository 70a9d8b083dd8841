"""How sure a paragraph is of its own figures: what it calls mistaken, disputed or unconfirmed is not told flat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.figures import Figure, same_figure
from ..text.scripts import fold_text
from ..text.units import MONEY
from ..types import Doubt, Flaw
from .proof import Proof
from .supplied import Supplied

_UNCONFIRMED = re.compile(
    r"(?:未|没有?|无人|待|尚待|有待|尚未)(?:经|获|得到|被|予以)?(?:进一步)?(?:官方)?(?:证实|核实|确认|核对)|存疑|"
    r"\b(?:not|never|n't|nobody has|no one has|yet to) (?:yet )?(?:been |be )?(?:officially "
    r"|independently )?(?:confirmed|verified)\b|\bun(?:confirmed|verified)\b"
    r"|\bwithout confirmation\b|\bno confirmation\b|\bremains to be confirmed\b"
)
_MISTAKEN = re.compile(
    r"误译|译错|翻译错误|笔误|误写|误作|有误|\bmis-?translat\w*|\btranslation error\b|\bmisprint\w*"
    r"|\berroneous\w*|\bmistake\w*"
)
_DISPUTED = re.compile(
    r"不一致|对不上|不相符|不符(?!合)|不吻合|悬殊|矛盾|说法不一|有出入|并列|不作取舍|\bfar apart\b|\bdisagree\w*"
    r"|\bdo(?:es)? not (?:match|agree)\b"
    r"|\bdiffer(?:s|ed|ing)?\b"
    r"|\bcontradict\w*|\bconflict\w*|\bdiscrepan\w*|\bdisputed?\b|\bneither is preferred\b|\binconsistent\b"
)
# Whoever names who says so, or that another says otherwise, tells nothing flat.
_ATTRIBUTED = re.compile(
    r"口径|(?<![数依证凭占])据|称|说法|载明|给出|提到|报道|摘要|来源|一[说种]|另一|可能|或(?:为|系|是)|疑"
    r"|\baccording to\b|\breport\w*|\barticles?\b|\bsources?\b|\bsummar\w+|\bsa(?:ys|id)\b|\bgives?\b"
    r"|\bput\b|\bquot\w+|\bcit(?:es|ed|ing)\b|\bone (?:puts?|has)\b|\blikely\b"
    r"|\bpossib\w+|\bprobabl\w+|\bperhaps\b|\bmay\b|\bmight\b|\balleged\w*|\bwhile (?:the )?(?:other"
    r"|another)\b|\bthe other\b"
)
_HEDGED = re.compile(
    r"可能|或许|或(?:为|系|是)|疑|似|大概|也许|恐|\blikely\b|\bpossib\w+|\bprobabl\w+|\bperhaps\b|\bmay\b|\bmight\b"
    r"|\bcould\b|\bsuspect\w*|\bappears?\b|\bseems?\b|\bpresum\w+"
)
_CONFIRMED = re.compile(r"证实|已(?:经)?确认|经核实|官方(?:确认|数据|公布|认定)|\bconfirm(?:ed|s)\b|\bverified\b"
r"|\bofficial(?:ly)?\b|\bestablished fact\b")  # fmt: skip
# Of two amounts, the one told of: the word that comes first in the sentence.
_FIRST = re.compile(r"前者|\bthe (?:first|former)\b")
_SECOND = re.compile(r"后者|\bthe (?:second|latter)\b")


def find_overstated(claim: str, supplied: Sequence[Supplied], proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt where ``claim`` is surer than what it cites."""
    folded = fold_text(claim)
    said = " ".join(proof.around.folded for proof in proofs)
    doubtful = _UNCONFIRMED.search(said)
    confirmed = _CONFIRMED.search(_UNCONFIRMED.sub(" ", folded))
    unsure = doubtful or (_MISTAKEN.search(said) and _HEDGED.search(said))
    if confirmed and unsure and not _CONFIRMED.search(_UNCONFIRMED.sub(" ", said)):
        yield Doubt(Flaw.WORDING, confirmed[0])
    hedged = _HEDGED.search(folded) or _UNCONFIRMED.search(folded)
    mistaken = _MISTAKEN.search(folded)
    if mistaken and _HEDGED.search(said) and doubtful and not hedged:
        yield Doubt(Flaw.WORDING, mistaken[0])
    if any(pattern.search(folded) for pattern in (_UNCONFIRMED, _MISTAKEN, _DISPUTED)):
        return
    attributed = _ATTRIBUTED.search(folded)
    wrong = [amount for proof in proofs for amount in _mistaken(proof)]
    both = attributed and len({one.figure.value for one in supplied if one.figure.unit in MONEY}) > 1
    yield from (
        Doubt(Flaw.WORDING, one.figure.text)
        for one in supplied
        if not hedged and not both and any(same_figure(one.figure, amount) for amount in wrong)
    )
    if attributed:
        return
    for one in supplied:
        if one.places and all(_doubted(place.proof) for place in one.places):
            yield Doubt(Flaw.WORDING, one.figure.text)


def _mistaken(proof: Proof) -> list[Figure]:
    """The amounts that a passage calls mistaken or unconfirmed: the one it points at as the first or the second."""
    amounts: list[Figure] = []
    for statement in proof.statements:
        folded = fold_text(statement.text)
        for fact in statement.figures:
            figure = fact.mark
            if (
                isinstance(figure, Figure)
                and figure.unit in MONEY
                and not any(same_figure(figure, one) for one in amounts)
            ):
                amounts.append(figure)
        if len(amounts) > 1 and (_MISTAKEN.search(folded) or _UNCONFIRMED.search(folded)):
            pointed = _FIRST.search(folded), _SECOND.search(folded)
            if pointed[0] and (not pointed[1] or pointed[0].start() < pointed[1].start()):
                return amounts[:1]
            return amounts[1:2] if pointed[1] else []
    return []


def _doubted(proof: Proof) -> bool:
    said = proof.around.folded
    return any(pattern.search(said) for pattern in (_UNCONFIRMED, _MISTAKEN, _DISPUTED))
