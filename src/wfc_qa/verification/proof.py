"""What a cited passage states, sentence by sentence, and remembers of it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
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


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """``around`` is what the passage says together with its title and headings, whose dates are ``above``."""

    passage: PassageRow
    statements: tuple[Statement, ...]
    around: Reading
    above: tuple[DateMention, ...]
    measures: frozenset[Measure]
    digits: frozenset[str]
    aliases: frozenset[str]
    concepts: frozenset[int]

    @property
    def language(self) -> Language:
        return self.passage.language


def sentences(passage: PassageRow) -> list[str]:
    """The sentences of a passage that can be quoted."""
    start = passage.passage.span.start
    return [quotable.span.shift(-start).of(passage.passage.text) for quotable in passage.sentences]


class Prover:
    """Reads proofs off passages and remembers the latest; safe to share between threads."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._known: OrderedDict[int, Proof] = OrderedDict()

    def read(self, passage: PassageRow) -> Proof:
        known = self._known.get(passage.row)
        if known is None:
            known = self._known[passage.row] = self._read(passage)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known

    def _read(self, passage: PassageRow) -> Proof:
        said = sentences(passage)
        above = "\n".join(passage.above)
        whole = "\n".join((above, *said))
        return Proof(
            passage=passage,
            statements=tuple(read_statement(text, passage.language, self._dictionary) for text in said),
            around=read_text(whole, passage.language, self._dictionary),
            above=complete_years(read_marks(above).dates),
            measures=find_measures(whole),
            digits=find_digits(whole),
            aliases=frozenset(find_aliases(whole)),
            concepts=known_concepts(whole),
        )
