"""Who made an archive, as far as it is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trust(StrEnum):
    """What is known of who made an archive."""

    UNSIGNED = "unsigned"
    UNKNOWN = "unknown signer"
    TRUSTED = "trusted signer"
    OWN = "this kiosk"


@dataclass(frozen=True)
class Signer:
    """Who signed; `name` is what this kiosk calls them, empty where it does not know them."""

    trust: Trust
    fingerprint: str = ""
    name: str = ""
