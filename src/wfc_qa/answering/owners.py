"""Whose figures or dates a question asks for, in common words as well as names: those of Mars, of "how many banks are
there on Mars"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..retrieval.terms import Terms, Word
from ..types import Language
from .wants import words

OWNERS = {
    # What a clause begins with, as far as "has how many", the word of place, "of" or "when" behind it.
    Language.ZH: words(
        r"(?:^|[\s，,。；;：:？?！!、在])在?(?P<owner>(?:(?!是|有|没|最早)[\u4e00-\u9fff]){2,8}?)(?:"
        r"(?:[上里]|境?内|地区|全境)?[的，,]?(?:[总一]?共|究竟|到底)?(?P<has>[设拥]?有|[开设]了)(?=多少|几|哪|什么)"
        r"|(?:[上里]|境?内)?的|[上里]|在(?=\s)"
        r"|(?=什么时候|何时|何年|哪一?[年月天日]))"
    ),
    # What a question ends with, as far as a time or a verb behind it, or who has something.
    Language.EN: words(
        r"\b(?:in|on|at|of|under|inside|within|across) (?:an? |the )?+"
        r"(?P<place>(?!(?:early|mid|late|spring|summer|autumn|fall|winter|which|what|each|least|most|last|total"
        r"|summary|reports?|articles?|documents?|papers?|text|sources?|this (?:kind|type))\b)"
        r"[a-z]+(?: (?!(?:of|in|at|by|on)\b)[a-z]+)?)"
        r"(?=\s*(?:[?.,!;]|$)| (?:in|at|on|by|as|have|has|had|is|was)\b)"
        r"|\b(?:does|do|did) (?:an? |the )?+(?P<holder>[a-z]+(?: [a-z]+)?)(?= (?:have|hold|own|host)\b)"
        r"|\b(?P<owner>[a-z]+)(?=['’]s\b|s['’])"
    ),
}
# Where whoever asks is: in the collection's own city, by whatever name.
HERE = words(
    r"(?:我们|咱们?)?(?:本|我们?|咱们?|贵|全|该|这座?)(?:城?市|地|里|儿|边)|当地|辖区|市里|山城|渝都|巴渝"
)
BEGINNING = words(r"(?:^|[\s，,。；;：:？?！!、在])(?=[\u4e00-\u9fff])")
LONE = words("[\u4e00-\u9fff]")
# Fewer characters that no dictionary knows make a name only where it has something.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Owner:
    """``words`` are the content words of ``text``; ``heard`` is whether any passage holds one, in either language."""

    text: str
    words: tuple[Word, ...]
    heard: bool


def find_owners(
    text: str, language: Language, terms: Terms, frequency: Callable[[str], int]
) -> tuple[Owner, ...]:
    """The owners that ``text`` (folded, its dates and figures blanked) names."""
    found = []
    for match in OWNERS[language].finditer(text):
        said = next(part for part in match.groups() if part)
        inside = tuple(word for word in terms.words if word.text in said)
        known = tuple(word for word in inside if not word.stray)
        brief = language is Language.ZH and not match["has"] and len(said) < NAMED
        named = known or (() if brief else inside)
        if named and not HERE.match(said):
            found.append(Owner(said, named, any(is_heard(word, frequency) for word in named)))
    return tuple(dict.fromkeys(found))


def begins_unheard(text: str, language: Language, terms: Terms, frequency: Callable[[str], int]) -> bool:
    """Whether a clause of ``text`` begins with a word of the dictionary that no passage holds, and goes on with one
    that some do: "火星贷款" may be loans on Mars."""
    if language is not Language.ZH:
        return False
    for match in BEGINNING.finditer(text):
        first = _word_at(text, match.end(), terms)
        if first is None or HERE.match(first.text) or is_heard(first, frequency):
            continue
        after = _word_at(text, match.end() + len(first.text), terms)
        if after is not None and is_heard(after, frequency):
            return True
    return False


def is_heard(word: Word, frequency: Callable[[str], int]) -> bool:
    """Whether any passage holds ``word``, in either language; the moon is not heard of in "12月"."""
    told = (parts for parts in (word.terms, *word.translations) if not all(map(LONE.fullmatch, parts)))
    return any(all(map(frequency, parts)) for parts in told)


def _word_at(text: str, place: int, terms: Terms) -> Word | None:
    here = (word for word in terms.words if not word.stray and text.startswith(word.text, place))
    return max(here, key=lambda word: len(word.text), default=None)
