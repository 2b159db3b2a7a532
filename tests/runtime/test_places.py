"""Where staff may take files from: media that are plugged in and one folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import InputError, StorageError
from kiosk.core.settings import Settings
from kiosk.runtime.places import FilePlace, file_places, removable_media
from kiosk.ui.staff.file_picker import files_within, listed

MOUNTINFO = r"""22 27 0:20 / /proc rw,nosuid - proc proc rw
27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
28 27 8:2 / /home rw - ext4 /dev/sda2 rw
40 27 8:17 / /media/anna/HOLIDAY\040PICTURES rw - vfat /dev/sdb1 rw
41 27 8:33 / /srv/card rw - vfat /dev/sdc1 rw
42 27 0:55 / /run/media rw - tmpfs none rw
broken line
"""


def test_media_are_found_by_their_place_or_because_they_can_be_taken_out(tmp_path: Path) -> None:
    mounts, devices = tmp_path / "mountinfo", tmp_path / "block"
    mounts.write_text(MOUNTINFO)
    for number, flag in (("8:1", "0"), ("8:2", "0"), ("8:33", "1")):
        (devices / number).mkdir(parents=True)
        (devices / number / "removable").write_text(f"{flag}\n")
    assert [str(each) for each in removable_media(mounts, devices)] == [
        "/media/anna/HOLIDAY PICTURES",
        "/srv/card",
    ]


def test_the_disk_of_a_partition_says_whether_it_can_be_taken_out(tmp_path: Path) -> None:
    disk = tmp_path / "sdd"
    (disk / "sdd1").mkdir(parents=True)
    (disk / "removable").write_text("1\n")
    devices = tmp_path / "block"
    devices.mkdir()
    (devices / "8:49").symlink_to(disk / "sdd1")
    mounts = tmp_path / "mountinfo"
    mounts.write_text("1 1 8:49 / /srv/stick rw - vfat /dev/sdd1 rw\n")
    assert list(removable_media(mounts, devices)) == [Path("/srv/stick")]


def test_where_no_system_tells_there_is_the_folder(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "data" / "gallery.db")
    found = file_places(settings, tmp_path / "none", tmp_path)
    assert found == [FilePlace(tmp_path / "data" / "import", removable=False)]
    assert found[0].folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(import_folder=tmp_path / "file" / "import")
    with pytest.raises(StorageError, match="cannot be made"):
        file_places(settings, tmp_path / "none", tmp_path)


def test_nothing_outside_a_place_is_listed_whatever_links_lead_there(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "stick"
    (secret / "more").mkdir(parents=True)
    (secret / "key").write_text("k")
    (folder / "pictures").mkdir(parents=True)
    for name in ("b.jpg", "A.jpg", ".hidden", "pictures/c.jpg"):
        (folder / name).write_text("p")
    (folder / "System Volume Information").mkdir()
    (folder / "key").symlink_to(secret / "key")
    (folder / "out").symlink_to(secret)
    (folder / "again").symlink_to(folder / "pictures")
    place = FilePlace(folder, removable=True)
    assert [each.path.name for each in listed(place, folder)] == [
        "again",
        "pictures",
        "A.jpg",
        "b.jpg",
    ]
    names = [file.name for file in files_within(place, folder / "pictures")]
    assert names == ["c.jpg"]
    for outside in (secret, folder / "out", folder / ".." / "secret", tmp_path):
        with pytest.raises(InputError):
            listed(place, outside)
