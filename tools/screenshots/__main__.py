"""`python -m tools.screenshots FOLDER` (make screenshots): renders every screen into a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from kiosk.core.media import Frame
from kiosk.ui.toolkit.qt_gc import GuiGarbage
from kiosk.ui.toolkit.theme import load_fonts
from tools.screenshots.pages import take_pages
from tools.screenshots.people import take_people
from tools.screenshots.walkup import NAMES, SIZES, drawn_person, take_all


def main() -> int:
    """The command: writes pictures into the folder given."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screens")
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    garbage = GuiGarbage()  # threads behind the pages must not collect widgets
    load_fonts()
    count = take_all(folder)
    frame = Frame(drawn_person(), 0.0)
    for shape, (size, inches) in SIZES.items():
        window = (size.width(), size.height(), inches)
        count += sum(take_people(folder, shape, window, name, frame) for name in NAMES)
        count += sum(take_pages(folder, shape, window, name, frame) for name in NAMES)
    sys.stdout.write(f"{count} pictures in {folder}\n")
    application.processEvents()
    garbage.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
