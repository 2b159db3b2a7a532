"""The kiosk's own files, over which nothing that a person names is ever written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_config_path, user_state_path

from kiosk.core.errors import InputError
from kiosk.core.settings import Settings

ADMIN_FILE = "admin.json"
"""The passphrases of the staff pages."""
TRIES_FILE = "admin-tries.json"
"""Wrong tries of it."""
_BESIDE_DATABASE = ("-journal", "-wal", "-shm")
_REMEDY = "Name another file; --force does not change this."


def private_folder(key_file: Path) -> Path:
    """Where passphrases and the record's anchor lie: beside the gallery's key, or where that is
    lent by the service manager and nothing can be written beside it, with the settings."""
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    if lent and key_file.parent == Path(lent):
        return user_config_path("kiosk", appauthor=False)
    return key_file.parent


def anchor_file(key_file: Path) -> Path:
    """Where the record of this gallery stands, outside of it."""
    return private_folder(key_file) / f"{key_file.stem}.anchor"


def transform_file(key_file: Path) -> Path:
    """Where the key of this gallery's templates is, outside of it."""
    return private_folder(key_file) / f"{key_file.stem}.templates"


def subject_key_file(key_file: Path) -> Path:
    """Where the keys are under which copies of this gallery hold people, outside of both."""
    return private_folder(key_file) / f"{key_file.stem}.people"


class OwnFiles:
    """What belongs to one installation: gallery, key, passphrase, settings and log.

    `config` is the settings file where another than the user's own was named.
    """

    def __init__(
        self,
        database: Path,
        key_file: Path,
        config: Path | None = None,
        event_secrets: Path | None = None,
    ) -> None:
        self._database = database
        self._key_file = key_file
        self._config = config
        self._event_secrets = event_secrets

    @classmethod
    def of(cls, settings: Settings, config: Path | None = None) -> OwnFiles:
        """Those of these settings."""
        return cls(settings.database, settings.key_file, config, settings.event_secrets)

    def refuse(self, file: Path) -> None:
        """Raises InputError if `file` is one of them, by whatever name, link or detour."""
        for own, what in self._files():
            if is_same_file(file, own):
                raise InputError(f"{file} is {what} and would be lost.", _REMEDY)

    def refuse_folder(self, folder: Path) -> None:
        """Raises InputError if files of fixed names in `folder` could fall on one of them."""
        for own, what in self._files():
            if own.exists() and is_same_file(folder, own.parent):
                raise InputError(
                    f"The folder {folder} holds {what}.",
                    "Name a folder of its own; --force does not change this.",
                )

    def _files(self) -> Iterator[tuple[Path, str]]:
        yield self._database, "the kiosk's gallery"
        for ending in _BESIDE_DATABASE:
            beside = self._database.with_name(self._database.name + ending)
            yield beside, "a part of the kiosk's gallery"
        for beginning in (".lock", ".reserve", ".rotating", ".restoring", ".sealing"):
            beside = self._database.with_name(f".{self._database.name}{beginning}")
            yield beside, "a part of the kiosk's gallery"
        yield self._key_file, "the key of the kiosk's gallery"
        yield anchor_file(self._key_file), "the anchor of the kiosk's record"
        yield transform_file(self._key_file), "the key of the kiosk's templates"
        people = subject_key_file(self._key_file)
        yield people, "the keys of the people in the copies"
        yield people.with_name(people.name + ".places"), "a part of the kiosk's gallery"
        yield self._key_file.with_name(self._key_file.name + ".next"), "the gallery's next key"
        for name in ("signing.key", "signers.json"):
            yield private_folder(self._key_file) / name, "a part of the kiosk's identity"
        for name in (ADMIN_FILE, TRIES_FILE):
            yield private_folder(self._key_file) / name, "the administrator's passphrase"
        yield user_config_path("kiosk", appauthor=False) / "kiosk.toml", "the kiosk's settings file"
        if self._config is not None:
            yield self._config, "the kiosk's settings file"
        if self._event_secrets is not None:
            yield self._event_secrets, "the file with the secrets of the event channels"
        logs = user_state_path("kiosk", appauthor=False)
        yield logs / "kiosk.log", "the kiosk's log"
        yield from ((older, "a part of the kiosk's log") for older in logs.glob("kiosk.log.*"))


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, which need not exist yet."""
    try:
        if one.samefile(other):
            return True
    except OSError:
        pass  # one of them is not there: their places decide
    return _place(one) == _place(other)


def _place(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path.expanduser()))
