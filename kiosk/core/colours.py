"""The colours of the screens with an operator's own, and whether they can be read.

Contrast is that of WCAG 2.2: text and signs need 4.5:1 against their ground (1.4.3), borders, focus
rings and bars 3:1 (1.4.11). Which pairs are used says assets/theme/theme.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from kiosk.core.errors import SettingsError
from kiosk.core.shipped import shipped_folder

LEAST_TEXT, LEAST_STROKE = 4.5, 3.0
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_STEPS = 40
Tokens = Mapping[str, Mapping[str, str]]


def read_colour(key: str, text: str) -> str:
    """#RRGGBB in capital letters. Raises SettingsError."""
    if not _HEX.fullmatch(text.strip()):
        raise SettingsError(
            f"{key} is {text!r}.", "Give a colour as #RRGGBB, like #0B6A5C.", key=key
        )
    return text.strip().upper()


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, 0..1."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Of two colours, 1..21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """`one` with a share of `other`."""
    parts = (
        round(
            int(one[place : place + 2], 16) * (1 - share)
            + int(other[place : place + 2], 16) * share
        )
        for place in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)


@cache
def theme_tokens() -> Mapping[str, Mapping[str, object]]:
    """Every table of assets/theme/theme.toml."""
    file = shipped_folder("assets") / "theme" / "theme.toml"
    return tomllib.loads(file.read_text("utf-8"))


def branded(colours: Mapping[str, str], accent: str, ground: str) -> dict[str, str]:
    """The theme's colours with an operator's accent and ground; an empty one leaves the theme's.

    What belongs to an accent follows from it: a deeper one for what is pressed, a soft one behind
    words, a ring around it; letters on it are white. Raises SettingsError that names what could
    not be read.
    """
    made = dict(colours)
    if accent:
        made["accent"] = read_colour("accent_colour", accent)
        made |= _family(made["accent"])
    if ground:
        made["ground"] = read_colour("ground_colour", ground)
    if accent or ground:
        _require_legible(made, "accent_colour" if accent else "ground_colour")
    return made


def _family(accent: str) -> dict[str, str]:
    white = "#FFFFFF"
    soft = mixed(white, accent, 0.16)
    deep = next(
        (
            shade
            for shade in (mixed(accent, "#000000", step / _STEPS) for step in range(10, _STEPS))
            if contrast(shade, soft) >= LEAST_TEXT
        ),
        "#000000",
    )
    away = white if luminance(accent) < 0.4 else "#000000"
    ring = next(
        (
            shade
            for shade in (mixed(accent, away, step / _STEPS) for step in range(_STEPS + 1))
            if contrast(shade, accent) >= LEAST_STROKE
        ),
        away,
    )
    sunken = mixed(white, accent, 0.09)
    return {"accent_deep": deep, "accent_soft": soft, "glaze": ring, "sunken": sunken}


def _require_legible(colours: Mapping[str, str], key: str) -> None:
    """Raises SettingsError for the pair that is least legible, by its name."""
    tokens = theme_tokens()
    worst: tuple[float, str] | None = None
    for table, least, what in (
        ("pairs", LEAST_TEXT, "text"),
        ("strokes", LEAST_STROKE, "a border or sign"),
    ):
        for name, (front, back) in _pairs(tokens, table).items():
            found = contrast(colours[front], colours[back])
            if found < least and (worst is None or found / least < worst[0]):
                shown = f"{front} {colours[front]} on {back} {colours[back]}"
                need = f"{found:.1f}:1 where {what} needs {least:g}:1"
                worst = found / least, f"{name} ({shown}): {need}"
    if worst is not None:
        where = key
        if key == "accent_colour" and not _accent_takes_part(worst[1]):
            where = "ground_colour"
        raise SettingsError(
            f"{where} makes something that cannot be read: {worst[1]}.",
            "Choose a darker accent, or a lighter ground.",
            key=where,
        )


def _accent_takes_part(told: str) -> bool:
    return "accent" in told or "glaze" in told


def _pairs(tokens: Mapping[str, Mapping[str, object]], table: str) -> Mapping[str, tuple[str, str]]:
    return {
        name: (str(pair[0]), str(pair[1]))
        for name, pair in tokens[table].items()
        if isinstance(pair, list)
    }


def theme_colours() -> dict[str, str]:
    """The theme's own."""
    return {name: str(colour) for name, colour in theme_tokens()["colour"].items()}
