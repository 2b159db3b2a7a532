"""Keys, opening, and what is said when it cannot be done."""

import os
import stat
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from kiosk.core.errors import InputError, NewerDatabase, StorageError, WrongKey
from kiosk.storage import SqlGallery
from kiosk.storage.keys.file import make_key, next_file, read_key
from kiosk.storage.keys.private import require_private
from tests.support.storage_support import NEW, open_in, plain_database, template


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """Database and key file of a gallery with one subject."""
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.close()
    return tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"


def test_the_first_use_makes_key_and_database_private(paths: tuple[Path, Path]) -> None:
    for file in paths:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_key_is_never_made_in_place_of_another(tmp_path: Path) -> None:
    file = tmp_path / "gallery.key"
    first = make_key(file)
    assert make_key(file) == first == read_key(file)
    assert list(tmp_path.iterdir()) == [file]


def test_keys_differ(tmp_path: Path) -> None:
    assert make_key(tmp_path / "one") != make_key(tmp_path / "two")


def test_a_key_that_others_can_read_is_refused_with_the_remedy(paths: tuple[Path, Path]) -> None:
    paths[1].chmod(0o640)
    with pytest.raises(StorageError) as caught:
        SqlGallery.open(*paths)
    assert f"chmod 600 '{paths[1]}'" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "홍"])
def test_a_damaged_key_file_is_named(paths: tuple[Path, Path], text: str) -> None:
    paths[1].write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match="holds no key"):
        SqlGallery.open(*paths)


def test_a_missing_key_is_never_replaced(paths: tuple[Path, Path]) -> None:
    paths[1].unlink()
    with pytest.raises(StorageError, match="is missing"):
        SqlGallery.open(*paths)
    assert not paths[1].exists()


@pytest.mark.parametrize("left", ["missing", "empty"])
def test_a_database_that_is_gone_is_never_begun_anew(paths: tuple[Path, Path], left: str) -> None:
    paths[0].unlink()
    if left == "empty":
        paths[0].touch(mode=0o600)
    with pytest.raises(StorageError, match=f"is {left}, but its key is there") as caught:
        SqlGallery.open(*paths)
    assert f"mv '{paths[1]}' '{paths[1]}.old'" in caught.value.remedy
    assert not paths[0].exists() or paths[0].stat().st_size == 0


def test_an_empty_gallery_begins_once_the_key_is_moved_away(paths: tuple[Path, Path]) -> None:
    before = read_key(paths[1])
    paths[0].unlink()
    paths[1].rename(paths[1].with_suffix(".old"))
    gallery = SqlGallery.open(*paths)
    assert gallery.subjects() == []
    assert read_key(paths[1]) != before
    gallery.close()


def test_a_pipe_as_key_is_refused_and_not_waited_for(paths: tuple[Path, Path]) -> None:
    paths[1].unlink()
    os.mkfifo(paths[1], 0o600)
    with pytest.raises(StorageError, match="is a pipe, not a file"):
        SqlGallery.open(*paths)


@pytest.mark.parametrize("bits", [0o640, 0o620, 0o604, 0o602])
def test_a_gallery_that_others_can_reach_is_refused(paths: tuple[Path, Path], bits: int) -> None:
    paths[0].chmod(bits)
    with pytest.raises(StorageError, match="other accounts") as caught:
        SqlGallery.open(*paths)
    assert f"chmod 600 '{paths[0]}'" in caught.value.remedy


