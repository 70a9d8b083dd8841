"""The settings of how the server runs: its processes and its end."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .observing import ObservingSettings


class RunningSettings(ObservingSettings):
    """How many processes serve, and how they leave; frozen once made."""

    workers: Annotated[
        int,
        Field(
            ge=1, le=64, description="processes that answer; more than one need a state_url that they share"
        ),
    ] = 1
    shutdown_s: Annotated[
        float,
        Field(
            ge=0,
            le=3600,
            description="seconds that running answers have to finish once the server is told to end",
        ),
    ] = 30
