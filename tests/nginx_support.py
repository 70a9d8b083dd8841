"""A real nginx on loopback that runs the example of deploy/nginx.conf, with a certificate of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from program_support import find_program, running
from serving_support import free_port

EXAMPLE = Path(__file__).parents[1] / "deploy" / "nginx.conf"
AROUND = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/example.conf;
}}
"""


@contextmanager
def behind_nginx(port: int, folder: Path) -> Iterator[str]:
    """The address under which nginx hands on to our ``port``; it ends with a slash."""
    program, own = find_program("nginx", "nginx"), free_port()
    _certify(folder)
    example = EXAMPLE.read_text("utf-8")
    for shown, meant in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{own} ssl;"),
        ("server 127.0.0.1:7860;", f"server 127.0.0.1:{port};"),
        ("/etc/nginx/tls/fullchain.pem", f"{folder}/cert.pem"),
        ("/etc/nginx/tls/privkey.pem", f"{folder}/key.pem"),
    ):
        assert example.count(shown) == 1, shown
        example = example.replace(shown, meant)
    (folder / "example.conf").write_text(example, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), "utf-8")
    with running([program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"], own):
        yield f"https://127.0.0.1:{own}/qa/"


def _certify(folder: Path) -> None:
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
