"""A secret under a passphrase: argon2id makes the key, AES-256-GCM wraps and seals."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.core.errors import InputError, StorageError

_SALT, _NONCE, _KEY = 16, 12, 32
_MOST_TIME, _MOST_KIB, _MOST_LANES = 32, 2 * 1024 * 1024, 16


@dataclass(frozen=True)
class Cost:
    """How dear one try of a passphrase is: RFC 9106's second choice."""

    time: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


class WrongPassphrase(InputError):
    """It does not unwrap what it is said to, or what is wrapped was changed."""


def wrap(secret: bytes, passphrase: str, purpose: str, cost: Cost | None = None) -> dict[str, Any]:
    """What may be written down; `purpose` is sealed with it, so that one is no other."""
    cost = cost or Cost()
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    key = _key(passphrase, salt, cost)
    sealed = AESGCM(key).encrypt(nonce, secret, _context(purpose, cost))
    found = {"salt": salt.hex(), "nonce": nonce.hex(), "wrapped": sealed.hex()}
    return {"argon2id": asdict(cost), **found}


def unwrap(wrapped: dict[str, Any], passphrase: str, purpose: str) -> bytes:
    """The secret. Raises WrongPassphrase, and StorageError for what is no wrapping."""
    try:
        cost = Cost(**{name: int(value) for name, value in wrapped["argon2id"].items()})
        salt, nonce, sealed = (bytes.fromhex(wrapped[n]) for n in ("salt", "nonce", "wrapped"))
        dear = cost.time > _MOST_TIME or cost.memory_kib > _MOST_KIB or cost.lanes > _MOST_LANES
        none = cost.time < 1 or cost.lanes < 1 or cost.memory_kib < 8 * cost.lanes
        if dear or none or len(salt) != _SALT or len(nonce) != _NONCE:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError("The wrapped key is damaged.", "Take it from your backup.") from error
    try:
        return AESGCM(_key(passphrase, salt, cost)).decrypt(nonce, sealed, _context(purpose, cost))
    except InvalidTag as error:
        raise WrongPassphrase("The passphrase does not fit.", "Try again.") from error


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    text = passphrase.encode("utf-8", "surrogatepass")
    return hash_secret_raw(
        text, salt, cost.time, cost.memory_kib, cost.lanes, hash_len=_KEY, type=Type.ID
    )


def _context(purpose: str, cost: Cost) -> bytes:
    return json.dumps([purpose, asdict(cost)], sort_keys=True).encode()
