"""Addresses in a claim: a link leads readers away, so a cited paragraph must give it letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .proof import Proof

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.|javascript:|data:|mailto:)[^\s<>()\[\]{}“”\"',;]+"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w.-])[a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63}){0,5}\.(?:[a-z]{2,24}(?=/)|(?:com|cn|org|net|gov|edu|io|info|ai)\b)",
    re.ASCII,
)


def find_unsaid_addresses(claim: str, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each address of ``claim`` that no cited paragraph states or names as its source."""
    said = [fold_text(statement.text) for proof in proofs for statement in proof.statements]
    said += [fold_text(proof.passage.paragraph.source) for proof in proofs]
    for match in _ADDRESS.finditer(fold_text(claim)):
        address = match[0].rstrip(".:!?/。")
        if not any(address in text for text in said):
            yield Doubt(Flaw.WORDING, address)
