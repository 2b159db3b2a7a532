"""Who this kiosk is in its fleet: what came with the invitation, kept in its own gallery."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from kiosk.core.errors import FleetError, InputError, StorageError
from kiosk.core.fleet import Privacy
from kiosk.storage.keys.private import put_private
from kiosk.storage.keys.wrapping import unwrap, wrap
from kiosk.storage.postgres.sealing import FleetKeys, new_pair

_PURPOSE = "kiosk fleet invitation"
_LARGEST = 64 * 1024


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
    server: str
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
        "role": invitation.role,
        "home": invitation.home,
        "privacy": invitation.privacy.value,
        "password": invitation.password,
        "keys": invitation.keys.as_form(),
    }
    form = {
        "kiosk_fleet_invitation": 1,
        "name": invitation.name,
        "server": invitation.server,
        **wrap(json.dumps(secret).encode(), passphrase, _PURPOSE),
    }
    try:
        written = put_private(file, json.dumps(form, indent=1) + "\n", replace=False)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}.", "Name a file in another folder."
        ) from error
    if not written:
        raise InputError(f"{file} exists already.", "Name another file.")


def read_invitation(file: Path, passphrase: str) -> Invitation:
    """Raises InputError, also for a wrong passphrase; StorageError."""
    try:
        if file.stat().st_size > _LARGEST or not file.is_file():
            raise ValueError
        form = json.loads(file.read_text("utf-8"))
        if form["kiosk_fleet_invitation"] != 1:
            raise ValueError
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{file} is no invitation.", "Give a file made by `kiosk fleet invite`."
        ) from error
    secret = json.loads(unwrap(form, passphrase, _PURPOSE))
    return Invitation(
        UUID(secret["fleet"]),
        UUID(secret["kiosk"]),
        str(form["name"]),
        secret["role"],
        secret["home"],
        Privacy(secret["privacy"]),
        str(form["server"]),
        secret["password"],
        FleetKeys.of_form(secret["keys"]),
    )


def not_a_member() -> FleetError:
    """To be raised where a fleet is needed."""
    return FleetError(
        "This kiosk belongs to no fleet.",
        "`kiosk fleet init` begins one, `kiosk fleet join FILE` takes up an invitation.",
    )
