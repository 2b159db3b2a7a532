"""What the screens may ask of the visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kiosk.recognition.visit import Visit

Tell: TypeAlias = Callable[[Callable[[Visit], None]], None]
"""Has something done to the visit, where and when it can be, such as `Engine.tell`."""


class VisitControl:
    """The commands to a visit; each returns at once, and `tell` has it carried out."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def pause(self) -> None:
        """Forget the visit; look at and listen to nothing."""
        self._tell(Visit.pause)

    def resume(self) -> None:
        """Look and listen."""
        self._tell(Visit.resume)

    def rest(self) -> None:
        """Forget the visit and begin none before the place is empty."""
        self._tell(Visit.rest)

    def end(self) -> None:
        """Forget the visit; the next may begin at once."""
        self._tell(Visit.end)

    def answer(self) -> None:
        """Decide with what there is."""
        self._tell(Visit.answer)

    def deny(self) -> None:
        """Keep that the name was wrong, forget the visit, begin none before the place is empty."""
        self._tell(Visit.deny)

    def listen_only(self) -> None:
        """Begin again by voice alone; pictures are not looked at."""
        self._tell(Visit.listen_only)

    def mute_for(self, seconds: float) -> None:
        """Hear nothing for so long: the kiosk itself is speaking."""

        def mute_for(visit: Visit) -> None:
            visit.mute_for(seconds)

        self._tell(mute_for)
