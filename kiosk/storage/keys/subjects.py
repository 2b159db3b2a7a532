"""The keys of subjects, in a file of their own outside the gallery and outside its copies.

What a copy holds of somebody is sealed under their key. Whoever is deleted loses it, and with it
what any copy holds of them, wherever it has been taken. The file is changed in place, slot by slot,
so that a key is overwritten and not only unlinked, and a full disk stops no deletion.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.core.errors import StorageError
from kiosk.storage.keys.file import fingerprint as fingerprint_of_key
from kiosk.storage.keys.private import make_folder, put_private, require_private, sync_folder

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

_PLACE = 512
"""Bytes of each of the two places for the key under which this file's keys are sealed: while the
gallery's key is exchanged it lies in both, sealed under the old and the new one."""
_HEAD = 2 * _PLACE
_SLOT = 128
"""Bytes; a sector holds whole slots, and disks write sectors whole."""
_FREE, _LIVE, _GOING = 0, 1, 2
_NONCE, _KEY, _TAG = 12, 32, 16
_PURPOSE = b"kiosk subject keys"
_LARGEST = 256 << 20
"""Bytes: room for two million people."""


@dataclass(frozen=True)
class SubjectKey:
    """Of one subject, who may have several after a merger; the first one is used for new copies."""

    subject_id: int
    key: bytes = field(repr=False)

    @property
    def mark(self) -> bytes:
        """Tells keys apart without telling them."""
        return hmac.digest(self.key, _PURPOSE, hashlib.sha256)[:8]


