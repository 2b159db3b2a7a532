"""`python -m tools.screenshots` (make screenshots): renders every screen, or those asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from PySide6.QtWidgets import QApplication

from kiosk.core.media import Frame
from kiosk.ui.toolkit.qt_gc import GuiGarbage
from kiosk.ui.toolkit.theme import load_fonts
from tools.screenshots.album import LANGUAGES, SIZES, Album
from tools.screenshots.pages import take_pages
from tools.screenshots.people import take_people
from tools.screenshots.walkup import drawn_person, take_walkup


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="build/screens")
@click.option(
    "--screen",
    "screens",
    metavar="PATTERN",
    multiple=True,
    help="Only screens of this name, such as admin-health or 'self-*'; may be given several times.",
)
@click.option(
    "--language", "languages", type=click.Choice(LANGUAGES), multiple=True, help="Only this one."
)
@click.option(
    "--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, help="Only this one."
)
def main(
    folder: Path, screens: tuple[str, ...], languages: tuple[str, ...], sizes: tuple[str, ...]
) -> None:
    """Render the screens into FOLDER (build/screens) as SIZE-LANGUAGE-SCREEN.png."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder.mkdir(parents=True, exist_ok=True)
    album = Album(folder, screens or ("*",), languages or LANGUAGES, sizes or tuple(SIZES))
    render(album)
    if not album.taken:
        known = "\n".join(sorted(album.left))
        raise click.ClickException(f"No screen has such a name. There are:\n{known}")
    click.echo(f"{len(album.taken)} pictures in {folder}")


def render(album: Album) -> None:
    """Walk through every page in the sizes and languages of the album."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    garbage = GuiGarbage()  # threads behind the pages must not collect widgets
    load_fonts()
    frame = Frame(drawn_person(), 0.0)
    for shape in album.sizes:
        for language in album.languages:
            take_walkup(album, shape, language, frame)
            take_people(album, shape, language, frame)
            take_pages(album, shape, language, frame)
    application.processEvents()
    garbage.close()


if __name__ == "__main__":
    main()
