"""An answer given again from its receipt: identical byte for byte, or what changed, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from ..config import Settings
from ..engine import SHAPING, Engine, open_engine
from ..errors import ConfigError, NotFoundError, QuestionError
from ..indexing.generation import GENERATIONS, NAME
from ..text.language import detect_language
from ..types import Note
from ..verification.proof import is_quoted
from .wire import AnswerOut, DoubtOut, ReceiptOut, SentenceOut, answer_out

# What a reader was told beside the answer: how it was asked, how long it took, where the site stood.
ASIDE = {"question", "understood", "timings_ms", "receipt"}
# A model would hardly say the same again.
NO_MODEL = {"llm": "none", "llm_model": "", "llm_base_url": ""}
MODEL_NOTES = {Note.MODEL_FAILED, Note.MODEL_UNPROVED, Note.MODEL_BROKE_OFF}
BEHIND = ("version", "generation", "model", "prompts", "calibration")


@dataclass(frozen=True, slots=True)
class Replay:
    """``behind`` tells what stands behind the answer now and did not then, ``changes`` what the answer says now and
    did not then; without changes the two are identical byte for byte."""

    answer: AnswerOut
    behind: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return not self.changes


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
    """What a model wrote is proved again, what was quoted is asked again; no model is."""
    written = [sentence for sentence in receipt.sentences if not _is_quote(sentence, engine)]
    return prove_again(receipt, engine) if written and receipt.receipt.llm else ask_again(receipt, engine)


def prove_again(receipt: AnswerOut, engine: Engine) -> Replay:
    """Hold each sentence against the paragraphs it cites, as they are now."""
    told = []
    for sentence in receipt.sentences:
        passages = engine.generation.store.cited([citation.paragraph_id for citation in sentence.citations])
        verdict = engine.verifier.verify(sentence.text, detect_language(sentence.text), passages)
        doubts = tuple(DoubtOut(flaw=doubt.flaw, text=doubt.text) for doubt in verdict.doubts)
        told.append(sentence.model_copy(update={"support": verdict.support.value, "doubts": doubts}))
    behind = ["no language model is asked again: what it wrote is proved again"]
    if receipt.receipt.generation != (now := engine.generation.manifest.generation):
        behind.append(f"generation was {receipt.receipt.generation}, is {now}")
    changes = tuple(
        f"no longer proved ({', '.join(doubt.flaw for doubt in after.doubts)}): {after.text}"
        for before, after in zip(receipt.sentences, told, strict=True)
        if before.support != after.support
    )
    return Replay(receipt.model_copy(update={"sentences": tuple(told)}), tuple(behind), changes)


def _is_quote(sentence: SentenceOut, engine: Engine) -> bool:
    names = [citation.paragraph_id for citation in sentence.citations]
    passages = engine.generation.store.cited(names)
    return any(is_quoted(sentence.text, passage) for passage in passages)


def ask_again(receipt: AnswerOut, engine: Engine) -> Replay:
    """Hold what ``engine`` answers now against ``receipt``."""
    query = receipt.receipt.query
    given = engine.ask(
        query.text, filters=query.filters.filters(), language=query.answer_in or query.language
    )
    answer = answer_out(given, engine, "")
    behind = tuple(_behind(receipt.receipt, answer.receipt))
    return Replay(answer, behind, tuple(_changes(receipt, answer, engine)))


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
        try:
            engine.paragraph(name)
        except NotFoundError:
            yield f"paragraph {name} is not in the index any more: it was changed or removed"


def _short(value: str) -> str:
    return value if len(value) <= 20 else f"{value[:16]}…"
