"""The folder of the pictures, and which of all screens are wanted in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QApplication, QWidget

SIZES = {
    "portrait": (QSize(1080, 1920), 27.0),
    "landscape": (QSize(1920, 1080), 27.0),
    "small": (QSize(1024, 600), 10.1),
}
"""Pixels and inches by the name of the size."""
LANGUAGES = ("ko", "en")


@dataclass(frozen=True)
class Album:
    """Pictures named SIZE-LANGUAGE-SCREEN.png of the screens whose name fits a pattern."""

    folder: Path
    screens: tuple[str, ...] = ("*",)
    languages: tuple[str, ...] = LANGUAGES
    sizes: tuple[str, ...] = tuple(SIZES)
    taken: list[str] = field(default_factory=list)
    """Names of the pictures written."""
    left: set[str] = field(default_factory=set)
    """Names of the screens that nobody wanted."""

    def take(self, window: QWidget, shape: str, language: str, screen: str) -> None:
        """Write how a window looks, if it is wanted."""
        if not any(fnmatchcase(screen, pattern) for pattern in self.screens):
            self.left.add(screen)
            return
        name = f"{shape}-{language}-{screen}.png"
        if not window.grab().save(str(self.folder / name)):
            raise OSError(f"{self.folder / name} cannot be written")
        self.taken.append(name)

    def take_steps(
        self, window: QWidget, shape: str, language: str, steps: Mapping[str, Callable[[], None]]
    ) -> None:
        """Each step follows from the one before, so that all are gone even if few are wanted."""
        for screen, step in steps.items():
            step()
            for _ in range(4):  # each may ask for the next
                QApplication.sendPostedEvents(None, int(QEvent.Type.LayoutRequest))
            window.repaint()
            self.take(window, shape, language, screen)
