"""The words of greetings that staff set; see `kiosk.ui.strings.visitor`."""

from __future__ import annotations

from kiosk.ui.strings.visitor import mark

GREETING = mark("Kiosk", "Greeting")
TITLE = mark("Kiosk", "A line for {name}")
TEXT = mark(
    "Kiosk", "Shown below the name when this person is recognised, to nobody else. Empty: none."
)
HOW = mark("Kiosk", "How long it is shown")
ALWAYS = mark("Kiosk", "On every visit")
ONCE = mark("Kiosk", "Once")
UNTIL = mark("Kiosk", "Until a day")
DAY = mark("Kiosk", "Last day, as YYYY-MM-DD")
FAULT_DAY = mark("Kiosk", "Give the last day as YYYY-MM-DD, not one that is over.")
FAULT_LINE = mark("Kiosk", "Give up to {most} letters, digits and signs.")
