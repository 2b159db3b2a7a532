"""What the walk-up screen may ask of the visit; carried out on the engine's thread."""

from __future__ import annotations

from typing import Protocol


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
