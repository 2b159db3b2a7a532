"""What every page of the admin screens has."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QWidget,
)

from kiosk.ui.toolkit.controls import Scaled


class AdminPage(QWidget, Scaled):
    """One page behind the gate. `title` names it on its tab, to be translated."""

    title = ""

    def enter(self) -> None:
        """It is shown now: ask for what is current."""

    def leave(self) -> None:
        """It is shown no more: stop what runs, forget what was told of people."""

    def retranslate(self) -> None:
        """Render the texts in the language in use."""

    def escape(self) -> bool:
        """Close what lies over the page; whether there was something."""
        return False
