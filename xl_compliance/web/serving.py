"""Serves the built page on this computer alone."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def server(page: bytes, port: int) -> ThreadingHTTPServer:
    """A server of that page and nothing else, on the loopback address; port 0 is any free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page)

        def do_HEAD(self) -> None:
            self._answer(b"")

        def _answer(self, content: bytes) -> None:
            if self.path != "/":
                self.send_error(404)
                return
            self.send_response(200)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is kept of who looked when."""

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


def serve(page: bytes, port: int, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C."""
    with server(page, port) as running:
        say(f"http://{LOOPBACK}:{running.server_port}/ (this computer alone; Ctrl-C ends)")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            say("ended")
