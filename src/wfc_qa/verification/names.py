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
from .reading import Reading

LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[&.][A-Za-z0-9]+|['’](?!s\b)[A-Za-z]+)*")
CURRENCIES = frozenset({"美元", "人民币", "欧元", "英镑", "日元", "港元", "新元"})
# Codes that units are read from, the country all documents are about, and a by-name of its city.
COMMON = frozenset(
    "cny rmb us usd e-cny teu gdp q1 q2 q3 q4 h1 h2 china chinese january february march april may june july august"
    " september october november december christmas 中国 全国 我国 山城".split()
)
QUOTED = re.compile(r"[《“「『]([^》”」』]{2,40})[》”」』]")
# Banks whose names are made of common words; "外资银行" is none.
BANKS = re.compile(
    r"(?:工商|农业|建设|交通|邮政?储蓄?|招商|民生|平安|浦发|中信|光大|华夏|兴业|广发|浙商|渤海|恒丰|国家?开发?|进出口"
    r"|汇丰|渣打|花旗|星展|华侨|大华|三峡|富民|农商|村镇|成都|北京|上海|江苏|宁波)银行|农商行|村镇行|(?<![央外])[工建农中招交]行(?![业为动政])|邮储"
)
LATIN_BANKS = re.compile(r"\bBank of (?!China's)[A-Z][a-z]+|(?:[A-Z][a-z]+ ){1,3}Bank\b")
# "Deeper" and "Setting" stand in no dictionary either.
INFLECTED = re.compile("(?:er|est|ing|ed|ly)$")
CITY = re.compile(r".{2,}[市省]")
# "Jiangbei District" is not said by all that is called Jiangbei.
PLACE_KINDS = {"district": ("区", "qu"), "county": ("县", "xian"), "province": ("省", "sheng")}
PLACE_KIND = re.compile(rf"\s({'|'.join(PLACE_KINDS)})\b", re.IGNORECASE)
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
    names = [
        Name(bank, Language.EN, tuple(content_terms(bank)), (), fold_text(bank), True)
        for bank in LATIN_BANKS.findall(text)
    ]
    for match in LATIN.finditer(text):
        word = match.group()
        first = (
            not text[: match.start()].strip(" \"'“‘(（") or text[: match.start()].rstrip()[-1:] in ".?!。？！"
        )
        terms = tuple(content_terms(word))
        if not (any(char.isupper() for char in word) and terms) or word.lower() in COMMON:
            continue
        entries = dictionary.translate(fold_text(word), Language.EN)
        known = bool(entries)
        proper = not known or all(entry.proper for entry in entries)
        # Every sentence starts with a capital; there, only what no dictionary knows as a common word is a name.
        if first and not word.isupper() and (not proper or (not known and INFLECTED.search(word))):
            continue
        translations = tuple(target for entry in entries for target in entry.targets[:12])
        # Within Chinese text, and in capitals, Latin words are names whatever the dictionary says.
        acronym = word.isupper() or language is Language.ZH
        spelled = fold_text(word).replace("'", "")
        if place := PLACE_KIND.match(text, match.end()):
            kind = place[1].lower()
            written, letters = PLACE_KINDS[kind]
            word, terms, spelled = word + place[0], (*terms, *content_terms(kind)), spelled + letters
            translations = tuple(target.removesuffix(written) + written for target in translations)
        names.append(Name(word, Language.EN, terms, translations, spelled, proper or acronym))
    return names


def _han_names(text: str, dictionary: Dictionary) -> list[Name]:
    folded = fold_text(text)
    names = [
        Name(match.group(1), Language.ZH, terms, (), dictionary.spell(match.group(1)), False)
        for match in QUOTED.finditer(folded)
        if (terms := tuple(content_terms(match.group(1))))
    ]
    for match in BANKS.finditer(folded):
        bank = match.group()
        names.append(Name(bank, Language.ZH, tuple(content_terms(bank)), (), dictionary.spell(bank), True))
    for entry in dictionary.translate(folded, Language.ZH):
        terms = tuple(content_terms(entry.word))
        if entry.proper and terms and entry.word not in CURRENCIES | COMMON:
            # "重庆市" is said by "重庆" too.
            same = (*entry.targets, *([entry.word[:-1]] if CITY.fullmatch(entry.word) else []))
            names.append(Name(entry.word, Language.ZH, terms, same, dictionary.spell(entry.word), True))
    return names
