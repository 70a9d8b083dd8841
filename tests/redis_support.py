"""A real Redis on a free port of loopback, of this test session alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from program_support import find_program, running
from serving_support import free_port


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = find_program("redis-server", "redis")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    options = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    with running([program, *options], port):
        yield f"redis://127.0.0.1:{port}/0"
