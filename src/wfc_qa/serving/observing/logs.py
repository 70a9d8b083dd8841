"""Logs for people (``text``) or machines (``json``), in which no question stands unless it is wanted."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from ...config import Settings
from .asking import request_id

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
FIELDS = ("levelname", "name", "message", "request_id")
RENAMED = {"levelname": "level", "name": "logger"}
LINE = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"


def set_up_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Let all that is logged in this process leave as the settings say; ``text`` tells only what needs attention."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_name)
    handler.setFormatter(_formatter(settings))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    told = settings.log_format == "json" or settings.log_questions
    logging.getLogger("wfc_qa").setLevel(logging.INFO if told else logging.WARNING)
    logging.captureWarnings(True)


def _formatter(settings: Settings) -> logging.Formatter:
    asis = settings.log_questions
    if settings.log_format == "json":
        return (JsonFormatter if asis else _DiscreetJson)(
            " ".join(f"%({name})s" for name in FIELDS), rename_fields=RENAMED, timestamp="time"
        )
    return (logging.Formatter if asis else _DiscreetText)(LINE)


def _name(record: logging.LogRecord) -> bool:
    record.request_id = request_id() or "-"
    return True


class _DiscreetText(logging.Formatter):
    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802
        return without_messages(ei[1])


class _DiscreetJson(JsonFormatter):
    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802
        return without_messages(ei[1])


def without_messages(error: BaseException | None) -> str:
    """Where ``error`` and its causes arose, without what they say: messages may quote a question."""
    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
        lines.append(f"{''.join(frames)}{type(error).__module__}.{type(error).__qualname__}")
        if isinstance(error, BaseExceptionGroup):
            lines += map(without_messages, error.exceptions)
        error = error.__cause__ or error.__context__
    return "\ncaused by\n".join(lines)
