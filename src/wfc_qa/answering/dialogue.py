"""A follow-up question completed from the one before it, by rules: what it lacks is carried over."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ..adapters.cedict import Dictionary
from ..adapters.encoders import Encoder
from ..text.dates import find_dates
from ..text.figures import find_figures
from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Language, Span

ELLIPSIS = {
    Language.ZH: re.compile(
        r"^(?:那么?|还有|以及|至于|换成)?[，,\s]*(?P<said>.{1,40}?)[，,\s]*(?:呢|又如何|又怎么样|怎么样)[？?。!！]*$"
    ),
    Language.EN: re.compile(
        r"^(?:and|or|but|so|then)?[,\s]*(?:what|how)?\s*(?:about|if it is|for|in|at|by|of)?\s*(?P<said>.{1,60}?)[?.!\s]*$",
        re.I,
    ),
}
OPENS = {
    Language.ZH: re.compile(r"^(?:那么?|还有|以及|至于|换成)|呢[？?。!！]*$"),
    Language.EN: re.compile(r"^(?:and|or|but|so|then)\b|^(?:what|how) about\b", re.I),
}
PRONOUN = {
    Language.ZH: re.compile(
        r"它们?的?|其(?!他|它|中|余|实|次)|(?:该|这一|这个|这项|此|上述)(?P<kind>[\u4e00-\u9fff]{0,4}?)(?=的|是|有|在|由|何|包|什|多|哪|将|会|覆|涉|共|于|$)"
    ),
    Language.EN: re.compile(
        r"\b(?:it|its|they|their|them|this (?:one|plan|court|document|scheme)|that (?:one|plan|court))\b",
        re.I,
    ),
}
VERB = {
    Language.ZH: re.compile(r"多少|什么|哪|何|谁|吗|几|是否|怎么|如何|为什么|有没有"),
    Language.EN: re.compile(
        r"\b(?:what|who|when|where|which|how|is|are|was|were|do|does|did|has|have|had|will|can|could)\b", re.I
    ),
}
# A question with fewer content words than this, after a question, leans on it.
ALONE = {Language.ZH: 3, Language.EN: 3}
HAN_WORD = re.compile(r"[\u3400-\u9fff]+")
LATIN_WORD = re.compile(r"[A-Za-z][\w'’&-]*")


def complete_question(
    question: str, history: Sequence[str], language: Language, encoder: Encoder, dictionary: Dictionary
) -> str:
    """``question`` as it stands on its own, given earlier ones (as understood, oldest first)."""
    question = question.strip()
    if not history:
        return question
    before = history[-1].strip()
    pronoun = PRONOUN[language].search(question)
    ellipsis = ELLIPSIS[language].match(question)
    opens = bool(OPENS[language].search(question))
    if ellipsis and opens and not _asks(ellipsis["said"], language):
        return _substitute(ellipsis["said"].strip(), before, language, encoder, dictionary)
    if pronoun and not _names_topic(question, pronoun):
        topic = _topic(before)
        return _put(question, pronoun, topic, language) if topic else question
    if opens or len(content_terms(question)) < ALONE[language] and not find_dates(question):
        return _carry(question, before, language)
    return question


def _asks(said: str, language: Language) -> bool:
    return bool(VERB[language].search(said))


def _names_topic(question: str, pronoun: re.Match[str]) -> bool:
    """Whether the pronoun stands for something the question itself names before it."""
    return len(content_terms(question[: pronoun.start()])) > 1


def _put(question: str, pronoun: re.Match[str], topic: str, language: Language) -> str:
    said = pronoun.group()
    if language is Language.ZH:
        tail = "的" if said.endswith("的") or said == "其" else ""
    else:
        tail = "'s" if said.lower() in {"its", "their"} else ""
        topic = topic if topic[:1].isupper() else f"the {topic}"
    return question[: pronoun.start()] + topic + tail + question[pronoun.end() :]


def _substitute(said: str, before: str, language: Language, encoder: Encoder, dictionary: Dictionary) -> str:
    """The question before with its like part replaced by ``said``: a date by a date, else by what is nearest in
    meaning."""
    dates, known = find_dates(said), find_dates(before)
    if dates and len(dates[0].text) >= len(said) // 2:
        if known:
            return _replace(before, Span(known[0].span.start, known[-1].span.end), said)
        return (
            f"{said}{before}" if language is Language.ZH else f"{before.rstrip('?？. ')} in {dates[0].text}?"
        )
    parts = _parts(before, language, dictionary)
    if not parts:
        return f"{before} {said}"
    vectors = encoder.encode_queries([said, *(part.of(before) for part in parts)])
    nearest = parts[int(np.argmax(vectors[1:] @ vectors[0]))]
    return _replace(before, nearest, said)


def _parts(before: str, language: Language, dictionary: Dictionary) -> list[Span]:
    """Stretches of one to three neighbouring words that could be swapped: no dates, figures or question words."""
    held = [found.span for found in (*find_dates(before), *find_figures(before))]
    if language is Language.ZH:
        words = [entry.span for entry in dictionary.translate(fold_text(before), language)]
        words = words if len(fold_text(before)) == len(before) else []
    else:
        words = [Span(*match.span()) for match in LATIN_WORD.finditer(before)]
    words = [
        word
        for word in words
        if content_terms(word.of(before)) and not any(word.start < h.end and h.start < word.end for h in held)
    ]
    gap = 0 if language is Language.ZH else 1
    stretches = []
    for first in range(len(words)):
        for last in range(first, min(first + 3, len(words))):
            if last > first and words[last].start - words[last - 1].end > gap:
                break
            stretches.append(Span(words[first].start, words[last].end))
    return stretches


def _carry(question: str, before: str, language: Language) -> str:
    topic = _topic(before)
    dates = [date.text for date in find_dates(before)][:1]
    if not topic:
        return question
    if language is Language.ZH:
        return f"{''.join(dates)}{topic}：{question}"
    return f"{question.rstrip('?？ ')} ({', '.join([topic, *dates])})?"


def _topic(before: str) -> str:
    """The longest stretch of content words: what the question was about."""
    masked = before
    for date in find_dates(before):
        masked = _replace(masked, date.span, "|" * (date.span.end - date.span.start))
    stretches, current = [], Span(0, 0)
    for match in re.finditer(r"[\u3400-\u9fff]+|[A-Za-z][\w'’&-]*|“[^”]*”|《[^》]*》", masked):
        span = Span(*match.span())
        for piece in _content_pieces(masked, span):
            if (
                current.end
                and masked[current.end : piece.start].strip() == ""
                and piece.start - current.end <= 1
            ):
                current = Span(current.start, piece.end)
            else:
                current = piece
            stretches.append(current)
    return max((span.of(before) for span in stretches), key=len, default="")


def _content_pieces(text: str, span: Span) -> list[Span]:
    """Parts of a word run that are left when question and function words are taken out."""
    said = span.of(text)
    if not HAN_WORD.match(said):
        return [span] if content_terms(said) else []
    folded = fold_text(said)
    kept = set("".join(content_terms(said)))
    pieces: list[Span] = []
    for offset, char in enumerate(folded[: len(said)]):
        place = span.start + offset
        if char not in kept:
            continue
        if pieces and pieces[-1].end == place:
            pieces[-1] = Span(pieces[-1].start, place + 1)
        else:
            pieces.append(Span(place, place + 1))
    return pieces


def _replace(text: str, span: Span, said: str) -> str:
    return text[: span.start] + said + text[span.end :]