class SubjectKeyFile:
    """The file; `data_key` gives the gallery's key when it is needed. It is made with the first
    copy: before that nothing is sealed, and every change here does nothing."""

    def __init__(self, file: Path, data_key: Callable[[], str], *, own: bool = True) -> None:
        self.file = file
        self._data_key = data_key
        self._own = own
        """A copy may lie on a medium that knows no owners."""

    def exists(self) -> bool:
        """Whether a copy was ever made."""
        return self.file.exists()

    def all(self) -> list[SubjectKey]:
        """All that were not destroyed. Raises StorageError."""
        content = self._content()
        store = AESGCM(self._store_key(content))
        return [key for at in _slots(content) if (key := _opened(content, at, store))]

    def make_for(self, subject_ids: Collection[int]) -> dict[int, SubjectKey]:
        """The key of each, made for whoever has none; on the disk when this returns."""
        with self._held(make=True) as opened:
            content = self._content()
            store = AESGCM(self._store_key(content))
            found: dict[int, SubjectKey] = {}
            for at in _slots(content):
                key = _opened(content, at, store)
                if key is not None:
                    found.setdefault(key.subject_id, key)
            new = [SubjectKey(n, secrets.token_bytes(_KEY)) for n in subject_ids if n not in found]
            self._append(opened, content, store, new)
            return {each.subject_id: found.get(each.subject_id, each) for each in new} | {
                number: found[number] for number in subject_ids if number in found
            }

    def highest_id(self) -> int:
        """Of everybody who has a key."""
        return max((_subject(self._content(), at) for at in _slots(self._content())), default=0)

    # --- deletion: marked before the gallery commits, destroyed after it -----------------------

    def condemn(self, subject_id: int) -> None:
        """Their keys go with the change that is about to be kept. Raises StorageError."""
        self._set_state(subject_id, _GOING)

    def destroy(self, subject_id: int) -> None:
        """Overwrite their keys, also in the copies of this file that can be reached."""
        self._wipe(self.file, subject_id)
        for place in self.copies():
            with suppress(OSError, StorageError):  # the next copy of the gallery brings it up
                self._wipe(place, subject_id)

    def condemned(self) -> list[int]:
        """Of whom a deletion was begun, and perhaps cut off."""
        if not self.file.exists():
            return []
        content = self._content()
        return [_subject(content, at) for at in _slots(content) if content[at] == _GOING]

    def spare(self, subject_id: int) -> None:
        """The deletion did not happen."""
        self._set_state(subject_id, _LIVE)

    def hand_over(self, other: int, kept: int) -> None:
        """What older copies hold of `other` is of `kept` from now on, who keeps both keys."""
        if not self.file.exists():
            return
        with self._held() as opened:
            content = self._content()
            store = AESGCM(self._store_key(content))
            every = [key for at in _slots(content) if (key := _opened(content, at, store))]
            moved = [SubjectKey(kept, each.key) for each in every if each.subject_id == other]
            self._append(opened, content, store, moved)
        self.condemn(other)

    # --- the gallery's key is exchanged --------------------------------------------------------

    def seal_under(self, old: str, new: str) -> None:
        """All that opens with the gallery's key `old` opens with `new` as well."""
        if not self.file.exists():
            return
        with self._held() as opened:
            content = self._content()
            place = next(p for p in (0, _PLACE) if _under(content, p) != fingerprint_of_key(old))
            self._write(opened, place, _head(_unsealed(content, old, self.file), new))

    def forget_others(self, key: str) -> None:
        """What opens with another key of the gallery than this goes."""
        if not self.file.exists():
            return
        with self._held() as opened:
            content = self._content()
            for place in (0, _PLACE):
                if _under(content, place) not in ("", fingerprint_of_key(key)):
                    self._write(opened, place, bytes(_PLACE))

    # --- the one copy of this file -------------------------------------------------------------

    def copies(self) -> list[Path]:
        """Where copies of this file were put."""
        try:
            return [Path(line) for line in self._places().read_text("utf-8").splitlines() if line]
        except OSError:
            return []

    def copy_to(self, place: Path) -> None:
        """Bring the copy up to date, slot by slot: what was destroyed is overwritten there too.
        Raises StorageError."""
        content = self._content()
        try:
            make_folder(place.parent)
            with os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as copy:
                have = _whole(place)
                for at in range(0, len(content), _SLOT):
                    if have[at : at + _SLOT] != content[at : at + _SLOT]:
                        copy.seek(at)
                        copy.write(content[at : at + _SLOT])
                copy.truncate(len(content))
                copy.flush()
                os.fsync(copy.fileno())
            sync_folder(place.parent)
            if place not in self.copies():
                put_private(
                    self._places(), "\n".join(map(str, [*self.copies(), place])), replace=True
                )
        except OSError as error:
            raise StorageError(
                f"The keys of people cannot be copied to {place}: {error.strerror}.",
                "Without that copy a broken disk takes the copies of the gallery with it.",
            ) from error

    def adopt(self, place: Path) -> bool:
        """Take a copy of this file, where the file itself is missing; whether one was there.
        Raises StorageError for one that does not open with the gallery's key."""
        if self.file.exists() or not place.is_file():
            return False
        other = SubjectKeyFile(place, self._data_key, own=False)
        other.all()
        put_private(self.file, place.read_bytes(), replace=False)
        return True

    # --- steps ---------------------------------------------------------------------------------

    def _places(self) -> Path:
        return self.file.with_name(self.file.name + ".places")

    @contextmanager
    def _held(self, *, make: bool = False) -> Iterator[int]:
        """The open file, which nobody else changes meanwhile. Raises StorageError."""
        try:
            if make and not self.file.exists():
                make_folder(self.file.parent)
                head = _head(secrets.token_bytes(_KEY), self._data_key()).ljust(_HEAD, b"\0")
                put_private(self.file, head, replace=False)
            descriptor = os.open(self.file, os.O_RDWR)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _content(self) -> bytes:
        try:
            if self._own:
                require_private(self.file, self.file.stat(), "The file with the keys of people")
            return _whole(self.file)
        except OSError as error:
            raise StorageError(
                f"The file {self.file} with the keys of people cannot be read: {error.strerror}.",
                "Put its copy back, which lies in `keys` beside the copies of the gallery.",
            ) from error

    def _store_key(self, content: bytes) -> bytes:
        return _unsealed(content, self._data_key(), self.file)

    def _append(
        self, opened: int, content: bytes, store: AESGCM, new: Collection[SubjectKey]
    ) -> None:
        """Into places that are free, then at the end."""
        free = [at for at in range(_HEAD, len(content), _SLOT) if content[at] == _FREE]
        end = _HEAD + -(-(len(content) - _HEAD) // _SLOT) * _SLOT
        for number, each in enumerate(new):
            place = free[number] if number < len(free) else end + (number - len(free)) * _SLOT
            who, nonce = each.subject_id.to_bytes(8, "big"), secrets.token_bytes(_NONCE)
            sealed = store.encrypt(nonce, each.key, who)
            self._write(opened, place, bytes([_LIVE]) + who + nonce + sealed, wait=False)
        if new:
            os.fsync(opened)

    def _set_state(self, subject_id: int, state: int) -> None:
        if not self.file.exists():
            return
        with self._held() as opened:
            content = self._content()
            for at in _slots(content):
                if _subject(content, at) == subject_id:
                    self._write(opened, at, bytes([state]) + content[at + 1 : at + _SLOT])

    def _wipe(self, file: Path, subject_id: int) -> None:
        if not file.exists():
            return
        place = self if file == self.file else SubjectKeyFile(file, self._data_key, own=False)
        with place._held() as opened:
            content = place._content()
            for at in _slots(content):
                if _subject(content, at) == subject_id:
                    place._write(opened, at, bytes(_SLOT))

    def _write(self, opened: int, at: int, content: bytes, *, wait: bool = True) -> None:
        size = _PLACE if at < _HEAD else _SLOT
        try:
            os.pwrite(opened, content.ljust(size, b"\0"), at)
            if wait:
                os.fsync(opened)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"The keys of people {self.file} cannot be written: {error.strerror}.",
            "Make the file and its folder writable for the kiosk's account.",
        )


