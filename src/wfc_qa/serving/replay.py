"""An answer held again from its receipt: asked again where it was quoted, proved again where a model wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from ..answering.question import is_only_tidied
from ..config import Settings
from ..engine import SHAPING, Engine, open_engine
from ..errors import ConfigError, NotFoundError, QuestionError
from ..indexing.generation import GENERATIONS, NAME
from ..text.language import detect_language
from ..types import Citation, Note, Sentence, Span, Support
from .sources import source_finder
from .wire import AnswerOut, CitationOut, NoteOut, ReceiptOut, answer_out, sentence_out

# What a reader was told beside the answer: how it was asked, how long it took, where the site stood.
ASIDE = {"question", "understood", "timings_ms", "receipt"}
# A model would hardly say the same again.
NO_MODEL = {"llm": "none", "llm_model": "", "llm_base_url": ""}
MODEL_NOTES = {Note.MODEL_FAILED, Note.MODEL_UNPROVED, Note.MODEL_BROKE_OFF}
# With these, what stands in the answer is quoted though a model was asked.
STOOD_IN = {Note.MODEL_FAILED, Note.MODEL_UNPROVED}
BEHIND = ("version", "generation", "model", "prompts", "calibration")


@dataclass(frozen=True, slots=True)
class Replay:
    """``behind`` tells what stands behind the answer now and did not then, ``changes`` what of the answer is not as it
    was. No model is asked: where one had been, the answer was ``spoken``, and sentences ``written`` by it are proved
    again, whatever it might say now."""

    answer: AnswerOut
    behind: tuple[str, ...]
    changes: tuple[str, ...]
    spoken: bool = False
    written: bool = False

    @property
    def identical(self) -> bool:
        return not self.changes

    @property
    def verdict(self) -> str:
        """What was found, in one line that claims no more than what was compared."""
        if self.changes:
            return "the answer is not the same now"
        if self.written:
            return (
                "each written sentence is proved again by what it cites, and the quoted part is identical: the "
                "passages found, their scores and the confidence; no language model was asked"
            )
        if self.spoken:
            return "the quoted part is identical, byte for byte; no language model was asked"
        return f"identical: answer {self.answer.receipt.answer_id} is given again byte for byte"


def read_receipt(raw: bytes) -> AnswerOut:
    """The answer whose JSON ``raw`` is. Raises QuestionError."""
    try:
        return AnswerOut.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise QuestionError(
            f"this is no receipt ({where + ': ' if where else ''}{first['msg']}); give the JSON of an answer, as "
            "`wfc-qa ask --json` prints it"
        ) from None


def replay(receipt: AnswerOut, settings: Settings) -> Replay:
    """Give again what ``receipt`` tells, of its own generation of the index where that is still kept.

    Raises what opening an engine raises, ConfigError for settings that cannot be used.
    """
    name = receipt.receipt.generation
    folder = settings.index_dir / GENERATIONS / name
    kept = NAME.fullmatch(name) and folder.is_dir()
    engine = open_engine(_as_then(receipt.receipt, settings), folder if kept else None)
    try:
        return hold_again(receipt, engine)
    finally:
        engine.close()


def hold_again(receipt: AnswerOut, engine: Engine) -> Replay:
    """What was quoted is asked again; sentences that a model may have written are proved again. No model is asked."""
    asked = ask_again(receipt, engine)
    only_quoted = not receipt.receipt.llm or any(note.code in STOOD_IN for note in receipt.notes)
    if only_quoted or not receipt.sentences or _told(receipt) == _told(asked.answer):
        return asked
    now = prove_again(receipt, asked.answer, engine)
    # A verdict is told of with its doubts, once.
    judged = tuple(
        after.model_copy(update={"support": before.support, "doubts": before.doubts})
        for before, after in zip(receipt.sentences, now.sentences, strict=True)
    )
    others = _changes(receipt, now.model_copy(update={"sentences": judged}), engine)
    return Replay(now, asked.behind, (*_judged_anew(receipt, now), *others), spoken=True, written=True)


def prove_again(receipt: AnswerOut, quoted: AnswerOut, engine: Engine) -> AnswerOut:
    """``receipt`` as it would be now, had a model written its sentences: each held against the paragraphs it cites as
    they are now, all else as in ``quoted``, the answer without a model."""
    find, sentences = source_finder(engine), []
    markers: dict[str, int] = {}
    for sentence in receipt.sentences:
        citations = [
            Citation(
                markers.setdefault(one.paragraph_id, len(markers) + 1), one.paragraph_id, _quote(one, engine)
            )
            for one in sentence.citations
            if _is_kept(one.paragraph_id, engine)
        ]
        passages = engine.generation.store.cited([one.paragraph_id for one in citations])
        verdict = engine.verifier.verify(sentence.text, detect_language(sentence.text), passages)
        proved = Sentence(sentence.text, tuple(citations), verdict.support, verdict.doubts)
        sentences.append(sentence_out(proved, find, ""))
    return quoted.model_copy(
        update={
            "sentences": tuple(sentences),
            "notes": tuple(_notes_beside(receipt, quoted, engine)),
            "abstention": None,
            "message": None,
        }
    )


def _notes_beside(receipt: AnswerOut, quoted: AnswerOut, engine: Engine) -> Iterator[NoteOut]:
    """Which notes belong to a model's sentences is not known without it, only how they are worded; but who told all
    that is quoted told what its sources differ about."""
    codes = [note.code for note in receipt.notes]
    told = {sentence.text for sentence in receipt.sentences}
    if quoted.sentences and told >= {sentence.text for sentence in quoted.sentences}:
        yield from (n for n in quoted.notes if n.code == Note.FIGURES_DIFFER and n.code not in codes)
    for code in codes:
        if code in set(Note):
            yield NoteOut(code=code, text=engine.wording.note(Note(code), quoted.language))


def _judged_anew(then: AnswerOut, now: AnswerOut) -> Iterator[str]:
    for before, after in zip(then.sentences, now.sentences, strict=True):
        if after.support != Support.SUPPORTED:
            yield f"no longer proved ({', '.join(doubt.flaw for doubt in after.doubts)}): {after.text}"
        elif (before.support, before.doubts) != (after.support, after.doubts):
            yield f"the verdict was {before.support}, is {after.support}: {after.text}"


def _is_kept(paragraph_id: str, engine: Engine) -> bool:
    try:
        engine.paragraph(paragraph_id)
    except NotFoundError:
        return False
    return True


def _quote(citation: CitationOut, engine: Engine) -> Span | None:
    """The part that was told to prove the sentence, if it lies in the paragraph."""
    whole, part = engine.paragraph(citation.paragraph_id).span, citation.quote
    inside = part and whole.start <= part.start < part.end <= whole.end
    return Span(part.start, part.end) if part and inside else None


def ask_again(receipt: AnswerOut, engine: Engine) -> Replay:
    """Hold what ``engine`` answers now against ``receipt``."""
    query = receipt.receipt.query
    given = engine.ask(
        query.text, filters=query.filters.filters(), language=query.answer_in or query.language
    )
    answer = answer_out(given, engine, "")
    behind = tuple(_behind(receipt.receipt, answer.receipt))
    return Replay(answer, behind, tuple(_changes(receipt, answer, engine)), spoken=bool(receipt.receipt.llm))


def _as_then(receipt: ReceiptOut, settings: Settings) -> Settings:
    made_by = f"the receipt was made by wfc-qa {receipt.version}"
    if unknown := receipt.settings.keys() - SHAPING:
        raise ConfigError(
            f"the receipt names settings that shape no answer ({', '.join(sorted(unknown))}); {made_by}"
        )
    try:
        return Settings(**{**settings.model_dump(), **receipt.settings, **NO_MODEL})
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ConfigError(f"the receipt's settings cannot be used: {reason}; {made_by}") from None


def _behind(then: ReceiptOut, now: ReceiptOut) -> Iterator[str]:
    for name in BEHIND:
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            yield f"{name} was {_short(before)}, is {_short(after)}"


def _changes(then: AnswerOut, now: AnswerOut, engine: Engine) -> Iterator[str]:
    """Every field that is not byte for byte as it was; of the answer's own parts, which."""
    question, asked = then.question, then.receipt.query.text
    if then.understood != (understood := question if is_only_tidied(question, asked) else asked):
        yield f"understood was {_short(then.understood)}, is {_short(understood)}"
    before, after = _fields(then), _fields(now)
    for name in before:
        if before[name] == after[name]:
            continue
        match name:
            case "sentences":
                yield from _moved("sentence", _told(then), _told(now))
                yield from _lost(then, engine)
            case "notes":
                yield from _moved("note", [one.code for one in then.notes], [one.code for one in now.notes])
            case "hits":
                yield "the passages found, their order or their scores differ"
            case _:
                yield f"{name} was {_short(before[name])}, is {_short(after[name])}"


