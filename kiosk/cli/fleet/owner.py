"""What whoever owns the server does: begin, invite, revoke, roll out, look after it."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.cli.fleet.common import (
    as_json_option,
    first_meeting,
    own_line,
    owner_of,
    owner_options,
    tell,
)
from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.errors import InputError, SettingsError
from kiosk.core.fleet import Privacy
from kiosk.core.settings import Settings
from kiosk.runtime import composition

if TYPE_CHECKING:
    from kiosk.storage.postgres.connection import Connection


@click.command()
@owner_options
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A site; may be repeated.")
@click.option(
    "--privacy",
    type=click.Choice([each.value for each in Privacy]),
    default=Privacy.SEALED.value,
    show_default=True,
    help="Whether the server can search; it stays so.",
)
@click.option("--name", default=platform.node(), show_default="this machine's", metavar="NAME")
@as_json_option
@click.pass_obj
def init(
    settings: Settings,
    owner: str,
    password_file: Path | None,
    sites: tuple[str, ...],
    privacy: str,
    name: str,
    as_json: bool,
) -> None:
    """Begin a fleet in an empty database, with this kiosk as its first.

    Called again it brings an older server up to this version, and adds sites. The database must
    exist, and the role must own it, may create roles, and the extension pgvector must be there.

    \b
    kiosk fleet init --site headquarters --site plant --owner kiosk_owner
    """
    from kiosk.runtime.fleet.sync import join as join_fleet
    from kiosk.storage.postgres.administration import bring_up, version_of
    from kiosk.storage.postgres.sealing import FleetKeys
    from kiosk.storage.postgres.search import index_searches

    with owner_of(settings, owner, password_file) as opened:
        begun = version_of(opened) > 0
        if not begun and not sites:
            raise InputError("No site is named.", "Give at least one with --site.")
        kind = _privacy(opened, privacy, begun=begun)
        number = bring_up(opened, kind, sites)
        if begun:
            made = index_searches(opened) if kind is Privacy.SEARCHABLE else []
            indexed = f" Indexed for its search: {', '.join(made)}." if made else ""
            text = f"The server is of this version now.{indexed}"
            tell(text, as_json, fleet=number, begun=False, indexed=made)
            return
        with composition.open_gallery(settings) as gallery:
            invitation = _invited(opened, number, name, sites, Privacy(privacy), FleetKeys.new())
            join_fleet(gallery, invitation.membership())
            first_meeting(settings, gallery)
    text = (
        f"The fleet is begun; this kiosk is {name}, at {sites[0]}.\n"
        "Its keys are in the galleries of its kiosks alone: run `kiosk key backup`."
    )
    tell(text, as_json, fleet=number, begun=True, name=name, sites=sites)


def _privacy(opened: Connection, wanted: str, *, begun: bool) -> Privacy:
    if not begun:
        return Privacy(wanted)
    row = opened.execute("SELECT privacy FROM kiosk.fleet").fetchone()
    return Privacy(row[0]) if row else Privacy(wanted)


def _invited(
    opened: Connection,
    number: Any,
    name: str,
    sites: tuple[str, ...],
    privacy: Privacy,
    keys: Any,
) -> Any:
    from kiosk.runtime.fleet.membership import Invitation
    from kiosk.storage.postgres.administration import invite as let_in

    credentials = let_in(opened, name, sites)
    return Invitation(
        number,
        credentials.kiosk,
        name,
        credentials.role,
        sites[0],
        privacy,
        credentials.password,
        keys,
    )


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", "sites", multiple=True, required=True, metavar="NAME", help="Its sites.")
@passphrase_file
@owner_options
@as_json_option
@click.pass_obj
def invite(
    settings: Settings,
    name: str,
    file: Path,
    sites: tuple[str, ...],
    passphrase_file: Path | None,
    owner: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Let the kiosk NAME into the fleet: writes FILE, under a passphrase, for `kiosk fleet join`.

    Whom the new kiosk enrols is of the first site. FILE opens nothing any more once it was used.

    \b
    kiosk fleet invite door-2 /media/stick/door-2.invitation --site headquarters
    """
    from kiosk.runtime.fleet.membership import write_invitation
    from kiosk.runtime.fleet.sync import load_membership

    with composition.open_gallery(settings) as gallery:
        own = load_membership(gallery)
    if file.exists():
        raise InputError(f"{file} exists already.", "Name another file.")
    passphrase = ask_passphrase(passphrase_file, confirm=True, text="Passphrase of the invitation")
    with owner_of(settings, owner, password_file) as opened:
        invitation = _invited(opened, own.fleet, name, sites, own.privacy, own.keys)
    write_invitation(invitation, file, passphrase)
    text = f"Take {file} to {name} and run: kiosk fleet join {file.name}"
    tell(text, as_json, name=name, file=file, sites=sites)