def _whole(file: Path) -> bytes:
    """No more is read than there is: a longer buffer would be locked in memory whole."""
    if file.stat().st_size > _LARGEST:
        raise StorageError(
            f"The file {file} with the keys of people is damaged: it is too large.",
            "Put its copy back, which lies in `keys` beside the copies of the gallery.",
        )
    return file.read_bytes()


def copy_of_keys(folder: Path) -> Path:
    """Where the one copy of the keys lies beside copies of the gallery."""
    return folder / "keys" / "gallery.people"


def _slots(content: bytes) -> Iterator[int]:
    last = len(content) - _SLOT + 1
    return (at for at in range(_HEAD, last, _SLOT) if content[at] in (_LIVE, _GOING))


def _opened(content: bytes, at: int, store: AESGCM) -> SubjectKey | None:
    """A slot that was spoilt is a key that is gone."""
    slot = content[at + 1 : at + 9 + _NONCE + _KEY + _TAG]
    try:
        return SubjectKey(
            int.from_bytes(slot[:8], "big"),
            store.decrypt(slot[8 : 8 + _NONCE], slot[8 + _NONCE :], slot[:8]),
        )
    except InvalidTag:
        return None


def _subject(content: bytes, at: int) -> int:
    return int.from_bytes(content[at + 1 : at + 9], "big")


def _head(store: bytes, key: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    sealed = _sealing(key).encrypt(nonce, store, _PURPOSE)
    form = {"under": fingerprint_of_key(key), "nonce": nonce.hex(), "sealed": sealed.hex()}
    return json.dumps(form).encode()


def _sealing(key: str) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=_KEY, salt=None, info=_PURPOSE)
    return AESGCM(derived.derive(bytes.fromhex(key)))


def _place_of(content: bytes, place: int) -> dict[str, str]:
    try:
        form = json.loads(content[place : place + _PLACE].rstrip(b"\0") or b"{}")
        return {str(name): str(value) for name, value in form.items()}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _under(content: bytes, place: int) -> str:
    return _place_of(content, place).get("under", "")


def _unsealed(content: bytes, key: str, file: Path) -> bytes:
    for place in (0, _PLACE):
        form = _place_of(content, place)
        if form.get("under") != fingerprint_of_key(key):
            continue
        with suppress(ValueError, KeyError, InvalidTag):
            nonce, sealed = bytes.fromhex(form["nonce"]), bytes.fromhex(form["sealed"])
            return _sealing(key).decrypt(nonce, sealed, _PURPOSE)
    raise StorageError(
        f"The file {file} with the keys of people does not open with the gallery's key.",
        "Put back its copy from `keys` beside the copies of the gallery. Without one, move it "
        "away: the next copy begins anew, and older copies stay closed.",
    )
