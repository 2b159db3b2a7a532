"""`kiosk fleet`: many kiosks with one gallery."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.errors import FleetRevoked, InputError, KnownError, SettingsError
from kiosk.core.extras import require
from kiosk.core.fleet import KioskLine, Outcome, Privacy
from kiosk.core.settings import Settings
from kiosk.runtime import composition

if TYPE_CHECKING:
    from kiosk.runtime.fleet.sync import FleetSync
    from kiosk.storage import SqlGallery
    from kiosk.storage.postgres.connection import Connection

_OUTCOMES = {
    Outcome.RENAMED: "the name was somebody else's by then and became {}",
    Outcome.OVERTOOK: "another kiosk had given the name {} meanwhile; yours holds",
    Outcome.GONE: "somebody you changed had been removed at another kiosk",
}
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _say(text: str, as_json: bool, **facts: object) -> None:
    """What was done: a sentence, or the facts in it for a program."""
    click.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else text)


def _as_owner(command: Callable[..., Any]) -> Callable[..., Any]:
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


@click.group()
def fleet() -> None:
    """Share the people of many kiosks through one PostgreSQL server.

    Every kiosk keeps the people of its sites in its own gallery and answers from it, also without
    a line. The server stores names and templates sealed: it cannot read them. Where it is stands in
    the settings fleet_server and fleet_authority.

    \b
    Examples:
      kiosk fleet init --site headquarters      # at the first kiosk, once
      kiosk fleet invite door-2 door-2.invitation --site headquarters
      kiosk fleet join door-2.invitation        # at the new kiosk
      kiosk fleet status
    """
    require("psycopg", "pgvector", for_what="A fleet")


@fleet.command()
@_as_owner
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A site; may be repeated.")
@click.option(
    "--privacy",
    type=click.Choice([each.value for each in Privacy]),
    default=Privacy.SEALED.value,
    show_default=True,
    help="Whether the server can search; it stays so.",
)
@click.option("--name", default=platform.node(), show_default="this machine's", metavar="NAME")
@_as_json
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

    with _owner(settings, owner, password_file) as opened:
        begun = version_of(opened) > 0
        if not begun and not sites:
            raise InputError("No site is named.", "Give at least one with --site.")
        kind = _privacy(opened, privacy, begun=begun)
        number = bring_up(opened, kind, sites)
        if begun:
            made = index_searches(opened) if kind is Privacy.SEARCHABLE else []
            indexed = f" Indexed for its search: {', '.join(made)}." if made else ""
            text = f"The server is of this version now.{indexed}"
            _say(text, as_json, fleet=number, begun=False, indexed=made)
            return
        with composition.open_gallery(settings) as gallery:
            invitation = _invited(
                settings, opened, number, name, sites, Privacy(privacy), FleetKeys.new()
            )
            join_fleet(gallery, invitation.membership())
            _first_meeting(settings, gallery)
    text = (
        f"The fleet is begun; this kiosk is {name}, at {sites[0]}.\n"
        "Its keys are in the galleries of its kiosks alone: run `kiosk key backup`."
    )
    _say(text, as_json, fleet=number, begun=True, name=name, sites=sites)


def _privacy(opened: Connection, wanted: str, *, begun: bool) -> Privacy:
    if not begun:
        return Privacy(wanted)
    row = opened.execute("SELECT privacy FROM kiosk.fleet").fetchone()
    return Privacy(row[0]) if row else Privacy(wanted)


def _invited(
    settings: Settings,
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
        settings.fleet_server,
        credentials.password,
        keys,
    )


@fleet.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", "sites", multiple=True, required=True, metavar="NAME", help="Its sites.")
@passphrase_file
@_as_owner
@_as_json
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
    with _owner(settings, owner, password_file) as opened:
        invitation = _invited(settings, opened, own.fleet, name, sites, own.privacy, own.keys)
    write_invitation(invitation, file, passphrase)
    text = f"Take {file} to {name} and run: kiosk fleet join {file.name}"
    _say(text, as_json, name=name, file=file, sites=sites)


@fleet.command()
@click.argument("file", type=click.Path(path_type=Path))
@passphrase_file
@_as_json
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

    _require_server(settings)
    passphrase = ask_passphrase(passphrase_file, confirm=False, text="Passphrase of the invitation")
    invitation = read_invitation(file, passphrase)
    with composition.open_gallery(settings) as gallery:
        told = join_fleet(gallery, invitation.membership())
        try:
            _first_meeting(settings, gallery)
        except KnownError:
            if _never_met(gallery):
                leave_here(gallery)
            raise
        people = len(gallery.subjects())
    text = f"This kiosk is {invitation.name} of its fleet: {told} people told, {people} here."
    _say(text, as_json, name=invitation.name, told=told, people=people)


def _never_met(gallery: SqlGallery) -> bool:
    from kiosk.runtime.fleet.sync import load_membership

    return load_membership(gallery).known is None


def _first_meeting(settings: Settings, gallery: SqlGallery) -> None:
    with _line(settings, gallery) as sync:
        sync.greet()
        sync.introduce()
        sync.round()


@fleet.command()
@click.option("--here", is_flag=True, help="Without a word to the server, which may be gone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_as_json
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
            with _line(settings, gallery) as sync:
                sync.greet()
                sync.push()
                sync.leave()
    _say("This kiosk belongs to no fleet any more.", as_json, left=True, told=not here)


@fleet.command()
@click.option("--restored", is_flag=True, help="This kiosk was put back from a copy.")
@click.option("--anew", is_flag=True, help="Take everybody over again.")
@_as_json
@click.pass_obj
def sync(settings: Settings, restored: bool, anew: bool, as_json: bool) -> None:
    """Tell the fleet what was done here and take over what was done elsewhere, once and now.

    A kiosk that runs does so by itself within seconds.

    \b
    kiosk fleet sync
    kiosk fleet sync --restored
    """
    from kiosk.runtime.fleet.service import destroy

    with composition.open_gallery(settings) as gallery, _line(settings, gallery) as line:
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


@fleet.command()
@_as_json
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How this kiosk stands with its fleet, and every kiosk of its sites with it.

    Exit code 0 if nothing is missing anywhere, 20 if something is, 6 if the server does not answer;
    what is known here is told all the same.

    \b
    kiosk fleet status --json
    """
    from kiosk.runtime.fleet.sync import load_membership
    from kiosk.storage.sqlite import fleet_state

    settings: Settings = ctx.obj
    lines: list[KioskLine] = []
    problem: KnownError | None = None
    with composition.open_gallery(settings) as gallery:
        member = load_membership(gallery)
        waiting = fleet_state.waiting(gallery.database)
        current = fleet_state.current_since(gallery.database)
        notices = fleet_state.notices(gallery.database)
        try:
            with _line(settings, gallery) as line:
                lines = line.overview()
        except KnownError as error:
            problem = error
    here = {
        "name": member.name,
        "privacy": member.privacy.value,
        "waiting": waiting.count,
        "oldest": waiting.oldest,
        "current": current,
        "notices": [{"what": each.outcome, "text": each.text} for each in notices],
        "problem": str(problem) if problem else None,
    }
    if as_json:
        kiosks = [asdict(each) for each in lines]
        click.echo(json.dumps({"here": here, "kiosks": kiosks}, default=str, ensure_ascii=False))
    else:
        _tell_here(member.name, waiting, current, notices)
        _tell_kiosks(lines)
    if problem is not None:
        raise problem
    behind = [each for each in lines if _amiss(each)]
    ctx.exit(20 if behind or waiting.count or notices else 0)


