"""A receiver of webhooks as a program of its own, so that it can be killed: PORT, FILE, SECRET.

It says LISTENING when it can be called. What arrives with a right signature is written to FILE
before it is answered, and its id to standard output. The path says how it behaves.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import os
import sys
import threading
from pathlib import Path

LISTENING = "listening"
"""The first line of standard output."""


class Receiver(http.server.BaseHTTPRequestHandler):
    """/: 204. /refuse: 422. /busy: 503. /hang: no answer. /die/N: dies at the Nth event, after it
    is written and before it is answered."""

    protocol_version = "HTTP/1.1"
    file: Path
    secret: bytes
    count = 0

    def do_POST(self) -> None:  # the name is http.server's
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hang":
            threading.Event().wait()
        if not self._is_signed(body):
            self._answer(401)
            return
        if self.path in ("/refuse", "/busy"):
            self._answer({"/refuse": 422, "/busy": 503}[self.path])
            return
        self._keep(body)
        if self.path.startswith("/die/") and Receiver.count == int(self.path[5:]):
            os._exit(1)
        self._answer(204)

    def _is_signed(self, body: bytes) -> bool:
        uid, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        made = hmac.new(self.secret, f"{uid}.{stamp}.".encode() + body, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(made).decode("ascii")
        return hmac.compare_digest(expected, self.headers["webhook-signature"])

    def _keep(self, body: bytes) -> None:
        Receiver.count += 1
        with self.file.open("ab") as stream:
            stream.write(body + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        _say(self.headers["webhook-id"])

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        if code == 503:
            self.send_header("Retry-After", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Receiver.file, Receiver.secret = Path(sys.argv[2]), base64.b64decode(sys.argv[3])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    _say(LISTENING)  # who has waited for us may call before this line is read
    server.serve_forever()
