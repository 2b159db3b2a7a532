"""The keys by which templates are turned, in a file of their own outside the gallery.

Each is sealed under the gallery's key: who has the gallery and its key but not this file sees
turned templates alone. While a key is exchanged the old and the new one lie in it side by side;
the gallery says which is in force.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.core.errors import StorageError
from kiosk.core.template_transform import fingerprint, new_seed
from kiosk.storage.keys.file import fingerprint as fingerprint_of_key
from kiosk.storage.keys.private import make_folder, put_private, read_private
from kiosk.storage.sqlite.use import one_at_a_time

_VERSION = 1
_NONCE = 12
_PURPOSE = b"kiosk template transform key"


class TransformKeys(Protocol):
    """Where the keys of one gallery's templates are kept."""

    def held(self) -> Any:
        """A context in which nobody else changes them."""

    def seed(self, mark: str) -> bytes:
        """The key of this fingerprint. Raises StorageError if it is not there."""

    def add(self, seed: bytes) -> None:
        """Keep one more; on the disk when this returns. Raises StorageError."""

    def keep_only(self, mark: str) -> None:
        """Destroy all others. Raises StorageError."""


class HeldTransformKeys:
    """In memory, gone with the process."""

    def __init__(self) -> None:
        self._seeds: dict[str, bytes] = {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Implements TransformKeys."""
        yield

    def seed(self, mark: str) -> bytes:
        """Implements TransformKeys."""
        if mark not in self._seeds:
            raise StorageError("The key of the templates is missing.", "Enrol everybody again.")
        return self._seeds[mark]

    def add(self, seed: bytes) -> None:
        """Implements TransformKeys."""
        self._seeds[fingerprint(seed)] = seed

    def keep_only(self, mark: str) -> None:
        """Implements TransformKeys."""
        self._seeds = {mark: self._seeds[mark]} if mark in self._seeds else {}


class TransformKeyFile:
    """The file; `data_key` gives the gallery's key when it is needed."""

    def __init__(self, file: Path, data_key: Callable[[], str]) -> None:
        self.file = file
        self._data_key = data_key

    @contextmanager
    def held(self) -> Iterator[None]:
        """Implements TransformKeys."""
        with one_at_a_time(self.file.parent):
            yield

    def seed(self, mark: str) -> bytes:
        """Implements TransformKeys."""
        if not self.file.exists():
            raise StorageError(
                f"The file {self.file} with the key of the templates is missing.",
                "Put it back, or run `kiosk key restore`: without it nobody can be identified.",
            )
        key = self._data_key()
        for entry in self._entries():
            if entry["fingerprint"] == mark and entry["under"] == fingerprint_of_key(key):
                return self._opened(entry, key)
        raise StorageError(
            f"The file {self.file} has no key for the templates of this gallery.",
            "The gallery is older or newer than its last `kiosk gallery rekey`: put back both "
            "from the same time.",
        )

    def add(self, seed: bytes) -> None:
        """Implements TransformKeys."""
        entry = _sealed(seed, self._data_key())
        same = (entry["fingerprint"], entry["under"])
        kept = [e for e in self._entries() if (e["fingerprint"], e["under"]) != same]
        self._write([*kept, entry])

    def keep_only(self, mark: str) -> None:
        """Implements TransformKeys."""
        entries = self._entries()
        kept = [each for each in entries if each["fingerprint"] == mark]
        if kept != entries:
            self._write(kept)

    def seal_under(self, old: str, new: str) -> None:
        """All that opens with the gallery's key `old` opens with `new` as well."""
        under = fingerprint_of_key(old)
        entries = self._entries()
        seeds = [self._opened(each, old) for each in entries if each["under"] == under]
        if seeds:
            self._write([*entries, *(_sealed(seed, new) for seed in seeds)])

    def forget_others(self, key: str) -> None:
        """What opens with another key of the gallery than this goes."""
        entries = self._entries()
        kept = [each for each in entries if each["under"] == fingerprint_of_key(key)]
        if kept and kept != entries:
            self._write(kept)

    def _opened(self, entry: dict[str, str], key: str) -> bytes:
        try:
            nonce, sealed = bytes.fromhex(entry["nonce"]), bytes.fromhex(entry["sealed"])
            seed = AESGCM(_sealing(key)).decrypt(nonce, sealed, _PURPOSE)
        except (ValueError, InvalidTag) as error:
            raise self._damaged() from error
        if fingerprint(seed) != entry["fingerprint"]:
            raise self._damaged()
        return seed

    def _entries(self) -> list[dict[str, str]]:
        if not self.file.exists():
            return []
        text = read_private(self.file, "The key of the templates", "key_file")
        try:
            form = json.loads(text)
            if form["kiosk_template_keys"] != _VERSION:
                raise ValueError
            wanted = ("fingerprint", "under", "nonce", "sealed")
            return [{name: str(each[name]) for name in wanted} for each in form["keys"]]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._damaged() from error

    def _write(self, entries: Sequence[dict[str, str]]) -> None:
        text = json.dumps({"kiosk_template_keys": _VERSION, "keys": entries}, indent=1) + "\n"
        try:
            make_folder(self.file.parent)
            put_private(self.file, text, replace=True)
        except OSError as error:
            raise StorageError(
                f"The key of the templates {self.file} cannot be written: {error.strerror}.",
                "Make its folder writable for the kiosk's account.",
            ) from error

    def _damaged(self) -> StorageError:
        return StorageError(
            f"The key of the templates {self.file} is damaged.",
            "Put it back from your backup: without it nobody can be identified.",
        )


def first_key(keys: TransformKeys) -> str:
    """A new key, kept; its fingerprint."""
    seed = new_seed()
    keys.add(seed)
    return fingerprint(seed)


def _sealed(seed: bytes, key: str) -> dict[str, str]:
    nonce = secrets.token_bytes(_NONCE)
    return {
        "fingerprint": fingerprint(seed),
        "under": fingerprint_of_key(key),
        "nonce": nonce.hex(),
        "sealed": AESGCM(_sealing(key)).encrypt(nonce, seed, _PURPOSE).hex(),
    }


def _sealing(key: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE)
    return derived.derive(bytes.fromhex(key))
