"""The settings of what is seen and kept of answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .server import ServerSettings


class ObservingSettings(ServerSettings):
    """What the server logs and keeps; frozen once made."""

    keep: Annotated[
        Literal["nothing", "counts", "conversations"],
        Field(
            description="what is kept of answers in data_dir: 'counts' by day, site, language and outcome, "
            "'conversations' whole; with 'nothing' no feedback either"
        ),
    ] = "counts"
    keep_days: Annotated[
        int,
        Field(ge=1, le=36_500, description="days after which counts, conversations and feedback are deleted"),
    ] = 30
    log_questions: Annotated[
        bool, Field(description="whether logs may hold questions and the messages of failures")
    ] = False
    log_format: Annotated[
        Literal["text", "json"],
        Field(
            description="logs for people, of what needs attention, or for machines, of every request and answer"
        ),
    ] = "text"
