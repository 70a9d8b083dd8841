"""An Answer as the chat shows it: escaped HTML parts that stream in, and Markdown to take away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text.language import detect_language
from ..types import (
    Abstention,
    Answer,
    Citation,
    Filters,
    Language,
    Note,
    Sentence,
    Support,
    nearest_paragraphs,
)
from .markdown import plain
from .render import labels, render
from .sources import Find, Source, group_sources, is_quote, source_finder
from .wire import answer_out

if TYPE_CHECKING:
    from ..engine import Engine

WITHHELD = {Note.WITHHELD_FIGURE: Support.NUMBER_MISMATCH, Note.WITHHELD_UNSUPPORTED: Support.UNSUPPORTED}
JOINTS = {Language.ZH: "、", Language.EN: ", "}
SPACES = {Language.ZH: "", Language.EN: " "}
STOPS = {Language.ZH: "。", Language.EN: "."}


@dataclass(frozen=True, slots=True)
class Notice:
    """A note as shown; ``unproved`` tells what was not proved of the sentences that were withheld."""

    text: str
    withheld: bool
    unproved: str = ""


def parts(
    answer: Answer,
    engine: Engine,
    filters: Filters = Filters(),  # noqa: B008
    find: Find | None = None,
) -> Iterator[str]:
    """HTML fragments in the order a reader meets them; the last one closes the turn."""
    find = find or source_finder(engine)
    if answer.understood != answer.question:
        yield understood_part(answer.understood)
    for sentence in answer.sentences:
        yield sentence_part(sentence, find)
    said = _notices(answer, engine)
    if answer.abstention:
        yield render(
            "abstention.html",
            answer=answer,
            message=engine.wording.abstention(answer),
            said=said,
            nearest=nearest(answer, find),
            filtered=filters and answer.abstention is not Abstention.NOTHING_MATCHES_FILTERS,
        )
    yield render(
        "closing.html",
        answer=answer,
        said=said,
        made=_made(answer, find),
        groups=group_sources(answer.sentences, find),
        keep=engine.settings.keep != "nothing",
        markdown=markdown(answer, engine, find),
        receipt=answer_out(answer, engine, engine.settings.root_path, find).model_dump_json(indent=2),
        feedback=json.dumps(
            {
                "answer_id": answer.receipt.answer_id,
                "generation": answer.receipt.generation,
                "question": answer.question,
                "understood": answer.understood,
                "answer": _spoken(answer, engine),
            },
            ensure_ascii=False,
        ),
    )


def understood_part(understood: str) -> str:
    return render("understood.html", understood=understood, language=detect_language(understood))


def sentence_part(sentence: Sentence, find: Find) -> str:
    """A sentence that was proved, with a link to each paragraph that proves it."""
    cited = [find(citation) for citation in sentence.citations]
    return render("sentence.html", sentence=sentence, sources=cited, language=detect_language(sentence.text))


def sources(answer: Answer, find: Find) -> list[Source]:
    """Each cited paragraph once, by marker."""
    first: dict[int, Citation] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            first.setdefault(citation.marker, citation)
    return [find(first[marker]) for marker in sorted(first)]


def nearest(answer: Answer, find: Find) -> list[Source]:
    """The best-ranked paragraphs of an answer that was declined."""
    names = nearest_paragraphs(answer.hits)
    return [find(Citation(marker, name)) for marker, name in enumerate(names, start=1)]


def markdown(answer: Answer, engine: Engine, find: Find) -> str:
    """The turn as Markdown, with numbered sources and their addresses."""
    lines = [f"## {plain(answer.question)}", ""]
    if answer.understood != answer.question:
        lines += [f"*{plain(answer.understood)}*", ""]
    for sentence in answer.sentences:
        marks = "".join(f"[{citation.marker}]" for citation in sentence.citations)
        lines += [f"{plain(sentence.text)} {marks}", ""]
    if answer.abstention:
        lines += [plain(engine.wording.abstention(answer)), ""]
    for notice in _notices(answer, engine):
        lines += [f"> {plain(notice.text + notice.unproved)}", ""]
    said = {key: row[answer.language] for key, row in labels().items()}
    twins = {twin for group in group_sources(answer.sentences, find) for twin in group.twins}
    for source in sources(answer, find):
        document = source.document
        also = source in twins and said[f"also_{document.language}"]
        runs_to = document.as_of and f"{said['facts_to']} {document.as_of}"
        known = [also, document.title, source.origin, runs_to]
        facts = " · ".join(plain(item) for item in known if item)
        lines.append(f"[{source.marker}] {facts} · ¶{source.paragraph.ordinal} · {plain(source.address)}  ")
    return "\n".join(lines).strip() + "\n"


def _spoken(answer: Answer, engine: Engine) -> str:
    if answer.abstention:
        return engine.wording.abstention(answer)
    return SPACES[answer.language].join(sentence.text for sentence in answer.sentences)


def _notices(answer: Answer, engine: Engine) -> list[Notice]:
    return [
        Notice(
            engine.wording.note(note, answer.language),
            note in WITHHELD,
            _unproved(answer, WITHHELD[note]) if note in WITHHELD else "",
        )
        for note in answer.notes
    ]


def _unproved(answer: Answer, support: Support) -> str:
    """The kinds of doubt for which sentences were withheld, never their text."""
    doubted = [one.doubts for one in answer.withheld if one.doubts and one.support is support]
    flaws = dict.fromkeys(doubt.flaw for doubts in doubted for doubt in doubts)
    if not flaws:
        return ""
    said = {key: row[answer.language] for key, row in labels().items()}
    lead = said["withheld_one" if len(doubted) == 1 else "withheld_many"].format(count=len(doubted))
    named = JOINTS[answer.language].join(said[f"flaw_{flaw}"] for flaw in flaws)
    space = SPACES[answer.language]
    return f"{space}{lead}{space}{named}{STOPS[answer.language]}"


def _made(answer: Answer, find: Find) -> str:
    """How proved sentences came about: ``quoted``, ``written`` or ``mixed``; empty unless all were proved."""
    if not answer.sentences or any(one.support is not Support.SUPPORTED for one in answer.sentences):
        return ""
    quoted = {is_quote(sentence, find) for sentence in answer.sentences}
    return "mixed" if len(quoted) > 1 else "quoted" if True in quoted else "written"