@click.command("serve-check")
@owner_options
@as_json_option
@click.pass_context
def serve_check(ctx: click.Context, owner: str, password_file: Path | None, as_json: bool) -> None:
    """Look whether the server is fit for a fleet: version, pgvector, TLS, durability, standbys,
    backups.

    Exit code 20 if something should be mended.

    \b
    kiosk fleet serve-check --owner kiosk_owner
    """
    from kiosk.storage.postgres.fitness import findings

    with owner_of(ctx.obj, owner, password_file) as opened:
        found = findings(opened)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found]))
    for each in found if not as_json else ():
        click.echo(f"{'ok ' if each.well else 'look'}  {each.what}")
        if not each.well:
            click.echo(f"      {each.remedy}")
    ctx.exit(0 if all(each.well for each in found) else 20)


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@owner_options
@as_json_option
@click.pass_obj
def revoke(
    settings: Settings,
    name: str,
    yes: bool,
    owner: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Put the kiosk NAME out of the fleet, because it was stolen or lost.

    It sees nothing from this moment. The fleet begins a new key that it never gets, and what the
    server holds is sealed anew with it. If it ever asks again it destroys its own key and
    everybody on it, and `kiosk fleet status` says that it has.

    \b
    kiosk fleet revoke door-2
    """
    from kiosk.runtime.fleet.desk import put_out

    if not yes:
        click.confirm(f"Put {name} out of the fleet for good?", abort=True, err=True)
    with (
        composition.open_gallery(settings) as gallery,
        owner_of(settings, owner, password_file) as opened,
        own_line(settings, gallery) as line,
    ):
        count = put_out(line, opened, name)
    text = f"{name} is out. {count} values were sealed anew; other kiosks take the new key."
    tell(text, as_json, name=name, sealed_anew=count)


@click.command()
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--ring", type=int, default=0, show_default=True, help="Kiosks up to this ring.")
@click.option("--widen", type=int, metavar="ROLLOUT", help="Go on with a rollout, up to --ring.")
@click.option("--place", "placed", metavar="NAME", help="Put the kiosk NAME into --ring.")
@click.option("--anyway", is_flag=True, help="Do not wait for the rings before.")
@owner_options
@as_json_option
@click.pass_obj
def rollout(
    settings: Settings,
    pairs: tuple[str, ...],
    ring: int,
    widen: int | None,
    placed: str | None,
    anyway: bool,
    owner: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Give settings, the choice of models among them, to kiosks ring by ring; without anything,
    tell how far each rollout is.

    A rollout begins with the lowest ring that has kiosks and goes on by one ring, when every kiosk
    that has it so far took it, was heard of since, was started since and is not out of order by its
    own word (`kiosk status` there): else those that are not well are named.

    A kiosk writes them into its kiosk.toml when it next meets the server, and takes them at its
    next start. Settings that tell where things lie are each kiosk's own.

    \b
    kiosk fleet rollout --place door-1 --ring 0
    kiosk fleet rollout result_seconds=20 --ring 0
    kiosk fleet rollout --widen 1 --ring 1
    """
    from kiosk.storage.postgres import administration, rings

    with owner_of(settings, owner, password_file) as opened:
        if placed:
            administration.set_ring(opened, placed, ring)
        if widen is not None:
            if not anyway:
                rings.require_well(opened, widen, ring)
            administration.widen(opened, widen, ring)
        if pairs:
            number = _begin_rollout(opened, pairs, ring, anyway=anyway)
            if not as_json:
                click.echo(f"Rollout {number} begins in ring {ring}.")
        found = administration.rollouts(opened)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    for each in found if not as_json else ():
        click.echo(
            f"{each.rollout}: up to ring {each.ring}, {', '.join(each.settings)}: "
            f"at {each.done} of {each.kiosks} kiosks, refused by {each.refused}"
        )


def _begin_rollout(opened: Connection, pairs: tuple[str, ...], ring: int, *, anyway: bool) -> int:
    from kiosk.core.settings import checked, find_setting
    from kiosk.core.settings_layers import assignments
    from kiosk.storage.postgres import administration, rings

    changes = {find_setting(k).key: v for k, v in assignments(pairs).items()}
    for key in changes:
        if not find_setting(key).declared.group.on_page:
            raise SettingsError(f"{key} is each kiosk's own.", "Set it there.", key=key)
    checked(Settings(), changes)
    if not anyway:
        rings.require_first_ring(opened, ring)
    return administration.roll_out(opened, changes, ring)


@click.command()
@owner_options
@as_json_option
@click.pass_context
def audit(ctx: click.Context, owner: str, password_file: Path | None, as_json: bool) -> None:
    """Verify the records of all kiosks, as far as they were gathered at the server.

    The server has each line's time, act and hash, not what it tells of. Exit code 6 where a chain
    is broken.

    \b
    kiosk fleet audit
    """
    from kiosk.storage.postgres.administration import audit_problems

    with owner_of(ctx.obj, owner, password_file) as opened:
        found = audit_problems(opened)
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo("The records of all kiosks are whole, as far as they were gathered.")
    else:
        click.echo("\n".join(found))
    ctx.exit(6 if found else 0)
