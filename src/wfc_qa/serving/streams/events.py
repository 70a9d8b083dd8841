"""What is told of an answer on its way, as it is kept and as it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

RETRY_MS = 2000
HEART_BEAT = ": still at work\n\n"
LAST = frozenset({"answer", "problem"})
EVENT_ID = re.compile(r"([0-9a-f]{32})\.([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Event:
    """``name`` is understood, sentence, answer or problem; ``data`` is JSON on one line."""

    name: str
    data: str

    @property
    def is_last(self) -> bool:
        return self.name in LAST

    def kept(self) -> str:
        return f"{self.name}\n{self.data}"

    def sent(self, stream: str, number: int) -> str:
        return f"id: {stream}.{number}\nevent: {self.name}\ndata: {self.data}\n\n"


def begun(stream: str, number: int) -> str:
    """What comes before all events: with the stream's name a reader may stop it or come back before the first."""
    return f"id: {stream}.{number}\nretry: {RETRY_MS}\n\n"


def read_event(kept: str) -> Event:
    name, _, data = kept.partition("\n")
    return Event(name, data)


def read_event_id(told: str) -> tuple[str, int] | None:
    """Stream and number; ``None`` for what we never sent."""
    found = EVENT_ID.fullmatch(told)
    return (found[1], int(found[2])) if found else None
