"""`kiosk --headless` told to end by a service manager: it ends in order and says so with 0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys, threading
from kiosk.cli import main
from kiosk.runtime import composition, headless

class Source:
    live = True
    def __init__(self):
        self.closed = threading.Event()
    def close(self):
        self.closed.set()

def run(settings, gallery, source, publish, *, once, duration=None):
    print("ready", flush=True)
    source.closed.wait()
    if sys.argv[1] == "fails":
        raise composition.InputError("The source is closed.", "")

composition.open_source = lambda *_, **__: Source()
headless.run_headless = run
composition.about_coverage = lambda *_: ""
sys.argv = ["kiosk", "--headless", "--watch"]
main.main()
""".replace('sys.argv[1] == "fails"', "{fails}")


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_ends_with_zero(tmp_path: Path, number: signal.Signals, fails: bool) -> None:
    places = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    places |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "s")}
    script = SCRIPT.replace("{fails}", str(fails))
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=-1, text=True, env=os.environ | places
    ) as made:
        assert made.stdout is not None
        assert made.stdout.readline() == "ready\n"
        made.send_signal(number)
        assert made.wait(60) == 0
