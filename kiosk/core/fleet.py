"""What kiosks of one fleet tell each other of people: their state, and operations on it.

A *subject* is named by a UUID that is the same at every kiosk; so are enrolments, templates and
consents. An operation is what one kiosk did, with everything others need to do the same; it is
applied to the central gallery exactly once, in one order for all. Rules where two kiosks did
different things without knowing of each other: `docs/fleet.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter

from kiosk.core.errors import KnownError, StorageError
from kiosk.core.media import Modality
from kiosk.core.records import Origin
from kiosk.core.subjects import EnrolmentKind

_BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Privacy(StrEnum):
    """What the server of a fleet can do with templates."""

    SEALED = "sealed"
    """It stores what it cannot read; kiosks search for themselves."""
    SEARCHABLE = "searchable"
    """It also holds them turned by a key it does not have, and searches among them."""


class Act(StrEnum):
    """What an operation does."""

    CHANGE = "change"
    WITHDRAW = "withdraw"
    """A change by which no consent is in force any more."""
    REMOVE = "remove"
    MERGE = "merge"
    """`other` becomes a part of the subject and is gone by itself."""


class Outcome(StrEnum):
    """What became of an operation when it reached the central gallery."""

    APPLIED = "applied"
    RENAMED = "renamed"
    """The name was somebody else's by then: a number was put behind it."""
    OVERTOOK = "overtook"
    """It took the place of a name that another kiosk had given meanwhile."""
    GONE = "gone"
    """The subject had been removed by another kiosk; nothing was changed."""
    UNKNOWN = "unknown"
    """The central gallery never heard of the subject: it is to be told in whole."""


@dataclass(frozen=True)
class EnrolmentPart:
    """One line of a subject's history."""

    uid: UUID
    kind: EnrolmentKind
    time: datetime
    face: int
    voice: int
    undone: bool = False


@dataclass(frozen=True)
class TemplatePart:
    """A template; `halves` is its vector as IEEE half precision, plain, or None where it is known
    to whoever is told. `retired_by` is the enrolment that put it out of use."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES
    uid: UUID
    enrolment: UUID
    modality: Modality
    model_id: str
    quality: float
    source: str
    created: datetime
    retired_by: UUID | None = None
    halves: bytes | None = None

    def __repr__(self) -> str:
        return f"TemplatePart({self.uid})"


@dataclass(frozen=True)
class ConsentPart:
    """One consent on a subject's record."""

    uid: UUID
    time: datetime
    version: str
    language: str
    text: str
    witness: str
    withdrawn: datetime | None = None


@dataclass(frozen=True)
class Person:
    """All that is kept of a subject in common."""

    uid: UUID
    site: str
    name: str
    note: str
    created: datetime
    origin: Origin
    ground: str = ""
    picture: bytes | None = None
    enrolments: tuple[EnrolmentPart, ...] = ()
    templates: tuple[TemplatePart, ...] = ()
    consents: tuple[ConsentPart, ...] = ()
    mark: str = ""
    """Tells states of picture, enrolments, templates and consents apart; empty if it is not
    known."""
    bare: bool = False
    """Those are as whoever is told has them, and left out."""

    def __repr__(self) -> str:
        return f"Person({self.uid})"


@dataclass(frozen=True)
class Operation:
    """What one kiosk did to one subject. Of `name` to `picture` None means unchanged; an empty
    picture means that there is none any more. Parts replace those of the same uid, or are new;
    `gone` names templates that are deleted. `name_before` is what the name was changed from."""

    __pydantic_config__: ClassVar[ConfigDict] = _BYTES
    uid: UUID
    act: Act
    subject: UUID
    site: str
    time: datetime
    name: str | None = None
    name_before: str | None = None
    note: str | None = None
    created: datetime | None = None
    origin: Origin | None = None
    ground: str | None = None
    picture: bytes | None = None
    enrolments: tuple[EnrolmentPart, ...] = ()
    templates: tuple[TemplatePart, ...] = ()
    gone: tuple[UUID, ...] = ()
    consents: tuple[ConsentPart, ...] = ()
    other: UUID | None = None

    def __repr__(self) -> str:
        return f"Operation({self.uid}, {self.act})"


@dataclass(frozen=True)
class Applied:
    """An operation is kept: at which place of the change feed, and what became of it."""

    operation: UUID
    seq: int
    outcome: Outcome
    text: str = ""
    """The name that was given instead, where it was RENAMED; the one that gave way, where it
    OVERTOOK."""


@dataclass(frozen=True)
class Point:
    """A place in the change feed of a site: everything up to `seq` is known, and the change there
    was made by `mark`."""

    site: str
    seq: int = 0
    mark: UUID | None = None


_OPERATION = TypeAdapter(Operation)


def as_json(operation: Operation) -> bytes:
    """An operation as it waits in an outbox."""
    return _OPERATION.dump_json(operation, exclude_defaults=True)


def of_json(text: bytes | str) -> Operation:
    """What `as_json` was given. Raises StorageError for anything else."""
    try:
        return _OPERATION.validate_json(text)
    except ValueError as error:
        raise StorageError(
            "An operation in the outbox of the fleet is damaged.",
            "Run `kiosk gallery check`; put back a copy if it finds more.",
        ) from error


class FleetState(StrEnum):
    """How a kiosk stands with its fleet."""

    CURRENT = "current"
    """Nothing is missing on either side, as far as both know."""
    BUSY = "busy"
    """It takes over what is new, or tells."""
    UNREACHABLE = "unreachable"
    """It answers from its own gallery alone."""
    REFUSED = "refused"
    """The server answers, and something has to be done about this kiosk."""
    REVOKED = "revoked"
    """It was put out, and has destroyed what it had."""


@dataclass(frozen=True)
class FleetStatus:
    """What the running kiosk tells of its fleet: nothing of anybody."""

    state: FleetState
    contact: datetime | None = None
    """When the server last answered."""
    waiting: int = 0
    """Operations that are still to be told."""
    behind: int = 0
    """Changes of others that are still to be taken over."""
    skew: float = 0.0
    """Seconds by which this kiosk's clock is ahead of the server's."""
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class KioskLine:
    """One kiosk of a fleet, as its server knows it."""

    kiosk: UUID
    name: str
    sites: list[str]
    ring: int
    program: str
    joined: datetime | None
    contact: datetime | None
    skew: float | None
    waiting: int | None
    oldest: datetime | None
    people: int | None
    behind: int
    unconfirmed: int
    """Removals and consents taken back that it has not confirmed."""
    left: datetime | None
    revoked: datetime | None
    destroyed: datetime | None
    unconfirmed_since: datetime | None = None
    """When the oldest of them was made."""
    light: str = ""
    """What it last said of itself, as `kiosk.core.status.Light`; empty where it does not know."""


@dataclass(frozen=True)
class FleetBoard:
    """A fleet as one of its kiosks sees it. `kiosks` is None where the server did not answer, with
    the reason in `problem`; what is known here is told all the same."""

    name: str
    """Of this kiosk."""
    asked: datetime
    """When this was asked."""
    waiting: int = 0
    """Operations of this kiosk that are still to be told."""
    oldest: datetime | None = None
    current: Mapping[str, datetime | None] = field(default_factory=dict)
    """By site, when last nothing of it was missing here."""
    kiosks: tuple[KioskLine, ...] | None = None
    at: datetime | None = None
    """By the server's clock, to which times of `kiosks` belong."""
    problem: KnownError | None = None
