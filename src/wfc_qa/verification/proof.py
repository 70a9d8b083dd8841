"""What a cited passage states, sentence by sentence, and remembers of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..adapters.cedict import Dictionary
from ..adapters.remembered import Remembered
from ..indexing.store import PassageRow
from ..text.dates import DateMention
from ..text.marks import read_marks
from ..text.measures import Measure, find_measures
from ..types import Language
from .aliases import find_aliases
from .concepts import known_concepts
from .facts import Statement, complete_years, find_digits, read_statement
from .reading import Reading, read_text

REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Proof:
    """What a passage states. Answering looks ``around`` in many passages and into few: the rest is read when it is
    asked for."""

    passage: PassageRow
    dictionary: Dictionary = field(repr=False)

    @property
    def language(self) -> Language:
        return self.passage.language

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(read_statement(text, self.language, self.dictionary) for text in sentences(self.passage))

    @cached_property
    def around(self) -> Reading:
        """What the passage says together with its title and headings."""
        return read_text(self._whole, self.language, self.dictionary)

    @cached_property
    def above(self) -> tuple[DateMention, ...]:
        """The dates of its title and headings."""
        return complete_years(read_marks("\n".join(self.passage.above)).dates)

    @cached_property
    def measures(self) -> frozenset[Measure]:
        return find_measures(self._whole)

    @cached_property
    def digits(self) -> frozenset[str]:
        return find_digits(self._whole)

    @cached_property
    def aliases(self) -> frozenset[str]:
        return frozenset(find_aliases(self._whole))

    @cached_property
    def concepts(self) -> frozenset[int]:
        return known_concepts(self._whole)

    @cached_property
    def _whole(self) -> str:
        return "\n".join((*self.passage.above, *sentences(self.passage)))


def sentences(passage: PassageRow) -> list[str]:
    """The sentences of a passage that can be quoted."""
    start = passage.passage.span.start
    return [quotable.span.shift(-start).of(passage.passage.text) for quotable in passage.sentences]


class Prover:
    """Reads proofs off passages and remembers the latest; safe to share between threads."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self._known: Remembered[int, Proof] = Remembered(REMEMBERED)

    def read(self, passage: PassageRow) -> Proof:
        return self._known.read(passage.row, lambda: Proof(passage, self.dictionary))
