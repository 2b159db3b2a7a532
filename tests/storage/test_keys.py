"""Where the key is kept, exchanged, copied and put back; killed at every step of an exchange."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from kiosk.core.errors import InputError, StorageError, WrongKey
from kiosk.core.ports.audit import Act
from kiosk.storage import SqlGallery
from kiosk.storage.keys import care, file
from kiosk.storage.keys.file import Keeping, next_file, read_kept, read_key
from kiosk.storage.keys.wrapping import Cost, WrongPassphrase, unwrap, wrap
from kiosk.storage.sqlite.rotation import Step, draft_of, rotate
from tests.support.storage_support import NEW, open_in, template, templates

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__])
SECRET = "넷 강물 우산 모퉁이"
CHEAP = Cost(1, 1024, 1)


class Kept(KeyringBackend):
    """A keyring that keeps secrets for the length of a test: the library's own way to add one."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


class Plain(Kept):
    """One that writes secrets into a plain file would say so by its priority."""

    priority = 0.5  # type: ignore[assignment]


@pytest.fixture
def system_keyring() -> Iterator[Kept]:
    before, kept = keyring.get_keyring(), Kept()
    keyring.set_keyring(kept)
    yield kept
    keyring.set_keyring(before)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    gallery = open_in(tmp_path)
    gallery.enrol("Ann", templates([1, 2]), NEW)
    gallery.close()
    return tmp_path / "data" / "gallery.db", tmp_path / "config" / "gallery.key"


def names(paths: tuple[Path, Path]) -> list[str]:
    gallery = SqlGallery.open(*paths)
    try:
        assert gallery.problems() == []
        return [subject.name for subject in gallery.subjects()]
    finally:
        gallery.close()


def test_an_exchange_keeps_everything_and_closes_older_copies(paths: tuple[Path, Path]) -> None:
    older, before = paths[0].read_bytes(), read_key(paths[1])
    rotate(*paths)
    assert names(paths) == ["Ann"]
    assert read_key(paths[1]) != before
    paths[0].write_bytes(older)
    with pytest.raises(WrongKey):
        SqlGallery.open(*paths)


def test_ids_go_on_after_an_exchange(paths: tuple[Path, Path]) -> None:
    gallery = SqlGallery.open(*paths)
    gallery.enrol("Bob", [template(3)], NEW)
    gallery.remove("Bob")
    gallery.close()
    rotate(*paths)
    gallery = SqlGallery.open(*paths)
    gallery.enrol("Cleo", [template(4)], NEW)
    assert gallery.subject("Cleo").subject_id == 3
    gallery.close()


def test_nothing_is_exchanged_under_a_kiosk_that_runs(paths: tuple[Path, Path]) -> None:
    gallery, before = SqlGallery.open(*paths), read_key(paths[1])
    with pytest.raises(StorageError, match="has the gallery open"):
        rotate(*paths)
    gallery.close()
    assert read_key(paths[1]) == before


def test_a_damaged_gallery_is_not_written_anew(paths: tuple[Path, Path]) -> None:
    gallery = SqlGallery.open(*paths)
    gallery.database.execute("UPDATE templates SET quality = 7")
    gallery.close()
    before = read_key(paths[1])
    with pytest.raises(StorageError, match="was not exchanged"):
        rotate(*paths)
    assert read_key(paths[1]) == before
    assert not draft_of(paths[0]).exists()


def exchange_until(paths: tuple[Path, Path], step: Step, pipe: Connection) -> None:
    def tell(reached: Step) -> None:
        if reached is step:
            os.kill(os.getpid(), signal.SIGKILL)

    rotate(*paths, tell=tell)


def test_killed_after_any_step_it_opens_and_can_be_done_again(paths: tuple[Path, Path]) -> None:
    for step in Step:
        _, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=exchange_until, args=(paths, step, theirs))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL, step
        assert names(paths) == ["Ann"], step
        before = read_key(paths[1])
        rotate(*paths)
        assert names(paths) == ["Ann"]
        assert read_key(paths[1]) != before
        assert not next_file(paths[1]).exists()
        assert not draft_of(paths[0]).exists()


