"""A report: tables, figures and numbers of one evaluation, as text, Markdown, JSON and HTML.

Nothing in it names a person, a file or a folder of the data; the HTML is one file without
references to anything outside it.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table as RichTable

from kiosk.core.errors import StorageError

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:.7rem 0}th,td{border:1px solid #ccc;padding:.25rem .6rem}
th{background:#f2f2f2;text-align:left}td+td{text-align:right}img{max-width:100%}
p.note{color:#555}figure{display:inline-block;margin:.5rem;vertical-align:top}
"""


@dataclass(frozen=True)
class Table:
    """`rows` of as many cells as `header` has."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A PNG; `name` becomes its file's name."""

    name: str
    title: str
    png: bytes = field(repr=False)


@dataclass
class Report:
    """What an evaluation found: `facts` say what was measured, `numbers` go into the JSON."""

    title: str
    facts: dict[str, str]
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    def extend(self, other: Report) -> None:
        """Take over tables, figures and numbers of a part."""
        self.tables += other.tables
        self.figures += other.figures
        self.numbers |= other.numbers


def plain(value: Any) -> Any:
    """What json can write: dataclasses as objects, NumPy as Python, infinity as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def as_json(report: Report) -> str:
    """The numbers and facts, keys sorted, one document."""
    content = {"title": report.title, "facts": report.facts, "numbers": plain(report.numbers)}
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def print_report(report: Report, console: Console) -> None:
    """Tables as text."""
    console.print(report.title, style="bold", markup=False)
    for key, value in report.facts.items():
        console.print(f"{key}: {value}", markup=False, highlight=False)
    for table in report.tables:
        shown = RichTable(title=table.title, caption=table.note or None, title_justify="left")
        for number, cell in enumerate(table.header):
            shown.add_column(cell, justify="right" if number else "left", overflow="fold")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown, markup=False)


def as_markdown(report: Report) -> str:
    """Facts and tables for a page of documentation."""
    lines = [f"- {key}: {value}" for key, value in report.facts.items()]
    for table in report.tables:
        lines += ["", f"### {table.title}", ""]
        lines += [_row(table.header), _row(["---", *["---:"] * (len(table.header) - 1)])]
        lines += [_row(row) for row in table.rows]
        lines += ["", table.note] if table.note else []
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_html(report: Report) -> str:
    """One self-contained page; images are inside it."""
    parts = [f"<h1>{html.escape(report.title)}</h1>", "<ul>"]
    parts += [
        f"<li>{html.escape(key)}: {html.escape(value)}</li>" for key, value in report.facts.items()
    ]
    parts.append("</ul>")
    parts += [_html_table(table) for table in report.tables]
    parts += [_html_figure(figure) for figure in report.figures]
    head = f'<meta charset="utf-8"><title>{html.escape(report.title)}</title>'
    policy = (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
    )
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{policy}<style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in table.header)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    note = f'<p class="note">{html.escape(table.note)}</p>' if table.note else ""
    title = f"<h2>{html.escape(table.title)}</h2>"
    return f"{title}\n<table><tr>{head}</tr>\n{rows}\n</table>\n{note}"


def _html_figure(figure: Figure) -> str:
    data = base64.b64encode(figure.png).decode("ascii")
    title = html.escape(figure.title)
    image = f'<img alt="{title}" src="data:image/png;base64,{data}">'
    return f"<figure><figcaption>{title}</figcaption>{image}</figure>"


def write_report(report: Report, folder: Path) -> list[Path]:
    """report.html, report.json, report.md and the PNGs; returns what was written.

    Raises StorageError where the folder cannot be written.
    """
    contents = {
        "report.html": as_html(report).encode(),
        "report.json": as_json(report).encode(),
        "report.md": as_markdown(report).encode(),
    }
    contents |= {f"{figure.name}.png": figure.png for figure in report.figures}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise StorageError(
            f"The report cannot be written: {error.strerror}.", "Name another folder with --out."
        ) from error
    return [folder / name for name in contents]
