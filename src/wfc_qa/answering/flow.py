"""How an answer comes about: quoted, each quote proved; then, where there is a language model, told in its words as far
as they are proved, or quoted after all."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ..adapters.llms import Failure, GenerationError, LanguageModel
from ..calibration import Calibration
from ..indexing.store import PassageRow
from ..retrieval.retriever import Candidate
from ..steps import Halt
from ..types import Abstention, DocumentHead, Note, Sentence, Support
from ..verification.coverage import Weighed
from ..verification.verifier import Verifier
from .asked import Asked
from .citing import cite
from .closeness import Closeness
from .evidence import Reader
from .extractive import Quoted, quote
from .generative import Written, write_answer
from .guard import says_too_little
from .lacking import own_up
from .prompting import choose_shown, write_prompt
from .prompts import Prompts
from .question import asks_nothing
from .sides import Sides

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """``answer_from`` is the least confidence to quote at; the rest bounds what is asked of a language model."""

    max_sentences: int
    answer_from: float
    max_tokens: int
    context_tokens: int


@dataclass(frozen=True, slots=True)
class Author:
    """Writes answers from candidates; safe to share between threads. Without a ``model`` answers are quoted."""

    reader: Reader
    verifier: Verifier
    calibration: Calibration
    closeness: Closeness
    prompts: Prompts
    head: Callable[[str], DocumentHead]
    limits: Limits
    model: LanguageModel | None = None

    def quote(self, asked: Asked, words: tuple[Weighed, ...], candidates: Sequence[Candidate]) -> Quoted:
        """The answer without a model, every quote held against its own passage."""
        if asks_nothing(asked.query.text):
            return Quoted((), abstention=Abstention.NO_QUESTION)
        if not candidates:
            return Quoted((), abstention=Abstention.NOTHING_MATCHES_FILTERS)
        quoted = quote(
            asked,
            words,
            candidates,
            self.reader,
            self.calibration,
            self.closeness,
            self.verifier,
            max_sentences=self.limits.max_sentences,
            answer_from=self.limits.answer_from,
        )
        return prove_quotes(quoted, self.verifier)

    def tell(
        self, asked: Asked, candidates: Sequence[Candidate], quoted: Quoted, halt: Halt
    ) -> Generator[Sentence, None, Quoted]:
        """Tell the answer sentence by sentence, in a model's words where it may be asked and its words are proved;
        returns the whole. ``halt`` ends the model's work."""
        outcome = quoted
        if self.model and may_ask(asked, quoted):
            shown = self._shown(candidates, quoted)
            sides = Sides(asked, candidates, self.reader, self.verifier, self.closeness, self.calibration)
            written = yield from self._write(self.model, asked, shown, sides, halt)
            outcome = merge(quoted, written, sides)
            yield from outcome.sentences[len(written.sentences) :]
        else:
            yield from outcome.sentences
        return own_up(outcome)

    def _write(
        self, model: LanguageModel, asked: Asked, shown: Sequence[PassageRow], sides: Sides, halt: Halt
    ) -> Generator[Sentence, None, Written]:
        query = asked.query
        messages = write_prompt(
            self.prompts, query.text, query.wanted, shown, self.head, self.limits.max_sentences
        )
        form = self.prompts.grammar.fill(len(shown), self.limits.max_sentences)
        try:
            # Closed however the answer ends, so that no model goes on writing for nobody.
            with closing(model.stream(messages, max_tokens=self.limits.max_tokens, grammar=form)) as pieces:
                halt.watch(pieces.close)
                heard = _unless_halted(pieces, halt)
                written = yield from write_answer(heard, asked, shown, self.verifier, self.reader, sides)
        except GenerationError as error:
            return Written(failure=error.failure)
        if flaws := Counter(finding.flaw.value for finding in written.findings):
            # What was written stays out of the log: it may tell what was asked.
            log.info("the language model's markers cite nothing: %s", dict(flaws))
        return written

    def _shown(self, candidates: Sequence[Candidate], quoted: Quoted) -> tuple[PassageRow, ...]:
        """What would be quoted comes first, then the candidates by the best of their sentences."""
        rows = {candidate.row.passage.passage_id: candidate.row for candidate in candidates}
        ranked = (rows[hit.passage.passage_id] for hit in quoted.hits)
        chosen = (evidence.passage for evidence, *_ in quoted.evidence)
        return choose_shown((*chosen, *ranked), self.limits.max_tokens, self.limits.context_tokens)


