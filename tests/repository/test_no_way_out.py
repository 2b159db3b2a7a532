"""An enrolment, a visit, an evaluation and the screens open no connection and leave nothing behind:
looked at below Python, where Qt, FFmpeg and PortAudio call the system as well.

All of it happens in one process with the real networks, where the system can show its calls
(strace), without any network interface where it lets us take them away.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.storage import SqlGallery
from tests.support.marked import NAME, NOTE, STEM, leaks
from tests.support.paths import ROOT

DEMO = ROOT / "assets" / "demo"
SCRIPT = """
import sys, threading
from pathlib import Path
from click.testing import CliRunner
from PySide6.QtCore import QCoreApplication, QTimer
from kiosk.cli.main import cli
from kiosk.core.events import VisitDecision
from kiosk.core.hardening import harden
from kiosk.core.settings_file import SettingsFile
from kiosk.ui import launch
from kiosk.ui.engine.bridge import Bridge

home, picture, clip = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
name, note = sys.argv[4], sys.argv[5]
assert harden().no_core_dumps
given = ["--set", "enrol_faces=1", "--set", "threads=1"]

def run(*words):
    done = CliRunner().invoke(cli, [*given, *words], catch_exceptions=False)
    print(words[0], done.exit_code, flush=True)
    return done.stdout

run("enrol", name, picture, "--ground", note)
assert name in run("--headless", "--source", clip, "--to", "1.0")
run("evaluate", "verification", str(home / "people"), "--cache", str(home / "cache"))

answered, publish = threading.Event(), Bridge.publish

def listening(bridge, event):
    publish(bridge, event)
    if isinstance(event, VisitDecision):
        answered.set()

def leave():
    answered.wait()  # until the screens were told who that is
    app = QCoreApplication.instance()
    QTimer.singleShot(0, app, lambda: app.exit(0))  # a window alone may refuse to close

Bridge.publish = listening
threading.Thread(target=leave, daemon=True).start()
code = launch.run_screen(SettingsFile(home / "kiosk.toml"), clip, windowed=True)
print("screen", code, flush=True)
"""
CALLS = "connect,bind,sendto,sendmsg,sendmmsg,openat,open,creat,mknod,mkdir"
_NET = re.compile(r"^\d+ +(connect|bind|sendto|sendmsg|sendmmsg)\((.*)")
_TRIAL = re.compile(r'^\d+ +bind\(\d+, {sa_family=AF_INET6, sin6_port=htons\(0\).*"::1"')
"""urllib3, which comes with facenet-pytorch, sees so when it is imported whether there is IPv6;
nobody listens there and nothing is sent."""
_MADE = re.compile(r'^\d+ +(?:openat|open|creat|mkdir)\((?:AT_FDCWD, )?"([^"]+)".*')


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str]:
    """The home of the program, every call that was looked at, and what it printed."""
    if shutil.which("strace") is None:
        pytest.skip("no strace on this system")
    home = tmp_path_factory.mktemp("home")
    for person in ("amara", "bawi", "danbi"):
        with Image.open(DEMO / "stills" / f"{person}.jpg") as still:
            folder = home / "people" / person
            folder.mkdir(parents=True)
            still.save(folder / "1.png")
            still.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "2.png")
    picture, clip = home / f"{STEM}.jpg", home / f"{STEM}.mp4"
    shutil.copy(DEMO / "stills" / "bawi.jpg", picture)
    shutil.copy(DEMO / "bawi-2.mp4", clip)
    (home / "tmp").mkdir()
    (home / "kiosk.toml").write_text("threads = 1\n", "utf-8")
    environment = os.environ | {
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(home / "tmp"),
    }
    environment |= {f"XDG_{n}_HOME": str(home / n) for n in ("DATA", "CONFIG", "STATE", "CACHE")}
    traced = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "300", "-o", str(home / "calls")]
    alone = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        alone = []
    program = [sys.executable, "-c", SCRIPT, str(home), str(picture), str(clip), NAME, NOTE]
    done = subprocess.run(
        [*alone, *traced, "-e", f"trace={CALLS}", *program],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("the system does not let its calls be shown")
    assert done.returncode == 0, done.stderr[-3000:]
    calls = (home / "calls").read_text("utf-8", "replace").splitlines()
    (home / "calls").unlink()
    return home, calls, done.stdout + done.stderr


def test_all_of_it_ran(run: tuple[Path, list[str], str]) -> None:
    told = [line.split()[0] for line in run[2].splitlines() if line]
    assert {"enrol", "--headless", "evaluate", "screen"} <= set(told), run[2]
    assert "enrol 0" in run[2]


def test_no_connection_is_opened(run: tuple[Path, list[str], str]) -> None:
    """Sockets of the machine alone (AF_UNIX, AF_NETLINK) lead nowhere."""
    used = [found.group(0) for line in run[1] if (found := _NET.match(line))]
    assert not [each for each in used if "AF_INET" in each and not _TRIAL.match(each)]


def test_nothing_is_made_outside_of_its_own_folders(run: tuple[Path, list[str], str]) -> None:
    """No name under /tmp or elsewhere that somebody could foresee."""
    home, calls, _ = run
    made = set()
    for line in calls:
        found = _MADE.match(line)
        creates = "O_CREAT" in line or "mkdir(" in line or "creat(" in line
        if found and creates and " = -1 " not in line:
            made.add(found.group(1))
    beyond = [
        each
        for each in made
        if each.startswith("/")
        and not each.startswith((str(home), "/dev/", "/proc/"))
        and "__pycache__" not in each
    ]
    assert beyond == []
    assert len(made) > 5


def test_what_is_left_holds_neither_names_nor_vectors(run: tuple[Path, list[str], str]) -> None:
    """Log, temporary files, caches, settings: everything but the gallery. The evaluation's cache
    holds vectors of what was evaluated, and goes by itself (`keep_days`)."""
    home, _, _ = run
    gallery = next(home.rglob("gallery.db"))
    key = next(home.rglob("gallery.key"))
    opened = SqlGallery.open(gallery, key)
    vectors = [each.vector for each in opened.templates(1)]
    opened.close()
    forms = [v.astype(kind).tobytes()[:24] for v in vectors for kind in (np.float32, np.float16)]
    assert forms
    looked_at = 0
    for file in home.rglob("*"):
        if not file.is_file() or file.suffix in (".jpg", ".mp4", ".png"):
            continue
        content = file.read_bytes()
        assert not leaks(content), file
        if "cache" not in file.relative_to(home).parts[:1]:
            assert not [form for form in forms if form in content], file
        looked_at += 1
    assert looked_at > 4
    assert not list((home / "tmp").rglob("*.*"))
