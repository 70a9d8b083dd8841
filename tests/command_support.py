"""The command as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("wfc-qa")
PATIENCE_S = 240


def environment(**settings: object) -> dict[str, str]:
    """This process's environment with ``settings`` as WFC_QA_* variables and no others of that kind but the cache's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("WFC_QA_") or name == "WFC_QA_CACHE_DIR"
    }
    return kept | {f"WFC_QA_{name.upper()}": str(value) for name, value in settings.items()}


def run(
    *arguments: str | bytes, cwd: Path, stdin: bytes = b"", **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run ``wfc-qa`` to its end; whatever happens, no traceback."""
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=cwd,
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    said = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )
    assert "Traceback" not in said.stdout + said.stderr, said.stderr
    return said


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line with which a command refused, exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("wfc-qa: ")
    return lines[0]
