"""Who this kiosk is in its fleet: what came with the invitation, kept in its own gallery."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from kiosk.core.errors import FleetError, InputError, StorageError
from kiosk.core.fleet import Privacy
from kiosk.storage.keys.passphrase_file import read_wrapped, write_wrapped
from kiosk.storage.postgres.sealing import FleetKeys, new_pair

_PURPOSE = "kiosk fleet invitation"
_MARK = "kiosk_fleet_invitation"


@dataclass(frozen=True)
class Membership:
    """Name and password at the server, the keys of the fleet, and this kiosk's own. `known` is what
    the server was told the last time, `coming` what it will be told next: by these it notices a
    kiosk that was put back from a copy, or that there are two."""

    fleet: UUID
    kiosk: UUID
    name: str
    role: str
    home: str
    privacy: Privacy
    password: str = field(repr=False)
    keys: FleetKeys = field(repr=False)
    private: bytes = field(repr=False)
    known: UUID | None = None
    coming: UUID | None = None
    turn: int = 0
    """How often the server was told something new."""

    def as_form(self) -> dict[str, Any]:
        """As it is kept in the gallery."""
        return {
            "fleet": self.fleet.hex,
            "kiosk": self.kiosk.hex,
            "name": self.name,
            "role": self.role,
            "home": self.home,
            "privacy": self.privacy.value,
            "password": self.password,
            "keys": self.keys.as_form(),
            "private": self.private.hex(),
            "known": self.known.hex if self.known else "",
            "coming": self.coming.hex if self.coming else "",
            "turn": self.turn,
        }

    @classmethod
    def of_form(cls, form: dict[str, Any]) -> Membership:
        """What `as_form` gave. Raises StorageError."""
        try:
            return cls(
                fleet=UUID(form["fleet"]),
                kiosk=UUID(form["kiosk"]),
                name=form["name"],
                role=form["role"],
                home=form["home"],
                privacy=Privacy(form["privacy"]),
                password=form["password"],
                keys=FleetKeys.of_form(form["keys"]),
                private=bytes.fromhex(form["private"]),
                known=UUID(form["known"]) if form["known"] else None,
                coming=UUID(form["coming"]) if form["coming"] else None,
                turn=int(form["turn"]),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise StorageError(
                "What this kiosk keeps of its fleet is damaged.", "Join it again."
            ) from error

    def stepping(self) -> Membership:
        """About to tell the server what comes next; kept before it is told."""
        return self if self.coming is not None else replace(self, coming=uuid4())

    def stepped(self) -> Membership:
        """The server was told."""
        return replace(self, known=self.coming, coming=None, turn=self.turn + 1)


@dataclass(frozen=True)
class Invitation:
    """What lets one kiosk into a fleet, once: it changes the password when it joins."""

    fleet: UUID
    kiosk: UUID
    name: str
    role: str
    home: str
    privacy: Privacy
    password: str = field(repr=False)
    keys: FleetKeys = field(repr=False)

    def membership(self) -> Membership:
        """Of the kiosk that takes it up."""
        return Membership(
            self.fleet,
            self.kiosk,
            self.name,
            self.role,
            self.home,
            self.privacy,
            self.password,
            self.keys,
            new_pair()[0],
        )


def write_invitation(invitation: Invitation, file: Path, passphrase: str) -> None:
    """Into a new file under a passphrase (argon2id, AES-256-GCM). Raises InputError."""
    secret = {
        "fleet": invitation.fleet.hex,
        "kiosk": invitation.kiosk.hex,
        "name": invitation.name,
        "role": invitation.role,
        "home": invitation.home,
        "privacy": invitation.privacy.value,
        "password": invitation.password,
        "keys": invitation.keys.as_form(),
    }
    write_wrapped(file, _MARK, {}, json.dumps(secret).encode(), passphrase, _PURPOSE)


def read_invitation(file: Path, passphrase: str) -> Invitation:
    """Raises InputError, also for a wrong passphrase; StorageError."""
    none = InputError(f"{file} is no invitation.", "Give a file made by `kiosk fleet invite`.")
    _, secret = read_wrapped(file, _MARK, passphrase, _PURPOSE, otherwise=none)
    try:
        form = json.loads(secret)
        return Invitation(
            UUID(form["fleet"]),
            UUID(form["kiosk"]),
            form["name"],
            form["role"],
            form["home"],
            Privacy(form["privacy"]),
            form["password"],
            FleetKeys.of_form(form["keys"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{file} is of another version.", "Have it made again: `kiosk fleet invite`."
        ) from error


def not_a_member() -> FleetError:
    """To be raised where a fleet is needed."""
    return FleetError(
        "This kiosk belongs to no fleet.",
        "`kiosk fleet init` begins one, `kiosk fleet join FILE` takes up an invitation.",
    )
