"""What a pronoun stands for, put in its place: 它, 该基金, 前者, it, that plan, the latter."""

from __future__ import annotations

import re

from ...text.language import detect_language
from ...text.marks import blank, read_marks, replace_span
from ...types import Language, Span
from ..wants import words
from .dating import RELATIVE, add_date, has_date
from .naming import ASKS
from .swap import find_slots
from .topics import find_subject, find_topic

SIDES = {
    Language.ZH: re.compile(
        r"(?P<x>[\u4e00-\u9fff]{2,10})[和与及、](?P<y>[\u4e00-\u9fff]{2,10}?)(?=的|分别|各|在|是|有|，|$)"
    ),
    Language.EN: re.compile(
        r"(?P<x>[A-Z][\w-]+(?: [A-Z][\w-]+)*|[a-z-]+) and (?P<y>[A-Z][\w-]+(?: [A-Z][\w-]+)*|[a-z-]+)"
    ),
}
SIDE_SAID = {
    Language.ZH: words(r"(?P<x>前者)|(?P<y>后者)"),
    Language.EN: words(r"\bthe (?:(?P<x>former)|(?P<y>latter))\b"),
}
EACH = words(r"分别|各自?(?=是|有)|\s*\brespectively\b")
DEMONSTRATIVE = {
    Language.ZH: words(
        r"(?:该|此|这一?[个项份次条家座所部届场笔批类]|那一?[个项份次条家座所部届场笔批类]"
        r"|上述)(?P<noun>[\u4e00-\u9fff]{2,4}?)(?=的|是|有|在|由|何|什|多|哪|谁|将|会|覆|涉|共|一|总|规|发|提"
        r"|$|[，,？?])"
    ),
    Language.EN: words(r"\b(?:this|that|these|those) (?P<noun>[a-z]+)\b"),
}
# Nouns that any topic may be called by.
ANY_TOPIC = words(
    r"^(?:规划|计划|方案|意见|办法|条例|规定|通知|文件|政策|会议?|峰会|大会|论坛|法院|中心|基金|项目|试点"
    r"|平台|机构|银行|协议|目标|活动|公司|指数|通道"
    r"|one|plan|scheme|document|rules?|opinions?|meeting|conference|forum|summit|court|cent(?:er|re)|fund"
    r"|project|pilot|platform|institution|bank|agreement|target|company|index)$"
)


PRONOUN = {
    Language.ZH: words(
        r"(?P<said>它们?|(?<!其)[他她]们?|其(?![他它中余实次间])|[那这][里儿]|里面(?=[说提写有])"
        r"|[这那](?=[比是大占相算]))"
    ),
    Language.EN: words(
        r"^(?!.*(?:\bof (?:them|those|these)\b|\bit (?:true|possible|legal|right)\b)).*?"
        r"(?P<said>\b(?:its|their|it|they|them|(?<!is )(?<!are )(?<!was )(?<!were )there(?=[?.!]|$))\b)"
    ),
}


def put_pronoun(said: str, before: str, language: Language) -> str:
    """The question with its first pronoun named; empty where it has none that can be."""
    subject = find_subject(before, detect_language(before))
    if RELATIVE[language].search(said):
        subject = find_topic(before, detect_language(before), dated=False)
    if not subject:
        return ""
    if shown := DEMONSTRATIVE[language].search(said):
        if called := _called(shown["noun"], before, subject):
            return _put(said, Span(*shown.span()), called, language)
        return ""
    found = PRONOUN[language].search(said)
    if found is None:
        return ""
    place = Span(*found.span("said"))
    if place.of(said) in {"这", "那"}:
        subject = find_topic(before, detect_language(before), dated=not has_date(said, language))
    return add_date(_put(said, place, subject, language), before, language)


def _called(noun: str, before: str, subject: str) -> str:
    """The phrase of the question before that "that plan" speaks of; empty where none is called so."""
    phrases = [slot.of(before) for slot in find_slots(before, detect_language(before))]
    named = [
        phrase
        for phrase in (subject, *phrases)
        if len(noun) > 1 and re.search(rf"(?<![a-z]){re.escape(noun.lower())}", phrase.lower())
    ]
    return next(iter(named), subject if ANY_TOPIC.match(noun) else "")


def _take_side(before: str, said: re.Match[str], language: Language) -> tuple[str, str]:
    """The question before asked of one of the two things it joins, and that thing."""
    masked = blank(before, [date.span for date in read_marks(before).dates])
    found = SIDES[language].search(masked)
    if found is None:
        return before, ""
    x = re.split(r"[的在]", found["x"])[-1] if language is Language.ZH else found["x"]
    start = found.end("x") - len(x)
    named = x if said["x"] else found["y"]
    return EACH.sub("", replace_span(before, Span(start, found.end("y")), named)), named


def _put(said: str, span: Span, subject: str, language: Language) -> str:
    pronoun = span.of(said).lower()
    if language is Language.ZH:
        return replace_span(
            said, span, subject + ("的" if pronoun == "其" and not said[span.end :].startswith("的") else "")
        )
    named = (
        subject
        if subject[:1].isupper() or not subject.isascii() or subject.startswith("the ")
        else f"the {subject}"
    )
    if pronoun in {"its", "their"}:
        named += "'s"
    elif pronoun == "there":
        named = f"at {named}"
    return replace_span(said, span, named)


def read_side(said: str, before: str, language: Language) -> tuple[str, str] | None:
    """The turn with "the former" or "后者" named, and the question before asked of that one of the two things it joins;
    None where it says neither or nothing is joined."""
    side = SIDE_SAID[language].search(said)
    before, named = _take_side(before, side, language) if side else (before, "")
    if side is None or not named:
        return None
    place = Span(*side.span())
    if language is Language.ZH:
        return re.sub("^的", "", replace_span(said, place, "")), before
    subject = find_subject(before, language)
    asks = ASKS[language].search(said)
    return _put(said, place, subject if asks and named in subject else named, language), before
