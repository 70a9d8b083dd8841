"""Search terms: Han bigrams, English stems, whole numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from snowballstemmer import stemmer

from .scripts import HAN, fold_text

_URL = re.compile(r"(?:https?://|www\.)[^\s<>()（）【】“”\"，。；！？、]+", re.IGNORECASE)
_TERM = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]++)?+[%‰]?|[0-9]++(?:\.[0-9]++)++[%‰]?"
    r"|[0-9]++(?![a-z])[%‰]?)"
    rf"|(?P<word>[^\W_{HAN}]+(?:['’][^\W\d_{HAN}]+)?)"
)
_ZH_STOP = re.compile(
    "请问一?下?|请|介绍一下|介绍|告诉我|我?想了解一?下?|我?想知道|麻烦|谢谢|感谢|您好|你好|最新的?|目前|现在"
    "|有?多少[家个项名位笔件条次种款座]?|是多[大高长]|什么时候|什么|何时|有?哪一?[年月日天家个些项种里位]|哪"
    "|有?几(?=[家个项种年月位大])|如何|怎么样|怎样|怎么|为什么|为何|谁|是否|有没有|吗|呢|吧|啊"
    "|(?<![目标])的(?!确)|(?<!为)了(?!解)|(?<![于可但总])是|与|(?<![总平缓])和(?!谐|平|解)|以及|及其|(?<![以普涉])及(?!时)"
    "|关于(?=[：:])|(?<![存现])在(?![线岸建])|主要|分别|一共|总共|大约|大概"
)
_EN_STOP = frozenset(
    "a about after all also am an and any anyone are as at be been being between both but by can could did do"
    " does doing during each every for from had has have having he her his how i if in into is it its itself"
    " just kindly know like list many me more most much my name no not of on once only or other our out over"
    " please s shall she should show so some such t tell than thank thanks that the their them then there"
    " these they this those through to under up was we were what what's whats when where which while who whom"
    " whose why will with would you your".split()
)


def lexical_terms(text: str) -> list[str]:
    """Every term of ``text`` in order, for indexing and searching."""
    return _terms(fold_text(_URL.sub(" ", text)), frozenset())


def content_terms(text: str) -> list[str]:
    """The terms that say what ``text`` is about: without question and function words."""
    return _terms(_ZH_STOP.sub(" ", fold_text(_URL.sub(" ", text))), _EN_STOP)


@lru_cache(maxsize=50_000)
def gloss_terms(gloss: str) -> tuple[str, ...]:
    """``content_terms`` of what a dictionary calls a word, which comes again and again."""
    return tuple(content_terms(gloss))


def _terms(folded: str, stop: frozenset[str]) -> list[str]:
    terms: list[str] = []
    for match in _TERM.finditer(folded):
        term = match[0]
        if match.lastgroup == "han":
            terms += map("".join, pairwise(term)) if len(term) > 1 else (term,)
        elif match.lastgroup == "number":
            terms.append(term.replace(",", ""))
        elif (word := term.replace("’", "'")) not in stop:
            terms.append(stem(word))
    return terms


_english = stemmer("english")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English Snowball stem of a lower-case word."""
    return str(_english.stemWord(word))
