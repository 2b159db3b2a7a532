"""What the screens may ask of the visit, and how it is carried out on the engine's thread."""

from __future__ import annotations

from typing import Protocol

from kiosk.recognition.visit import Visit
from kiosk.runtime.engine import Engine


class VisitControl(Protocol):
    """What the screen may ask of the visit; each returns at once."""

    def pause(self) -> None:
        """Forget the visit; look at and listen to nothing."""

    def resume(self) -> None:
        """Look and listen."""

    def rest(self) -> None:
        """Forget the visit and begin none before the place is empty."""

    def end(self) -> None:
        """Forget the visit; the next may begin at once."""

    def answer(self) -> None:
        """Decide with what there is."""

    def deny(self) -> None:
        """Keep that the name was wrong, forget the visit, begin none before the place is empty."""

    def listen_only(self) -> None:
        """Begin again by voice alone; pictures are not looked at."""


class EngineControl:
    """What the walk-up screen may ask, carried out on the engine's thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pause(self) -> None:
        """See `Visit.pause`."""
        self._engine.tell(Visit.pause)

    def resume(self) -> None:
        """See `Visit.resume`."""
        self._engine.tell(Visit.resume)

    def rest(self) -> None:
        """See `Visit.rest`."""
        self._engine.tell(Visit.rest)

    def end(self) -> None:
        """See `Visit.end`."""
        self._engine.tell(Visit.end)

    def answer(self) -> None:
        """See `Visit.answer`."""
        self._engine.tell(Visit.answer)

    def deny(self) -> None:
        """See `Visit.deny`."""
        self._engine.tell(Visit.deny)

    def listen_only(self) -> None:
        """See `Visit.listen_only`."""
        self._engine.tell(Visit.listen_only)

    def mute_for(self, seconds: float) -> None:
        """See `Visit.cover_ears`."""
        self._engine.tell(lambda visit: visit.mute_for(seconds))
