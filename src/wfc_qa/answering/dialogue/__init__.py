"""Follow-ups made whole: what a question lacks is taken from the ones before it, by rules or by a model that is held to
them."""

from .complete import complete_question, lean_question
from .condense import condense

__all__ = ["complete_question", "condense", "lean_question"]
