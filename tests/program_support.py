"""Servers from the system's packages, run by the tests on a port of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

# Debian keeps servers where users do not look.
PLACES = "/usr/sbin:/usr/local/sbin"
PATIENCE_S = 20


def find_program(name: str, target: str) -> str:
    """Where it is; without it the test is skipped, or fails in CI, for which ``make`` has installed ``target``."""
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"no {name} on the path; run `make {target}`", pytrace=False)
        pytest.skip(f"no {name} on the path; `make {target}` installs it")
    return found


@contextmanager
def running(command: Sequence[str | Path], port: int) -> Iterator[None]:
    """``command`` while it listens at ``port``; stopped by its own process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        if not _listens(port, process):
            pytest.fail(f"{Path(command[0]).name} did not start", pytrace=False)
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
