"""Words that mean much the same as one of the evidence, by what a dictionary of two languages says of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..adapters.cedict import Dictionary
from ..text.families import root
from ..types import Language

# Two Chinese words with so many English words in common are synonyms; one is often chance.
IN_COMMON = 2


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """The words of a text for others to be akin to.

    ``senses`` is what they are called in the other language, ``roots`` and ``gloss_roots`` the word families of the
    English ones on its own side and on the other, ``glossed`` the Chinese words, its own or those that its English ones
    are translated by, that each English gloss stands for.
    """

    language: Language
    senses: frozenset[str]
    roots: frozenset[str]
    gloss_roots: frozenset[str]
    glossed: Mapping[str, Sequence[str]]


def read_kin(words: Iterable[str], language: Language, dictionary: Dictionary) -> Kin:
    words = frozenset(words)
    senses = dictionary.senses(words, language)
    union = frozenset[str]().union(*senses.values())
    chinese = senses if language is Language.ZH else dictionary.senses(union, Language.ZH)
    glossed: dict[str, list[str]] = defaultdict(list)
    for word, glosses in chinese.items():
        for gloss in glosses:
            glossed[gloss].append(word)
    english = language is Language.EN
    return Kin(
        language,
        union,
        frozenset(map(root, words)) if english else frozenset(),
        frozenset() if english else _roots(union),
        glossed,
    )


def is_akin(word: str, language: Language, kin: Kin, dictionary: Dictionary) -> bool:
    """Whether ``word`` (folded) says much the same as one of the text's words."""
    senses = dictionary.senses([word], language).get(word, frozenset())
    if language is kin.language:
        return bool(senses & kin.senses) or (language is Language.EN and root(word) in kin.roots)
    if language is Language.EN:
        return root(word) in kin.gloss_roots or any(
            _shared(glosses, kin) for glosses in dictionary.senses(senses, Language.ZH).values()
        )
    return bool(_roots(senses) & kin.roots) or _shared(senses, kin)


def _shared(glosses: Iterable[str], kin: Kin) -> bool:
    """Whether a Chinese word with these ``glosses`` shares enough of them with one of the text."""
    common = Counter(word for gloss in glosses for word in kin.glossed.get(gloss, ()))
    return max(common.values(), default=0) >= IN_COMMON


@lru_cache(maxsize=4096)
def _roots(glosses: frozenset[str]) -> frozenset[str]:
    return frozenset(root(gloss) for gloss in glosses if " " not in gloss)
