"""What is declared of a setting beside its type and default, and the kinds its value can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import GroupedMetadata, Interval
from pydantic import AfterValidator, BeforeValidator


@dataclass(frozen=True)
class Text:
    """What people read, in both languages of the kiosk."""

    english: str
    korean: str


@dataclass(frozen=True)
class Group:
    """Settings that belong together; `on_page` where staff find them on the settings page."""

    name: str
    title: Text
    on_page: bool = True


def _no_flag(value: object) -> object:
    """Python takes true for 1; whoever writes it where a number belongs means something else."""
    if isinstance(value, bool):
        raise ValueError("a number is needed")
    return value


def _as_word(value: object) -> object:
    """Where on and off are two choices among others, true and false mean them too."""
    words = {True: "on", False: "off", "true": "on", "false": "off", "yes": "on", "no": "off"}
    return words.get(value, value) if isinstance(value, bool | str) else value


Whole = Annotated[int, BeforeValidator(_no_flag)]
Number = Annotated[float, BeforeValidator(_no_flag)]
Place = Annotated[Path, AfterValidator(Path.expanduser)]
Switch = Annotated[str, BeforeValidator(_as_word)]
"""auto, on or off."""


def _one_of(choices: Mapping[str, Text]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)} is needed")
        return value

    return check


@dataclass(frozen=True)
class Declared(GroupedMetadata):
    """A setting in words, and what its value may be.

    `label` names it, `help` is the sentence on the settings page, `more` what else one has to know.
    `range` bounds a number, `choices` holds every value a text may have with its words (of a
    boolean "true" and "false"), `unit` stands behind a number. `at_once`: the running kiosk follows
    without a restart. Old names are still read, and written as the new one.
    """

    group: Group
    label: Text
    help: Text
    more: Text | None = None
    range: tuple[float, float] | None = None
    choices: Mapping[str, Text] = field(default_factory=dict)
    unit: Text | None = None
    at_once: bool = False
    old_names: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[object]:
        """The constraints, as pydantic reads them out of an annotation."""
        if self.range is not None:
            yield Interval(ge=self.range[0], le=self.range[1])
        if self.choices and not self.is_flag:
            yield AfterValidator(_one_of(self.choices))

    @property
    def is_flag(self) -> bool:
        """Whether the value is true or false."""
        return set(self.choices) == {"true", "false"}


@dataclass(frozen=True)
class Setting:
    """One setting: its key, the kind of its value (str, bool, int, float, Path), its default, and
    what is declared of it."""

    key: str
    kind: type[object]
    default: object
    declared: Declared

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"{ENVIRONMENT_PREFIX}{self.key.upper()}"

    @property
    def needs(self) -> str:
        """What a value has to be, as a remedy: "Give a whole number from 1 to 64."."""
        if self.declared.choices:
            return f"Choose one of {', '.join(self.declared.choices)}."
        kind = _KINDS[self.kind]
        if self.declared.range is None:
            return f"Give {kind}."
        low, high = (f"{bound:g}" for bound in self.declared.range)
        return f"Give {kind} from {low} to {high}."


ENVIRONMENT_PREFIX = "KIOSK_"
_KINDS: Mapping[type[object], str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Path: "a path",
}


def as_text(value: object) -> str:
    """A value as it is written on a command line and in a field: true, 0.95, /srv/gallery.db."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
