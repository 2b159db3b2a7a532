"""A line of greeting for one person or for everybody, shown on the result to who was identified."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from kiosk.core.errors import InputError
from kiosk.core.typed_lines import one_line

LONGEST_GREETING = 60


@dataclass(frozen=True)
class Greeting:
    """A line, shown once, or until a day (that day included), or until it is taken away."""

    text: str
    once: bool = False
    until: date | None = None

    def due(self, today: date) -> bool:
        """Whether it is still to be shown."""
        return self.until is None or today <= self.until

    @property
    def digest(self) -> str:
        """What tells this line from another one without holding it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def made_greeting(text: str, *, once: bool = False, until: date | None = None) -> Greeting:
    """A greeting as it may be kept. Raises InputError."""
    if once and until is not None:
        raise InputError("Once and until a day are two ways.", "Choose one of them.")
    return Greeting(one_line(text, LONGEST_GREETING, "greeting"), once, until)
