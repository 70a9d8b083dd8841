"""The door to the street."""

from __future__ import annotations

import errno
import socket

from ...errors import WfcError

SHOWN = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything heavy is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
        # asyncio sets this only on sockets that name their protocol; unset, an answer waits 40 ms for the kernel.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return listener
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WfcError(f"port {port} is taken; choose another with --port") from None
        raise WfcError(
            f"cannot listen at {host} port {port}: {error.strerror}; choose others with --host and --port"
        ) from None


def shown_address(listener: socket.socket, root_path: str) -> str:
    """Where a browser on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    return f"http://{SHOWN.get(host, host)}:{port}{root_path}/"
