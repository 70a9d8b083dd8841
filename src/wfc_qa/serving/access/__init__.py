"""Who may ask, how often, and in which turn."""

from .admit import Answering, Judging, Measuring, Reading, admit, desk_of
from .desk import Desk
from .errors import AccessError, ForbiddenError, TooManyError, UnauthorizedError
from .state import State
from .turnstile import Turnstile
from .visitor import Kind, Scope, Visitor

__all__ = [
    "AccessError", "Answering", "Desk", "ForbiddenError", "Judging", "Kind", "Measuring", "Reading", "Scope", "State",
    "TooManyError", "Turnstile", "UnauthorizedError", "Visitor", "admit", "desk_of",
]  # fmt: skip
