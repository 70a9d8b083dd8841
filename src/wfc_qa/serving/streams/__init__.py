"""Answers on their way, told by Server-Sent Events that a reader may take up again where they were cut."""

from .events import Event
from .streams import Streams

__all__ = ["Event", "Streams"]
