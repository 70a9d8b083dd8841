"""A question as it came: whether it can be asked, and whether only its writing was tidied."""

from __future__ import annotations

import re
import unicodedata

from ..errors import QuestionError
from ..text.courtesy import is_courtesy, strip_courtesy
from ..text.scripts import simplify_text

WORDS = re.compile(r"[^\W_]")


def check_question(question: str, longest: int) -> str:
    """The question without control characters around it. Raises QuestionError."""
    if len(question) > longest:
        raise QuestionError(f"the question has {len(question):,} characters; ask in at most {longest:,}")
    kept = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in question).strip()
    if not WORDS.search(kept):
        raise QuestionError("the question has no words; write it in Chinese or English")
    return kept


def asks_nothing(question: str) -> bool:
    """Whether it only thanks, greets or agrees."""
    # Earlier questions come as they were sent: half a surrogate pair cannot be simplified.
    return is_courtesy(simplify_text(question.encode(errors="replace").decode()))


def tidy_question(question: str) -> str:
    """Simplified, in one width, without courtesy."""
    return strip_courtesy(simplify_text(question))


def is_only_tidied(question: str, understood: str) -> bool:
    """Whether nothing was carried over: script, width and courtesy are no news to whoever asked."""
    return tidy_question(question) == understood
