"""The four layers of settings: defaults < kiosk.toml < environment < command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from platformdirs import user_config_path
from pydantic import ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from kiosk.core.declaration import ENVIRONMENT_PREFIX
from kiosk.core.errors import SettingsError
from kiosk.core.settings import (
    Settings,
    all_settings,
    nearest,
    old_names,
    what_is_wrong,
)

NOT_SETTINGS = ("DEBUG", "SHARED")
"""KIOSK_DEBUG and KIOSK_SHARED are no settings: they are for whoever works on the kiosk."""


class Origin(StrEnum):
    """Which layer a value comes from; the later ones stand above the earlier."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command_line"


@dataclass(frozen=True)
class Layers:
    """What each layer above the defaults says, as it was written there; keys may be old names.

    `path` is the file that `file` was read from; `environment` holds every variable of the process.
    """

    path: Path
    file: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        """All layers together. Raises SettingsError that says where the wrong value is."""
        try:
            return Settings(**_merged(self))
        except SettingsError as error:
            raise self._placed(error) from error

    def origin(self, key: str) -> Origin:
        """The layer that decides this key."""
        names = {key, *(old for old, new in old_names().items() if new == key)}
        if names & self.given.keys():
            return Origin.COMMAND_LINE
        if names & _in_environment(self.environment).keys():
            return Origin.ENVIRONMENT
        return Origin.FILE if names & self.file.keys() else Origin.DEFAULT

    def _placed(self, error: SettingsError) -> SettingsError:
        places = {
            Origin.FILE: f"It stands in {self.path}.",
            Origin.ENVIRONMENT: f"It comes from {ENVIRONMENT_PREFIX}{error.key.upper()}.",
        }
        place = places.get(self.origin(error.key)) if error.key else None
        return SettingsError(
            f"{error.text} {place}" if place else error.text, error.remedy, key=error.key
        )


def default_file() -> Path:
    """Where kiosk.toml is looked for when none is named."""
    return user_config_path("kiosk", appauthor=False) / "kiosk.toml"


def read_layers(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Layers:
    """The layers above the defaults.

    `file` must exist when named; without a name the default file may be absent. `environment`
    defaults to the process's; keys are KIOSK_DATABASE and so on. `given` holds command-line values,
    None meaning not given. Raises SettingsError for a file that cannot be read.
    """
    path = file or default_file()
    absent = file is None and not path.is_file()
    return Layers(
        path,
        {} if absent else parse(read_text(path), path),
        dict(os.environ if environment is None else environment),
        {key: value for key, value in (given or {}).items() if value is not None},
    )


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Settings:
    """Settings of all layers; the arguments are those of `read_layers`. Raises SettingsError."""
    return read_layers(file, environment, given).settings()


def read_text(path: Path) -> str:
    """The file as it is, with its line ends. Raises SettingsError."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read.", f"Check --config: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8.", "Save it as UTF-8.") from error


def parse(text: str, path: Path) -> dict[str, Any]:
    """The values of a file's text. Raises SettingsError that names the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    except RecursionError as error:
        raise SettingsError(
            f"{path} is nested deeper than any settings.", "Write it anew."
        ) from error


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """KEY=VALUE as values by key. Raises SettingsError."""
    given = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator:
            raise SettingsError(
                f"{pair!r} has no value.",
                "Write KEY=VALUE, as in `--set threads=2` or `settings set threads=2`.",
            )
        given[key.strip()] = value.strip()
    return given


def unknown_variables(environment: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Variables with our prefix that nothing reads, each with the nearest one that is read."""
    known = {key.upper() for key in (*all_settings(), *old_names(), *NOT_SETTINGS)}
    found: dict[str, str | None] = {}
    for name in sorted(os.environ if environment is None else environment):
        word = name.upper().removeprefix(ENVIRONMENT_PREFIX)
        if name.upper().startswith(ENVIRONMENT_PREFIX) and word not in known:
            near = nearest(word, known)
            found[name] = f"{ENVIRONMENT_PREFIX}{near}" if near else None
    return found


def about_unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for every such variable."""
    return [
        f"{name} is not a setting and changes nothing." + (f" Did you mean {near}?" if near else "")
        for name, near in unknown_variables(environment).items()
    ]


def _in_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Values by key, old names as they are; the case of a variable does not matter."""
    named = {name.upper(): value for name, value in environment.items()}
    keys = (*all_settings(), *old_names())
    return {
        key: named[f"{ENVIRONMENT_PREFIX}{key.upper()}"]
        for key in keys
        if f"{ENVIRONMENT_PREFIX}{key.upper()}" in named
    }


def _under_new_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Where a setting is written under both names, the new one counts."""
    new = {old_names()[key]: value for key, value in values.items() if key in old_names()}
    return new | {key: value for key, value in values.items() if key not in old_names()}


class _Layered(BaseSettings):
    """Reads `layers`, its only argument, in place of pydantic's usual sources."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, extra="forbid", coerce_numbers_to_str=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, file: the first that holds a key counts."""
        assert isinstance(init_settings, InitSettingsSource)
        layers: Layers = init_settings.init_kwargs["layers"]
        variables = EnvSettingsSource(settings_cls)
        variables.env_vars = {
            f"{ENVIRONMENT_PREFIX}{key}".lower(): value
            for key, value in _under_new_names(_in_environment(layers.environment)).items()
        }
        return (
            InitSettingsSource(settings_cls, _under_new_names(layers.given)),
            variables,
            InitSettingsSource(settings_cls, _under_new_names(layers.file)),
        )


@cache
def _table() -> type[_Layered]:
    """The table of `Settings` with its annotations."""
    hints = get_type_hints(Settings, include_extras=True)
    table: dict[str, Any] = {
        key: (hints[key], each.default) for key, each in all_settings().items()
    }
    return create_model("LayeredSettings", __base__=_Layered, **table)


def _merged(layers: Layers) -> dict[str, Any]:
    """The values that some layer holds, read as their kinds."""
    given: dict[str, Any] = {"layers": layers}
    try:
        return _table()(**given).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise what_is_wrong(error) from error