def exchange(paths: tuple[Path, Path], pipe: Connection) -> None:
    pipe.send(True)
    for _ in range(100):
        rotate(*paths)


def test_killed_at_any_moment_it_opens(paths: tuple[Path, Path]) -> None:
    gallery = SqlGallery.open(*paths)
    gallery.enrol("Bob", [template(k, dims=512, model_id="big") for k in range(1500)], NEW)
    gallery.close()
    chance, cut_off = random.Random(5), 0
    for _ in range(20):
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=exchange, args=(paths, theirs))
        process.start()
        assert ours.recv()
        process.join(chance.uniform(0, 0.3))
        process.kill()
        process.join()
        cut_off += draft_of(paths[0]).exists() or next_file(paths[1]).exists()
        assert names(paths) == ["Ann", "Bob"]
    assert cut_off > 0, "every exchange was killed between two"


def test_the_keyring_keeps_the_key_and_the_file_only_says_so(
    paths: tuple[Path, Path], system_keyring: Kept
) -> None:
    rotate(*paths, Keeping.KEYRING)
    kept = read_kept(paths[1])
    assert kept.keeping is Keeping.KEYRING
    assert kept.key not in paths[1].read_text()
    assert list(system_keyring.secrets.values()) == [kept.key]
    assert names(paths) == ["Ann"]
    rotate(*paths)  # stays there, and the old one goes
    assert list(system_keyring.secrets.values()) == [read_key(paths[1])] != [kept.key]
    rotate(*paths, Keeping.FILE)
    assert system_keyring.secrets == {}
    assert names(paths) == ["Ann"]


def test_a_keyring_in_a_plain_file_is_refused(paths: tuple[Path, Path]) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Plain())
    try:
        with pytest.raises(StorageError, match="no keyring on this system"):
            rotate(*paths, Keeping.KEYRING)
    finally:
        keyring.set_keyring(before)
    assert names(paths) == ["Ann"]


def test_a_key_gone_from_the_keyring_is_named(
    paths: tuple[Path, Path], system_keyring: Kept
) -> None:
    rotate(*paths, Keeping.KEYRING)
    system_keyring.secrets.clear()
    with pytest.raises(StorageError, match="not in the system's keyring"):
        SqlGallery.open(*paths)


def test_a_passphrase_is_asked_for_once_at_the_start(
    paths: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotate(*paths, Keeping.PASSPHRASE, SECRET)
    assert json.loads(paths[1].read_text())["kind"] == "passphrase"
    file._unwrapped.clear()  # another process
    with pytest.raises(StorageError, match="nobody can be asked"):
        SqlGallery.open(*paths)
    lent = tmp_path / "lent"
    lent.mkdir(mode=0o700)
    (lent / file.CREDENTIAL).write_text(SECRET + "\n")
    (lent / file.CREDENTIAL).chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(lent))
    assert names(paths) == ["Ann"]
    rotate(*paths)  # under the same passphrase
    assert read_kept(paths[1]).passphrase == SECRET
    file._unwrapped.clear()
    (lent / file.CREDENTIAL).chmod(0o600)
    (lent / file.CREDENTIAL).write_text("another one\n")
    with pytest.raises(StorageError, match="does not open the key file"):
        SqlGallery.open(*paths)


