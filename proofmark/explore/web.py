"""The page on this machine's own address, behind a token that nobody else knows; and answers to what the page asks."""

from __future__ import annotations

import json
import secrets
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from artifacts.explore.page import policy
from proofmark import console, guard
from proofmark.explore.answering import NoQuestion

LOOPBACK = "127.0.0.1"
LONGEST = 16_384
"""Bytes of a question."""
_WAITING = 4
"""Questions at once; they are answered one after the other."""

Answers = Callable[[Any], dict[str, Any]]
Progress = Callable[[], str]
DOING = b'{"ask":"doing"}'
"""What is done for the answer that is waited for: it is told at once, beside that answer."""


def server(page: bytes, answers: Answers, doing: Progress = lambda: "") -> tuple[ThreadingHTTPServer, str]:
    """A server at a free port, and the address of the page. `answers` raises NoQuestion."""
    token = secrets.token_urlsafe(24)
    made = ThreadingHTTPServer((LOOPBACK, 0), BaseHTTPRequestHandler)
    made.RequestHandlerClass = _handler(page, _Answered(answers, doing), f"/{token}/", made.server_port)
    made.daemon_threads = True
    return made, f"http://{LOOPBACK}:{made.server_port}/{token}/"


def serve(page: bytes, answers: Answers, doing: Progress, address: str | None) -> None:
    """Until interrupted."""
    made, url = server(page, answers, doing)
    place = f"#{address.removeprefix('#')}" if address else ""
    console.out(f"{url}{place}\n")
    console.err("serving this page on this machine only; interrupt to end")
    try:
        made.serve_forever()
    except KeyboardInterrupt:
        return
    finally:
        made.server_close()


class _Answered:
    """Answers as status and JSON, one after the other: models and what is known of them are shared."""

    def __init__(self, answers: Answers, doing: Progress) -> None:
        self._answers = answers
        self._doing = doing
        self._one = threading.Lock()
        self._few = threading.BoundedSemaphore(_WAITING)

    def __call__(self, body: bytes) -> tuple[int, bytes]:
        if body == DOING:
            return 200, json.dumps({"doing": self._doing()}).encode()
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return 400, _why("expected JSON")
        if not self._few.acquire(blocking=False):
            return 503, _why("other questions are being answered: ask again")
        try:
            with self._one:
                return 200, json.dumps(self._answers(asked)).encode()
        except NoQuestion as error:
            return 400, _why(str(error))
        except Exception as error:
            guard.fault(f"{type(error).__name__} in an answer to the page", traceback.format_exc())
            return 500, _why("a fault in proofmark: the terminal tells more")
        finally:
            self._few.release()


def _why(text: str) -> bytes:
    return json.dumps({"why": text}).encode()


def _handler(page: bytes, answered: _Answered, path: str, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers a browser that was sent to this very address (no other name for it): the page, and what that page
        asks.
        """

        server_version = "proofmark"
        sys_version = ""
        timeout = 60

        def do_GET(self) -> None:
            if not self._is_for(path):
                self.send_error(404)
                return
            self._send(200, "text/html; charset=utf-8", page)

        def do_POST(self) -> None:
            """Only the page itself may ask: another origin's script cannot say that it is this one."""
            size = self.headers.get("Content-Length", "")
            if not self._is_for(f"{path}ask"):
                self.send_error(404)
            elif self.headers.get("Origin") != f"http://{LOOPBACK}:{port}":
                self.send_error(403)
            elif self.headers.get("Content-Type") != "application/json":
                self.send_error(415)
            elif not (size.isascii() and size.isdigit() and len(size) < 10):
                self.send_error(411)
            elif int(size) > LONGEST:
                self.send_error(413)
            else:
                status, body = answered(self.rfile.read(int(size)))
                self._send(status, "application/json", body)

        def _is_for(self, wanted: str) -> bool:
            host = self.headers.get("Host", "")
            return host == f"{LOOPBACK}:{port}" and secrets.compare_digest(self.path.encode(), wanted.encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", f"{policy(asks=True)}; frame-ancestors 'none'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing: standard error is the user's."""

    return Handler
