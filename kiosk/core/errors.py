"""What can go wrong, drawn once.

    KioskError
    |-- KnownError            the environment's: text and remedy for a person, exit code for a shell
    |   |-- SettingsError     a setting is missing, unknown or out of range          exit 2
    |   |-- InputError        a file, folder or argument cannot be used              exit 3
    |   |-- CaptureError      camera, microphone or stream                           exit 4
    |   |   |-- DeviceMissing, DeviceBusy, DeviceForbidden, DeviceSilent, StreamLost
    |   |-- ModelError        weights are missing, damaged or of another model       exit 5
    |   |-- PackageMissing    a package of an extra is not installed                 exit 8
    |   |-- StorageError      database, key, disk                                    exit 6
    |   |   |-- WrongKey, NewerDatabase, ReadOnlyDatabase, DiskFull
    |   |   |-- FleetError, FleetUnreachable, FleetRevoked
    |   |-- NotReady          what was asked for is not loaded, or not any more    exit 1
    |   |-- EnrolmentRefused  the samples do not make a reference                    exit 7
    |   |-- DeliveryError     an event could not be sent                             exit 9
    |   `-- Interrupted       a person stopped long work; what was done is kept      exit 130
    `-- BugError              ours: an invariant broke                               exit 70

The text of a KnownError never carries a picture, a sound or an embedding. It may carry the name
of a file or of a device, which may be that of a person (`김민준.mp4`), and its remedy may suggest
names: both are shown to whoever is in front and never logged. The log is given the class alone,
see `kiosk.core.redaction`.
"""

from __future__ import annotations

from kiosk.core.shown_text import shown


class KioskError(Exception):
    """Root of everything this program raises on purpose."""

    exit_code = 1


class BugError(KioskError):
    """An invariant of ours broke; the remedy is a fix in the code."""

    exit_code = 70


class KnownError(KioskError):
    """The environment is not as needed.

    `text` says what is wrong in one line, `remedy` what a person can do about it. Both may quote
    what came from outside, and so are kept as they may be shown.
    """

    exit_code = 1

    def __init__(self, text: str, remedy: str) -> None:
        self.text = shown(text)
        self.remedy = shown(remedy)
        super().__init__(self.text)

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}".strip()


class SettingsError(KnownError):
    """A setting is unknown, of the wrong kind or out of range; the text names its key, and `key`
    is that name where one setting is the cause."""

    exit_code = 2

    def __init__(self, text: str, remedy: str, *, key: str = "") -> None:
        super().__init__(text, remedy)
        self.key = key


class InputError(KnownError):
    """A file, folder or argument given by a person cannot be used."""

    exit_code = 3


class CaptureError(KnownError):
    """A camera, microphone or stream does not deliver."""

    exit_code = 4


class DeviceMissing(CaptureError):
    """No such camera, microphone or sound server."""


class DeviceBusy(CaptureError):
    """Another program holds the device."""


class DeviceForbidden(CaptureError):
    """The operating system does not let us use the device."""


class DeviceSilent(CaptureError):
    """The device opened but delivers nothing, or only silence or black."""


class StreamLost(CaptureError):
    """A network stream ended, stalled or refused the connection."""


class ModelError(KnownError):
    """Weights are missing, damaged or belong to another model."""

    exit_code = 5


class PackageMissing(KnownError):
    """A package that only some of the work needs is not installed; see `kiosk.core.extras`."""

    exit_code = 8


class StorageError(KnownError):
    """The database, its key or its disk."""

    exit_code = 6


class WrongKey(StorageError):
    """The key file does not open the database."""


class NewerDatabase(StorageError):
    """The database was written by a newer version of the program."""


class ReadOnlyDatabase(StorageError):
    """The database or its folder may not be written."""


class DiskFull(StorageError):
    """No space left; the last transaction was rolled back."""


class FleetError(StorageError):
    """The server of the fleet answers, and what was asked cannot be done."""


class FleetUnreachable(FleetError):
    """The server of the fleet does not answer; the kiosk goes on with its own gallery."""


class FleetRevoked(FleetError):
    """The fleet has put this kiosk out."""


class NotReady(KnownError):
    """What was asked for is still being loaded, could not be loaded, or is closed."""


class PowerRefused(KnownError):
    """The machine cannot be restarted or shut down from here, or this account may not."""


class EnrolmentRefused(KnownError):
    """The samples do not make a reference: too few, too poor, or of somebody already enrolled."""

    exit_code = 7


class DeliveryError(KnownError):
    """An event could not be sent to where the settings say."""

    exit_code = 9


class Interrupted(KnownError):
    """A person stopped long work; what was finished is kept."""

    exit_code = 130
