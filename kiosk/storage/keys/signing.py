"""Who made an archive: an Ed25519 signature beside it, and the signers this kiosk trusts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kiosk.core.errors import InputError, StorageError
from kiosk.core.shown_text import shown
from kiosk.core.signers import Signer, Trust
from kiosk.storage.keys.private import make_folder, put_private, read_private

_PURPOSE = b"kiosk archive 1\0"
_LARGEST = 16 * 1024
_CHUNK = 1 << 20


def signature_of(archive: Path) -> Path:
    """Where the signature of an archive lies."""
    return archive.with_name(archive.name + ".sig")


class Signing:
    """The identity of this kiosk, and whom it trusts; both in the private folder."""

    def __init__(self, folder: Path) -> None:
        self._key, self._trusted = folder / "signing.key", folder / "signers.json"

    def identity(self) -> str | None:
        """The public key as text, if this kiosk has one. Raises StorageError."""
        return _text(self._private().public_key()) if self._key.exists() else None

    def make_identity(self) -> str:
        """The public key; made on the first call. Raises StorageError."""
        if not self._key.exists():
            try:
                make_folder(self._key.parent)
                fresh = Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n"
                put_private(self._key, fresh, replace=False)
            except OSError as error:
                raise StorageError(
                    f"{self._key} cannot be made: {error.strerror}.", "Check its folder."
                ) from error
        return _text(self._private().public_key())

    def trust(self, public: str, name: str) -> str:
        """Believe archives of this signer; returns the fingerprint. Raises InputError."""
        key = _public(public)
        known = self._known() | {_text(key): shown(name)[:80]}
        try:
            make_folder(self._trusted.parent)
            put_private(self._trusted, json.dumps(known, ensure_ascii=False), replace=True)
        except OSError as error:
            raise StorageError(
                f"{self._trusted} cannot be written: {error.strerror}.", "Check its folder."
            ) from error
        return fingerprint(_text(key))

    def sign(self, archive: Path) -> bool:
        """Put a signature beside an archive, if this kiosk has an identity; else take one away that
        belonged to what was there before. Raises StorageError."""
        beside = signature_of(archive)
        if not self._key.exists():
            beside.unlink(missing_ok=True)
            return False
        private = self._private()
        signature = private.sign(_PURPOSE + _digest(archive))
        form = {"public": _text(private.public_key()), "signature": signature.hex()}
        try:
            put_private(beside, json.dumps(form) + "\n", replace=True)
        except OSError as error:
            raise StorageError(
                f"{beside} cannot be written: {error.strerror}.", "Check its folder."
            ) from error
        return True

    def verify(self, archive: Path) -> Signer:
        """Who made it. Raises InputError for a signature that is not one of this archive."""
        beside = signature_of(archive)
        if not beside.exists():
            return Signer(Trust.UNSIGNED)
        try:
            with beside.open("rb") as opened:
                form = json.loads(opened.read(_LARGEST))
            public, signature = _public(form["public"]), bytes.fromhex(form["signature"])
            public.verify(signature, _PURPOSE + _digest(archive))
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            RecursionError,
            InvalidSignature,
        ) as error:
            raise InputError(
                f"{beside.name} is no signature of this archive: one of the two was changed.",
                "Have both sent again; without the signature it counts as unsigned.",
            ) from error
        text = _text(public)
        if self._key.exists() and text == self.identity():
            return Signer(Trust.OWN, fingerprint(text))
        name = self._known().get(text, "")
        return Signer(Trust.TRUSTED if name else Trust.UNKNOWN, fingerprint(text), name)

    def _private(self) -> Ed25519PrivateKey:
        text = read_private(self._key, "The signing key", "key_file").strip()
        try:
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
        except ValueError as error:
            raise StorageError(
                f"{self._key} holds no signing key.", "Put it back, or move it away."
            ) from error

    def _known(self) -> dict[str, str]:
        if not self._trusted.exists():
            return {}
        try:
            known = json.loads(read_private(self._trusted, "The list of signers", "key_file"))
            return {str(key): str(name) for key, name in known.items()}
        except (ValueError, AttributeError) as error:
            raise StorageError(
                f"{self._trusted} is damaged.", "Move it away and trust the signers again."
            ) from error


def fingerprint(public: str) -> str:
    """Short enough to be read out on the telephone."""
    digest = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def _public(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(text).strip()))
    except ValueError as error:
        raise InputError(
            "That is no public key of a kiosk (64 hexadecimal digits).",
            "`kiosk key sign-identity` prints it.",
        ) from error


def _text(public: Ed25519PublicKey) -> str:
    return public.public_bytes_raw().hex()


def _digest(file: Path) -> bytes:
    total = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            total.update(chunk)
    return total.digest()
