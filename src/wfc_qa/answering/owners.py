"""Whose figures or dates a question asks for, in common words as well as names: those of Mars, of "how many banks are
there on Mars"."""

from __future__ import annotations

from collections.abc import Callable

from ..retrieval.terms import Terms, Word
from ..types import Language
from .wants import words

# "In" and "of" before these name neither place nor owner.
IDIOMS = (
    "early|mid|late|spring|summer|autumn|fall|winter|today|which|what|each|least|most|last|total|very"
    "|this (?:kind|type)|summary|reports?|articles?|documents?|papers?|text|sources?|scheme|plan|percent|per cent"
    "|(?:your )?(?:records?|data)|rmb|cny|usd|yuan|dollars|detail|general|particular|addition|practice|theory|brief"
    "|short|words|figures|numbers|terms"
)
OWNERS = {
    # What a clause begins with, as far as "has how many", the word of place, "of" or "when" behind it.
    Language.ZH: words(
        r"(?:^|[\s，,。；;：:？?！!、在])在?(?!其中|当中|截|按|根据|统计|据|目前|最|知|请|想|听说|关于|对于|除)"
        r"(?P<owner>(?:(?!是|有|没)[\u4e00-\u9fff]){2,8}?)(?:"
        r"(?:[上里]|境?内|地区|全境)?[的，,]?(?:[总一]?共|究竟|到底)?(?P<has>[设拥]?有|[开设]了)(?=多少|几|哪|什么)"
        r"|(?:[上里]|境?内)?的|(?<![以网线海路手])上|里|在(?=\s)"
        r"|(?=什么时候|何时|何年|哪一?[年月天日]))"
    ),
    # What a question ends with, as far as a time or a verb behind it, or who has something.
    Language.EN: words(
        r"\b(?:in|on|at|of|under|inside|within|across) (?:an? |the )?+"
        rf"(?P<place>(?!(?:{IDIOMS})\b)[a-z]+(?: (?!(?:of|in|at|by|on|terms)\b)[a-z]+)?)"
        r"(?=\s*(?:[?.,!;]|$)| (?:in|at|on|by|as|have|has|had|is|was)\b)"
        r"|\b(?:does|do|did) (?:an? |the )?+(?P<holder>[a-z]+(?: [a-z]+)?)(?= (?:have|hold|own|host)\b)"
        r"|\b(?P<owner>[a-z]+)(?=['’]s\b|s['’])"
    ),
}
# Where whoever asks is: in the collection's own city, by whatever name.
HERE = words(
    r"(?:[我咱你]们?)?(?:本|我们?|咱们?|你们?|贵|全|该|这座?|那)(?:城?市|地|里|儿|边)|当地|辖区|市里|山城|渝都|巴渝"
    r"|(?:the |this |our |your )?(?:city|municipality|town)\b"
)
BEGINNING = words(r"(?:^|[\s，,。；;：:？?！!、在])(?=[\u4e00-\u9fff])")
LONE = words("[\u4e00-\u9fff]")
# Fewer characters that no dictionary knows make a name only where it has something.
NAMED = 3


def find_owners(
    text: str, language: Language, terms: Terms, frequency: Callable[[str], int]
) -> tuple[str, ...]:
    """The owners in ``text`` (folded, its dates and figures blanked) of which no passage knows a word.

    One that passages speak of may be told in other words, and is left to the fitted doubt.
    """
    found = []
    for match in OWNERS[language].finditer(text):
        said = next(part for part in match.groups() if part)
        inside = tuple(word for word in terms.words if word.text in said)
        known = tuple(word for word in inside if not word.stray)
        brief = language is Language.ZH and not match["has"] and len(said) < NAMED
        named = known or (() if brief else inside)
        if named and not HERE.match(said) and not any(is_heard(word, frequency) for word in named):
            found.append(said)
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
