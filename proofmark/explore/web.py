"""The page on this machine's own address, behind a token that nobody else knows: one page, and no other answer."""

from __future__ import annotations

import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from artifacts.explore.page import policy
from proofmark import console

LOOPBACK = "127.0.0.1"


def server(page: bytes) -> tuple[ThreadingHTTPServer, str]:
    """A server at a free port, and the address of the page."""
    token = secrets.token_urlsafe(24)
    made = ThreadingHTTPServer((LOOPBACK, 0), BaseHTTPRequestHandler)
    made.RequestHandlerClass = _handler(page, f"/{token}/", made.server_port)
    made.daemon_threads = True
    return made, f"http://{LOOPBACK}:{made.server_port}/{token}/"


def serve(page: bytes, address: str | None) -> None:
    """Until interrupted."""
    made, url = server(page)
    place = f"#{address.removeprefix('#')}" if address else ""
    console.out(f"{url}{place}\n")
    console.err("serving this page on this machine only; interrupt to end")
    try:
        made.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        made.server_close()


def _handler(page: bytes, path: str, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers a GET of the page from a browser that was sent to this very address (no other name for it)."""

        server_version = "proofmark"
        sys_version = ""

        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            if host != f"{LOOPBACK}:{port}" or not secrets.compare_digest(self.path.encode(), path.encode()):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Content-Security-Policy", f"{policy()}; frame-ancestors 'none'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing: standard error is the user's."""

    return Handler
