"""A question asked again of another place, quantity or subject: the phrase of its kind is replaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ...adapters.cedict import Dictionary
from ...adapters.encoders import Encoder
from ...text.language import detect_language
from ...text.marks import blank, read_marks, replace_span
from ...text.measures import QUALIFIERS, find_measures
from ...text.scripts import fold_text
from ...types import Language, Span
from ..wants import words
from .naming import ASKS, COUNTED, HEADS, is_name_like
from .topics import JOINERS, LOOSE_END, english_chunks

GENERIC = words(r"^(?:企业|公司|客户|行业|部门|firms?|compan(?:y|ies)|clients?|enterprises|sector)$")
BALANCE = words(r"余额|总额")
JOINT = {Language.ZH: words(r"^[和与及、]$"), Language.EN: words(r"^(?:,| and| or|, and| of)? $")}
LATIN_WORD = re.compile(r"(?<!['’])\b[A-Za-z][\w&-]*")


class Kind(StrEnum):
    NAME = "name"
    QUALIFIER = "qualifier"
    QUANTITY = "quantity"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Labelled:
    span: Span
    kind: Kind


@dataclass(frozen=True, slots=True)
class Tools:
    """``language`` is the follow-up's."""

    language: Language
    encoder: Encoder
    dictionary: Dictionary


def change_subject(said: str, text: str, tools: Tools) -> str:
    """``text`` with the phrase of the same kind as ``said`` replaced by it, or else the one nearest in meaning; empty
    where it has none. Both are in the language of ``text``."""
    language = detect_language(text)
    new, old = (label_words(one, language, tools.dictionary) for one in (said, text))
    names, place = (_run(words, {Kind.NAME}, one, language) for words, one in ((new, said), (old, text)))
    if names and place and any(one.kind is Kind.QUANTITY for one in new):
        rest = _around(replace_span(said, names, ""), language)
        return change_subject(rest, replace_span(text, place, names.of(said)), tools)
    slot = _slot(new, old, said, text, language)
    if slot is None and is_name_like(said, language):
        slot = _nearest(said, text, language, tools.encoder)
    return replace_span(text, slot, _fit(said, slot.of(text), language)) if slot else ""


def _slot(
    new: Sequence[Labelled], old: Sequence[Labelled], said: str, text: str, language: Language
) -> Span | None:
    kinds = {one.kind for one in new}
    counted = COUNTED[language].search(text)
    if language is Language.EN and counted and kinds <= {Kind.OTHER, Kind.QUALIFIER} and said.endswith("s"):
        return Span(*counted.span("noun"))
    if Kind.QUANTITY in kinds:
        return _quantity(old, said, text)
    if kinds and kinds <= {Kind.NAME}:
        return _same_ending(said, text, language) or _run(old, {Kind.NAME}, text, language)
    if Kind.QUALIFIER in kinds:
        slot = _run(old, {Kind.QUALIFIER}, text, language)
        after = next((one for one in old if slot and 0 <= one.span.start - slot.end <= 1), None)
        if slot and after and GENERIC.match(after.span.of(text)) and said.endswith(after.span.of(text)[:4]):
            return Span(slot.start, after.span.end)
        return slot
    return _same_ending(said, text, language)


def _quantity(old: Sequence[Labelled], said: str, text: str) -> Span | None:
    """The quantity with what qualifies it right before, and its "余额" where the new one brings one along."""
    place = next((place for place, one in enumerate(old) if one.kind is Kind.QUANTITY), None)
    if place is None:
        return None
    first = place
    while (
        first
        and old[first].span.start - old[first - 1].span.end <= 1
        and old[first - 1].kind is not Kind.NAME
    ):
        first -= 1
    last = place
    while (
        last + 1 < len(old)
        and old[last + 1].kind is Kind.QUANTITY
        and old[last + 1].span.start - old[last].span.end <= 1
    ):
        last += 1
    end = old[last].span.end
    balance = BALANCE.match(text, end)
    if balance and (BALANCE.search(said) or not said.endswith("款")):
        end = balance.end()
    return Span(old[first].span.start, end)


def _run(old: Sequence[Labelled], kinds: set[Kind], text: str, language: Language) -> Span | None:
    """The first words of ``kinds``, as far as they follow each other."""
    run: Span | None = None
    for one in old:
        if one.kind not in kinds:
            continue
        if run is None:
            run = one.span
        elif one.span.start - run.end <= 1 or JOINT[language].match(text[run.end : one.span.start]):
            run = Span(run.start, one.span.end)
    return run


