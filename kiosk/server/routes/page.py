"""The page on which one tries a request: a few static files, and nothing from anywhere else."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from kiosk.core.shipped import shipped_folder
from kiosk.server.refusals import NoSuchThing

router = APIRouter(include_in_schema=False)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page may load its own files, show what the visitor chose, and ask this service; no script in
the page's text, no other host."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_PAGE = FilePath(__file__).parents[1] / "page"
_ASSETS = {
    "KioskSans-Regular.otf": "theme",
    "KioskSans-Bold.otf": "theme",
    "face.svg": "icons",
}
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".otf": "font/otf",
    ".svg": "image/svg+xml",
}
_OWN = ("page.css", "page.js", "words.js")


@router.get("/")
async def page() -> FileResponse:
    """The page itself."""
    return _answer(_PAGE / "index.html")


@router.get("/page/{name}")
async def part(name: Annotated[str, Path(max_length=40)]) -> FileResponse:
    """One of the files it is made of; no other."""
    if name in _OWN:
        return _answer(_PAGE / name)
    if name in _ASSETS:
        return _answer(shipped_folder("assets") / _ASSETS[name] / name)
    raise NoSuchThing("There is nothing at this address.", "The page is at /.")


def _answer(file: FilePath) -> FileResponse:
    return FileResponse(file, media_type=_KINDS[file.suffix], headers=HEADERS)
