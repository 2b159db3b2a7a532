"""kiosk.toml as the settings page changes it: some lines, all at once, or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.core.errors import SettingsError
from kiosk.core.settings import (
    ENVIRONMENT_PREFIX,
    Settings,
    checked,
    default_file,
    load_settings,
    rules,
)


class Origin(StrEnum):
    """Which layer a value comes from; the later ones stand above the earlier."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command_line"


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

    def load(self) -> Settings:
        """All layers together. Raises SettingsError."""
        return load_settings(self._named, self._environment, self.given)

    def covered_by(self, given: Mapping[str, Any]) -> SettingsFile:
        """The same file under more command-line values."""
        return SettingsFile(self._named, {**self.given, **given}, self._environment)

    def covered(self, key: str) -> Origin | None:
        """The layer above the file that decides this key, so that the file cannot; or None."""
        if self.given.get(key) is not None:
            return Origin.COMMAND_LINE
        if ENVIRONMENT_PREFIX + key.upper() in self._environment:
            return Origin.ENVIRONMENT
        return None

    def save(self, changes: Mapping[str, Any]) -> Settings:
        """Write values into the file and return what holds now.

        Everything else in the file stays, comments too, but for one behind a value that changes.
        The file is replaced as a whole or not touched. Raises SettingsError for a value that is not
        valid or a file that cannot be written.
        """
        valid = checked(self.load(), changes)
        before = self.path.read_text("utf-8") if self.path.is_file() else ""
        text = before
        for key in changes:
            text = _with_line(text, key, _as_toml(getattr(valid, key)))
        try:
            _replace(self.path, text)
        except OSError as error:
            raise SettingsError(
                f"{self.path.name} cannot be written: {error.strerror}.",
                "Check the permissions of its folder, and whether the disk is full.",
            ) from error
        return self.load()


def _as_toml(value: object) -> str:
    """A JSON string is a TOML string as well."""
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)


def _with_line(text: str, key: str, value: str) -> str:
    """The text with the key's line changed, or added before the first table."""
    assert key in rules()
    line = f"{key} = {value}"
    found = re.compile(rf"(?m)^[ \t]*{key}[ \t]*=.*$")
    if found.search(text):
        return found.sub(lambda _match: line, text, count=1)
    head, table, rest = text.partition("\n[") if not text.startswith("[") else ("", "", text)
    head = head.rstrip("\n")
    return f"{head}\n{line}\n{table}{rest}".lstrip("\n")


def _replace(path: Path, text: str) -> None:
    """Write beside the file, bring it to the disk, then take its place, its permissions too."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if path.exists():
            Path(draft).chmod(path.stat().st_mode)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
