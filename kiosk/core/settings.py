"""Every setting, declared once: type, range, choices, default and text in two languages.

The declarations lie in `kiosk.core.declared`, by group; here they are put together. The file, the
environment, `--set`, the settings page, `kiosk settings` and docs/settings.md come from them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from platformdirs import user_config_path, user_data_path
from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Setting
from kiosk.core.declared.brand import BrandSettings
from kiosk.core.declared.data import DataSettings
from kiosk.core.declared.events import EventSettings
from kiosk.core.declared.fleet import FleetSettings
from kiosk.core.declared.groups import CONFIG, GROUPS
from kiosk.core.declared.networks import NetworkSettings
from kiosk.core.declared.recognition import RecognitionSettings
from kiosk.core.declared.screen import ScreenSettings
from kiosk.core.declared.service import ServiceSettings
from kiosk.core.declared.uses import UseSettings
from kiosk.core.errors import SettingsError

__all__ = [
    "GROUPS",
    "Settings",
    "all_settings",
    "checked",
    "find_setting",
    "nearest",
    "no_such_setting",
    "old_names",
    "what_is_wrong",
]


@dataclass(frozen=True, config=CONFIG)
class Settings(
    FleetSettings,
    EventSettings,
    ServiceSettings,
    BrandSettings,
    UseSettings,
    DataSettings,
    ScreenSettings,
    NetworkSettings,
    RecognitionSettings,
):
    """Everything an operator can choose. Seconds, pixels and shares of one throughout.

    The parts stand in reverse: the fields of the last one come first. Raises SettingsError for a
    value that is not possible.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, given: object, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        try:
            return handler(given)
        except ValidationError as error:
            raise what_is_wrong(error) from error

    def __post_init__(self) -> None:
        data = user_data_path("kiosk", appauthor=False)
        self._default("database", data / "gallery.db")
        self._default("key_file", user_config_path("kiosk", appauthor=False) / "gallery.key")
        self._default("models", data / "models")
        self._default("event_secrets", user_config_path("kiosk", appauthor=False) / "events.toml")
        self._default("import_folder", self.database.parent / "import")
        self.check_events()
        self.check_uses()
        self.check_brand()
        self.check_devices()
        if self.emotion == "on" and self.profile != "standard":
            raise SettingsError(
                f"emotion is 'on', which the profile {self.profile!r} forbids "
                "(Regulation (EU) 2024/1689, Article 5(1)(f)).",
                "Leave emotion at auto or off, or choose another profile.",
                key="emotion",
            )

    def _default(self, key: str, path: Path) -> None:
        if getattr(self, key) == Path():
            object.__setattr__(self, key, path)


@cache
def all_settings() -> Mapping[str, Setting]:
    """Every setting by its key, in the order of the table."""
    hints = get_type_hints(Settings, include_extras=True)
    found = {}
    for field in fields(Settings):
        kind, *notes = get_args(hints[field.name])
        declared = next(note for note in notes if isinstance(note, Declared))
        found[field.name] = Setting(field.name, kind, field.default, declared)
    return found


@cache
def old_names() -> Mapping[str, str]:
    """What settings were called before, to what they are called now."""
    return {old: key for key, each in all_settings().items() for old in each.declared.old_names}


def checked(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with some values, perhaps written as text, changed. Raises SettingsError."""
    return replace(settings, **{old_names().get(key, key): changes[key] for key in changes})


def find_setting(key: str) -> Setting:
    """The setting of this name, old or new. Raises SettingsError that names the nearest."""
    found = all_settings().get(old_names().get(key, key))
    if found is None:
        raise no_such_setting(key)
    return found


def no_such_setting(key: str) -> SettingsError:
    """The error for a key that nothing is called by."""
    near = nearest(key, [*all_settings(), *old_names()])
    remedy = f"Did you mean {near}? " if near else ""
    return SettingsError(
        f"There is no setting {key!r}.", f"{remedy}`kiosk settings list` names them all.", key=key
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelt most like this one, if any is."""
    return next(iter(difflib.get_close_matches(word, list(known), 1)), None)


def what_is_wrong(error: ValidationError) -> SettingsError:
    """The first thing that pydantic found, in our words."""
    first = error.errors(include_url=False)[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if key not in all_settings():
        return no_such_setting(key)
    return SettingsError(f"{key} is {first['input']!r}.", all_settings()[key].needs, key=key)
