"""Renew the pictures that the documents show: `python -m tools.pictures RENDERED SHOWN`.

Of all rendered screens only those that a document refers to are taken over, with few colours, which
makes flat drawings a third as large. What no document refers to any more is deleted.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
COLOURS = 256
_REFERRED = re.compile(r"docs/screens/([\w-]+\.png)|\(screens/([\w-]+\.png)")


def documents(root: Path) -> list[Path]:
    """Every document of the repository, in order."""
    places = ("*.md", "assets/**/*.md", "docs/**/*.md", "weights/*.md")
    return sorted(file for place in places for file in root.glob(place))


def shown(root: Path) -> set[str]:
    """Names of the screens that documents show or link to."""
    texts = (file.read_text(encoding="utf-8") for file in documents(root))
    return {one or other for text in texts for one, other in _REFERRED.findall(text)}


def take_over(rendered: Path, kept: Path, names: set[str]) -> None:
    """Make `kept` hold exactly these pictures. Raises FileNotFoundError before anything is changed
    if one was not rendered."""
    missing = sorted(name for name in names if not (rendered / name).is_file())
    if missing:
        raise FileNotFoundError(", ".join(missing))
    kept.mkdir(parents=True, exist_ok=True)
    for old in kept.iterdir():
        if old.name not in names:
            old.unlink()
    for name in sorted(names):
        with Image.open(rendered / name) as picture:
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)
        few.save(kept / name, optimize=True)


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m tools.pictures RENDERED SHOWN\n")
        return 2
    names = shown(ROOT)
    try:
        take_over(Path(arguments[0]), Path(arguments[1]), names)
    except FileNotFoundError as error:
        sys.stderr.write(f"Not rendered: {error}. Say: make screenshots\n")
        return 1
    sys.stdout.write(f"{len(names)} pictures in {arguments[1]}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