def test_a_copy_of_the_key_comes_back(paths: tuple[Path, Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    mark = care.backup(*paths, copy, SECRET)
    assert read_key(paths[1]) not in copy.read_text()
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="would be lost"):
        care.restore(*paths, copy, SECRET)
    paths[1].unlink()
    with pytest.raises(WrongPassphrase):
        care.restore(*paths, copy, SECRET + "?")
    assert care.restore(*paths, copy, SECRET) == mark
    assert names(paths) == ["Ann"]
    with pytest.raises(InputError, match="exists already"):
        care.backup(*paths, copy, SECRET)


def test_a_copy_from_before_an_exchange_is_refused(
    paths: tuple[Path, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.json"
    care.backup(*paths, copy, SECRET)
    rotate(*paths)
    paths[1].unlink()
    with pytest.raises(WrongKey, match="does not open"):
        care.restore(*paths, copy, SECRET)
    assert not paths[1].exists()


def test_what_is_wrapped_opens_for_its_purpose_alone() -> None:
    wrapped = wrap(b"secret", SECRET, "one", CHEAP)
    assert unwrap(wrapped, SECRET, "one") == b"secret"
    with pytest.raises(WrongPassphrase):
        unwrap(wrapped, SECRET, "other")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("argon2id", {"time": 10**9, "memory_kib": 1024, "lanes": 1}),
        ("argon2id", {"time": 1, "memory_kib": 10**12, "lanes": 1}),
        ("argon2id", []),
        ("salt", "zz"),
        ("nonce", ""),
        ("wrapped", None),
    ],
)
def test_a_crafted_wrapping_costs_nothing(name: str, value: object) -> None:
    wrapped = wrap(b"secret", SECRET, "one", CHEAP) | {name: value}
    with pytest.raises(StorageError):
        unwrap(wrapped, SECRET, "one")


def test_the_status_asks_nothing_to_be_made(tmp_path: Path) -> None:
    found = care.status(tmp_path / "gallery.db", tmp_path / "gallery.key")
    assert (found.keeping, found.opens, found.unfinished) == (None, None, False)
    assert list(tmp_path.iterdir()) == []


def test_memory_security_is_on(paths: tuple[Path, Path]) -> None:
    """In a process as the kiosk is one: in those of the tests it is switched off."""
    program = """
import sys
from pathlib import Path
from kiosk.core.media import Modality
from kiosk.storage import SqlGallery
gallery = SqlGallery.open(*map(Path, sys.argv[1:]))
print(gallery.database.execute("PRAGMA cipher_memory_security").fetchone()[0])
print(len(gallery.references(Modality.FACE, "net")))
gallery.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, paths)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == ["1", "2"]


def test_a_destroyed_key_opens_nothing_and_is_nowhere(
    paths: tuple[Path, Path], system_keyring: Kept
) -> None:
    rotate(*paths, Keeping.KEYRING)
    next_file(paths[1]).write_text("0" * 64)
    next_file(paths[1]).chmod(0o600)
    seen = os.open(paths[1], os.O_RDONLY)
    before = os.read(seen, 1 << 16)
    file.destroy_key(paths[1])
    os.lseek(seen, 0, os.SEEK_SET)
    after = os.read(seen, 1 << 16)
    os.close(seen)
    assert len(after) == len(before)
    assert sum(a == b for a, b in zip(after, before, strict=True)) < len(before) / 4
    assert system_keyring.secrets == {}
    assert not paths[1].exists()
    assert not next_file(paths[1]).exists()
    file.destroy_key(paths[1])  # there is none any more


def test_the_status_of_a_key_says_what_it_opens_and_for_whom(
    paths: tuple[Path, Path], tmp_path: Path
) -> None:
    nowhere = tmp_path / "other" / "gallery.db"
    missing = care.status(paths[0], tmp_path / "no.key")
    assert missing == care.Status(None, "", None, unfinished=False)
    whole = care.status(*paths)
    mark = file.fingerprint(read_key(paths[1]))
    assert whole == care.Status(Keeping.FILE, mark, opens=True, unfinished=False)
    assert care.status(nowhere, paths[1]) == care.Status(Keeping.FILE, mark, None, False)
    next_file(paths[1]).write_text("")
    assert care.status(*paths).unfinished
    next_file(paths[1]).unlink()
    rotate(*paths)
    other = tmp_path / "other.key"
    file.keep_key(other, "0" * 64, Keeping.FILE)
    assert care.status(paths[0], other).opens is False


def test_an_exchange_is_written_down_with_where_the_key_is_kept(
    paths: tuple[Path, Path], system_keyring: Kept
) -> None:
    care.rotate(*paths)
    care.rotate(*paths, Keeping.KEYRING)
    assert len(system_keyring.secrets) == 1
    gallery = SqlGallery.open(*paths)
    told = [entry.facts for entry in gallery.trail() if entry.act == Act.KEY]
    gallery.close()
    assert told == [{"by": "shell", "keeping": None}, {"by": "shell", "keeping": "keyring"}]
