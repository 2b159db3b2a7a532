"""What several commands of a fleet need: options, the owner's connection, the kiosk's line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from kiosk.cli.passphrases import ask_passphrase
from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings

if TYPE_CHECKING:
    from kiosk.runtime.fleet.sync import FleetSync
    from kiosk.storage import SqlGallery
    from kiosk.storage.postgres.connection import Connection

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def tell(text: str, as_json: bool, **facts: object) -> None:
    """What was done: a sentence, or the facts in it for a program."""
    click.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else text)


def owner_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who owns the database, and where the password is."""
    command = click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Take the owner's password from the first line of a file.",
    )(command)
    return click.option(
        "--owner",
        default="postgres",
        show_default=True,
        metavar="ROLE",
        help="The role of the server that owns the database.",
    )(command)


def require_server(settings: Settings) -> None:
    """Raises SettingsError where no server is set."""
    if not settings.fleet_server:
        raise SettingsError(
            "No server of a fleet is named.",
            "Run: kiosk settings set fleet_server=postgresql://HOST/DATABASE",
            key="fleet_server",
        )


@contextmanager
def owner_of(settings: Settings, role: str, password_file: Path | None) -> Iterator[Connection]:
    """A connection of whoever owns the database."""
    from kiosk.runtime.fleet.desk import connect_owner
    from kiosk.storage.postgres.connection import is_local, parsed

    require_server(settings)
    local = is_local(str(parsed(settings.fleet_server).get("host", "")))
    password = ""
    if password_file is not None or not local:
        password = ask_passphrase(password_file, confirm=False, text=f"Password of {role}")
    with closing(connect_owner(settings, role, password)) as opened:
        yield opened


@contextmanager
def own_line(settings: Settings, gallery: SqlGallery) -> Iterator[FleetSync]:
    """The kiosk's own line, with a bar where much is taken over."""
    from kiosk.runtime.fleet.service import open_sync

    require_server(settings)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Taking over", total=None, visible=False)

        def move_on(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of, visible=of > 100)

        line = open_sync(settings, gallery, move_on)
        try:
            yield line
        finally:
            line.close()


def first_meeting(settings: Settings, gallery: SqlGallery) -> None:
    """What a kiosk has and the fleet has come together. Raises FleetError."""
    with own_line(settings, gallery) as sync:
        sync.greet()
        sync.introduce()
        sync.round()
