"""A question made to stand on its own: by rules, or by a language model as far as its rewrite can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..adapters.cedict import Dictionary
from ..adapters.encoders import Encoder
from ..adapters.llms import LanguageModel
from ..steps import Halt
from ..text.language import detect_language
from ..types import Filters, Language, Query
from .dialogue import complete_question, lean_question
from .dialogue.condense import condense
from .prompts import Prompts
from .question import asks_nothing, check_question, is_only_tidied, tidy_question

HISTORY = 6


@dataclass(frozen=True, slots=True)
class Understanding:
    """Reads questions of at most ``longest`` characters, after at most the last ``HISTORY`` before them."""

    encoder: Encoder
    dictionary: Dictionary
    prompts: Prompts
    longest: int

    def understand(
        self,
        question: str,
        history: Sequence[str],
        filters: Filters,
        language: Language | None = None,
        model: LanguageModel | None = None,
        halt: Halt | None = None,
    ) -> Query:
        """The question as it stands on its own, and the language to answer it in. Raises QuestionError."""
        earlier = (
            [] if asks_nothing(question) else [check_question(said, self.longest) for said in _last(history)]
        )
        asked = tidy_question(question)
        spoken = detect_language(asked)
        text = condense(asked, earlier, model, self.prompts, self.dictionary, halt) if model else ""
        text = (
            text or complete_question(asked, earlier, spoken, self.encoder, self.dictionary)[: self.longest]
        )
        # A follow-up may be asked in another language than the question that it completes.
        return Query(text, detect_language(text), filters, language or spoken)

    def lean(self, query: Query, question: str, history: Sequence[str]) -> Query | None:
        """A follow-up that was taken to stand on its own, leaning on the question before it after all."""
        earlier = _last(history)
        if not earlier or asks_nothing(question) or not is_only_tidied(question, query.text):
            return None
        text = lean_question(query.text, earlier[-1].strip(), query.language)[: self.longest]
        return replace(query, text=text) if text else None


def _last(history: Sequence[str]) -> list[str]:
    return [said for said in history if said.strip() and not asks_nothing(said)][-HISTORY:]