def may_ask(asked: Asked, quoted: Quoted) -> bool:
    """Whether a model may answer: not from nothing, and not where what the question names is nowhere.

    A low confidence in quotes does not bind: to see what passages say between them is what a model is for.
    """
    unsure = bool(quoted.withheld)
    return bool(quoted.hits) and (unsure or not quoted.missing) and not says_too_little(asked)


def prove_quotes(quoted: Quoted, verifier: Verifier) -> Quoted:
    """Keep back quotes that do not prove themselves, and twins that do not prove theirs; with none left, the answer is
    declined."""
    if not quoted.sentences:
        return quoted
    proved, withheld = [], []
    for sentence, (own, *twins) in zip(quoted.sentences, quoted.evidence, strict=True):
        # Proved is what a reader sees, not what it was cut from.
        verdict = verifier.verify(sentence.text, own.language, [own.passage], own.row)
        if verdict.support is Support.SUPPORTED:
            others = (verifier.verify(sentence.text, own.language, [one.passage], own.row) for one in twins)
            agreeing = [other for other in others if other.support is Support.SUPPORTED]
            proved.append(replace(sentence, citations=sentence.citations[: 1 + len(agreeing)]))
        else:
            withheld.append(replace(sentence, support=verdict.support, doubts=verdict.doubts))
    if not proved:
        return replace(
            quoted,
            sentences=(),
            notes=(),
            withheld=tuple(withheld),
            abstention=Abstention.NOT_IN_COLLECTION,
        )
    notes = (*quoted.notes, *tell_withheld(withheld))
    return replace(quoted, sentences=renumber(proved), notes=notes, withheld=tuple(withheld))


def _unless_halted(pieces: Iterable[str], halt: Halt) -> Iterator[str]:
    """``pieces``; those of a stream that was closed end as a failure does, lest half a sentence pass for a whole."""
    yield from pieces
    if halt.called:
        raise GenerationError(Failure.BROKEN, "whoever asked ended the answer")


def merge(quoted: Quoted, written: Written, sides: Sides) -> Quoted:
    """The model's answer as far as it was told, with whoever disputes it; else what is quoted, with a note of why."""
    if written.told:
        other = sides.find_other_side(written.told)
        alone = tuple((one,) for one in other.untold)
        disputes = prove_quotes(Quoted(cite(alone), evidence=alone), sides.verifier).sentences
        spoken = {language for one in written.told for language in one.languages()}
        spoken |= {one.language for one in other.untold}
        return replace(
            quoted,
            sentences=renumber((*written.sentences, *disputes)),
            abstention=None,
            missing=(),
            withheld=tuple(written.withheld),
            notes=(
                *((Note.OTHER_LANGUAGE_ONLY,) if sides.asked.query.wanted not in spoken else ()),
                *((Note.FIGURES_DIFFER,) if other.differ else ()),
                *tell_withheld(written.withheld),
                *((Note.MODEL_BROKE_OFF,) if written.failure else ()),
            ),
        )
    quoted = replace(quoted, withheld=(*quoted.withheld, *written.withheld))
    if written.withheld and not written.failure:
        return replace(quoted, notes=(*quoted.notes, Note.MODEL_UNPROVED))
    if quoted.abstention and not written.failure:
        # The model found no answer either.
        return quoted
    return replace(quoted, notes=(*quoted.notes, Note.MODEL_FAILED))


def renumber(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Markers count from 1 in the order in which paragraphs are cited."""
    markers: dict[str, int] = {}
    return tuple(
        replace(
            sentence,
            citations=tuple(
                replace(citation, marker=markers.setdefault(citation.paragraph_id, len(markers) + 1))
                for citation in sentence.citations
            ),
        )
        for sentence in sentences
    )


def tell_withheld(withheld: Sequence[Sentence]) -> tuple[Note, ...]:
    """What the reader hears of sentences that were kept back, each thing once."""
    kinds = {sentence.support for sentence in withheld}
    said = {Support.NUMBER_MISMATCH: Note.WITHHELD_FIGURE, Support.UNSUPPORTED: Note.WITHHELD_UNSUPPORTED}
    return tuple(note for support, note in said.items() if support in kinds)
