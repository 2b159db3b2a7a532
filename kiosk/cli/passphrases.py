"""Passphrases that a command needs: asked for in the terminal, or taken from a file."""

from __future__ import annotations

from pathlib import Path

import click

from kiosk.core.errors import InputError

passphrase_file = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the passphrase from the first line of a file instead of asking.",
)


def ask_passphrase(file: Path | None, *, confirm: bool, text: str = "Passphrase") -> str:
    """The passphrase. Raises InputError for a file without one."""
    if file is None:
        asked: str = click.prompt(text, hide_input=True, confirmation_prompt=confirm, err=True)
        return asked
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The passphrase file {file} cannot be read.", "Check it.") from error
    if not lines or not lines[0]:
        raise InputError(f"The first line of {file} is empty.", "Write the passphrase there.")
    return lines[0]
