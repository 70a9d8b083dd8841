"""A follow-up made whole by a language model, whose rewrite is believed only where it says what the reader said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing

from ...adapters.cedict import Dictionary
from ...adapters.llms import GenerationError, LanguageModel
from ...steps import Halt
from ...text.language import detect_language
from ...text.marks import Marks, read_marks
from ...text.measures import find_measures
from ...text.scripts import HAN, fold_text
from ...text.terms import content_terms
from ...types import Language
from ..prompts import Prompts
from .topics import ENDS

MAX_TOKENS = 160
LONGEST_REWRITE = 300
"""Characters; a stream that runs on is cancelled there."""
QUOTES = "\"'“”‘’「」`"
CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+")
HAN_WORD = re.compile(f"[{HAN}]+")
LATIN_WORD = re.compile(r"[a-z][\w&-]*")


def condense(
    question: str,
    history: Sequence[str],
    model: LanguageModel,
    prompts: Prompts,
    dictionary: Dictionary,
    halt: Halt | None = None,
) -> str:
    """``question`` as the model makes it stand on its own; empty where the model fails or its rewrite cannot be
    trusted: then the rules complete the question."""
    if not history:
        return ""
    language = detect_language(question)
    earlier = "\n".join(f"{place}. {_one_line(said)}" for place, said in enumerate(history, 1))
    messages = prompts.fill("condense", language, earlier=earlier, question=_one_line(question))
    try:
        with closing(model.stream(messages, max_tokens=MAX_TOKENS)) as pieces:
            if halt:
                halt.watch(pieces.close)
            said = _read(pieces)
    except GenerationError:
        return ""
    rewrite = said.strip().strip(QUOTES).strip()
    return rewrite if is_faithful(rewrite, question, history, dictionary) else ""


def is_faithful(rewrite: str, question: str, history: Sequence[str], dictionary: Dictionary) -> bool:
    """Whether ``rewrite`` is one line in the question's language, keeps all figures, dates, names and measures of the
    question, and has none of these and no other word but from the question and the history."""
    language = detect_language(question)
    if not rewrite.strip(ENDS) or "\n" in rewrite or len(rewrite) > LONGEST_REWRITE:
        return False
    if detect_language(rewrite) is not language:
        return False
    sources = [question, *history]
    marks = read_marks(rewrite)
    said = [read_marks(text) for text in sources]
    if not _stand_in(marks, said) or not _stand_in(said[0], [marks]):
        return False
    # What is carried over names a subject or a time; an amount from before would be put in the reader's mouth.
    if not _amounts(marks) <= _amounts(said[0]):
        return False
    known = "\n".join(sources)
    kept = _names(question, dictionary) <= _names(rewrite, dictionary)
    kept = kept and find_measures(question) <= find_measures(rewrite) <= find_measures(known)
    return kept and _says_names_of(known, rewrite, dictionary) and _words(marks.rest) <= _words(known)


def _amounts(marks: Marks) -> set[tuple[object, object]]:
    return {(figure.value, figure.unit) for figure in marks.figures}


def _stand_in(marks: Marks, others: Sequence[Marks]) -> bool:
    """Whether each figure and ordinal, and each part of a date, is said by one of ``others``."""
    figures = {(figure.value, figure.unit) for other in others for figure in other.figures}
    ordinals = {place.value for other in others for place in other.ordinals}
    parts = {part for other in others for part in _date_parts(other)}
    return (
        {(figure.value, figure.unit) for figure in marks.figures} <= figures
        and {place.value for place in marks.ordinals} <= ordinals
        and _date_parts(marks) <= parts
    )


def _date_parts(marks: Marks) -> set[tuple[str, int]]:
    """May 2022 as its year and its month: a follow-up may bring the one and leave the other."""
    names = ("year", "month", "day", "quarter", "half")
    found = ((name, getattr(date, name)) for date in marks.dates for name in names)
    return {(name, value) for name, value in found if value is not None}


def _names(text: str, dictionary: Dictionary) -> set[str]:
    """Folded: Chinese words that are proper names to the dictionary, English ones with a capital inside a sentence."""
    entries = dictionary.translate(fold_text(text), Language.ZH)
    return {entry.word for entry in entries if entry.proper} | {
        name.lower() for name in CAPITAL.findall(text)
    }


def _says_names_of(known: str, rewrite: str, dictionary: Dictionary) -> bool:
    """Whether ``known`` holds every name of ``rewrite``, whose characters may stand apart in it."""
    return all(name in fold_text(known) for name in _names(rewrite, dictionary))


def _words(text: str) -> set[str]:
    """The stems of English content words, and the characters of Chinese ones: those of two words may meet anew."""
    terms = content_terms(text)
    return {char for term in terms for char in term if HAN_WORD.match(char)} | {
        term for term in terms if LATIN_WORD.match(term)
    }


def _read(pieces: Iterator[str]) -> str:
    """The text, as far as a rewrite may be long and one piece more. Raises GenerationError."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > LONGEST_REWRITE:
            break
    return text


def _one_line(text: str) -> str:
    """Without the breaks and brackets that could end the tag it stands in."""
    return " ".join(text.replace("<", "‹").replace(">", "›").split())
