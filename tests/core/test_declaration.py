"""What is declared of settings: how values are written, and what each of them needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.declaration import Declared, Group, Setting, Text, as_text

WORDS = Text("a", "b")
GROUP = Group("g", WORDS)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (0.95, "0.95"),
        (3.0, "3"),
        (0.1234567891234, "0.1234567891"),
        (7, "7"),
        ("auto", "auto"),
        (Path("/srv/gallery.db"), "/srv/gallery.db"),
    ],
)
def test_values_as_they_are_written(value: object, written: str) -> None:
    assert as_text(value) == written


FLAG = {"true": WORDS, "false": WORDS}


@pytest.mark.parametrize(
    ("kind", "declared", "needs"),
    [
        (int, Declared(GROUP, WORDS, WORDS, range=(1, 64)), "Give a whole number from 1 to 64."),
        (float, Declared(GROUP, WORDS, WORDS, range=(0.5, 9)), "Give a number from 0.5 to 9."),
        (float, Declared(GROUP, WORDS, WORDS), "Give a number."),
        (str, Declared(GROUP, WORDS, WORDS), "Give a text."),
        (Path, Declared(GROUP, WORDS, WORDS), "Give a path."),
        (bool, Declared(GROUP, WORDS, WORDS, choices=FLAG), "Choose one of true, false."),
        (str, Declared(GROUP, WORDS, WORDS, choices=FLAG | {"auto": WORDS}),
         "Choose one of true, false, auto."),
    ],
)  # fmt: skip
def test_what_a_value_has_to_be(kind: type[object], declared: Declared, needs: str) -> None:
    setting = Setting("front_door", kind, None, declared)
    assert setting.needs == needs
    assert setting.variable == "KIOSK_FRONT_DOOR"
    assert setting.declared.is_flag is (kind is bool)
