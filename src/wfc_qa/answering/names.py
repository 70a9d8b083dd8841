"""Proper names in a question, and whether a text speaks of them in either language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
from ..text.marks import read_marks
from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Language
from .evidence import Reading

LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[&.][A-Za-z0-9]+)*")
CURRENCIES = frozenset({"美元", "人民币", "欧元", "英镑", "日元", "港元", "新元"})
QUOTED = re.compile(r"[《“「『]([^》”」』]{2,40})[》”」』]")
# A name in this share of all passages is what the collection is about: it tells no paragraph from another.
SUBJECT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Name:
    """``text`` as asked; ``terms`` its own search terms; ``translations`` folded texts, any of which says the same;
    ``spelled`` its Latin letters, in pinyin where it is Chinese."""

    text: str
    language: Language
    terms: tuple[str, ...]
    translations: tuple[str, ...]
    spelled: str
    proper: bool


def find_names(
    text: str, language: Language, dictionary: Dictionary, frequency: Callable[[str], int], passages: int
) -> tuple[Name, ...]:
    """Names whose absence from the evidence would make an answer about something else."""
    text = read_marks(text).rest
    found = [*_latin_names(text, language, dictionary), *_han_names(text, dictionary)]
    subject = SUBJECT_SHARE * passages
    return tuple(name for name in found if min(map(frequency, name.terms), default=0) < subject)


def speaks_of(name: Name, said: Reading) -> bool:
    """Whether the evidence holds the name or what it is called in its language."""
    if said.terms.issuperset(name.terms) or any(text in said.folded for text in name.translations):
        return True
    if said.language is name.language:
        return False
    # Dictionaries translate "Connectivity" in many ways; only a true name must turn up across languages.
    if not name.proper:
        return True
    return said.translated.issuperset(name.terms) or name.spelled in said.spelled


def _latin_names(text: str, language: Language, dictionary: Dictionary) -> list[Name]:
    names = []
    for match in LATIN.finditer(text):
        word = match.group()
        first = (
            not text[: match.start()].strip(" \"'“‘(（") or text[: match.start()].rstrip()[-1:] in ".?!。？！"
        )
        terms = tuple(content_terms(word))
        if not (any(char.isupper() for char in word) and terms):
            continue
        entries = dictionary.translate(fold_text(word), Language.EN)
        known = bool(entries)
        proper = not known or all(entry.proper for entry in entries)
        # Every sentence starts with a capital; there, only what no dictionary knows as a common word is a name.
        if first and not word.isupper() and not proper:
            continue
        translations = tuple(target for entry in entries for target in entry.targets[:12])
        # Within Chinese text, and in capitals, Latin words are names whatever the dictionary says.
        acronym = word.isupper() or language is Language.ZH
        names.append(Name(word, Language.EN, terms, translations, fold_text(word), proper or acronym))
    return names


def _han_names(text: str, dictionary: Dictionary) -> list[Name]:
    folded = fold_text(text)
    names = [
        Name(match.group(1), Language.ZH, terms, (), dictionary.spell(match.group(1)), False)
        for match in QUOTED.finditer(folded)
        if (terms := tuple(content_terms(match.group(1))))
    ]
    for entry in dictionary.translate(folded, Language.ZH):
        terms = tuple(content_terms(entry.word))
        if entry.proper and terms and entry.word not in CURRENCIES:
            names.append(
                Name(entry.word, Language.ZH, terms, entry.targets, dictionary.spell(entry.word), True)
            )
    return names
