"""An answer on a terminal."""

from __future__ import annotations

from functools import cache

from rich.console import Console
from rich.text import Text

from .engine import Engine
from .types import Answer

NEAREST = 3


def print_answer(answer: Answer, engine: Engine) -> None:
    """Sentences with markers and their sources, or why there are none and what came nearest."""
    console = Console(highlight=False, soft_wrap=True)
    wording, language = engine.wording, answer.language
    if answer.understood != answer.question:
        console.print(Text(f"{wording.label('understood', language)}: {answer.understood}", style="dim"))
    shown: list[tuple[int | None, str]]
    if answer.abstention:
        console.print(Text(wording.abstention(answer), style="yellow"))
        if answer.hits:
            console.print(Text(f"\n{wording.label('nearest', language)}", style="dim"))
        shown = [(None, hit.passage.paragraph_id) for hit in answer.hits[:NEAREST]]
    else:
        for sentence in answer.sentences:
            markers = "".join(f"[{citation.marker}]" for citation in sentence.citations)
            console.print(Text(sentence.text).append(f" {markers}", style="cyan"))
        for note in answer.notes:
            console.print(Text(wording.note(note, language), style="yellow"))
        console.print(Text(f"\n{wording.label('sources', language)}", style="dim"))
        cited = {c.marker: c.paragraph_id for sentence in answer.sentences for c in sentence.citations}
        shown = [*cited.items()]
    head = cache(engine.head)
    for marker, paragraph_id in shown:
        paragraph = engine.paragraph(paragraph_id)
        mark = f"[{marker}] " if marker else "· "
        title = head(paragraph.doc_id).title
        console.print(Text(mark, style="cyan").append(f"{title} ¶{paragraph.ordinal}"))
        console.print(Text(f"    {paragraph.text}", style="dim"))