def _same_ending(said: str, text: str, language: Language) -> Span | None:
    """The phrase that ends as ``said`` does: "成渝金融法院" for "北京金融法院"."""
    if language is Language.EN:
        return _same_last_word(said, text)
    for size in range(len(said) - 1, 0, -1):
        tail = said[-size:]
        place = text.find(tail)
        if place < 0 or (size == 1 and tail not in "区县市省州镇"):
            continue
        start = place
        while (
            start
            and place - start < len(said) - size
            and re.match(r"[\u4e00-\u9fff]", text[start - 1])
            and text[start - 1] not in "的年月末底日和与"
        ):
            start -= 1
        return Span(start, place + size) if size > 1 or start < place else None
    return None


def _same_last_word(said: str, text: str) -> Span | None:
    """The name that ends as ``said`` does, or as many words: "securities market" for "insurance market"."""
    new = said.split()
    for chunk in english_chunks(text) if new else ():
        old = [
            Span(chunk.start + m.start(), chunk.start + m.end()) for m in LATIN_WORD.finditer(chunk.of(text))
        ]
        last = next((i for i, word in enumerate(old) if word.of(text).lower() == new[-1].lower()), None)
        if last is None or len(new[-1]) < 3:
            continue
        if not new[-1][0].isupper():
            return Span(old[max(0, last - len(new) + 1)].start, old[last].end)
        if last == len(old) - 1 and (name := re.search(r"(?:\b[A-Z][\w-]*+(?: of)? ?)+$", chunk.of(text))):
            return Span(chunk.start + name.start(), chunk.end)
    return None


def _nearest(said: str, text: str, language: Language, encoder: Encoder) -> Span | None:
    """Of the phrases that make up the question, the one nearest in meaning to ``said``."""
    slots = find_slots(text, language)
    if len(slots) < 2:
        return slots[0] if slots else None
    vectors = encoder.encode_queries([said, *(slot.of(text) for slot in slots)])
    return slots[int(np.argmax(vectors[1:] @ vectors[0]))]


def find_slots(text: str, language: Language) -> list[Span]:
    """The phrases of a question that another may stand in for."""
    if language is Language.EN:
        return list(english_chunks(text))
    bare = blank(text, [date.span for date in read_marks(text).dates])
    slots = [Span(*counted.span("noun"))] if (counted := COUNTED[language].search(bare)) else []
    asks = ASKS[language].search(bare)
    lead = bare[: asks.start()] if asks else bare
    for part in re.finditer(r"[^\s，,的]+", lead):
        kept = LOOSE_END.sub("", part.group())
        if len(kept) > 1:
            slots.append(Span(part.start(), part.start() + len(kept)))
    return slots


def label_words(text: str, language: Language, dictionary: Dictionary) -> list[Labelled]:
    """Words that could be swapped, with their kinds: none of its dates, no question words."""
    dates = [date.span for date in read_marks(text).dates]
    bare = ASKS[language].sub(lambda found: " " * len(found.group()), blank(text, dates))
    if language is Language.EN:
        spans = [Span(*match.span()) for match in LATIN_WORD.finditer(bare)]
        chunks = list(english_chunks(text))
        return [
            Labelled(span, _kind(span.of(text), proper=span.of(text)[0].isupper()))
            for span in spans
            if span.of(text).lower() not in JOINERS
            and any(chunk.start <= span.start and span.end <= chunk.end for chunk in chunks)
        ]
    folded = fold_text(bare)
    if len(folded) != len(text):
        return []
    return [
        Labelled(entry.span, _kind(entry.word, proper=entry.proper))
        for entry in dictionary.translate(folded, language)
        if len(entry.word) > 1
    ]


def _kind(word: str, *, proper: bool) -> Kind:
    found = find_measures(word)
    if found & HEADS:
        return Kind.QUANTITY
    if found & QUALIFIERS:
        return Kind.QUALIFIER
    return Kind.NAME if proper else Kind.OTHER


def _around(text: str, language: Language) -> str:
    if language is Language.ZH:
        return text.strip("的 ，")
    return re.sub(r"^(?:['’]s|of|in|for|the|\s)+|(?:\b(?:of|in|for|the)\b|\s)+$", "", text).strip()


def _fit(said: str, old: str, language: Language) -> str:
    """``said`` without the ending that what it replaces had not: "Sichuan's" for "Chongqing" before "'s"."""
    if language is Language.EN and not old.endswith(("'s", "’s")):
        return re.sub(r"['’]s$", "", said)
    return said
