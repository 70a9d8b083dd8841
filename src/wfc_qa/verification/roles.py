"""Who did what to whom: two parties of a claim that stand in each other's place in what it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ..text.scripts import fold_text
from ..types import Doubt, Flaw, Language
from .claim import Claim
from .coverage import cover
from .facts import read_words
from .proof import Proof
from .reading import Reading

# Frames are sought in one clause at a time, and in none longer: their patterns take its length to the third power.
CLAUSE = {Language.EN: re.compile(r";|\.(?![0-9])"), Language.ZH: re.compile("[，,。；;]")}
LONGEST = {Language.EN: 300, Language.ZH: 80}


@dataclass(frozen=True, slots=True)
class Roles:
    """Giver and receiver, or what is less and what is more: the words of each, ``frame`` what relates them."""

    frame: str
    first: str
    second: str


_GIVE = r"(?:grant|provid|extend|offer|suppl|facilitat|help|hand|issu|arrang|lent|lend|gave|giv)\w*"
_TAKE = r"(?:receiv|obtain|borrow|got)\w*"
_HAD = r"(?:had |has |have )?(?:been )?"
# Up to a stop; the dot of a figure is none.
_ON = r"(?:[^,;.]|\.(?=[0-9]))*?"
_END = r"[,;.]|\b(?:by|in|at|under|and paid|while)\b"
_LESS = r"(?:below|cheaper|lower|less|fewer|earlier)"
_MORE = r"(?:above|dearer|higher|more|larger|costlier|later)"


def _frame(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts))


# "first" and "second" name the parties; the same frame with its parties turned is written with them turned.
_FRAMES: dict[Language, list[tuple[str, re.Pattern[str]]]] = {
    Language.EN: [
        (
            "give",
            _frame(
                rf"(?P<first>[^,;.]+?) {_HAD}{_GIVE} {_ON}", rf"\b(?:to|for) (?P<second>(?:(?!{_END}).)+)"
            ),
        ),
        (
            "give",
            _frame(
                r"(?P<first>[^,;.]+?) help(?:ed|s) ",
                r"(?P<second>[a-z' ]+?) (?:to )?(?:arrange|obtain|raise|get)\b",
            ),
        ),
        (
            "give",
            _frame(rf"(?P<second>[^,;.]+?) {_HAD}{_TAKE} {_ON}", rf"\bfrom (?P<first>(?:(?!{_END}).)+)"),
        ),
        (
            "less",
            _frame(
                rf"(?P<first>[^;]+?)(?:[0-9. ]+percentage points?)? {_LESS}\b",
                r"[^,;.]*? (?:than|(?<=below )that of|of) (?P<second>[^,;.]+)",
            ),
        ),
        ("less", _frame(rf"(?P<second>[^,;]+?) {_MORE}\b", r"[^,;.]*? (?:than|that of) (?P<first>[^,;.]+)")),
    ],
    Language.ZH: [
        (
            "give",
            _frame(
                "(?P<first>[^，,。；;]+?)[为向对给]",
                "(?P<second>[^，,。；;]+?)(?:提供|授信|投放|发放|下发|放贷)",
            ),
        ),
        (
            "give",
            _frame("(?P<second>[^，,。；;]+?)[从自由]", "(?P<first>[^，,。；;]+?)(?:获得|取得|借入|得到)"),
        ),
        (
            "less",
            _frame(
                "(?P<first>[^，,。；;]+?)(?:比(?P<second>[^，,。；;]+?)[低少早小]",
                "|低于(?P<other>[^，,。；;]+))",
            ),
        ),
        (
            "less",
            _frame(
                "(?P<second>[^，,。；;]+?)(?:比(?P<first>[^，,。；;]+?)[高多晚大]",
                "|高于(?P<other>[^，,。；;]+))",
            ),
        ),
    ],
}
_QUOTED = re.compile(r"[\"“「]([^\"”」]{1,20})[\"”」]\s*(?:(\w+(?: \w+)?)|)")
_HAN_HEAD = re.compile(r"^[\u4e00-\u9fff]{2,4}")


def find_other_roles(claim: Claim, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each pair of parties, or of names and what they are called, that the evidence holds turned round."""
    text = fold_text(claim.statement.text)
    own, heads = list(_read_roles(text, claim.language)), _read_heads(text)
    for proof in proofs:
        for statement in proof.statements:
            said = fold_text(statement.text)
            others = list(_read_roles(said, proof.language)) if own else []
            for roles, other in product(own, others):
                if other.frame == roles.frame and _crossed(
                    claim, proof, (roles.first, roles.second), (other.first, other.second)
                ):
                    yield Doubt(Flaw.WORDING, roles.first.strip())
            known = _read_heads(said)
            for one, two in _pairs(sorted(heads.keys() & known.keys())):
                if _crossed(claim, proof, (heads[one], heads[two]), (known[one], known[two])):
                    yield Doubt(Flaw.NAME, one)


def _read_roles(text: str, language: Language) -> Iterator[Roles]:
    clauses = [clause for clause in CLAUSE[language].split(text) if len(clause) <= LONGEST[language]]
    for (frame, pattern), clause in product(_FRAMES[language], clauses):
        for match in pattern.finditer(clause):
            parties = match.groupdict()
            other = parties.get("other") or ""
            yield Roles(frame, parties["first"] or other, parties["second"] or other)


def _read_heads(text: str) -> dict[str, str]:
    """What each quoted name is called by the words right behind it."""
    heads = {}
    for match in _QUOTED.finditer(text):
        words = match[2] or ""
        han = _HAN_HEAD.match(words)
        if head := han[0] if han else words:
            heads[match[1]] = head
    return heads


def _pairs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((one, two) for place, one in enumerate(names) for two in names[place + 1 :])


def _crossed(claim: Claim, proof: Proof, own: tuple[str, str], said: tuple[str, str]) -> bool:
    first, second = (read_words(part, proof.language, proof.dictionary) for part in said)
    foreign = proof.language is not claim.language

    def fit(part: str, reading: Reading) -> float:
        return cover(claim.weigh(part), reading.spoken(foreign=foreign)).covered

    straight = fit(own[0], first) + fit(own[1], second)
    return fit(own[0], second) + fit(own[1], first) > straight + claim.margins.crossed
