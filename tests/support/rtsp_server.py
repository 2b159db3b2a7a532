"""A network camera for the tests: RTSP for one caller, RTP made by ffmpeg, carried over TCP.

Only what RFC 2326 needs for playing: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN; packets are
interleaved with the answers (its section 10.12).
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Self

from tests.support.servers import free_port, start_ffmpeg, stop, wait_ready


class RtspServer:
    """Plays `clip` to whoever calls `url`."""

    def __init__(self, clip: Path) -> None:
        self._clip = clip
        self._folder = tempfile.TemporaryDirectory()
        self._description = Path(self._folder.name) / "sdp"
        self._entrance = socket.create_server(("127.0.0.1", 0))
        self._wake, self._woken = socket.socketpair()
        self._sender: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._serve)
        self.url = f"rtsp://127.0.0.1:{self._entrance.getsockname()[1]}/camera"
        # Channel 0 and 2 carry picture and sound, 1 and 3 their reports.
        self._ports = self._bind_pairs()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wake.send(b"x")
        self._thread.join()
        if self._sender is not None:
            stop(self._sender)
        for each in (self._entrance, self._wake, self._woken, *self._ports):
            each.close()
        self._folder.cleanup()

    def _bind_pairs(self) -> list[socket.socket]:
        """Four sockets, each second one at the port after the first."""
        found: list[socket.socket] = []
        while len(found) < 4:
            port = free_port()
            pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            try:
                for offset, each in enumerate(pair):
                    each.bind(("127.0.0.1", port + offset))
                found += pair
            except OSError:
                for each in pair:
                    each.close()
        return found

    def _serve(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._woken, selectors.EVENT_READ)
            waiting.register(self._entrance, selectors.EVENT_READ)
            if any(key.fileobj is self._woken for key, _ in waiting.select()):
                return
            caller, _ = self._entrance.accept()
            waiting.register(caller, selectors.EVENT_READ)
            with caller:
                while self._turn(waiting, caller):
                    pass

    def _turn(self, waiting: selectors.BaseSelector, caller: socket.socket) -> bool:
        for key, _ in waiting.select():
            if key.fileobj is self._woken:
                return False
            if key.fileobj is caller:
                request = caller.recv(65536).decode(errors="replace")
                if not request or request.startswith("TEARDOWN"):
                    return False
                if re.match("[A-Z]", request):
                    self._answer(waiting, caller, request)
            elif key.data is not None:
                packet = key.fileobj.recv(65536)  # type: ignore[union-attr]
                caller.sendall(struct.pack(">cBH", b"$", key.data, len(packet)) + packet)
        return True

    def _answer(self, waiting: selectors.BaseSelector, caller: socket.socket, request: str) -> None:
        headers = [f"CSeq: {re.findall('CSeq: *([0-9]+)', request)[0]}", "Session: 1"]
        body = ""
        if request.startswith("OPTIONS"):
            headers.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif request.startswith("DESCRIBE"):
            body = self._describe()
            headers += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif request.startswith("SETUP"):
            headers.append("Transport: " + re.findall("Transport: *(.*)\r", request)[0])
        elif request.startswith("PLAY"):
            for channel, port in enumerate(self._ports):
                waiting.register(port, selectors.EVENT_READ, channel)
        caller.sendall("\r\n".join(["RTSP/1.0 200 OK", *headers, "", body]).encode())

    def _describe(self) -> str:
        """Start sending into our own ports; what is sent before PLAY waits in them."""
        picture, sound = (self._ports[place].getsockname()[1] for place in (0, 2))
        # Like a camera: each sound at once, not a second of them together.
        copied = ("-c", "copy", "-max_delay", "50000", "-f", "rtp")
        self._sender = start_ffmpeg(
            *("-i", str(self._clip), "-sdp_file", str(self._description)),
            *("-map", "0:v", *copied, f"rtp://127.0.0.1:{picture}"),
            *("-map", "0:a", *copied, f"rtp://127.0.0.1:{sound}"),
        )
        wait_ready(self._sender, lambda: "m=audio" in self._read_description())
        media = re.split("(?m)^(?=m=)", self._read_description())
        controlled = [f"{part}a=control:track{place}\r\n" for place, part in enumerate(media[1:])]
        return media[0] + "".join(controlled)

    def _read_description(self) -> str:
        return self._description.read_text() if self._description.exists() else ""
