"""Settings: defaults < kiosk.toml < environment < command line.

Validated once; errors name the key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path

from kiosk.core.errors import SettingsError

ENVIRONMENT_PREFIX = "KIOSK_"


@dataclass(frozen=True)
class Settings:
    """Everything an operator can choose. Seconds, pixels and shares of one throughout."""

    database: Path = Path()
    """The encrypted gallery; empty means gallery.db in the user's data folder."""
    key_file: Path = Path()
    """The gallery's key, mode 0600, outside the database; empty means gallery.key in the user's
    configuration folder."""
    models: Path = Path()
    """Where `kiosk models fetch` puts weights; empty means models/ in the user's data folder."""
    face_model: str = "auto"
    """A name of `kiosk models list`; auto takes the best that is present."""
    voice_model: str = "auto"
    """A name of `kiosk models list`; auto takes the best that is present."""
    device: str = "auto"
    """cpu, cuda, or auto: cuda where there is one."""
    threads: int = 2
    """Processor threads for the models."""
    min_face: int = 60
    """Smallest face that counts, pixels between the sides of the head."""
    detect_every: int = 8
    """Frames between detections while a face is followed."""
    good_frames: int = 5
    """Usable frames pooled into a face probe."""
    speech_seconds: float = 3.0
    """Speech pooled into a voice probe."""
    speech_limit: float = 12.0
    """Seconds to wait for that much speech before deciding with less."""
    known_share: float = 0.9
    """Share of visitors who are expected to be enrolled."""
    min_probability: float = 0.95
    """Least probability at which a visitor is identified."""
    min_llr: float = 4.0
    """Least fused log-likelihood ratio (natural) at which a visitor is identified."""
    min_margin: float = 2.0
    """Least distance in log-likelihood ratio to the second candidate."""
    enrol_faces: int = 5
    """Good face samples needed for an enrolment."""
    enrol_speech: float = 3.0
    """Seconds of speech needed for an enrolment with voice."""
    visit_end: float = 1.5
    """Seconds without a face after which a visit is over."""
    language: str = "ko"
    """Screen language: ko or en."""
    start: str = "touch"
    """touch: nothing is looked at or listened to before Start is pressed; walk_up: a visit begins
    when somebody steps up."""
    screen_inches: float = 27.0
    """Diagonal of the screen in inches, from which text sizes in millimetres follow."""
    result_seconds: float = 25.0
    """Seconds a result stays on the screen before it is cleared, counted from the last touch."""
    motion: str = "full"
    """full, or reduced: no animation on the screens."""
    controls: str = "low"
    """Where the buttons of a tall screen are: low, or high, for people who reach better there."""
    profile: str = "standard"
    """Where the kiosk stands: standard, workplace or education. At work and in education emotion
    cannot be estimated, as European law forbids it there."""
    emotion: str = "auto"
    """Whether emotion is estimated: on, off, or auto: where the profile permits it, and by the
    networks that are good enough at it."""
    age: str = "auto"
    """Whether age is estimated: on, off, or auto: by the networks that are good enough at it."""
    gender: str = "auto"
    """Whether gender is estimated: on, off, or auto: by the networks that are good enough at it."""
    keep_probes: str = "no"
    """yes: the templates of every visit are kept with its decision, for comparing before a
    re-registration and for learning from corrections; no: only those of a visit that was denied."""
    keep_pictures: str = "no"
    """yes: a small picture of the face is kept at enrolment and shown to staff, and the text of
    consent says so; no: none is kept, and those that were are deleted at the next start."""
    camera: str = "auto"
    """A number or a part of a camera's name; auto: the first; none: no camera."""
    microphone: str = "auto"
    """A part of a microphone's name; auto: the system's default; none: no microphone."""
    self_enrolment: str = "off"
    """on: who is not known may enrol themselves, with their consent, as long as few such enrolments
    wait for staff to look at them; off: only staff enrol."""
    keep_days: int = 90
    """Days a decision is kept; older ones are forgotten at every start."""
    prompts: str = "on"
    """on: what to do is also spoken; off: only written."""

    def __post_init__(self) -> None:
        data = user_data_path("kiosk", appauthor=False)
        _default(self, "database", data / "gallery.db")
        _default(self, "key_file", user_config_path("kiosk", appauthor=False) / "gallery.key")
        _default(self, "models", data / "models")
        for key, (low, high) in _RANGES.items():
            value = getattr(self, key)
            if not low <= value <= high:
                raise SettingsError(f"{key} is {value}.", f"Give a value from {low} to {high}.")
        for key, choices in _CHOICES.items():
            if getattr(self, key) not in choices:
                given = getattr(self, key)
                raise SettingsError(f"{key} is {given!r}.", f"Choose one of {', '.join(choices)}.")
        if self.camera == self.microphone == "none":
            raise SettingsError(
                "microphone is 'none', and so is camera.", "Choose one, or auto for either."
            )
        if self.emotion == "on" and self.profile != "standard":
            raise SettingsError(
                f"emotion is 'on', which the profile {self.profile!r} forbids "
                "(Regulation (EU) 2024/1689, Article 5(1)(f)).",
                "Leave emotion at auto or off, or choose another profile.",
            )


