"""`kiosk key`: where the key of the gallery is kept, and what can be done with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from kiosk.cli.out_folder import OUT_FILE
from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.hardening import harden
from kiosk.core.own_files import private_folder
from kiosk.core.settings import Settings
from kiosk.storage.keys import care
from kiosk.storage.keys.file import Keeping
from kiosk.storage.keys.signing import Signing
from kiosk.storage.keys.signing import fingerprint as fingerprint_of_signer

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def key() -> None:
    """See, exchange, copy and put back the key of the gallery.

    Without its key nobody can open a gallery: make a copy with `backup` and keep it elsewhere.

    \b
    Examples:
      kiosk key status
      kiosk key backup /media/stick/kiosk-key.json
      kiosk key rotate --keep-in keyring
    """


@key.command()
@_as_json
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Where the key is, how it is kept, and what of it the system protects in memory.

    \b
    Example:
      kiosk key status
    """
    found = care.status(settings.database, settings.key_file)
    granted = harden()
    facts: dict[str, Any] = {
        "key_file": str(settings.key_file),
        "kept_in": found.keeping.value if found.keeping else None,
        "fingerprint": found.fingerprint,
        "opens_gallery": found.opens,
        "exchange_unfinished": found.unfinished,
        "people_with_keys": found.people,
        "no_core_dumps": granted.no_core_dumps,
        "not_dumpable": granted.not_dumpable,
        "memory_locked": granted.memory_locked,
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' '):20} {_word(value)}")
    if found.unfinished:
        click.echo("An exchange was cut off; `kiosk key rotate` does it again.", err=True)


@key.command()
@click.option(
    "--keep-in",
    type=click.Choice([each.value for each in Keeping]),
    help="Keep the new key in a file, in the system's keyring, or under a passphrase.",
)
@passphrase_file
@_as_json
@click.pass_obj
def rotate(
    settings: Settings, keep_in: str | None, passphrase_file: Path | None, as_json: bool
) -> None:
    """Write the gallery anew under another key.

    Older copies of the gallery then open only with a copy of the older key: where there is none,
    whoever was deleted is gone from them too. The kiosk must be stopped. Can be cut off at any
    moment and called again.

    \b
    Examples:
      kiosk key rotate
      kiosk key rotate --keep-in passphrase
    """
    keeping = Keeping(keep_in) if keep_in else None
    secret = ""
    if keeping is Keeping.PASSPHRASE:
        secret = ask_passphrase(passphrase_file, confirm=True)
        care.require_strong(secret)
    care.rotate(settings.database, settings.key_file, keeping, secret)
    found = care.status(settings.database, settings.key_file)
    _say(
        as_json,
        {"fingerprint": found.fingerprint, "kept_in": found.keeping},
        f"The gallery has another key ({found.fingerprint}). Make a new copy: `kiosk key backup`.",
    )


@key.command()
@click.argument("file", type=OUT_FILE)
@passphrase_file
@_as_json
@click.pass_obj
def backup(settings: Settings, file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Write a copy of the key under a passphrase into FILE, never over another file.

    The keys under which copies hold people are not in it: they lie in `keys` beside the copies and
    go with whoever is deleted.

    \b
    Example:
      kiosk key backup /media/stick/kiosk-key.json
    """
    secret = ask_passphrase(passphrase_file, confirm=True)
    mark = care.backup(settings.database, settings.key_file, file, secret)
    _say(
        as_json,
        {"file": str(file), "fingerprint": mark},
        f"Wrote the key ({mark}) to {file}. Keep it away from copies of the gallery.",
    )


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
@passphrase_file
@_as_json
@click.pass_obj
def restore(settings: Settings, file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Put a key back from FILE, made by `kiosk key backup`; it must open the gallery.

    Never writes over a key: one that is there must be moved away first.

    \b
    Example:
      kiosk key restore /media/stick/kiosk-key.json
    """
    secret = ask_passphrase(passphrase_file, confirm=False)
    mark = care.restore(settings.database, settings.key_file, file, secret)
    _say(as_json, {"fingerprint": mark}, f"Put the key ({mark}) back.")


@key.command("sign-identity")
@_as_json
@click.pass_obj
def sign_identity(settings: Settings, as_json: bool) -> None:
    """Give this kiosk an identity: what it exports from now on is signed (Ed25519).

    Prints the public key and its fingerprint; made once, printed again on every later call.

    \b
    Example:
      kiosk key sign-identity
    """
    public = _signing(settings).make_identity()
    mark = fingerprint_of_signer(public)
    _say(as_json, {"public": public, "fingerprint": mark}, f"{public}\nfingerprint {mark}")


@key.command()
@click.argument("public")
@click.argument("name")
@_as_json
@click.pass_obj
def trust(settings: Settings, public: str, name: str, as_json: bool) -> None:
    """Know archives of another kiosk by NAME: PUBLIC is what its `sign-identity` prints.

    Compare the fingerprint on another way than the key came.

    \b
    Example:
      kiosk key trust 4f1c... "front desk"
    """
    mark = _signing(settings).trust(public, name)
    _say(as_json, {"fingerprint": mark, "name": name}, f"Archives of {mark} are now {name}'s.")


def _signing(settings: Settings) -> Signing:
    return Signing(private_folder(settings.key_file))


def _say(as_json: bool, facts: dict[str, Any], line: str) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else line)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
