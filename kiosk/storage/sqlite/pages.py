"""Whether a key fits a database whose first page cannot be read: each page carries its own HMAC.

SQLCipher 4 as this program uses it: pages of 4096 bytes, of which the last 80 are the vector of
initialisation (16) and the HMAC-SHA-512 (64) of what stands before it and the page's number. The
key of the HMAC comes from the raw key and the salt in the first 16 bytes of the file.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

PAGE = 4096
_HMAC = 64
_SALT = 16
_MASK = 0x3A
_ROUNDS = 2
_LOOKED_AT = 64
"""Pages: one that fits is enough, and of a file of noise none does."""


def fits_other_page(path: Path, key: str) -> bool:
    """Whether any page but the first was written with this key."""
    try:
        with path.open("rb") as file:
            salt = bytes(byte ^ _MASK for byte in file.read(PAGE)[:_SALT])
            secret = hashlib.pbkdf2_hmac("sha512", bytes.fromhex(key), salt, _ROUNDS, 32)
            for number in range(2, 2 + _LOOKED_AT):
                page = file.read(PAGE)
                if len(page) < PAGE:
                    return False
                if _fits(page, number, secret):
                    return True
    except (OSError, ValueError):
        pass  # what cannot be read or is no raw key fits nothing
    return False


def _fits(page: bytes, number: int, secret: bytes) -> bool:
    body, found = page[:-_HMAC], page[-_HMAC:]
    expected = hmac.digest(secret, body + number.to_bytes(4, "little"), hashlib.sha512)
    return hmac.compare_digest(expected, found)