def _fields(answer: AnswerOut) -> dict[str, str]:
    """Each field as JSON; addresses lie below the root of a site, which is not the answer's."""
    nowhere = {"__all__": {"url": True}}
    notes = tuple(note for note in answer.notes if note.code not in MODEL_NOTES)
    kept = answer.model_copy(update={"notes": notes}).model_dump(
        mode="json",
        exclude={
            **dict.fromkeys(ASIDE, True),
            "hits": nowhere,
            "sentences": {"__all__": {"citations": nowhere}},
        },
    )
    return {name: json.dumps(value, ensure_ascii=False) for name, value in kept.items()}


def _moved(kind: str, then: list[str], now: list[str]) -> Iterator[str]:
    gone, new = [one for one in then if one not in now], [one for one in now if one not in then]
    yield from (f"{kind} gone: {one}" for one in gone)
    yield from (f"{kind} new: {one}" for one in new)
    if not gone and not new:
        yield f"each {kind} stands, in another order or with other particulars"


def _told(answer: AnswerOut) -> list[str]:
    return [
        one.text + "".join(f" [{citation.marker}: {citation.paragraph_id}]" for citation in one.citations)
        for one in answer.sentences
    ]


def _lost(then: AnswerOut, engine: Engine) -> Iterator[str]:
    """Cited paragraphs that the index no longer holds."""
    for name in dict.fromkeys(c.paragraph_id for sentence in then.sentences for c in sentence.citations):
        if not _is_kept(name, engine):
            yield f"paragraph {name} is not in the index any more: it was changed or removed"


def _short(value: str) -> str:
    return value if len(value) <= 20 else f"{value[:16]}…"
