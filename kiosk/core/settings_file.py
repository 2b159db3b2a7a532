"""kiosk.toml as the settings page and `kiosk settings` change it: all at once, or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit

from kiosk.core.brand_pictures import PICTURES, read_brand_picture
from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings, checked, find_setting, old_names
from kiosk.core.settings_layers import (
    Layers,
    Origin,
    default_file,
    parse,
    read_layers,
    read_text,
)


class SettingsFile:
    """The file this kiosk was started with, and the layers that stand above it.

    `named` is the file of --config, None for the user's own; `given` holds command-line values.
    """

    def __init__(
        self,
        named: Path | None = None,
        given: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._named = named
        self.given = dict(given or {})
        self._environment = os.environ if environment is None else environment
        self.path = named or default_file()

    def layers(self) -> Layers:
        """What the file and the layers above it say. Raises SettingsError."""
        return read_layers(self._named, self._environment, self.given)

    def load(self) -> Settings:
        """All layers together. Raises SettingsError."""
        return self.layers().settings()

    def covered_by(self, given: Mapping[str, Any]) -> SettingsFile:
        """The same file under more command-line values."""
        return SettingsFile(self._named, {**self.given, **given}, self._environment)

    def covered(self, key: str) -> Origin | None:
        """The layer above the file that decides this key, so that the file cannot; or None."""
        above = Layers(self.path, {}, self._environment, self.given).origin(key)
        return None if above is Origin.DEFAULT else above

    def save(self, changes: Mapping[str, Any]) -> Settings:
        """Write values into the file and return what holds now.

        Everything else in the file stays, comments and line ends too. The file is replaced as a
        whole or not touched. Raises SettingsError for a value that is not valid or a file that
        cannot be written.
        """
        keys = {find_setting(key).key: value for key, value in changes.items()}
        for key in PICTURES:
            if str(keys.get(key, "")).strip():  # wherever the kiosk is started from
                keys[key] = str(Path(str(keys[key]).strip()).expanduser().absolute())
        return self._write(keys, keys)

    def unset(self, keys: Iterable[str]) -> Settings:
        """Take settings out of the file, so that their defaults hold; as `save`.

        A key that the file holds is taken out even if it is not a setting.
        """
        there = self.layers().file
        return self._write([key if key in there else find_setting(key).key for key in keys], {})

    def _write(self, touched: Iterable[str], changes: Mapping[str, Any]) -> Settings:
        text = read_text(self.path) if self.path.exists() else ""
        parse(text, self.path)  # says the line of an error as it does everywhere
        document = tomlkit.parse(text)
        for old, new in old_names().items():
            if old in document and new in touched:
                document.remove(old)
        for key in touched:
            if key in changes:
                document[key] = _plain(getattr(checked(Settings(), {key: changes[key]}), key))
            elif key in document:
                document.remove(key)
        after = Layers(self.path, document.unwrap(), self._environment, self.given)
        checked(after.settings(), changes)  # also where a layer above hides what is written
        for key in PICTURES:
            if changes.get(key):
                read_brand_picture(key, str(changes[key]))
        self._replace(tomlkit.dumps(document))
        return self.load()

    def _replace(self, text: str) -> None:
        try:
            _replace(self.path, text)
        except FileExistsError as error:
            raise SettingsError(
                f"{self.path} cannot be written: {error.filename} is not a folder.",
                "Name another place with --config.",
            ) from error
        except OSError as error:
            raise SettingsError(
                f"{self.path.name} cannot be written: {error.strerror}.",
                "Check the permissions of its folder, and whether the disk is full.",
            ) from error


def _plain(value: object) -> object:
    """A path is written as text; everything else is what TOML has too."""
    return str(value) if isinstance(value, Path) else value


def _replace(path: Path, text: str) -> None:
    """Write beside the file, bring it to the disk, then take its place, its permissions too."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        if path.exists():
            Path(draft).chmod(path.stat().st_mode)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
