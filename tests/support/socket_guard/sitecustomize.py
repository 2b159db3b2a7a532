"""Python imports this at its start where its folder is on PYTHONPATH: a program that goes to the
network ends at once, with exit code 99, so that nothing can swallow it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.support.sockets import listen


def _end(event: str, host: str) -> None:
    sys.stderr.write(f"network used: {event} {host!r}\n")
    sys.stderr.flush()
    os._exit(99)


listen(_end)
