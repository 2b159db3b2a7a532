"""The file with what the channels need and nobody else may read: secret, names, passwords."""

from __future__ import annotations

import base64
import binascii
import difflib
import os
import secrets
import stat
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kiosk.core.errors import SettingsError

PREFIX = "whsec_"
"""How Standard Webhooks writes a secret: this, and base64."""
_KEY = "event_secrets"
_LEAST_BYTES = 24
"""What Standard Webhooks asks for at least."""


@dataclass(frozen=True)
class Secrets:
    """What stands in the file; empty where it does not. Paths are those of PEM files; without a
    `ca` the authorities count that every browser knows."""

    webhook_secret: str = ""
    webhook_ca: str = ""
    mqtt_username: str = ""
    mqtt_password: str = ""
    mqtt_ca: str = ""
    mqtt_certificate: str = ""
    mqtt_key: str = ""

    def signing_key(self, file: Path) -> bytes:
        """The bytes by which webhooks are signed. Raises SettingsError."""
        if not self.webhook_secret:
            raise SettingsError(
                f"There is no webhook_secret in {file}, by which events are signed.",
                "Run: kiosk events secret",
                key=_KEY,
            )
        try:
            key = base64.b64decode(self.webhook_secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not self.webhook_secret.startswith(PREFIX) or len(key) < _LEAST_BYTES:
            raise SettingsError(
                f"The webhook_secret in {file} is none: {PREFIX} and base64 of {_LEAST_BYTES} "
                "bytes or more is needed.",
                "Remove it and run: kiosk events secret",
                key=_KEY,
            )
        return key

    def path(self, key: str) -> Path | None:
        """The file that one of the keys names. Raises SettingsError if it is not there."""
        text = getattr(self, key)
        if not text:
            return None
        path = Path(text).expanduser()
        if not path.is_file():
            raise SettingsError(f"{key}: there is no file {path}.", "Check the path.", key=_KEY)
        return path


def read_secrets(file: Path) -> Secrets:
    """What stands in the file; nothing where there is none. Raises SettingsError for one that
    others can read, that is no TOML or that holds what nobody knows."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Secrets()
    except (OSError, ValueError, RecursionError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is no TOML"
        raise SettingsError(
            f"{file} with the secrets of the event channels cannot be read: {what}.",
            "Check its text and who owns it.",
            key=_KEY,
        ) from error
    if mode & 0o077 and os.name == "posix":
        raise SettingsError(
            f"{file} with the secrets of the event channels can be read by other accounts.",
            f"Run: chmod 600 '{file}'",
            key=_KEY,
        )
    return _checked(file, content)


def _checked(file: Path, content: dict[str, Any]) -> Secrets:
    known = [each.name for each in fields(Secrets)]
    for key, value in content.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            meant = f"Did you mean {near[0]}? " if near else ""
            remedy = f"{meant}Known are {', '.join(known)}."
            raise SettingsError(f"{file} holds {key!r}, which nothing reads.", remedy, key=_KEY)
        if not isinstance(value, str):
            raise SettingsError(f"{key} in {file} is no text.", "Put it in quotes.", key=_KEY)
    return Secrets(**content)


def make_secret(file: Path) -> str:
    """Put a new webhook_secret into the file, made with mode 0600 where there is none; returns
    the secret, for the receiver. Raises SettingsError if there is one already."""
    if read_secrets(file).webhook_secret:
        raise SettingsError(
            f"There is a webhook_secret in {file} already.",
            "Remove that line first; receivers that know it must be given the new one.",
            key=_KEY,
        )
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Before what is there: after a [table] it would belong to that.
        before = file.read_text("utf-8") if file.exists() else ""
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f'webhook_secret = "{secret}"\n{before}')
        draft.replace(file)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written: {error.strerror}.",
            "Name another file with event_secrets.",
            key=_KEY,
        ) from error
    return secret
