"""Starting and stopping: the socket first, the rest behind it, and every failure in one line."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from serving_support import free_port, start_server, stop_server, wait_for_health
from wfc_qa.config import Settings
from wfc_qa.errors import WfcError
from wfc_qa.serving.app import create_app, listen, serve


def test_health_and_a_waiting_page_come_before_the_engine(home_index: Path, tmp_path: Path) -> None:
    """Until the engine is open: /health says starting, the page reloads itself, the API asks to come back."""
    port = free_port()
    process = start_server(port=port, index_dir=home_index, data_dir=tmp_path)
    try:
        wait_for_health(process, port, "starting")
        url = f"http://127.0.0.1:{port}/"
        page = httpx.get(url, trust_env=False)
        assert page.status_code == 503
        assert page.headers["retry-after"] == "1"
        assert 'http-equiv="refresh"' in page.text
        asked = httpx.post(url + "api/v1/answers", json={"question": "loans?"}, trust_env=False)
        assert asked.status_code == 503
        assert asked.headers["retry-after"] == "1"
        wait_for_health(process, port, "ready")
        assert httpx.get(url, trust_env=False).status_code == 200
    finally:
        assert stop_server(process) == 0


@pytest.mark.parametrize("when", ["starting", "ready"])
def test_an_interrupt_ends_the_server_cleanly(home_index: Path, tmp_path: Path, when: str) -> None:
    port = free_port()
    process = start_server(port=port, index_dir=home_index, data_dir=tmp_path)
    try:
        wait_for_health(process, port, when)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert complaints == ""


def test_a_taken_port_is_named_with_its_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WfcError, match=f"^port {port} is taken; choose another with --port$"):
            serve(Settings(port=port))


def test_a_taken_port_is_found_before_anything_heavy_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code = (
            "import sys\nfrom wfc_qa.config import Settings\nfrom wfc_qa.serving.app import serve\n"
            f"try: serve(Settings(port={taken.getsockname()[1]}))\n"
            "except Exception as error: print(error)\n"
            "print({'gradio', 'numpy', 'faiss', 'onnxruntime'} & set(sys.modules))"
        )
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "is taken" in told
    assert told.endswith("set()\n")


def test_a_host_that_is_not_ours_is_named_with_its_mend() -> None:
    with pytest.raises(WfcError, match=r"cannot listen at 203\.0\.113\.7"):
        listen("203.0.113.7", 0)


def test_an_answer_is_sent_whole_without_waiting_for_the_kernel() -> None:
    """A connection made to the listener inherits it; asyncio itself sets it only on some."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        made, _ = listener.accept()
        with made:
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_without_an_index_the_command_ends_with_that_line_and_code_2(tmp_path: Path) -> None:
    process = start_server(port=0, index_dir=tmp_path, data_dir=tmp_path)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == ""
    assert "wfc-qa index build" in complaint
    assert len(complaint.splitlines()) == 1


def test_the_api_describes_itself(tmp_path: Path) -> None:
    """Every route of the API has its request and response in the OpenAPI document."""
    paths = create_app(Settings(data_dir=tmp_path)).openapi()["paths"]
    assert {path for path in paths if path.startswith("/api/")} == {
        "/api/v1/answers",
        "/api/v1/answers/{stream}",
        "/api/v1/answers/{stream}/events",
        "/api/v1/collection",
        "/api/v1/documents",
        "/api/v1/documents/{doc_id}",
        "/api/v1/feedback",
        "/api/v1/passages",
    }
