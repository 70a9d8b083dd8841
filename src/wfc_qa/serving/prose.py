"""An answer as Markdown that grows step by step: sentences with markers, notes, numbered sources at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text.language import detect_language
from ..types import Answer, Language, Sentence, Step, Understood
from .markdown import plain
from .sources import Source, source_finder
from .view import nearest

if TYPE_CHECKING:
    from ..engine import Engine

COLON = {Language.ZH: "：", Language.EN: ": "}

Address = Callable[[Source], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a marker such as ``[1]`` stands in the text; code points, half-open."""

    start: int
    end: int
    source: Source


class Prose:
    """``text`` and ``marks`` hold what was told so far; ``address`` is where a source can be followed to."""

    def __init__(self, question: str, engine: Engine, address: Address) -> None:
        self.text = ""
        self.marks: list[Mark] = []
        self._question = question
        self._wording = engine.wording
        self._find = source_finder(engine)
        self._address = address

    def tell(self, step: Step) -> str:
        """What ``step`` adds to the text."""
        told = len(self.text)
        if isinstance(step, Understood):
            self._understood(step.question)
        elif isinstance(step, Sentence):
            self._sentence(step)
        else:
            self._close(step)
        return self.text[told:]

    def _understood(self, question: str) -> None:
        if question != self._question.strip():
            label = self._label("understood", detect_language(question))
            self._paragraph(f"*{label}{plain(question)}*")

    def _sentence(self, sentence: Sentence) -> None:
        self._paragraph(plain(sentence.text) + " ")
        for citation in sentence.citations:
            start = len(self.text)
            self.text += f"[{citation.marker}]"
            self.marks.append(Mark(start, len(self.text), self._find(citation)))

    def _close(self, answer: Answer) -> None:
        if answer.abstention:
            self._paragraph(plain(self._wording.abstention(answer)))
        for note in answer.notes:
            self._paragraph("> " + plain(self._wording.note(note, answer.language)))
        if cited := {mark.source.marker: mark.source for mark in reversed(self.marks)}:
            self._paragraph(self._label("sources", answer.language).rstrip())
            for marker in sorted(cited):
                self._line(f"[{marker}]", cited[marker])
        elif near := nearest(answer, self._find):
            self._paragraph(self._label("nearest", answer.language).rstrip())
            for source in near:
                self._line("·", source)

    def _label(self, name: str, language: Language) -> str:
        return self._wording.label(name, language) + COLON[language]

    def _line(self, sign: str, source: Source) -> None:
        # Two spaces before its end keep a line of Markdown a line.
        self.text += "  \n" + " ".join(filter(None, [sign, locate(source), self._address(source)]))

    def _paragraph(self, text: str) -> None:
        self.text += "\n\n" * bool(self.text) + text


def locate(source: Source) -> str:
    """The document's title and the paragraph's number in it."""
    return f"{plain(source.document.title)} ¶{source.paragraph.ordinal}"
