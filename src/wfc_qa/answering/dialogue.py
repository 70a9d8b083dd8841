"""A follow-up question completed from the one before it, by rules: what it lacks is carried over.

Four ways of leaning on the question before: a new date ("那2023年呢？", "and in 2023?"), a new subject
("那贷款呢？"), a pronoun ("它的目标是什么？"), or no subject of its own ("一共有多少项？").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..adapters.cedict import Dictionary
from ..adapters.encoders import Encoder
from ..text.dates import DateMention, find_dates
from ..text.figures import find_figures
from ..text.language import detect_language
from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Language, Span


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


OPENS = {
    Language.ZH: _words(r"^(?:那么?|还有|以及|至于|换成|到了?(?=[0-9２]))[，,\s]*|呢[？?。!！\s]*$"),
    Language.EN: _words(r"^(?:and|or|but|so|then)\b[,\s]*|^(?:what|how) about\b\s*"),
}
# What may stand around the new part of an elliptic question.
PADDING = {
    Language.ZH: _words(
        r"^(?:那么?|还有|以及|至于|换成|到了?)?[，,\s]*(?:[当同]年)?|(?:又?是多少|的|又?如何|怎么样|呢)*[？?。!！\s]*$"
    ),
    Language.EN: _words(
        r"^(?:and|or|but|so|then)?[,\s]*(?:(?:what|how) about)?\s*(?:(?:for|in|at|by|of|its|their|the)\s+)*"
        r"|(?:\s+of (?:that|the same) year)?[?.!\s]*$"
    ),
}
ASKS = {
    Language.ZH: _words(r"多少|什么|哪|何|谁|吗|几|是否|怎么|如何|为什么|有没有"),
    Language.EN: _words(
        r"\b(?:what|who|when|where|which|how|why|is|are|was|were|do|does|did|has|have|had|will|can|could)\b"
    ),
}
PRONOUN = {
    Language.ZH: _words(
        r"它们?的?|其(?![他它中余实次])|(?:该|这一|这个|这项|此|上述)[\u4e00-\u9fff]{0,4}?"
        r"(?=的|是|有|在|由|何|包|什|多|哪|将|会|覆|涉|共|于|$)"
    ),
    Language.EN: _words(
        r"\b(?:it|its|they|their|them|(?:this|that) (?:one|plan|court|document|scheme|year|fund|centre|center))\b"
    ),
}
# Openings of questions that go on about the same thing.
GOES_ON = {
    Language.ZH: _words(r"^(?:同比|环比|一共|总共|共有|后来|之后|随后|其中|占|增长|增幅|增速|下降|又|还)"),
    Language.EN: _words(
        r"^(?:by how much|at what|compared|since then|in total|of (?:these|those|which)|after that)\b"
    ),
}
COUNTED = {
    Language.ZH: _words(r"(?P<noun>多少[\u4e00-\u9fff]{2,6}?)(?=[？?呢，。]|$)"),
    Language.EN: _words(r"\bhow many (?P<noun>(?:[a-z-]+ )?[a-z-]+s)\b"),
}
WORD = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][\w'’&-]*|“[^”]*”|《[^》]*》")
LATIN_WORD = re.compile(r"[A-Za-z][\w'’&-]*")
# "at the end of 2022" asked of 2023 leaves "at the 2023".
THE_YEAR = re.compile(r"\b(?:at|by|on|to) the (?=[12][0-9]{3}\b)")
MONTHS = "January February March April May June July August September October November December".split()
# A question with fewer content words than this ("how much?", "金额是多少？") has no subject of its own.
ALONE = 2
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Before:
    """The question before, with its dates and what it was about."""

    text: str
    dates: tuple[DateMention, ...]
    topic: str


def complete_question(
    question: str, history: Sequence[str], language: Language, encoder: Encoder, dictionary: Dictionary
) -> str:
    """``question`` as it stands on its own, given earlier ones (as understood, oldest first)."""
    question = question.strip()
    if not history:
        return question
    text = history[-1].strip()
    if detect_language(text) is not language:
        # What is carried over is put in the words of the question before.
        return _change_across(question, text, language) or question
    before = Before(text, tuple(find_dates(text)), _topic(text))
    said = _strip(question, language)
    dates = find_dates(said)
    if dates and len(content_terms(_blank(said, [date.span for date in dates]))) == 0:
        return _change_date(dates, before, language)
    if OPENS[language].search(question) and said and not ASKS[language].search(said):
        counted_before = COUNTED[language].search(text)
        if language is Language.EN and counted_before and said.endswith("s") and said.islower():
            return _replace(text, Span(*counted_before.span("noun")), said)
        return _change_subject(said, before, language, encoder, dictionary)
    counted, counted_before = (COUNTED[language].search(asked) for asked in (question, text))
    if OPENS[language].search(question) and counted and counted_before:
        return _replace(text, Span(*counted_before.span("noun")), counted["noun"])
    pronoun = PRONOUN[language].search(question)
    if pronoun and before.topic and len(content_terms(question[: pronoun.start()])) <= 1:
        return _put_topic(question, pronoun, before.topic, language)
    content = content_terms(_blank(question, [date.span for date in find_dates(question)]))
    if GOES_ON[language].search(question) or (len(content) < ALONE and ASKS[language].search(question)):
        return _carry(question, before, language)
    return question


def lean_question(question: str, before: str, language: Language) -> str:
    """``question`` with what the one before it was about in brackets, for when it finds nothing on its own; empty where
    it cannot lean."""
    topic = _topic(before)
    if not topic or detect_language(before) is not language:
        return ""
    dates = [] if find_dates(question) else [date.text for date in find_dates(before)[:1]]
    said, about = question.rstrip("?？。 "), ", ".join([topic, *dates])
    return f"{said} ({about})?" if language is Language.EN else f"{said}（{about}）？"


def _change_across(question: str, text: str, language: Language) -> str:
    """The question before, in its own language, asked of the date that a question in the other language brings."""
    said = _strip(question, language)
    dates = find_dates(said)
    if not dates or content_terms(_blank(said, [date.span for date in dates])):
        return ""
    new = dates[0]
    before = Before(text, tuple(find_dates(text)), "")
    if language is Language.ZH:
        month = f"{MONTHS[new.month - 1]} " if new.month else ""
        written = f"{month}{new.year}" if new.year else new.text
    else:
        written = f"{new.year}年{f'{new.month}月' if new.month else ''}" if new.year else new.text
    return _change_date(find_dates(written) or dates, before, language.other)


def _strip(question: str, language: Language) -> str:
    """The question without what only says that it follows another."""
    start, end = 0, len(question)
    for match in PADDING[language].finditer(question):
        if match.start() == 0:
            start = max(start, match.end())
        if match.end() == len(question):
            end = min(end, match.start())
    return question[start:end].strip() if start < end else ""


def _change_date(dates: Sequence[DateMention], before: Before, language: Language) -> str:
    """The question before, asked of another date; a month without a year keeps the year."""
    new, old = dates[0], before.dates[0] if before.dates else None
    text = new.text
    if new.year is None and new.month and old and old.year:
        text = (
            f"{old.year}年{new.month}月" if language is Language.ZH else f"{MONTHS[new.month - 1]} {old.year}"
        )
    if before.dates:
        asked = _replace(before.text, Span(before.dates[0].span.start, before.dates[-1].span.end), text)
        return THE_YEAR.sub("in ", asked)
    if language is Language.ZH:
        return f"{text}{before.text}"
    return f"{before.text.rstrip('?？. ')} in {text}?"


def _change_subject(
    said: str, before: Before, language: Language, encoder: Encoder, dictionary: Dictionary
) -> str:
    """The question before with the stretch nearest in meaning to ``said`` replaced by it."""
    words = _words_of(before, language, dictionary)
    if not words:
        return _carry(said, before, language)
    vectors = encoder.encode_queries([said, *(word.of(before.text) for word in words)])
    length = len(_words_in(said, language, dictionary)) or 1
    stretches = list(_stretches(words, length, gap=0 if language is Language.ZH else 1))
    # A stretch of words means about what its words mean on average, which costs no further encoding.
    meant = np.stack([vectors[1 + first : 2 + last].mean(0) for first, last in stretches])
    nearness = (meant @ vectors[0]) / np.linalg.norm(meant, axis=1)
    first, last = stretches[int(np.argmax(nearness))]
    return _replace(before.text, Span(words[first].start, words[last].end), said)


def _words_of(before: Before, language: Language, dictionary: Dictionary) -> list[Span]:
    """Words that could be swapped: no dates, no figures, no question words."""
    held = [date.span for date in before.dates] + [figure.span for figure in find_figures(before.text)]
    return [
        word
        for word in _words_in(before.text, language, dictionary)
        if not any(word.start < h.end and h.start < word.end for h in held)
    ][:MOST_WORDS]


def _words_in(text: str, language: Language, dictionary: Dictionary) -> list[Span]:
    folded = fold_text(text)
    if language is Language.EN:
        words = [Span(*match.span()) for match in LATIN_WORD.finditer(text)]
    else:
        # Folding a ligature or the like moves what follows it.
        words = (
            [entry.span for entry in dictionary.translate(folded, language)]
            if len(folded) == len(text)
            else []
        )
    return [word for word in words if content_terms(word.of(text))]


def _stretches(words: Sequence[Span], length: int, gap: int) -> Iterator[tuple[int, int]]:
    """First and last of one to ``length`` neighbouring words, at most ``gap`` characters apart."""
    for first in range(len(words)):
        for last in range(first, min(first + length, len(words))):
            if last > first and words[last].start - words[last - 1].end > gap:
                break
            yield first, last


def _put_topic(question: str, pronoun: re.Match[str], topic: str, language: Language) -> str:
    said = pronoun.group().lower()
    if language is Language.ZH:
        named = topic + ("的" if said.endswith("的") or said == "其" else "")
    else:
        named = topic if topic[:1].isupper() else f"the {topic}"
        named += "'s" if said in {"its", "their"} else ""
    return question[: pronoun.start()] + named + question[pronoun.end() :]


def _carry(question: str, before: Before, language: Language) -> str:
    """``question`` with the topic and the first date of the one before."""
    if not before.topic:
        return question
    dates = [] if find_dates(question) else [date.text for date in before.dates[:1]]
    if language is Language.ZH:
        joint = "" if question[0] in "是占后" else "的"
        return f"{''.join(dates)}{before.topic}{joint}{question}"
    return f"{question.rstrip('?？ ')} ({', '.join([before.topic, *dates])})?"


def _topic(text: str) -> str:
    """The longest stretch of content words outside dates: what the question was about."""
    masked = _blank(text, [date.span for date in find_dates(text)])
    stretches: list[Span] = []
    for match in WORD.finditer(masked):
        for piece in _content_pieces(masked, Span(*match.span())):
            last = stretches[-1] if stretches else None
            if last and piece.start - last.end <= 1 and not masked[last.end : piece.start].strip():
                stretches[-1] = Span(last.start, piece.end)
            else:
                stretches.append(piece)
    return max((span.of(text) for span in stretches), key=len, default="")


def _content_pieces(text: str, span: Span) -> list[Span]:
    """What is left of a run of words when question and function words are taken out."""
    said = span.of(text)
    if said.isascii() or said[0] in "“《":
        return [span] if content_terms(said) else []
    kept = set("".join(content_terms(said)))
    pieces: list[Span] = []
    for place, char in enumerate(fold_text(said)[: len(said)], span.start):
        if char not in kept:
            continue
        if pieces and pieces[-1].end == place:
            pieces[-1] = Span(pieces[-1].start, place + 1)
        else:
            pieces.append(Span(place, place + 1))
    return pieces


def _blank(text: str, spans: Sequence[Span]) -> str:
    for span in spans:
        text = _replace(text, span, "|" * (span.end - span.start))
    return text


def _replace(text: str, span: Span, said: str) -> str:
    return text[: span.start] + said + text[span.end :]
