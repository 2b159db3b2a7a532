"""Names and other typed text as a cell of a spreadsheet, which must not run them."""

from __future__ import annotations

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet run a cell as a formula; in some languages the wide signs as well."""


def as_cell(text: str) -> str:
    """The text; behind an apostrophe where a spreadsheet would run it, spaces before it or not."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
