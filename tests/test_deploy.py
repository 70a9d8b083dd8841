"""What `deploy/` holds fits the server that it runs."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from command_support import COMMAND
from wfc_qa.config import Settings
from wfc_qa.serving.running.team import LEAVE_S

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "wfc-qa.service"
CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
DEFAULTS = Settings.model_fields
VARIABLE = re.compile(r"WFC_QA_([A-Z_]+)")


def unit(section: str, name: str) -> str:
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment]
    parsed.read_string(UNIT.read_text("utf-8"))
    return parsed[section][name]


def steps() -> list[tuple[str, str]]:
    """Instructions of the Containerfile with their arguments, lines that go on joined."""
    lines = [line for line in CONTAINERFILE.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def test_the_service_kills_nothing_while_answers_may_still_finish() -> None:
    assert float(unit("Service", "TimeoutStopSec")) > DEFAULTS["shutdown_s"].default + LEAVE_S
    assert unit("Service", "KillMode") == "mixed"
    told = re.search(r"--stop-timeout (\d+)", CONTAINERFILE)
    assert told
    assert float(told[1]) > DEFAULTS["shutdown_s"].default + LEAVE_S


def test_every_variable_told_is_a_setting() -> None:
    for text in (UNIT.read_text("utf-8"), CONTAINERFILE):
        names = {name.lower() for name in VARIABLE.findall(text)} - {"secret", "llm_api_key"}
        assert names
        assert names <= DEFAULTS.keys()


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on the path")
    placed = tmp_path / UNIT.name
    placed.write_text(UNIT.read_text("utf-8").replace("/opt/wfc-qa/bin/wfc-qa", str(COMMAND)), "utf-8")
    done = subprocess.run([program, "verify", placed], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, ours) == (0, [])


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    names = [name for name, _ in steps()]
    last = dict(steps()[len(names) - names[::-1].index("FROM") :])
    assert int(last["USER"].partition(":")[0]) > 0
    [probe] = [rest for name, rest in steps() if name == "HEALTHCHECK"]
    command = json.loads(probe.partition("CMD ")[2])
    compile(command[-1], "HEALTHCHECK", "exec")
    assert json.loads(last["ENTRYPOINT"]) == ["wfc-qa"]


def test_what_the_image_copies_is_there_and_the_wheel_needs_nothing_left_out() -> None:
    """The build's context is the repository less `.containerignore`; the wheel's sources are all within it."""
    left_out = (ROOT / ".containerignore").read_text("utf-8").split()
    for name in (
        "src",
        "prompts",
        "docs/openapi.json",
        "index/documents",
        "eval",
        "constraints.txt",
        "NOTICE",
    ):
        assert (ROOT / name).exists()
        assert name.partition("/")[0] not in left_out


def test_the_nginx_example_limits_bodies_as_the_server_does() -> None:
    from wfc_qa.serving.walls import MAX_BODY_BYTES

    example = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert f"client_max_body_size {MAX_BODY_BYTES // 1024}k;" in example
