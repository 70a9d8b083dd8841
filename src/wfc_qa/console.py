"""An answer on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from rich.console import Console
from rich.text import Text

from .answering.question import check_question
from .engine import Engine
from .text.language import detect_language
from .types import Answer, Sentence, Step, nearest_paragraphs


def print_answer(question: str, steps: Iterable[Step], engine: Engine) -> None:
    """Sentences with markers, each as it is proved, and their sources; or why there are none and what came nearest."""
    console = Console(highlight=False, soft_wrap=True)
    for step in steps:
        if isinstance(step, Answer):
            _print_rest(step, engine, console)
        elif isinstance(step, Sentence):
            markers = "".join(f"[{citation.marker}]" for citation in step.citations)
            console.print(Text(step.text).append(f" {markers}", style="cyan"))
        elif step.question != check_question(question, len(question)):
            label = engine.wording.label("understood", detect_language(step.question))
            console.print(Text(f"{label}: {step.question}", style="dim"))


def _print_rest(answer: Answer, engine: Engine, console: Console) -> None:
    wording, language = engine.wording, answer.language
    shown: list[tuple[int | None, str]]
    if answer.abstention:
        console.print(Text(wording.abstention(answer), style="yellow"))
        shown = [(None, name) for name in nearest_paragraphs(answer.hits)]
    else:
        cited = {c.marker: c.paragraph_id for sentence in answer.sentences for c in sentence.citations}
        shown = [*cited.items()]
    for note in answer.notes:
        console.print(Text(wording.note(note, language), style="yellow"))
    if shown:
        label = "nearest" if answer.abstention else "sources"
        console.print(Text(f"\n{wording.label(label, language)}", style="dim"))
    head = cache(engine.head)
    for marker, paragraph_id in shown:
        paragraph = engine.paragraph(paragraph_id)
        mark = f"[{marker}] " if marker else "· "
        title = head(paragraph.doc_id).title
        console.print(Text(mark, style="cyan").append(f"{title} ¶{paragraph.ordinal}"))
        console.print(Text(f"    {paragraph.text}", style="dim"))