_RANGES: dict[str, tuple[float, float]] = {
    "threads": (1, 64),
    "min_face": (20, 1000),
    "detect_every": (1, 100),
    "good_frames": (1, 50),
    "speech_seconds": (0.5, 30),
    "speech_limit": (1, 120),
    "known_share": (0.001, 0.999),
    "min_probability": (0.5, 0.99999),
    "min_llr": (-20, 40),
    "min_margin": (0, 40),
    "enrol_faces": (1, 100),
    "enrol_speech": (0.5, 120),
    "visit_end": (0.1, 60),
    "screen_inches": (5, 120),
    "result_seconds": (5, 600),
    "keep_days": (1, 3650),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "device": ("auto", "cpu", "cuda"),
    "language": ("ko", "en"),
    "start": ("touch", "walk_up"),
    "motion": ("full", "reduced"),
    "controls": ("low", "high"),
    "keep_probes": ("no", "yes"),
    "keep_pictures": ("no", "yes"),
    "self_enrolment": ("off", "on"),
    "profile": ("standard", "workplace", "education"),
    "emotion": ("auto", "on", "off"),
    "age": ("auto", "on", "off"),
    "gender": ("auto", "on", "off"),
    "prompts": ("on", "off"),
}


@dataclass(frozen=True)
class Rule:
    """What a setting may be: a kind (str, int, float, Path) and a range or choices, if it has."""

    kind: type[Any]
    range: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()


def rules() -> dict[str, Rule]:
    """Of every setting, in the order of `Settings`."""
    return {
        field.name: Rule(type(field.default), _RANGES.get(field.name), _CHOICES.get(field.name, ()))
        for field in fields(Settings)
    }


def checked(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with some values, perhaps written as text, changed. Raises SettingsError."""
    return replace(settings, **{key: _convert(key, value) for key, value in changes.items()})


def _default(settings: Settings, key: str, path: Path) -> None:
    if getattr(settings, key) == Path():
        object.__setattr__(settings, key, path)


def default_file() -> Path:
    """Where kiosk.toml is looked for when none is named."""
    return user_config_path("kiosk", appauthor=False) / "kiosk.toml"


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Settings:
    """Merge the four layers.

    `file` must exist when named; without a name the default file may be absent. `environment`
    defaults to the process's; keys are KIOSK_DATABASE and so on. `given` holds command-line values,
    None meaning not given. Raises SettingsError.
    """
    layers: list[Mapping[str, Any]] = [_from_file(file)]
    layers.append(_from_environment(os.environ if environment is None else environment))
    layers.append({key: value for key, value in (given or {}).items() if value is not None})
    settings: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            settings[key] = _convert(key, value)
    return replace(Settings(), **settings) if settings else Settings()


def _from_file(file: Path | None) -> Mapping[str, Any]:
    path = file or default_file()
    if file is None and not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read.", f"Check --config: {error.strerror}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        field.name: environment[ENVIRONMENT_PREFIX + field.name.upper()]
        for field in fields(Settings)
        if ENVIRONMENT_PREFIX + field.name.upper() in environment
    }


def _convert(key: str, value: Any) -> Any:
    kinds: dict[str, type[Any]] = {f.name: type(f.default) for f in fields(Settings)}
    if key not in kinds:
        raise SettingsError(f"There is no setting {key!r}.", f"Known: {', '.join(kinds)}.")
    kind = kinds[key]
    if isinstance(value, bool) or not isinstance(value, str | int | float | Path):
        raise SettingsError(f"{key} is {value!r}.", f"Give a {kind.__name__}.")
    try:
        return Path(str(value)).expanduser() if issubclass(kind, Path) else kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{key} is {value!r}.", f"Give a {kind.__name__}.") from error
