"""The key of a gallery in a real Secret Service, where the system has one (gnome-keyring)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SCRIPT = """
import sys
from pathlib import Path
import keyring
from kiosk.storage import SqlGallery
from kiosk.storage.keys import care
from kiosk.storage.keys.file import Keeping, read_kept
from tests.support.storage_support import NEW, template

folder = Path(sys.argv[1])
paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
gallery = SqlGallery.open(*paths)
gallery.enrol("Ann", [template(1)], NEW)
gallery.close()
care.rotate(*paths, Keeping.KEYRING)
kept = read_kept(paths[1])
print(type(keyring.get_keyring()).__module__, kept.keeping, kept.key in paths[1].read_text())
care.rotate(*paths)
assert read_kept(paths[1]).key != kept.key
gallery = SqlGallery.open(*paths)
print([each.name for each in gallery.subjects()], gallery.problems())
gallery.close()
keyring.delete_password("kiosk", read_kept(paths[1]).entry)
try:
    SqlGallery.open(*paths)
except Exception as error:
    print(type(error).__name__)
"""


def test_a_key_lives_in_the_keyring_of_the_system(tmp_path: Path) -> None:
    needed = ("dbus-run-session", "gnome-keyring-daemon")
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)}")
    pytest.importorskip("secretstorage")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, "utf-8")
    begin = "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "sh",
            "-c",
            f"{begin}; exec '{sys.executable}' '{script}' '{tmp_path}'",
        ],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        | {f"XDG_{n}_HOME": str(home / n) for n in ("DATA", "CONFIG", "STATE", "CACHE")},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    backend, keeping, in_file = done.stdout.splitlines()[0].split()
    assert (backend, keeping, in_file) == ("keyring.backends.SecretService", "keyring", "False")
    assert done.stdout.splitlines()[1:] == ["['Ann'] []", "StorageError"]
