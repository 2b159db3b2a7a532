"""The file with the keys of people by itself: slots, their states, and what opens them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.core.errors import StorageError
from kiosk.storage.keys.subjects import SubjectKey, SubjectKeyFile, copy_of_keys

KEY, OTHER = "11" * 32, "22" * 32
HEAD, SLOT = 1024, 128
ANN, BEN, CAM = 1, 2, 70_000


class Held:
    """A file under a key that can be exchanged."""

    def __init__(self, folder: Path) -> None:
        self.key = KEY
        self.keys = SubjectKeyFile(folder / "keys" / "gallery.people", lambda: self.key)
        self.path = self.keys.file

    @property
    def ids(self) -> list[int]:
        return [each.subject_id for each in self.keys.all()]

    @property
    def states(self) -> list[int]:
        """The first byte of every slot: free, in force, going."""
        content = self.path.read_bytes()
        return [content[at] for at in range(HEAD, len(content), SLOT)]


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def test_before_the_first_key_there_is_no_file_and_nothing_to_do(held: Held) -> None:
    assert not held.keys.exists()
    held.keys.condemn(ANN)
    held.keys.spare(ANN)
    held.keys.destroy(ANN)
    held.keys.hand_over(ANN, BEN)
    held.keys.seal_under(KEY, OTHER)
    held.keys.forget_others(KEY)
    assert held.keys.condemned() == []
    assert held.keys.copies() == []
    assert not held.path.parent.exists()
    with pytest.raises(StorageError, match=r"with the keys of people cannot be read: No such"):
        held.keys.all()


def test_everybody_has_one_key_that_stays(held: Held) -> None:
    first = held.keys.make_for([ANN, CAM])
    assert held.keys.exists()
    assert held.path.stat().st_mode & 0o777 == 0o600
    assert len(held.path.read_bytes()) == HEAD + 2 * SLOT
    assert list(first) == [ANN, CAM]
    again = held.keys.make_for([CAM, BEN, ANN])
    assert set(again) == {ANN, BEN, CAM}
    assert (again[ANN], again[CAM]) == (first[ANN], first[CAM])
    assert held.ids == [ANN, CAM, BEN]
    assert {each.subject_id: each for each in held.keys.all()} == again
    assert held.keys.highest_id() == CAM
    assert held.keys.make_for([]) == {}
    keys = {each.key for each in again.values()}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert not any(key in held.path.read_bytes() for key in keys)
    assert "key" not in repr(again[ANN])


def test_a_mark_tells_keys_apart(held: Held) -> None:
    one, two = held.keys.make_for([ANN, BEN]).values()
    assert one.mark == SubjectKey(9, one.key).mark != two.mark
    assert len(one.mark) == 8
    assert SubjectKey(1, bytes(32)).mark.hex() == "0bd22083b063b054"


def test_a_deletion_is_marked_and_then_done_or_taken_back(held: Held) -> None:
    before = held.keys.make_for([ANN, BEN])
    held.keys.condemn(ANN)
    assert (held.states, held.keys.condemned()) == ([2, 1], [ANN])
    assert held.keys.make_for([ANN]) == {ANN: before[ANN]}
    held.keys.spare(ANN)
    assert (held.states, held.keys.condemned()) == ([1, 1], [])
    assert held.keys.make_for([ANN, BEN]) == before
    held.keys.condemn(BEN)
    held.keys.destroy(BEN)
    assert held.ids == [ANN]
    assert held.path.read_bytes()[HEAD + SLOT :] == bytes(SLOT)
    assert held.keys.condemned() == []


def test_a_place_that_is_free_is_used_again(held: Held) -> None:
    held.keys.make_for([ANN, BEN, CAM])
    held.keys.destroy(ANN)
    held.keys.destroy(CAM)
    held.keys.make_for([10, 11, 12])
    assert held.states == [1, 1, 1, 1]
    assert held.ids == [10, BEN, 11, 12]
    assert held.keys.highest_id() == 12


def test_a_spoilt_slot_is_a_key_that_is_gone(held: Held) -> None:
    held.keys.make_for([ANN, BEN])
    content = bytearray(held.path.read_bytes())
    content[HEAD + 30] ^= 1
    held.path.write_bytes(content)
    assert held.ids == [BEN]
    # Another's number over it does not make it another's key.
    content[HEAD + 30] ^= 1
    content[HEAD + 8] = 9
    held.path.write_bytes(content)
    assert held.ids == [BEN]
    # A slot that was cut off is none.
    held.path.write_bytes(held.path.read_bytes()[:-1])
    assert held.ids == []


def test_who_was_merged_hands_the_key_over(held: Held) -> None:
    before = held.keys.make_for([ANN, BEN])
    held.keys.hand_over(BEN, ANN)
    assert held.keys.condemned() == [BEN]
    assert [each.key for each in held.keys.all() if each.subject_id == ANN] == [
        before[ANN].key,
        before[BEN].key,
    ]
    assert held.keys.make_for([ANN])[ANN] == before[ANN]  # new copies go on under the first
    held.keys.destroy(ANN)
    assert held.ids == [BEN]


def test_it_opens_with_the_old_key_and_the_new_one_while_they_are_exchanged(held: Held) -> None:
    before = held.keys.make_for([ANN])
    held.keys.seal_under(KEY, OTHER)
    for key in (KEY, OTHER):
        held.key = key
        assert held.keys.make_for([ANN]) == before
    held.keys.forget_others(OTHER)
    assert held.keys.make_for([ANN]) == before
    content = held.path.read_bytes()
    places = [content[at : at + 512].rstrip(b"\0") for at in (0, 512)]
    assert sorted(map(bool, places)) == [False, True]
    held.key = KEY
    with pytest.raises(StorageError, match=r"people does not open with the gallery's key"):
        held.keys.all()
    held.keys.seal_under(OTHER, KEY)
    held.keys.forget_others(KEY)
    assert held.keys.make_for([ANN]) == before


def test_a_head_says_under_which_key_it_lies_and_nothing_of_it(held: Held) -> None:
    held.keys.make_for([ANN])
    head = json.loads(held.path.read_bytes()[:512].rstrip(b"\0"))
    assert set(head) == {"under", "nonce", "sealed"}
    assert len(bytes.fromhex(head["nonce"])) == 12
    assert len(bytes.fromhex(head["sealed"])) == 48
    assert len(bytes.fromhex(head["under"])) == 8
    assert held.path.read_bytes()[512:1024] == bytes(512)


@pytest.mark.parametrize("head", [b"", b"[]", b"{", b"7", b'{"under": "UNDER"}', b"[" * 400])
def test_a_spoilt_head_opens_nothing(held: Held, head: bytes) -> None:
    held.keys.make_for([ANN])
    content = held.path.read_bytes()
    own = json.loads(content[:512].rstrip(b"\0"))["under"].encode()
    held.path.write_bytes(head.replace(b"UNDER", own).ljust(512, b"\0") + content[512:])
    with pytest.raises(StorageError, match="does not open"):
        held.keys.all()


def test_the_one_copy_follows_slot_by_slot(held: Held, tmp_path: Path) -> None:
    place = copy_of_keys(tmp_path / "copies")
    assert place == tmp_path / "copies" / "keys" / "gallery.people"
    held.keys.make_for([ANN, BEN])
    held.keys.copy_to(place)
    held.keys.copy_to(place)
    assert held.keys.copies() == [place]
    assert place.read_bytes() == held.path.read_bytes()
    assert place.stat().st_mode & 0o777 == 0o600
    held.keys.make_for([CAM])
    other = copy_of_keys(tmp_path / "drawer")
    held.keys.copy_to(other)
    assert held.keys.copies() == [place, other]
    assert len(place.read_bytes()) == HEAD + 2 * SLOT
    held.keys.destroy(BEN)
    assert place.read_bytes()[HEAD + SLOT : HEAD + 2 * SLOT] == bytes(SLOT)
    assert other.read_bytes() == held.path.read_bytes()
    other.unlink()
    held.keys.destroy(ANN)  # one that cannot be reached stops nothing
    assert held.ids == [CAM]
    held.keys.copy_to(place)
    assert place.read_bytes() == held.path.read_bytes()


def test_a_copy_is_adopted_only_where_the_file_is_missing(held: Held, tmp_path: Path) -> None:
    place = copy_of_keys(tmp_path / "copies")
    assert held.keys.adopt(place) is False
    before = held.keys.make_for([ANN])
    held.keys.copy_to(place)
    assert held.keys.adopt(place) is False
    place.chmod(0o644)  # a medium that knows no owners
    held.path.unlink()
    held.key = OTHER
    with pytest.raises(StorageError, match="does not open"):
        held.keys.adopt(place)
    assert not held.keys.exists()
    held.key = KEY
    assert held.keys.adopt(place) is True
    assert held.keys.make_for([ANN]) == before
    assert held.path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_copied_or_is_open_to_others_is_named(held: Held, tmp_path: Path) -> None:
    held.keys.make_for([ANN])
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot be copied to .*people: Not a directory"):
        held.keys.copy_to(tmp_path / "file" / "keys" / "gallery.people")
    assert held.keys.copies() == []
    held.path.chmod(0o644)
    with pytest.raises(StorageError, match=r"^The file with the keys of people .* other accounts"):
        held.keys.all()
    held.path.chmod(0o600)
    with held.path.open("r+b") as content:
        content.truncate((256 << 20) + 1)
    with pytest.raises(StorageError, match="it is too large"):
        held.keys.all()
    with held.path.open("r+b") as content:
        content.truncate(HEAD + SLOT)
    assert held.ids == [ANN]


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keys = SubjectKeyFile(tmp_path / "file" / "gallery.people", lambda: KEY)
    with pytest.raises(StorageError, match=r"people .*gallery\.people cannot be written: "):
        keys.make_for([ANN])
