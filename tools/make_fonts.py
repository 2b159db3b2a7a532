"""Make KioskSans-*.otf: the subset of Noto Sans CJK KR that the screens carry with them.

Run where the Debian package fonts-noto-cjk is installed: `python tools/make_fonts.py`. The
subset holds the 2,350 Korean syllables of KS X 1001, Latin-1 and the signs the screens use; rarer
syllables of a name come from a font of the system. The font's licence (OFL-LICENSE.txt) allows
subsets; its family is renamed so that it never stands in for an installed Noto.
"""

from __future__ import annotations

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parents[1] / "assets" / "theme"
NOTO = Path("/usr/share/fonts/opentype/noto")
FAMILY = "Kiosk Sans"
SIGNS = "‐‑–—‘’“”•…′″€₩→←↑↓×·°©ㆍ「」、。"
FULL_NAME, POSTSCRIPT_NAME = 4, 6
ASCENT, DESCENT = 960, 270
"""Line height 1.23 instead of the 1.45 that room for stacked marks asks for; units of 1/1000 em."""
LICENCE_RECORDS = (0, 13, 14)


def characters() -> set[int]:
    """Code points of the subset."""
    syllables = (
        bytes((row, cell)).decode("euc_kr")
        for row in range(0xB0, 0xC9)
        for cell in range(0xA1, 0xFF)
    )
    latin = (chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
    jamo = (chr(code) for code in range(0x3131, 0x3164))
    return {ord(letter) for letter in (*syllables, *latin, *jamo, *SIGNS)}


def korean(collection: Path) -> TTFont:
    """The Korean proportional face of a Noto CJK collection."""
    for font in TTCollection(str(collection)).fonts:
        if font["name"].getDebugName(1) == "Noto Sans CJK KR":
            return font
    raise SystemExit(f"{collection} holds no Noto Sans CJK KR")


def set_line_height(font: TTFont) -> None:
    """All three sets of metrics alike, so that every platform agrees."""
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ASCENT, -DESCENT, 0
    metrics = font["OS/2"]
    metrics.sTypoAscender, metrics.sTypoDescender, metrics.sTypoLineGap = ASCENT, -DESCENT, 0
    metrics.usWinAscent, metrics.usWinDescent = ASCENT, DESCENT


def make(weight: str) -> None:
    """Write one weight."""
    font = korean(NOTO / f"NotoSansCJK-{weight}.ttc")
    options = subset.Options(
        layout_features=["kern", "ccmp", "tnum", "locl"],
        hinting=False,
        name_IDs=["*"],
        desubroutinize=False,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    set_line_height(font)
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in LICENCE_RECORDS]
    for number, text in (
        (1, FAMILY),
        (2, weight),
        (FULL_NAME, f"{FAMILY} {weight}"),
        (POSTSCRIPT_NAME, f"KioskSans-{weight}"),
    ):
        names.setName(text, number, 3, 1, 0x409)
    font["CFF "].cff.fontNames = [f"KioskSans-{weight}"]
    font.save(HERE / f"KioskSans-{weight}.otf")


if __name__ == "__main__":
    for each in ("Regular", "Bold"):
        make(each)
