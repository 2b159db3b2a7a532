"""The kiosk as people install it: a wheel in an environment of its own, far from the clone."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.installed import build_wheel, environment_with
from tests.support.paths import ROOT

CLIP = ROOT / "assets" / "demo" / "gureum-2.mp4"
SCREEN = """
import json, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
import kiosk.ui.app as app
from kiosk.cli.main import cli

told = {}
show = app.WalkUpApp.show

class FirstPainting(QObject):
    def eventFilter(self, window, event):
        if event.type() == QEvent.Type.Paint and "torch" not in told:
            told["torch"] = "torch" in sys.modules
        return False

first = FirstPainting()

def look(self, size):
    self.window.installEventFilter(first)
    show(self, size)
    QApplication.processEvents()
    told["visible"] = self.window.isVisible()
    told["painted"] = not self.window.grab().toImage().isNull()
    QTimer.singleShot(0, QApplication.quit)

app.WalkUpApp.show = look
code = cli.main(["--windowed", "--camera", "none", "--microphone", "none"], standalone_mode=False)
print(json.dumps(told | {"code": code}))
"""


@dataclass(frozen=True)
class Installed:
    """An interpreter whose environment holds the wheel, and a home nobody used before."""

    python: Path
    home: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Elsewhere, with nothing of the clone or of this environment in the variables."""
        variables: Mapping[str, str] = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "QT_QPA_PLATFORM": "offscreen",
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=self.home,
            env=variables,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    home = folder / "home"
    home.mkdir()
    return Installed(environment_with(build_wheel(folder), folder / "environment"), home)


def test_the_installed_kiosk_is_the_wheel_and_brings_what_it_needs(installed: Installed) -> None:
    code = (
        "import importlib.util as u, json, kiosk\n"
        "from kiosk.core.shipped import shipped_folder as s\n"
        "parts = [kiosk.__file__, str(s('weights')), str(s('assets'))]\n"
        "absent = [n for n in ('scipy', 'sklearn', 'matplotlib', 'timm', 'resemblyzer',"
        " 'face_recognition_models', 'pytest', 'tools', 'tests') if u.find_spec(n) is None]\n"
        "print(json.dumps([parts, absent, [p.name for p in s('assets').iterdir()]]))"
    )
    done = installed.run("-c", code)
    parts, absent, assets = json.loads(done.stdout)
    site = installed.python.parents[1]
    assert all(Path(part).is_relative_to(site) for part in parts), done.stderr
    assert not any(Path(part).is_relative_to(ROOT) for part in parts)
    assert len(absent) == 9
    assert sorted(assets) == ["icons", "prompts", "theme"]


def test_a_recording_is_decided_about(installed: Installed) -> None:
    kiosk = str(installed.python.with_name("kiosk"))
    begin = ["--headless", "--source", str(CLIP), "--to", "3", "--format", "json"]
    done = installed.run(kiosk, *begin)
    assert done.returncode == 10, done.stderr  # nobody is enrolled
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "unknown"


def test_the_screen_opens_and_is_painted_before_any_network_is_loaded(
    installed: Installed,
) -> None:
    done = installed.run("-c", SCREEN)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"visible": True, "torch": False, "painted": True, "code": 0}


def test_what_an_extra_brings_is_asked_for_by_name(installed: Installed) -> None:
    kiosk = str(installed.python.with_name("kiosk"))
    done = installed.run(kiosk, "evaluate", "verification", ".")
    assert done.returncode == 8
    assert "pip install 'kiosk[evaluate]'" in done.stderr
    assert "matplotlib, scipy, sklearn" in done.stderr
