"""An answer as events: understood, each sentence as it is proved, and at last the whole answer or a problem."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

from ...errors import WfcError
from ...steps import GoneError
from ...types import Answer, Sentence, Step
from ..problems import problem_body
from ..sources import source_finder
from ..wire import UnderstoodOut, answer_out, sentence_out
from .events import Event

if TYPE_CHECKING:
    from ...engine import Engine

log = logging.getLogger(__name__)


def as_events(steps: Iterator[Step], engine: Engine, root: str) -> Iterator[Event]:
    """Meant for the thread that makes the steps; encoding is work too."""
    find = source_finder(engine)
    for step in steps:
        if isinstance(step, Answer):
            yield Event("answer", answer_out(step, engine, root, find).model_dump_json())
        elif isinstance(step, Sentence):
            yield Event("sentence", sentence_out(step, find, root).model_dump_json())
        else:
            yield Event("understood", UnderstoodOut(question=step.question).model_dump_json())


async def ending_well(
    events: AsyncGenerator[Event, None], refuse: Callable[[WfcError], None]
) -> AsyncIterator[Event]:
    """``events``, with a problem as the last where they fail; ``refuse`` is told of it first."""
    try:
        async for event in events:
            yield event
    except GoneError:
        raise
    except WfcError as error:
        refuse(error)
        yield problem_event(error.status, str(error), error.slug)
    except Exception:
        log.exception("an answer failed in mid-stream")
        yield problem_event(500, "an unexpected failure; the server's log names it")


def problem_event(status: int, detail: str, slug: str = "") -> Event:
    return Event("problem", problem_body(status, detail, slug).model_dump_json())


CUT = Event(
    "problem",
    problem_body(503, "the process that made this answer ended; ask again", "stream-cut").model_dump_json(),
)
STOPPED = Event(
    "problem",
    problem_body(
        410, "the answer was stopped, since nobody read on; ask again", "stream-stopped"
    ).model_dump_json(),
)
