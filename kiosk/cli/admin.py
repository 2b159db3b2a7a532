"""`kiosk admin`: who may open the staff pages of the screen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.settings import Settings
from kiosk.runtime.passphrase import FIRST_NAME, Passphrase, Role

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def admin() -> None:
    """Say who may open the staff pages of the screen.

    The screen itself never offers to choose a passphrase: whoever has the kiosk's account on the
    machine sets it here, before visitors come.

    \b
    Roles: operator (everything), enroller (people and enrolment), auditor (visits and health,
    without changing anything).

    \b
    Examples:
      kiosk admin passphrase                  the first one, of an operator
      kiosk admin add desk --role enroller
      kiosk admin list
    """


@admin.command()
@click.option("--name", default=FIRST_NAME, show_default=True, help="Whose.")
@passphrase_file
@_as_json
@click.pass_obj
def passphrase(settings: Settings, name: str, passphrase_file: Path | None, as_json: bool) -> None:
    """Set the passphrase of an operator, or set another.

    \b
    Examples:
      kiosk admin passphrase
      kiosk admin passphrase --name head
    """
    kept = Passphrase.of(settings)
    role = next((each.role for each in kept.people() if each.name == name), Role.OPERATOR)
    _set(kept, name, role, passphrase_file, as_json)


@admin.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ENROLLER.value,
    show_default=True,
    help="What they may do.",
)
@passphrase_file
@_as_json
@click.pass_obj
def add(
    settings: Settings, name: str, role: str, passphrase_file: Path | None, as_json: bool
) -> None:
    """Give somebody a passphrase of their own, or change their role.

    \b
    Example:
      kiosk admin add desk --role enroller
    """
    _set(Passphrase.of(settings), name, Role(role), passphrase_file, as_json)


@admin.command("list")
@_as_json
@click.pass_obj
def list_staff(settings: Settings, as_json: bool) -> None:
    """Who has one, with the number that stands for them in `kiosk audit`.

    \b
    Example:
      kiosk admin list
    """
    found = Passphrase.of(settings).people()
    if as_json:
        facts = [{"number": e.number, "name": e.name, "role": e.role.value} for e in found]
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.number:4}  {each.name:24}  {each.role.value}")
    if not found:
        click.echo("Nobody has a passphrase: run `kiosk admin passphrase`.", err=True)


@admin.command()
@click.argument("name")
@_as_json
@click.pass_obj
def remove(settings: Settings, name: str, as_json: bool) -> None:
    """Take somebody's passphrase away. The last operator's stays.

    \b
    Example:
      kiosk admin remove desk
    """
    Passphrase.of(settings).remove(name)
    click.echo(json.dumps({"removed": name}) if as_json else f"{name} has no passphrase any more.")


@admin.command()
@_as_json
@click.pass_obj
def unlock(settings: Settings, as_json: bool) -> None:
    """Forget wrong tries, where somebody typed nonsense at the gate and staff must wait.

    \b
    Example:
      kiosk admin unlock
    """
    Passphrase.of(settings).unlock()
    click.echo(
        json.dumps({"unlocked": True}) if as_json else "The gate takes the next try at once."
    )


def _set(kept: Passphrase, name: str, role: Role, file: Path | None, as_json: bool) -> None:
    kept.choose(ask_passphrase(file, confirm=True), name, role)
    if as_json:
        click.echo(json.dumps({"name": name, "role": role.value}))
    else:
        click.echo(f"{name} may open the staff pages as {role.value}.")
