"""A disk that is really full: a small file system of its own, where the system lets us make one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from kiosk.core.errors import DiskFull, StorageError
from kiosk.storage import SqlGallery
from tests.support.storage_support import NEW, template

folder = Path(sys.argv[1])
paths = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
gallery = SqlGallery.open(*paths)
gallery.enrol("Ann", [template(k, dims=512) for k in range(50)], NEW)
gallery.enrol("Ben", [template(99, dims=512)], NEW)
try:
    with (folder / "filler").open("wb") as filler:
        while True:
            filler.write(b"x" * 512)
            filler.flush()
except OSError:
    pass
try:
    gallery.enrol("Cleo", [template(k, dims=512) for k in range(200)], NEW)
    print("not full")
except DiskFull:
    pass
print(gallery.remove("Ann"), [each.name for each in gallery.subjects()])
print(gallery.problems(), gallery.trail_problems())
gallery.close()
"""


def test_on_a_full_disk_people_can_still_be_deleted(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare on this system")
    mount = f"mount -t tmpfs -o size=3m,mode=0700 none '{tmp_path}'"
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*alone, mount], check=False, capture_output=True).returncode:
        pytest.skip("no file system of our own on this system")
    command = f"{mount} && exec '{sys.executable}' -c '{SCRIPT}' '{tmp_path}'"
    done = subprocess.run(
        [*alone, command.replace("-c '" + SCRIPT + "'", "-")],
        input=SCRIPT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["50 ['Ben']", "[] []"], done.stderr
