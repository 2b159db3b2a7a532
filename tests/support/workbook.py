"""What a workbook of a spreadsheet holds, read without a spreadsheet."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(file: Path, sheet: int) -> list[list[str]]:
    """The text of a sheet of a workbook; raises where a cell holds a formula."""
    with zipfile.ZipFile(file) as book:
        strings = [
            "".join(part.itertext())
            for part in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{_SHEET}si")
        ]
        rows = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{_SHEET}row")
        found = []
        for row in rows:
            line = []
            for cell in row.iter(f"{_SHEET}c"):
                assert cell.find(f"{_SHEET}f") is None, "a formula"
                value = cell.findtext(f"{_SHEET}v") or ""
                line.append(strings[int(value)] if cell.get("t") == "s" else value)
            found.append(line)
    return found
