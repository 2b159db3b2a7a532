"""The command `kiosk` for shells of the tests, forked from a process that has loaded its libraries.

What runs is the program itself, `kiosk.cli.main.main`, in a process of its own, with the caller's
streams, folder and environment, and it ends as processes end. Shared is the start of Python alone:
torch and the networks' files are read once and not again by every line of a shell, six seconds of a
processor each time. Whole starts are tested in `tests/cli/test_process.py` and elsewhere.

Run as a program this is that process (`serve FOLDER`), or the command (`call SOCKET WORDS...`).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_MOST = 1 << 20
_CODE = 4


@contextmanager
def forked_kiosk(command: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """While this lasts, `command` is the program. What it reads of the environment as its modules
    are imported has to be the same for every call."""
    place = command.parent / "socket"
    words = [sys.executable, __file__, "serve", str(place)]
    # Its standard output is closed when it listens.
    with subprocess.Popen(words, env=dict(environment), stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        try:
            assert serving.stdout.read() == b"listening"
            command.write_text(
                f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" call "{place}" "$@"\n'
            )
            command.chmod(0o755)
            yield
        finally:
            serving.kill()
            place.unlink(missing_ok=True)


def call(place: str, words: list[str]) -> int:
    """Hand everything over and wait for the exit code."""
    said = json.dumps({"words": words, "folder": str(Path.cwd()), "environment": dict(os.environ)})
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        socket.send_fds(line, [len(said.encode()).to_bytes(_CODE, "big")], [0, 1, 2])
        line.sendall(said.encode())
        code = line.recv(_CODE)
    if len(code) < _CODE:
        raise RuntimeError("the process that runs the command has gone")
    return int.from_bytes(code, "big")


def serve(place: str) -> None:
    """Load what every call needs, and run one process for each."""
    from kiosk.cli import main as program
    from kiosk.core.settings import Settings
    from kiosk.evaluation.protocols import visits  # noqa: F401, with all that reports need
    from kiosk.evaluation.reporting import plots  # noqa: F401
    from kiosk.runtime import composition

    composition.build_models(Settings())
    composition.build_pad_models(Settings())
    composition.build_estimators(Settings(), text=True)
    with socket.socket(socket.AF_UNIX) as entrance:
        entrance.bind(place)
        entrance.listen()
        os.write(1, b"listening")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        while True:
            line, _ = entrance.accept()
            if os.fork():
                line.close()
                with suppress(ChildProcessError):
                    while os.waitpid(-1, os.WNOHANG)[0]:
                        pass
                continue
            entrance.close()
            words, streams = _accepted(line)
            worker = os.fork()
            if worker:
                _, status = os.waitpid(worker, 0)
                line.sendall(os.waitstatus_to_exitcode(status).to_bytes(_CODE, "big", signed=True))
                os._exit(0)
            line.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            sys.argv = ["kiosk", *words]
            program.main()  # which ends the process


def _accepted(line: socket.socket) -> tuple[list[str], list[int]]:
    """Words and streams of a call; its folder and environment are taken over."""
    head, streams, _, _ = socket.recv_fds(line, _CODE, 3)
    left, said = int.from_bytes(head, "big"), b""
    while len(said) < left:
        said += line.recv(_MOST)
    given = json.loads(said)
    os.chdir(given["folder"])
    os.environ.clear()
    os.environ.update(given["environment"])
    return given["words"], streams


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(call(sys.argv[2], sys.argv[3:]))
