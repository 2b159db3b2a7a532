"""Choosing files and folders in a dialog that looks like the rest and waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

Chosen = Callable[[Sequence[Path]], None]


class _Answer(QObject):
    """Lives as long as its dialog, and hands the paths over."""

    def __init__(self, dialog: QFileDialog, chosen: Chosen) -> None:
        super().__init__(dialog)
        self._chosen = chosen
        dialog.filesSelected.connect(self._take)

    @Slot(list)
    def _take(self, names: list[str]) -> None:
        files = [path for name in names for path in _within(Path(name))]
        if files:
            self._chosen(files)


def choose_files(page: QWidget, title: str, chosen: Chosen) -> None:
    """One or several files that are there."""
    dialog = _made(page, title, chosen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.open()


def choose_folder(page: QWidget, title: str, chosen: Chosen) -> None:
    """Everything in a folder, however deep."""
    dialog = _made(page, title, chosen)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
    dialog.open()


def choose_target(page: QWidget, title: str, name: str, chosen: Chosen) -> None:
    """A file to be written; the dialog asks before one that is there is replaced."""
    dialog = _made(page, title, chosen)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(name)
    dialog.open()


def _made(page: QWidget, title: str, chosen: Chosen) -> QFileDialog:
    window = page.window()
    dialog = QFileDialog(window, title)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.resize(window.width() * 9 // 10, window.height() * 7 // 10)
    _Answer(dialog, chosen)
    return dialog


def close_dialogs(page: QWidget) -> None:
    """Nobody waits for an answer any more."""
    for dialog in page.window().findChildren(QFileDialog):
        dialog.close()


def _within(path: Path) -> list[Path]:
    """The file itself, or the files of a folder without hidden ones; a new file is itself."""
    if not path.is_dir():
        return [path]
    return [each for each in sorted(path.rglob("*")) if each.is_file() and each.name[0] != "."]
