"""A new generation of the index comes in while answers are given: they end on the one they began on."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import WfcError

if TYPE_CHECKING:
    from ...engine import Engine
    from ..house import House

log = logging.getLogger(__name__)
LOOK_S = 1.0
# A name, and when it was written: what could not be opened is tried again once it was built again.
Pointer = tuple[str, int]


async def keep_current(house: House, closing: asyncio.Event) -> None:
    """Let ``house`` answer from the generation that ``CURRENT`` names, until ``closing``."""
    refused: Pointer | None = None
    while not await _is_set(closing, LOOK_S):
        pointer, engine = await asyncio.to_thread(read_pointer, house.settings.index_dir), house.engine
        if pointer is None or engine is None or pointer == refused:
            continue
        name, serving = pointer[0], engine.generation.manifest.generation
        if name == serving:
            refused = None
            continue
        try:
            renewed = await asyncio.to_thread(_open, engine, name)
        except Exception as error:
            refused = pointer
            told = str(error) if isinstance(error, WfcError) else f"{type(error).__name__}"
            log.error("generation %s is not taken up: %s; %s goes on answering", name, told, serving)
            continue
        await house.renew(renewed)
        log.info("generation %s answers in the place of %s", name, serving)


def read_pointer(index_dir: Path) -> Pointer | None:
    from ...indexing.generation import CURRENT, current_generation

    name = current_generation(index_dir)
    try:
        return (name, (index_dir / CURRENT).stat().st_mtime_ns) if name else None
    except OSError:
        return None


def _open(engine: Engine, name: str) -> Engine:
    from ...engine import open_engine
    from ...indexing.generation import GENERATIONS

    return open_engine(engine.settings, engine.settings.index_dir / GENERATIONS / name, engine)


async def _is_set(event: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
