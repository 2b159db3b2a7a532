"""What follows from an operator's accent, to the letter, and how far colours are apart."""

from __future__ import annotations

import pytest

from kiosk.core.colours import (
    branded,
    contrast,
    luminance,
    mixed,
    read_colour,
    theme_colours,
)
from kiosk.core.errors import SettingsError


def test_contrasts_are_those_of_the_guideline() -> None:
    """The examples of WCAG 2.2 and of every contrast checker."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1.0
    assert [luminance(one) for one in ("#FF0000", "#00FF00", "#0000FF")] == pytest.approx(
        [0.2126, 0.7152, 0.0722]
    )
    # Ten of 255 are still on the straight piece of the curve, eleven are not.
    assert luminance("#0A0A0A") == pytest.approx(10 / 255 / 12.92)
    assert luminance("#0B0B0B") == pytest.approx(0.0033465, abs=1e-6)


def test_a_share_of_one_colour_in_another() -> None:
    assert mixed("#102030", "#FF8001", 0.25) == "#4C3824"
    assert mixed("#102030", "#FF8001", 0.0) == "#102030"
    assert mixed("#102030", "#FF8001", 1.0) == "#FF8001"


@pytest.mark.parametrize(
    ("accent", "family"),
    [
        ("#0055AA", ("#004080", "#D6E4F1", "#86AED7", "#E8F0F7")),
        ("#C00020", ("#900018", "#F5D6DB", "#E79FAB", "#F9E8EB")),
        ("#111111", ("#0D0D0D", "#D9D9D9", "#646464", "#EAEAEA")),
    ],
)
def test_what_follows_from_an_accent(accent: str, family: tuple[str, ...]) -> None:
    made = branded(theme_colours(), f" {accent.lower()}\n", "")
    changed = ("accent_deep", "accent_soft", "glaze", "sunken")
    assert tuple(made[name] for name in changed) == family
    assert made["accent"] == accent
    same = theme_colours().items() - {name: theme_colours()[name] for name in changed}.items()
    assert {(name, colour) for name, colour in same if name != "accent"} <= made.items()
    assert made.keys() == theme_colours().keys()


def test_a_ground_alone_changes_nothing_else() -> None:
    assert branded(theme_colours(), "", "#fffefa") == theme_colours() | {"ground": "#FFFEFA"}
    assert branded(theme_colours(), "", "") == theme_colours()


@pytest.mark.parametrize("text", ["", "0055AA", "#0055A", "#0055AAF", "#0055AG", "blue"])
def test_what_is_no_colour_is_refused_by_its_setting(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^accent_colour is '") as caught:
        read_colour("accent_colour", text)
    assert caught.value.key == "accent_colour"


def test_the_setting_that_is_at_fault_is_named() -> None:
    for accent, ground, key in (
        ("#FFEE00", "", "accent_colour"),
        ("", "#222222", "ground_colour"),
        ("#0055AA", "#222222", "ground_colour"),
        ("#FFEE00", "#FFFEFA", "accent_colour"),
    ):
        with pytest.raises(SettingsError, match=f"^{key} makes something") as caught:
            branded(theme_colours(), accent, ground)
        assert caught.value.key == key
