"""The package for Debian, as far as it can be looked at without building it (`make deb`)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

INSTALLER = ROOT / "installer"
SCRIPTS = [
    *(INSTALLER / name for name in ("build", "environment", "kiosk", "kiosk-version", "session")),
    INSTALLER / "trial",
    *sorted((INSTALLER / "debian").glob("kiosk.p*")),
]
EXPOSURE = 21
"""Ten times the exposure of the walk-up screen's unit that `systemd-analyze security` may find."""


def pins(name: str) -> dict[str, str]:
    """Package to version."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


def test_the_package_brings_what_the_tests_ran_with() -> None:
    package, tested = pins("kiosk.txt"), pins("lock.txt")
    assert {name: version for name, version in package.items() if tested.get(name) != version} == {}
    assert {"torch", "pyside6-essentials", "fastapi", "sqlcipher3"} <= set(package)
    assert not {"pytest", "matplotlib", "scikit-learn", "timm"} & set(package)


def test_every_script_is_one_a_shell_can_read() -> None:
    for script in SCRIPTS:
        done = subprocess.run(
            ["sh", "-n", str(script)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script.name}: {done.stderr}"


def test_the_files_a_package_is_made_of_are_there() -> None:
    named = (INSTALLER / "debian" / "kiosk.install").read_text("utf-8").split()[::2]
    for name in named:
        assert name == "people/*" or (INSTALLER / name).is_file(), name
    build = (INSTALLER / "build").read_text("utf-8")
    for clip in re.findall(r"assets/\S+\.mp4", build):
        assert (ROOT / clip).is_file(), clip


def test_an_update_gives_the_screen_back_whether_the_new_version_answered_or_not() -> None:
    """What debhelper adds stops the session before files are replaced, and nothing starts it."""
    script = (INSTALLER / "debian" / "kiosk.postinst").read_text("utf-8")
    assert "systemctl restart kiosk-session.service" in script
    answered, _, rest = script.partition("runuser -u kiosk")[2].partition("elif")
    silent, _, first = rest.partition("else")
    assert "give_back_the_screen" in answered
    assert "give_back_the_screen" in silent
    assert "give_back_the_screen" not in first


def test_versions_are_told_and_a_missing_one_is_refused() -> None:
    script = str(INSTALLER / "kiosk-version")
    helped = subprocess.run(["sh", script, "--help"], capture_output=True, text=True, check=True)
    assert "use VERSION" in helped.stdout
    refused = subprocess.run(
        ["sh", script, "use", "9.9.9"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 3
    assert "no version 9.9.9" in refused.stderr
    assert subprocess.run(["sh", script, "undo"], capture_output=True, check=False).returncode == 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd's own judge")
def test_the_unit_of_the_screen_is_confined(tmp_path: Path) -> None:
    unit = tmp_path / "kiosk.service"
    shutil.copy(INSTALLER / "debian" / "kiosk.user.service", unit)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:]
    assert "exposure level" in done.stdout
