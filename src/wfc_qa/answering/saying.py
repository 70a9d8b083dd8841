"""What a sentence says of what a question names: its dates, figures, names and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..retrieval.terms import Word
from ..text.dates import DateMention, covers
from ..text.figures import Bound, Figure, Unit, comparable, same_figure
from ..text.marks import read_marks
from ..text.measures import QUALIFIERS, Measure, find_measures
from ..text.ordinals import Ordinal
from ..types import Language
from ..verification.names import Name, speaks_of
from .asked import Asked
from .evidence import Evidence
from .wants import Want

END = re.compile(r"末|底|\b(?:end|close)\b", re.IGNORECASE)
# "2023 major projects" are projects of a year.
A_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?![0-9家个项])")
# What is counted under more than one name.
ONE_THING = (
    re.compile(r"集装箱|标准?箱|箱量|\bcontainers?\b|\bteus?\b"),
    re.compile(r"港口|码头|\bports?\b|\bharbou?rs?\b"),
    re.compile(r"措施|办法|举措|\bmeasures?\b|\bsteps\b"),
)


def said_measures(evidence: Evidence) -> frozenset[Measure]:
    """What the passage measures; whose, its title and headings may tell."""
    above = " ".join(evidence.passage.above)
    return find_measures(evidence.passage.passage.text) | (find_measures(above) & QUALIFIERS)


def says_date(evidence: Evidence, asked: DateMention) -> bool:
    """A sentence with dates of its own speaks of those; one without speaks of its passage's and headings'."""
    said = [date for date in evidence.own.dates if date.year is not None] or evidence.around.dates
    if "底" in asked.text:
        # Loosely any day of the last month, or of the month's last days.
        asked = replace(asked, day=None)
    if END.search(asked.text):
        # "December 2025" and "end of 2025" are one reporting date.
        said = [
            replace(date, day=date.day or asked.day) if date.month == asked.month else date for date in said
        ]
    return any(covers(date, asked) for date in said)


def reports(evidence: Evidence, asked: DateMention) -> bool:
    """Whether the passage speaks of a report of that date, "the white paper of May 2025"."""
    return any(covers(date, asked) for date in read_marks(evidence.passage.passage.text).dates)


def says_name(evidence: Evidence, name: Name) -> bool:
    return speaks_of(name, evidence.around)


def says_ordinal(evidence: Evidence, asked: Ordinal, *, verdict: bool) -> bool:
    """Whether the sentence says the same place in a row; "is it the first?" is answered by any."""
    return any(verdict or place.value == asked.value for place in evidence.own.ordinals)


def says_quantity(evidence: Evidence, asked: Asked) -> bool:
    """Whether the sentence itself gives a figure in a unit that answers, and one that the question does not state."""
    known = () if asked.wants & {Want.VERDICT, Want.CHOICE} else asked.stated
    return any(
        (not asked.units or figure.unit in asked.units)
        and (figure.unit is not Unit.COUNT or (figure.value != 1 and not A_YEAR.match(figure.text)))
        and not any(same_figure(figure, other) for other in known)
        for figure in evidence.own.figures
    )


def says_word(evidence: Evidence, word: Word, language: Language) -> bool:
    return word.said_in(evidence.own.spoken(foreign=evidence.language is not language))


def speaks_word(evidence: Evidence, word: Word, language: Language) -> bool:
    """Whether the passage speaks of it; dictionaries know too few ways to say a thing in the other language."""
    return evidence.language is not language or word.said_in(evidence.around.terms)


def says_thing(evidence: Evidence, words: tuple[Word, ...], language: Language) -> bool:
    """Whether the sentence says ``words``, or counts what is one with them."""
    counted = (thing for thing in ONE_THING if all(thing.search(word.text) for word in words))
    return says_words(evidence, words, language) or any(one.search(evidence.own.folded) for one in counted)


def says_words(evidence: Evidence, words: tuple[Word, ...], language: Language) -> bool:
    return all(says_word(evidence, word, language) for word in words)


def missing_figures(asked: Asked, chosen: Sequence[Evidence]) -> list[Figure]:
    """Figures of the question that the evidence neither gives nor can be held against.

    "Is it 6.04 or 6.4?" is answered by either; "is it above 3 %?" by any percentage.
    """
    said = [figure for evidence in chosen for figure in evidence.around.figures]
    compared = bool(asked.wants & {Want.VERDICT, Want.CHOICE})
    missing = [
        figure
        for figure in asked.figures
        if not any(same_figure(figure, other) for other in said)
        and not (
            (compared or figure.bound is not Bound.EXACT) and any(comparable(figure, other) for other in said)
        )
    ]
    some = len(missing) < len(asked.figures)
    return [] if Want.CHOICE in asked.wants and some else missing
