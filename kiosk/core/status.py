"""What the screens are told about the machine: devices, models, health, meaning of thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.core.fleet import FleetStatus
from kiosk.core.media import Modality
from kiosk.core.outgoing import ChannelStatus


@dataclass(frozen=True)
class DeviceInfo:
    """A camera or microphone; `value` is what the setting is given to choose it."""

    value: str
    name: str
    default: bool = False


@dataclass(frozen=True)
class ModelInfo:
    """One model of the manifest. `state` is ready, missing or damaged; `card` its model card, empty
    if it has none; `role` as in the manifest; `korean` is `about`, `measured` and `remedy` in
    Korean."""

    name: str
    role: str
    modality: Modality | None
    state: str
    in_use: bool
    bytes: int
    licence: str
    about: str
    measured: str = ""
    remedy: str = ""
    card: str = ""
    korean: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True)
class ModelCoverage:
    """Whom the chosen model of a modality can recognise.

    `enrolled` people have templates of the modality, `covered` of them some of `model`. `older`:
    the models that go on for others, each with how many it is the one for. `lost` people have
    templates only of models that are not here, and are strangers by this modality. `upgrade` is
    whether an upgrade is "running" or "paused", else empty.
    """

    modality: Modality
    model: str
    enrolled: int
    covered: int
    older: tuple[tuple[str, int], ...] = ()
    lost: int = 0
    upgrade: str = ""

    @property
    def complete(self) -> bool:
        """Whether the chosen model suffices for everybody."""
        return self.covered == self.enrolled


@dataclass(frozen=True)
class StageTimes:
    """Seconds a step took: median and 95th percentile of the last times it ran."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True)
class FaultRecord:
    """That something failed or came back; a code of `kiosk.core.errors`, never a text. `modality`
    is what was missing by it, None where that was everything or nothing."""

    time: datetime
    code: str
    restored: bool = False
    modality: Modality | None = None


@dataclass(frozen=True)
class Reading:
    """How far a recording was read, in seconds of its own; `length` is None where nobody knows."""

    position: float
    length: float | None = None


@dataclass(frozen=True)
class RuntimeStatus:
    """How the running kiosk is, from moment to moment.

    Rates are frames a second over the last seconds, None before the first; `dropped` frames and
    `lost_sound` seconds came while the machine was busy and were left out; `level_dbfs` is the
    loudness of the newest sound; `stages` by name, in the order in which a visit runs them;
    `coverage` one for each modality, empty until the gallery is open; `channels` one for each way
    out that is switched on; `lost_recently` the seconds of sound left out in the last minutes.
    """

    running_seconds: float = 0.0
    source_rate: float | None = None
    taken_rate: float | None = None
    frames: int = 0
    dropped: int = 0
    lost_sound: float = 0.0
    level_dbfs: float | None = None
    visits: int = 0
    stages: Mapping[str, StageTimes] = field(default_factory=dict)
    faults: tuple[FaultRecord, ...] = ()
    coverage: tuple[ModelCoverage, ...] = ()
    channels: tuple[ChannelStatus, ...] = ()
    lost_recently: float = 0.0
    sound_delay: tuple[float, int] | None = None
    """By how many seconds sound comes after the picture, and from how many visits that is known."""
    called: datetime | None = None
    """Since when a visitor waits for staff."""
    fleet: FleetStatus | None = None
    """How the kiosk stands with its fleet; None outside of one."""


class Light(StrEnum):
    """How the kiosk is, in one word."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Trouble(StrEnum):
    """What is wrong; the remedy of each is in the words of the screens and of `kiosk status`."""

    DEVICE_LOST = "device_lost"
    """A camera, microphone or stream is missing and is being tried again."""
    DEVICE_SILENT = "device_silent"
    """A camera gives black or the same picture, or a microphone silence; it is opened afresh."""
    OUT_OF_ORDER = "out_of_order"
    """Models, gallery or the program itself: nobody is identified."""
    DISK_FULL = "disk_full"
    DISK_LOW = "disk_low"
    SOUND_DROPPED = "sound_dropped"
    """The machine was too busy to hear some sound in time."""
    PICTURES_DROPPED = "pictures_dropped"
    """So few of the camera's pictures are looked at that visits take long."""
    PEOPLE_LOST = "people_lost"
    """Some are enrolled only with models that are not here."""
    MONITOR_MISSING = "monitor_missing"
    """The monitor of the setting is not there; the first one shows the kiosk."""
    HOT = "hot"
    STAFF_CALLED = "staff_called"
    """A visitor called staff, and nobody has answered yet."""


@dataclass(frozen=True)
class Verdict:
    """One light and what is wrong, worst first; `codes` are those of faults behind it."""

    light: Light = Light.GREEN
    troubles: tuple[Trouble, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoggedError:
    """One error of the log: the package of the program, or another library, in which it arose, and
    the class of the error, empty where there was none."""

    time: datetime
    package: str
    code: str


@dataclass(frozen=True)
class LogStatus:
    """The errors in the newest part of the log: how many by package, most first, and the newest
    themselves, newest first."""

    counts: Mapping[str, int] = field(default_factory=dict)
    newest: tuple[LoggedError, ...] = ()


@dataclass(frozen=True)
class HostStatus:
    """How the machine is. Bytes; degrees Celsius; None and empty where it cannot be known."""

    memory: int | None = None
    memory_total: int | None = None
    processor: str = ""
    threads: int = 0
    gpu: str = ""
    gpu_used: int | None = None
    gpu_total: int | None = None
    temperature: float | None = None
    disk_free: int | None = None


@dataclass(frozen=True)
class Odds:
    """One case in `one_in`. `bounded` is True where the data hold too few cases to say more: then
    it is at most one in so many."""

    one_in: float
    bounded: bool


@dataclass(frozen=True)
class PadEstimate:
    """What the setting of presentation attacks means, from presentations of `people` people.

    One photograph in `asked` may get through; the data can promise no less than one in `supported`.
    `photographs` and `films` that get through, and living people who are refused (`asked_again`).
    """

    asked: float
    supported: float
    people: int
    photographs: Odds
    films: Odds
    asked_again: Odds


@dataclass(frozen=True)
class ErrorEstimate:
    """What the thresholds mean for a gallery of `enrolled` people, from development scores.

    `accepted`: strangers taken for somebody; `refused`: visits of enrolled people not identified.
    `modalities` are those the visitor gives; `people` how many the scores come from. `expected` is
    what `accepted` would be by the best estimate, where the data are too few to promise it.
    `asked` is the target that was set: one stranger in so many; None where none was.
    """

    modalities: tuple[Modality, ...]
    enrolled: int
    people: int
    accepted: Odds
    refused: Odds
    expected: Odds
    asked: float | None = None

    @property
    def unsupported(self) -> bool:
        """Whether more was asked for than the data can promise: then `accepted` is the most."""
        return self.asked is not None and self.accepted.one_in < _NEARLY * self.asked


_NEARLY = 0.99


class PowerAct(StrEnum):
    """What can be done with the machine itself."""

    RESTART = "restart"
    SHUT_DOWN = "shut_down"


class PowerPermission(StrEnum):
    """Whether that can be done from the screens."""

    YES = "yes"
    DENIED = "denied"
    """The rules of the machine do not let this account."""
    ABSENT = "absent"
    """There is no login manager here that could be asked."""