@pytest.mark.parametrize("which", [0, 1], ids=["gallery", "key"])
@pytest.mark.parametrize("bits", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_change_is_refused(
    paths: tuple[Path, Path], which: int, bits: int
) -> None:
    folder = paths[which].parent
    folder.chmod(bits)
    with pytest.raises(StorageError, match="Other accounts can change the folder") as caught:
        SqlGallery.open(*paths)
    assert f"chmod go-w '{folder}'" in caught.value.remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_account_is_refused(paths: tuple[Path, Path]) -> None:
    assert os.fork is not None
    status = os.stat_result((stat.S_IFREG | 0o600, 0, 0, 1, 12345, 0, 0, 0, 0, 0))
    child = os.fork()
    if child == 0:  # an ordinary account
        os.setuid(65534)
        try:
            require_private(paths[0], status, "The gallery")
        except StorageError as error:
            os._exit(0 if "belongs to another account" in error.text else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_missing_folder_is_not_made_when_the_key_is_there(paths: tuple[Path, Path]) -> None:
    away = paths[0].parent.rename(paths[0].parent.with_name("unplugged"))
    with pytest.raises(StorageError, match="is missing, but its key"):
        SqlGallery.open(*paths)
    assert away.exists()
    assert not paths[0].parent.exists()


def test_another_key_does_not_open_it(paths: tuple[Path, Path]) -> None:
    paths[1].write_text("0" * 64, encoding="ascii")
    with pytest.raises(WrongKey):
        SqlGallery.open(*paths)


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gallery.db").touch()
    gallery = open_in(tmp_path)
    assert gallery.subjects() == []
    gallery.close()


def test_a_first_start_cut_off_before_the_key_is_in_force_goes_on(tmp_path: Path) -> None:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", [template(1)], NEW)
    gallery.close()
    key_file = tmp_path / "config" / "gallery.key"
    key_file.rename(next_file(key_file))
    gallery = open_in(tmp_path)
    assert [subject.name for subject in gallery.subjects()] == ["Ann"]
    gallery.close()
    assert key_file.exists()
    assert not next_file(key_file).exists()


@pytest.mark.parametrize("size", [1, 4096, 10_000])
def test_a_file_that_is_no_database_is_refused(paths: tuple[Path, Path], size: int) -> None:
    paths[0].write_bytes(os.urandom(size))
    with pytest.raises(WrongKey, match="is no gallery"):
        SqlGallery.open(*paths)


@pytest.mark.parametrize("place", [20, 1000, 4000, 4090])
def test_a_damaged_first_page_is_not_taken_for_a_wrong_key(
    paths: tuple[Path, Path], place: int
) -> None:
    content = bytearray(paths[0].read_bytes())
    content[place] ^= 0xFF
    paths[0].write_bytes(content)
    with pytest.raises(
        StorageError, match=r"first page of .* is damaged; its key is right"
    ) as told:
        SqlGallery.open(*paths)
    assert not isinstance(told.value, WrongKey)


def test_a_truncated_database_is_refused(paths: tuple[Path, Path]) -> None:
    content = paths[0].read_bytes()
    paths[0].write_bytes(content[: len(content) // 2])
    with pytest.raises(StorageError):
        SqlGallery.open(*paths).problems()


def test_a_database_without_encryption_is_refused(paths: tuple[Path, Path]) -> None:
    paths[0].unlink()
    paths[0].touch(mode=0o600)
    plain = plain_database(paths[0])
    plain.execute("CREATE TABLE t (x)")
    plain.close()
    with pytest.raises(StorageError, match="without encryption"):
        SqlGallery.open(*paths)


def test_an_encrypted_database_of_another_program_is_refused(paths: tuple[Path, Path]) -> None:
    paths[0].unlink()
    paths[0].touch(mode=0o600)
    connection = sqlcipher.connect(str(paths[0]))
    connection.execute(f"PRAGMA key = \"x'{read_key(paths[1])}'\"")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StorageError, match="another program"):
        SqlGallery.open(*paths)


def test_a_newer_database_is_refused(paths: tuple[Path, Path]) -> None:
    gallery = SqlGallery.open(*paths)
    gallery.database.execute("PRAGMA user_version = 99")
    gallery.close()
    with pytest.raises(NewerDatabase, match="version 99"):
        SqlGallery.open(*paths)


def test_a_folder_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "config" / "gallery.key")
    (tmp_path / "data" / "gallery.db").mkdir(parents=True)
    with pytest.raises(StorageError):
        open_in(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StorageError):
        open_in(tmp_path)


def test_the_text_of_an_error_names_nobody(paths: tuple[Path, Path]) -> None:
    gallery = SqlGallery.open(*paths)
    with pytest.raises(InputError) as caught:
        gallery.enrol("Ann", [template(2)], NEW)
    gallery.close()
    assert "Ann" not in caught.value.text


def test_used_up_handles_are_named(tmp_path: Path) -> None:
    """Not as a gallery without rights, which nobody would find anything wrong with."""
    resource = pytest.importorskip("resource")
    open_in(tmp_path).close()
    told: list[str] = []
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = os.open(os.devnull, os.O_RDONLY)
    os.close(held)
    try:
        for spare in range(6):
            resource.setrlimit(resource.RLIMIT_NOFILE, (held + spare, before[1]))
            try:
                open_in(tmp_path).close()
            except StorageError as error:
                told.append(f"{error.text} {error.remedy}")
            else:
                break
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    open_in(tmp_path).close()
    assert told
    assert all("open no more files" in each and "LimitNOFILE" in each for each in told), told
