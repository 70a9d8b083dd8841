"""A portal to try the widget on: a bank's pages, which ask nothing of any host but themselves and the widget's.

python examples/portal/serve.py --widget http://127.0.0.1:7860
"""

from __future__ import annotations

import argparse
import mimetypes
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).parent / "pages"
MARK = b"{{widget}}"
# All that a host page must allow is the widget's one host; nothing inline.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src {0}; connect-src {0}; frame-src {0};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--widget", default="http://127.0.0.1:7860", help="where wfc-qa is served")
    parser.add_argument(
        "--port", type=int, default=8000, help="where the portal is served, 0 takes a free port"
    )
    chosen = parser.parse_args()
    with ThreadingHTTPServer(("127.0.0.1", chosen.port), handler(chosen.widget.rstrip("/"))) as server:
        print(f"the portal is at http://localhost:{server.server_port}/  (Ctrl-C stops it)", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def handler(widget: str) -> type[BaseHTTPRequestHandler]:
    """Serves the files of ``pages/``, each by its name, with the widget's address filled in."""
    parts = urlsplit(widget)
    policy = POLICY.format(f"{parts.scheme}://{parts.netloc}")
    files = {f"/{path.name}": path for path in PAGES.iterdir()} | {"/": PAGES / "index.html"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = files.get(urlsplit(self.path).path)
            if path is None:
                self.send_error(404)
                return
            body = path.read_bytes().replace(MARK, widget.encode())
            self.send_response(200)
            self.send_header("Content-Type", f"{mimetypes.guess_type(path.name)[0]}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


if __name__ == "__main__":
    main()
