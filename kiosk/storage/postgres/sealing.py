"""What the server of a fleet must not read, sealed before it is sent.

Each value is sealed with AES-256-GCM under the newest key of the fleet, bound to what it is and to
the UUID of its row, so that no value can be put in another's place. Keys are counted in *epochs*:
when a kiosk is revoked a new one begins, and what was sealed before is sealed anew.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.core.errors import StorageError
from kiosk.core.names import name_key
from kiosk.core.template_transform import TemplateTransform, new_seed

_KEY, _NONCE = 32, 12
_HEAD = struct.Struct(">H")
_WRAPPING = b"kiosk fleet key for one kiosk 1"


class Sealed(StrEnum):
    """What a sealed value is."""

    BODY = "body"
    PICTURE = "picture"
    TEMPLATE = "template"
    CONSENT = "consent"
    DECISION = "decision"
    PROBE = "probe"
    NOTICE = "notice"


@dataclass(frozen=True)
class FleetKeys:
    """The keys that kiosks of a fleet share: one for each epoch, one by which names are compared
    unread, and one by which templates are turned where the server searches."""

    epochs: dict[int, bytes] = field(repr=False)
    names: bytes = field(repr=False)
    seed: bytes = field(repr=False)

    @classmethod
    def new(cls) -> FleetKeys:
        """Those of a new fleet."""
        return cls({1: secrets.token_bytes(_KEY)}, secrets.token_bytes(_KEY), new_seed())

    @property
    def newest(self) -> int:
        """The epoch by which values are sealed now."""
        return max(self.epochs)

    def with_epoch(self, epoch: int, key: bytes) -> FleetKeys:
        """These and one more."""
        return FleetKeys({**self.epochs, epoch: key}, self.names, self.seed)

    def only(self, epoch: int) -> FleetKeys:
        """Without those of other epochs."""
        return FleetKeys({epoch: self.epochs[epoch]}, self.names, self.seed)

    def as_form(self) -> dict[str, object]:
        """To be kept where nobody else reads."""
        epochs = {str(number): key.hex() for number, key in self.epochs.items()}
        return {"epochs": epochs, "names": self.names.hex(), "seed": self.seed.hex()}

    @classmethod
    def of_form(cls, form: dict[str, object]) -> FleetKeys:
        """What `as_form` gave. Raises StorageError."""
        try:
            epochs = form["epochs"]
            assert isinstance(epochs, dict)
            found = {int(number): bytes.fromhex(key) for number, key in epochs.items()}
            return cls(found, bytes.fromhex(str(form["names"])), bytes.fromhex(str(form["seed"])))
        except (KeyError, ValueError, AssertionError, TypeError) as error:
            raise StorageError("The keys of the fleet are damaged.", "Join it again.") from error


class Sealing:
    """Seals and opens values with the keys of a fleet."""

    def __init__(self, keys: FleetKeys) -> None:
        self.keys = keys
        self.transform = TemplateTransform(keys.seed)
        self._ciphers = {number: AESGCM(key) for number, key in keys.epochs.items()}

    def seal(self, what: Sealed, row: UUID, value: bytes) -> bytes:
        """A value of the row with this UUID, as it is stored."""
        epoch, nonce = self.keys.newest, secrets.token_bytes(_NONCE)
        sealed = self._ciphers[epoch].encrypt(nonce, value, _context(what, row))
        return _HEAD.pack(epoch) + nonce + sealed

    def open(self, what: Sealed, row: UUID, sealed: bytes) -> bytes:
        """What was sealed. Raises StorageError if it does not decrypt."""
        start = _HEAD.size + _NONCE
        if len(sealed) < start:
            raise _spoilt(what, row)
        (epoch,) = _HEAD.unpack_from(sealed)
        cipher = self._ciphers.get(epoch)
        if cipher is None:
            raise StorageError(
                f"A row of the fleet's server is sealed with its key number {epoch}, "
                "which this kiosk does not have.",
                "Run `kiosk fleet sync` to fetch it; if that says the same, join the fleet again.",
            )
        try:
            return cipher.decrypt(sealed[_HEAD.size : start], sealed[start:], _context(what, row))
        except InvalidTag as error:
            raise _spoilt(what, row) from error

    def tag(self, name: str) -> bytes:
        """The same for names that are the same, and to nobody else a hint of which."""
        return hmac.digest(self.keys.names, name_key(name).encode(), hashlib.sha256)


def epoch_of(sealed: bytes) -> int:
    """The number of the key that a value was sealed with."""
    return int(_HEAD.unpack_from(sealed)[0])


def wrap_for(public: bytes, key: bytes) -> bytes:
    """A key that only the kiosk with the private half of `public` (X25519) can take out."""
    own = X25519PrivateKey.generate()
    shared = own.exchange(X25519PublicKey.from_public_bytes(public))
    sender, nonce = own.public_key().public_bytes_raw(), secrets.token_bytes(_NONCE)
    sealed = AESGCM(_derived(shared, sender + public)).encrypt(nonce, key, _WRAPPING)
    return sender + nonce + sealed


def unwrap_with(private: bytes, wrapped: bytes) -> bytes:
    """The key in a wrapping. Raises StorageError."""
    own = X25519PrivateKey.from_private_bytes(private)
    sender, nonce, sealed = (
        wrapped[:_KEY],
        wrapped[_KEY : _KEY + _NONCE],
        wrapped[_KEY + _NONCE :],
    )
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(sender))
        public = own.public_key().public_bytes_raw()
        return AESGCM(_derived(shared, sender + public)).decrypt(nonce, sealed, _WRAPPING)
    except (InvalidTag, ValueError) as error:
        raise StorageError(
            "The fleet's new key was not wrapped for this kiosk.", "Join the fleet again."
        ) from error


def new_pair() -> tuple[bytes, bytes]:
    """The private and the public half of a kiosk's own key."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def _derived(shared: bytes, context: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY, salt=None, info=_WRAPPING + context).derive(shared)


def _context(what: Sealed, row: UUID) -> bytes:
    return what.value.encode() + row.bytes


def _spoilt(what: Sealed, row: UUID) -> StorageError:
    return StorageError(
        f"The {what.value} of row {row} at the fleet's server does not decrypt: it was damaged or "
        "exchanged.",
        "Put the server's database back (docs/fleet.md, Recovery), or change that person at a "
        "kiosk where they are whole.",
    )
