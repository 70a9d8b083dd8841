"""The example portal and the service, started by the commands of the portal's own README."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from serving_support import PATIENCE_S, SERVE, free_port

ROOT = Path(__file__).parents[1]
README = ROOT / "examples" / "portal" / "README.md"
COMMANDS = re.compile(r"^```sh\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


@contextmanager
def started(index: Path, data: Path) -> Iterator[str]:
    """The portal's address; as the README says it, but for the two ports and the folders of this session."""
    serve, portal = (command for command in COMMANDS.findall(README.read_text("utf-8")))
    ports = {"8000": str(free_port()), "7860": str(free_port())}
    shell = data / "bin"
    shell.mkdir(parents=True)
    (shell / "wfc-qa").write_text(f"#!{sys.executable}\n{SERVE}\n", "utf-8")
    (shell / "wfc-qa").chmod(0o755)
    (shell / "python").symlink_to(sys.executable)
    folders = {"WFC_QA_INDEX_DIR": str(index), "WFC_QA_DATA_DIR": str(data)}
    with ExitStack() as running:
        for command in (serve, portal):
            assert all(port in command for port in ports) or command is serve
            told = re.sub("|".join(ports), lambda found: ports[found[0]], command)
            process = running.enter_context(_run(told.replace(".venv/bin", str(shell)), folders))
            assert process.stdout
            line = process.stdout.readline()
            assert " is at http://" in line, line
        yield line.split()[4].rstrip("/")


@contextmanager
def _run(command: str, folders: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=ROOT,
        env=os.environ | folders,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE_S)