def _tell_here(name: str, waiting: Any, current: Any, notices: Any) -> None:
    click.echo(f"This kiosk is {name}. {waiting.count} changes are still to be told.")
    for site, time in current.items():
        age = _ago(time) if time else "never yet"
        click.echo(f"  {site}: everything was here {age}")
    for each in notices:
        click.echo(f"  {each.time.astimezone():%F %T} {_OUTCOMES[each.outcome].format(each.text)}")


def _tell_kiosks(lines: list[KioskLine]) -> None:
    if not lines:
        return
    table = Table(
        "kiosk", "sites", "contact", "behind", "to tell", "unconfirmed", "people", "", box=None
    )
    for each in lines:
        cells = (
            each.name,
            ", ".join(each.sites),
            _ago(each.contact) if each.contact else "never",
            each.behind,
            each.waiting if each.waiting is not None else "?",
            each.unconfirmed,
            each.people if each.people is not None else "?",
            _remark(each),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table)


def _remark(line: KioskLine) -> str:
    if line.destroyed:
        return f"revoked, key destroyed {_ago(line.destroyed)}"
    if line.revoked:
        return "revoked, not heard of since"
    if line.left:
        return f"left {_ago(line.left)}"
    if not line.joined:
        return "invited"
    if line.skew is not None and abs(line.skew) > 300:
        return f"clock {line.skew / 3600:+.1f} h"
    return ""


