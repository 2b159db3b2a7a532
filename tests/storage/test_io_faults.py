"""The device fails, or the power goes, at every single change of a file that a change makes.

A library between SQLite and the system counts writes, truncations, deletions, renamings and calls
that bring a file to the disk. The Nth of them fails; or it never happens, whatever was not on the
disk by then is lost as well, and the process ends.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SOURCE = ROOT / "tests" / "support" / "io_faults.c"
FAIL, POWER = 1, 2
STRIDE = os.environ.get("KIOSK_FAULT_STRIDE", "13")
"""Of so many steps one is tried."""
PATIENCE = 280 if STRIDE == "13" else 3600

# For a process of its own, into which the library is loaded: one for all steps of a failing device,
# and a child of it for each step at which the power goes.
SCRIPT = """
import ctypes, json, os, shutil, sys
from pathlib import Path
from kiosk.core.errors import BugError, KnownError
from kiosk.storage.sqlite.backups import keys_of_people
from kiosk.storage.sqlite.vector_forms import transform_of
from tests.support.storage_support import NEW, open_in, template

faults = ctypes.CDLL(os.environ["LD_PRELOAD"])
base, work = Path(sys.argv[1]), Path(sys.argv[2])
how, number, stride = (int(word) for word in sys.argv[3:6])
DO = {
    "enrol": lambda g: g.enrol("Cleo", [template(k, dims=16) for k in range(8)], NEW),
    "remove": lambda g: g.remove("Ann"),
    "rename": lambda g: g.rename("Ben", "Benno"),
    "rekey": lambda g: g.rekey(),
}

def names(gallery):
    return sorted(each.name for each in gallery.subjects())

def told(gallery):
    vectors = [t.vector.round(3).tolist() for s in gallery.subjects()
               for t in gallery.templates(s.subject_id)]
    held = sorted({each.subject_id for each in keys_of_people(gallery_key(gallery)).all()})
    return names(gallery), sorted(vectors), transform_of(gallery.database) == mark, held

def gallery_key(gallery):
    return Path(gallery._subject_keys.file).with_name("gallery.key")

def fresh():
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(base, work)

gallery = open_in(base)
mark = transform_of(gallery.database)
gallery.close()
found = {}
for what, act in DO.items():
    fresh()
    gallery = open_in(work)
    before = told(gallery)
    act(gallery)
    after = told(gallery)
    gallery.close()
    outcomes, errors, bad = [], [], []
    for step in range(0, 500, stride):
        fresh()
        if how == 1:
            gallery = open_in(work)
            faults.io_faults_arm(how, step, number, str(work).encode())
            try:
                act(gallery)
                error = None
            except KnownError as caught:
                error = f"{type(caught).__name__}: {caught.text} {caught.remedy}"
                if isinstance(caught, BugError):
                    bad.append((step, error))
            fired = bool(faults.io_faults_disarm())
            gallery.close()
        else:
            child = os.fork()
            if child == 0:
                gallery = open_in(work)
                faults.io_faults_arm(how, step, number, str(work).encode())
                act(gallery)
                faults.io_faults_disarm()
                os._exit(0)
            if number:  # and whoever cleaned up took the journal away
                for journal in work.rglob("*-journal"):
                    journal.unlink()
            error, fired = None, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 86
        if not fired:
            break
        if number and how == 2:
            try:
                gallery = open_in(work)
                problems = gallery.problems() + gallery.trail_problems()
                outcomes.append("sound" if not problems else "named")
                gallery.close()
            except BugError as caught:
                bad.append((step, caught.text))
            except KnownError as caught:
                outcomes.append("refused")
                errors.append(f"{caught.text} {caught.remedy}")
            continue
        gallery = open_in(work)
        is_now = told(gallery)
        problems = gallery.problems() + gallery.trail_problems()
        gallery.close()
        state = "before" if is_now == before else "after" if is_now == after else "between"
        outcomes.append(state)
        errors.append(error)
        if state == "between" or problems:
            bad.append((step, state, problems, names(open_in(work))))
        if how == 1 and error is None and state == "before":
            bad.append((step, "nothing was said"))
    found[what] = {"steps": len(outcomes), "before": len(outcomes) - outcomes.count("after"),
                   "errors": sorted(set(filter(None, errors))), "bad": bad}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler here")
    target = tmp_path_factory.mktemp("faults") / "io_faults.so"
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", target, SOURCE, "-ldl"],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"the library cannot be built here: {made.stderr[-200:]}")
    return target


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from kiosk.storage.sqlite.backups import back_up
    from tests.support.storage_support import NEW, open_in, template

    folder = tmp_path_factory.mktemp("base")
    gallery = open_in(folder)
    gallery.enrol("Ann", [template(k, dims=16) for k in range(8)], NEW)
    gallery.enrol("Ben", [template(99, dims=16)], NEW)
    gallery.close()
    # From then on deletions destroy keys as well, beside the gallery and in the copy of the keys.
    place = folder / "data" / "gallery.db", folder / "config" / "gallery.key"
    back_up(*place, folder / "copies", datetime(2030, 1, 1, tzinfo=UTC))
    return folder


@pytest.mark.parametrize(
    ("how", "number"),
    [(FAIL, errno.EIO), (POWER, 0), (POWER, 1)],
    ids=["EIO", "power", "power and no journal"],
)
def test_at_every_step_it_is_the_state_before_or_after(
    library: Path, base: Path, tmp_path: Path, how: int, number: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, base, tmp_path / "work", str(how), str(number), STRIDE],
        env=os.environ | {"LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    # Without its journal nothing can be promised but that damage is named as such.
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    for what, told in found.items():
        assert told["bad"] == [], (what, told["bad"][:5])
        assert told["steps"] >= 2, what
        assert told["before"] > 0, what
        for error in told["errors"]:
            assert error.endswith("."), error  # a cause and a remedy
