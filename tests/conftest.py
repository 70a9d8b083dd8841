"""What every room's tests share: one index of the home collection a session, one engine on it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from wfc_qa.config import Settings
from wfc_qa.engine import Engine, open_engine

pytest_plugins = ["serving_support", "redis_support", "widget_support"]

# A shell that starts the tests in the background ignores Ctrl-C, and so would all that they start and stop by it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test passes or fails by the clock, and the same commit always gets the same examples.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def settings(home_index: Path) -> Settings:
    """The defaults, with an index built for this session; model and dictionary are the user's cached ones."""
    return Settings(index_dir=home_index)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def bold_engine(settings: Settings) -> Iterator[Engine]:
    """One that answers whatever the guard lets through, however unsure it is."""
    engine = open_engine(settings.model_copy(update={"abstain_below": 0.0}))
    yield engine
    engine.close()
