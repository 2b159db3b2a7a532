"""The words on the keyboard of the screen; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

SHOW = mark("Kiosk", "Keyboard on the screen")
SHIFT = mark("Kiosk", "Shift")
ERASE = mark("Kiosk", "Erase")
SPACE = mark("Kiosk", "Space")
ENTER = mark("Kiosk", "Enter")
SIGNS = mark("Kiosk", "Numbers and signs")
LETTERS = mark("Kiosk", "Letters")
TO_KOREAN = mark("Kiosk", "Korean letters")
TO_LATIN = mark("Kiosk", "Latin letters")
