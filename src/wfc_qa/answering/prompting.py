"""What a language model gets to see: numbered passages, fenced as data, within a budget."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from ..adapters.llms import Message
from ..indexing.store import PassageRow
from ..text.markers import read_markers
from ..text.scripts import HAN
from ..types import DocumentHead, Language
from .assembly import REFUSAL
from .prompts import Prompts

# Small models lose the thread among more, and read each before their first word.
MOST_SHOWN = 6
MOST_TOKENS = 1600
# Instructions and the question come on top of the passages.
AROUND_TOKENS = 700
LONGEST_QUESTION = 600

_HAN = re.compile(f"[{HAN}]")
# A passage can neither close its fence, nor speak in a chat template's control marks, nor carry a marker.
_LOOKALIKES = str.maketrans("<>[]［］【】{}", "‹›〔〕〔〕〔〕｛｝")
_FENCES = re.compile(r"([‹＜«⟨〈《])[‹＜«⟨〈《]+|([›＞»⟩〉》])[›＞»⟩〉》]+")
_AS_OF = {Language.ZH: "截至", Language.EN: "as of "}


def choose_shown(rows: Iterable[PassageRow], max_tokens: int, context_tokens: int) -> tuple[PassageRow, ...]:
    """The first of ``rows`` that fit, each once; ``max_tokens`` are kept for the answer."""
    left = min(MOST_TOKENS, context_tokens - max_tokens - AROUND_TOKENS)
    shown: dict[int, PassageRow] = {}
    for row in rows:
        cost = estimate_tokens(row.title + "".join(row.paragraph.headings) + row.passage.text) + 16
        if row.row in shown or (shown and cost > left):
            continue
        shown[row.row] = row
        left -= cost
        if len(shown) == MOST_SHOWN:
            break
    return tuple(shown.values())


def estimate_tokens(text: str) -> int:
    """Roughly, for any of today's vocabularies: a token for each Han character, and for each three others."""
    han = len(_HAN.findall(text))
    return han + (len(text) - han) // 3 + 1


def write_prompt(
    prompts: Prompts,
    question: str,
    language: Language,
    shown: Sequence[PassageRow],
    head: Callable[[str], DocumentHead],
    most_sentences: int,
) -> tuple[Message, ...]:
    """Ask for an answer in ``language`` from ``shown``, which are numbered from 1."""
    passages = (
        tell_passage(number, row, head(row.paragraph.doc_id), language) for number, row in enumerate(shown, 1)
    )
    return prompts.fill(
        "answer",
        language,
        question=quiet_text(question)[:LONGEST_QUESTION],
        passages="\n\n".join(passages),
        refusal=REFUSAL,
        sentences=str(most_sentences),
    )


def tell_passage(number: int, row: PassageRow, head: DocumentHead, language: Language) -> str:
    """What a passage states, in its fence, under its number, title, headings and date: what a figure is about often
    stands there."""
    told = [quiet_text(text) for text in row.above]
    known = head.as_of or head.published
    above = " › ".join(dict.fromkeys(text for text in told if text))
    date = f" ({_AS_OF[language]}{known.isoformat()})" if known else ""
    said = (one.span.shift(-row.passage.span.start).of(row.passage.text) for one in row.sentences)
    return f"[{number}] {above}{date}\n<<<\n{quiet_text(' '.join(said))}\n>>>"


def quiet_text(text: str) -> str:
    """``text`` on one line, without what a reader does not see and without what could pass for a fence, a marker or a
    chat template's control mark."""
    seen = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    bare = read_markers(" ".join(seen.split()), 0).text.replace(REFUSAL, "").translate(_LOOKALIKES)
    return _FENCES.sub(r"\1\2", bare).strip()
