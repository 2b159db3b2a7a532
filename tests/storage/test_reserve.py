"""Room that is kept for deletions on a full disk, and given up for one."""

from __future__ import annotations

from pathlib import Path

from kiosk.storage.sqlite.reserve import SIZE, give_up_room, keep_room, reserve_file


def test_room_is_kept_once_and_given_up_once(tmp_path: Path) -> None:
    database = tmp_path / "gallery.db"
    assert not give_up_room(database)
    keep_room(database)
    file = reserve_file(database)
    assert file.stat().st_size == SIZE
    assert file.stat().st_blocks * 512 >= SIZE  # real room, no hole
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.stat().st_mtime_ns
    keep_room(database)
    assert file.stat().st_mtime_ns == before
    assert give_up_room(database)
    assert not file.exists()
    assert not give_up_room(database)


def test_a_shorter_reserve_is_filled_up(tmp_path: Path) -> None:
    database = tmp_path / "gallery.db"
    reserve_file(database).write_bytes(b"short")
    keep_room(database)
    assert reserve_file(database).stat().st_size == SIZE