def _amiss(line: KioskLine) -> bool:
    if line.left or (line.revoked and line.destroyed):
        return False
    return bool(line.behind or line.unconfirmed or line.revoked or not line.joined)


def _ago(time: datetime) -> str:
    seconds = max(0, int((datetime.now(UTC) - time).total_seconds()))
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} seconds ago"


@fleet.command("serve-check")
@_as_owner
@_as_json
@click.pass_context
def serve_check(ctx: click.Context, owner: str, password_file: Path | None, as_json: bool) -> None:
    """Look whether the server is fit for a fleet: version, pgvector, TLS, durability, standbys,
    backups.

    Exit code 20 if something should be mended.

    \b
    kiosk fleet serve-check --owner kiosk_owner
    """
    from kiosk.storage.postgres.fitness import findings

    with _owner(ctx.obj, owner, password_file) as opened:
        found = findings(opened)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found]))
    for each in found if not as_json else ():
        click.echo(f"{'ok ' if each.well else 'look'}  {each.what}")
        if not each.well:
            click.echo(f"      {each.remedy}")
    ctx.exit(0 if all(each.well for each in found) else 20)


@fleet.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_as_owner
@_as_json
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
        _owner(settings, owner, password_file) as opened,
        _line(settings, gallery) as line,
    ):
        count = put_out(line, opened, name)
    text = f"{name} is out. {count} values were sealed anew; other kiosks take the new key."
    _say(text, as_json, name=name, sealed_anew=count)


@fleet.command()
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--ring", type=int, default=0, show_default=True, help="Kiosks up to this ring.")
@click.option("--widen", type=int, metavar="ROLLOUT", help="Go on with a rollout, up to --ring.")
@click.option("--place", "placed", metavar="NAME", help="Put the kiosk NAME into --ring.")
@click.option("--anyway", is_flag=True, help="Do not wait for the rings before.")
@_as_owner
@_as_json
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
    that has it so far took it and was heard of since: else those that are not well are named.

    A kiosk writes them into its kiosk.toml when it next meets the server, and takes them at its
    next start. Settings that tell where things lie are each kiosk's own.

    \b
    kiosk fleet rollout --place door-1 --ring 0
    kiosk fleet rollout result_seconds=20 --ring 0
    kiosk fleet rollout --widen 1 --ring 1
    """
    from kiosk.storage.postgres import administration, rings

    with _owner(settings, owner, password_file) as opened:
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


@fleet.command("audit")
@_as_owner
@_as_json
@click.pass_context
def audit(ctx: click.Context, owner: str, password_file: Path | None, as_json: bool) -> None:
    """Verify the records of all kiosks, as far as they were gathered at the server.

    The server has each line's time, act and hash, not what it tells of. Exit code 6 where a chain
    is broken.

    \b
    kiosk fleet audit
    """
    from kiosk.storage.postgres.administration import audit_problems

    with _owner(ctx.obj, owner, password_file) as opened:
        found = audit_problems(opened)
    if as_json:
        click.echo(json.dumps(found))
    elif not found:
        click.echo("The records of all kiosks are whole, as far as they were gathered.")
    else:
        click.echo("\n".join(found))
    ctx.exit(6 if found else 0)


def _require_server(settings: Settings) -> None:
    if not settings.fleet_server:
        raise SettingsError(
            "No server of a fleet is named.",
            "Run: kiosk settings set fleet_server=postgresql://HOST/DATABASE",
            key="fleet_server",
        )


@contextmanager
def _owner(settings: Settings, role: str, password_file: Path | None) -> Iterator[Connection]:
    """A connection of whoever owns the database."""
    from kiosk.runtime.fleet.desk import connect_owner
    from kiosk.storage.postgres.connection import is_local, parsed

    _require_server(settings)
    local = is_local(str(parsed(settings.fleet_server).get("host", "")))
    password = ""
    if password_file is not None or not local:
        password = ask_passphrase(password_file, confirm=False, text=f"Password of {role}")
    with closing(connect_owner(settings, role, password)) as opened:
        yield opened


@contextmanager
def _line(settings: Settings, gallery: SqlGallery) -> Iterator[FleetSync]:
    """The kiosk's own line, with a bar where much is taken over."""
    from kiosk.runtime.fleet.service import open_sync

    _require_server(settings)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Taking over", total=None, visible=False)

        def tell(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of, visible=of > 100)

        line = open_sync(settings, gallery, tell)
        try:
            yield line
        finally:
            line.close()
