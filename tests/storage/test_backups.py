"""Copies that were read whole, what goes with a deletion, and putting one back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.core.errors import StorageError, WrongKey
from kiosk.core.events import Fault
from kiosk.core.settings import Settings
from kiosk.runtime.backups import _Copier
from kiosk.storage import SqlGallery
from kiosk.storage.sqlite.backups import KEPT, back_up, restore
from kiosk.storage.sqlite.rotation import rotate
from tests.support.storage_support import NEW, open_in, template

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    gallery = open_in(tmp_path)
    for seed, name in enumerate(("Ann", "Ben")):
        gallery.enrol(name, [template(seed)], NEW)
    gallery.close()
    return tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "copies"


def names(paths: tuple[Path, Path]) -> list[str]:
    gallery = SqlGallery.open(*paths)
    try:
        assert gallery.problems() == []
        return [subject.name for subject in gallery.subjects()]
    finally:
        gallery.close()


def test_a_copy_beside_a_running_kiosk_comes_back_whole(
    paths: tuple[Path, Path], folder: Path
) -> None:
    running = SqlGallery.open(*paths)
    made = back_up(*paths, folder, NOON)
    assert made.subjects == 2
    assert made.file.stat().st_mode & 0o777 == 0o600
    running.enrol("Cleo", [template(9)], NEW)
    with pytest.raises(StorageError, match="has the gallery open"):
        restore(*paths, made.file)
    running.close()
    before = restore(*paths, made.file).before
    assert names(paths) == ["Ann", "Ben"]
    assert names((before, paths[1])) == ["Ann", "Ben", "Cleo"]


def test_open_copies_of_an_older_version_go_with_a_deletion(
    paths: tuple[Path, Path], folder: Path
) -> None:
    """Sealed ones may stay: nothing can be read in them of whoever was deleted."""
    hour = timedelta(hours=1)
    sealed = back_up(*paths, folder, datetime.now(UTC) - 2 * hour).file
    early = folder / (datetime.now(UTC) - hour).strftime("gallery-%Y%m%dT%H%M%SZ.db")
    shutil.copy(paths[0], early)
    restore(*paths, early)
    gallery = SqlGallery.open(*paths)
    gallery.remove("Ann")
    gallery.close()
    assert early.exists()
    made = back_up(*paths, folder, NOON)
    assert (made.deleted, made.subjects) == (1, 1)
    assert set(folder.glob("gallery-*")) == {made.file, sealed}


def test_the_last_of_a_day_are_kept_and_foreign_files_never_touched(
    paths: tuple[Path, Path], folder: Path
) -> None:
    folder.mkdir(mode=0o700)
    (folder / "holiday.jpg").write_bytes(b"x")
    for hour in range(KEPT + 2):
        back_up(*paths, folder, NOON + timedelta(hours=hour))
    assert len(list(folder.glob("gallery-*.copy"))) == KEPT
    assert (folder / "holiday.jpg").exists()


@pytest.mark.parametrize("at", [5000, 9000, -5000])
def test_a_damaged_copy_is_never_put_back(paths: tuple[Path, Path], folder: Path, at: int) -> None:
    file = back_up(*paths, folder, NOON).file
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    with pytest.raises(StorageError):
        restore(*paths, file)
    assert names(paths) == ["Ann", "Ben"]


def test_a_copy_under_an_older_key_is_refused(paths: tuple[Path, Path], folder: Path) -> None:
    file = back_up(*paths, folder, NOON).file
    rotate(*paths)
    with pytest.raises(WrongKey):
        restore(*paths, file)
    assert names(paths) == ["Ann", "Ben"]


def test_copies_that_cannot_be_made_are_told_once(paths: tuple[Path, Path], folder: Path) -> None:
    told: list[Fault] = []
    folder.touch()
    settings = Settings(database=paths[0], key_file=paths[1], backup_folder=folder)
    copier = _Copier(settings, told.append)
    copier.copy()
    copier.copy()
    assert [fault.restored for fault in told] == [False]
    folder.unlink()
    copier.copy()
    assert [fault.restored for fault in told] == [False, True]
    assert len(list(folder.glob("gallery-*.copy"))) == 1
