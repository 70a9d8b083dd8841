"""How sure a paragraph is of its own figures: what it calls mistaken, disputed or unconfirmed is not told flat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.scripts import fold_text
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
    r"不一致|不相符|不符(?!合)|不吻合|相差悬殊|矛盾|说法不一|有出入|并列|不作取舍|\bdisagree\w*"
    r"|\bdo(?:es)? not (?:match|agree)\b"
    r"|\bdiffer(?:s|ed|ing)?\b"
    r"|\bcontradict\w*|\bconflict\w*|\bdiscrepan\w*|\bdisputed?\b|\bneither is preferred\b|\binconsistent\b"
)
# Whoever names who says so, or that another says otherwise, tells nothing flat.
_ATTRIBUTED = re.compile(
    r"口径|据|称|说法|显示|载明|给出|提到|报道|摘要|来源|一[说种]|另一|资料|可能|或(?:为|系|是)|疑"
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
    if any(pattern.search(folded) for pattern in (_UNCONFIRMED, _MISTAKEN, _DISPUTED, _ATTRIBUTED)):
        return
    for one in supplied:
        if one.places and all(_doubted(place.proof) for place in one.places):
            yield Doubt(Flaw.WORDING, one.figure.text)


def _doubted(proof: Proof) -> bool:
    said = proof.around.folded
    return any(pattern.search(said) for pattern in (_UNCONFIRMED, _MISTAKEN, _DISPUTED))
