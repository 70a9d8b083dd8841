"""A follow-up with its topic, as a reader would ask it: put into the question where grammar allows, else behind it."""

from __future__ import annotations

import re

from ...types import Language
from ..wants import words
from .topics import ENDS

OPENING = words(r"^(?:(?:and|but|so|or|then|ok(?:ay)?|now)\b[,\s]+)+(?=\w)")
LEANS = words(r"\b(?:that|this|it|its|those|these|them|they|their)\b")
# "How much of that belongs to households?", "By how much did those grow?"
POINTS = words(
    r"\b(?P<lead>of) (?:(?:that|this)(?= \w*s\b|,|$)|(?:those|these|them)\b(?! \w+s\b))"
    r"|\b(?P<before>did|will|would) (?:that|this|those|these|they|it)\b"
)
A_PROPERTY = words(r"^what about the [\w-]+(?: [\w-]+)?\??$")
COUNTED = words(r"\bhow (?:many|much) (?P<noun>[a-z-]+)")
QUANTITY = words(r"\bhow (?:much|many)\b|\bvalue\b|\bworth\b|\bshare\b|\bpart\b")
ONLY_DATE = words(
    r"^(?:as of|at|by|in|on|since|during|until) (?:the )?(?:end of )?(?:[A-Z][a-z]+ )?[0-9, ]+$"
)


def tell_topic(said: str, topic: str, before: str, language: Language) -> str:
    """``said``, in ``language``, with the ``topic`` of the question ``before``: "How much of Sichuan's deposits
    belongs to households?"."""
    if language is Language.ZH:
        return tell_about(said, topic, before, language)
    said = OPENING.sub("", said).rstrip(ENDS)
    said = said[:1].upper() + said[1:]
    parts = topic.split("; ")
    if len(parts) == 1 and topic.isascii():
        whole = _with_article(topic, before)
        if point := POINTS.search(said):
            return f"{said[: point.start()]}{point['lead'] or point['before']} {_definite(whole)}{said[point.end() :]}?"
        if A_PROPERTY.match(said):
            return f"{said} of {_definite(whole)}?"
    counted = COUNTED.search(before)
    # What was counted before is no part of another count, unless that leans on it: "how much growth was that".
    if counted and QUANTITY.search(said) and not LEANS.search(said):
        parts = [part for part in parts if part != counted["noun"]] or parts
    return tell_about(said, "; ".join(parts), before, language)


def tell_about(said: str, topic: str, before: str, language: Language) -> str:
    """``said`` with ``topic`` behind it: "Why — about: Chongqing's carbon market?"."""
    said = said.rstrip(ENDS)
    if language is Language.ZH:
        return f"{said}（关于：{topic}）？"
    if ONLY_DATE.match(topic):
        return f"{said} {topic}?"
    parts = ", ".join(_with_article(part, before) for part in topic.split("; "))
    return f"{said} — about: {parts}?"


def _definite(phrase: str) -> str:
    """With an article, but before a name or what is somebody's."""
    named = phrase[:1].isupper() or phrase.startswith("the ")
    return phrase if named else f"the {phrase}"


def _with_article(part: str, before: str) -> str:
    """With the article that it has in the question before."""
    return f"the {part}" if re.search(rf"\bthe {re.escape(part)}", before, re.IGNORECASE) else part
