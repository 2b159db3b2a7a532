"""What a kiosk does in a fleet: join, leave, come into step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.cli.fleet.common import as_json_option, first_meeting, own_line, require_server, tell
from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.errors import FleetRevoked, KnownError
from kiosk.core.settings import Settings
from kiosk.runtime import composition

if TYPE_CHECKING:
    from kiosk.storage import SqlGallery


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@passphrase_file
@as_json_option
@click.pass_obj
def join(settings: Settings, file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Take up the invitation in FILE: this kiosk gets everybody of its sites.

    Whoever is enrolled here already comes into the fleet; names that are taken there get a number.

    \b
    kiosk settings set fleet_server=postgresql://gallery.example/kiosk
    kiosk fleet join /media/stick/door-2.invitation
    """
    from kiosk.runtime.fleet.membership import read_invitation
    from kiosk.runtime.fleet.sync import join as join_fleet
    from kiosk.runtime.fleet.sync import leave_here

    require_server(settings)
    passphrase = ask_passphrase(passphrase_file, confirm=False, text="Passphrase of the invitation")
    invitation = read_invitation(file, passphrase)
    with composition.open_gallery(settings) as gallery:
        told = join_fleet(gallery, invitation.membership())
        try:
            first_meeting(settings, gallery)
        except KnownError:
            if _never_met(gallery):
                leave_here(gallery)
            raise
        people = len(gallery.subjects())
    text = f"This kiosk is {invitation.name} of its fleet: {told} people told, {people} here."
    tell(text, as_json, name=invitation.name, told=told, people=people)


def _never_met(gallery: SqlGallery) -> bool:
    from kiosk.runtime.fleet.sync import load_membership

    return load_membership(gallery).known is None


@click.command()
@click.option("--here", is_flag=True, help="Without a word to the server, which may be gone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
@click.pass_obj
def leave(settings: Settings, here: bool, yes: bool, as_json: bool) -> None:
    """Take this kiosk out of its fleet; the people it has stay here, as its own.

    What was not told yet is told first, unless --here is given.

    \b
    kiosk fleet leave
    """
    from kiosk.runtime.fleet.sync import leave_here

    if not yes:
        click.confirm("Leave the fleet?", abort=True, err=True)
    with composition.open_gallery(settings) as gallery:
        if here:
            leave_here(gallery)
        else:
            with own_line(settings, gallery) as sync:
                sync.greet()
                sync.push()
                sync.leave()
    tell("This kiosk belongs to no fleet any more.", as_json, left=True, told=not here)


@click.command()
@click.option("--restored", is_flag=True, help="This kiosk was put back from a copy.")
@click.option("--anew", is_flag=True, help="Take everybody over again.")
@as_json_option
@click.pass_obj
def sync(settings: Settings, restored: bool, anew: bool, as_json: bool) -> None:
    """Tell the fleet what was done here and take over what was done elsewhere, once and now.

    A kiosk that runs does so by itself within seconds.

    \b
    kiosk fleet sync
    kiosk fleet sync --restored
    """
    from kiosk.runtime.fleet.service import destroy

    with composition.open_gallery(settings) as gallery, own_line(settings, gallery) as line:
        if restored:
            line.restored()
        try:
            line.greet()
        except FleetRevoked:
            destroy(settings, gallery)
            line.confirm_destroyed()
            raise
        if anew:
            line.again()
        standing = line.round()
    told = {"people": standing.people, "waiting": standing.waiting, "behind": standing.behind}
    click.echo(json.dumps(told) if as_json else f"Current: {standing.people} people are here.")
