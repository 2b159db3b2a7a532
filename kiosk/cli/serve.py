"""`kiosk serve`: the HTTP service, its tokens and its certificate."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from kiosk.core.extras import require
from kiosk.core.settings import Settings, checked

if TYPE_CHECKING:
    from kiosk.server.access import TokenFile

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
ANCESTORS = (
    "ancestor_requests is on: whoever reaches this service can have every file below "
    "ancestor_folder read, and enrol whom they like under any name. Leave it off on a network."
)
_ROLES = ("identify", "enrol", "admin")


@click.group(invoke_without_command=True)
@click.option("--address", help="Listen here instead of at service_address.")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free port.")
@click.option("--tls", is_flag=True, help="Use the certificate on this machine's own address too.")
@click.option(
    "--require-token", is_flag=True, help="Ask for a token on this machine's own address too."
)
@click.pass_context
def serve(
    ctx: click.Context, /, address: str | None, port: int | None, tls: bool, require_token: bool
) -> None:
    """Answer requests of other programs over HTTP, on this machine or with TLS and tokens.

    Listens to this machine alone unless told otherwise; any other address needs a certificate and a
    token. docs/api.md describes the requests, /v1/openapi.json lists them. Ends with Ctrl-C.

    \b
    Examples:
      kiosk serve
      kiosk serve token add "front desk" --role identify --days 365
      kiosk serve certificate --host kiosk.example
      kiosk serve --address 0.0.0.0 --port 8443
    """
    if ctx.invoked_subcommand is not None:
        return
    require(
        "uvicorn",
        "fastapi",
        "python_multipart",
        "prometheus_client",
        "sse_starlette",
        for_what="The service",
    )
    from kiosk.server import launch
    from kiosk.storage.keys.file import read_key

    settings: Settings = ctx.obj
    given = {"service_address": address, "service_port": port}
    settings = checked(settings, {k: v for k, v in given.items() if v is not None})
    tokens = sum(each.state(datetime.now(UTC)) == "valid" for each in _tokens(settings).tokens())
    if settings.ancestor_requests:
        click.echo(f"kiosk: {ANCESTORS}", err=True)
    binding = launch.binding_of(settings, tls=tls, require_token=require_token, tokens=tokens)
    if settings.key_file.exists():
        read_key(settings.key_file)  # a passphrase is asked for here, once, and not by two threads
    launch.run(settings, binding, lambda url: click.echo(f"kiosk: listening at {url}", err=True))


@serve.group()
def token() -> None:
    """Make, list and revoke the tokens of clients.

    A token is shown once, when it is made; only its hash is kept. Roles: `identify` asks who
    somebody is and for estimates; `enrol` also sees and changes who is enrolled; `admin` also
    deletes and sees every decision.
    """


@token.command()
@click.argument("label")
@click.option("--role", type=click.Choice(_ROLES), default="identify", show_default=True)
@click.option("--days", type=click.FloatRange(min=0.001), help="Counts for so many days.")
@_as_json
@click.pass_obj
def add(settings: Settings, /, label: str, role: str, days: float | None, as_json: bool) -> None:
    """Make a token; LABEL says who uses it.

    \b
    Examples:
      kiosk serve token add "front desk"
      kiosk serve token add "office" --role enrol --days 90
    """
    from kiosk.server.access import Role

    made, text = _tokens(settings).add(label, Role(role), days)
    _note(settings, made.token_id, "made", role)
    if as_json:
        click.echo(json.dumps({"token_id": made.token_id, "token": text, "role": role}))
        return
    click.echo(text)
    click.echo(f"This is {made.token_id}; it is shown this once and kept nowhere.", err=True)


@token.command("list")
@_as_json
@click.pass_obj
def list_tokens(settings: Settings, /, as_json: bool) -> None:
    """Every token, without what would let anybody in.

    \b
    Example:
      kiosk serve token list --json | jq -r '.[] | select(.state == "valid") | .label'
    """
    now = datetime.now(UTC)
    lines: list[dict[str, Any]] = [
        {
            "token_id": each.token_id,
            "label": each.label,
            "role": each.role.value,
            "state": each.state(now),
            "created": each.created.isoformat(),
            "expires": each.expires.isoformat() if each.expires else None,
        }
        for each in _tokens(settings).tokens()
    ]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for line in lines:
        until = f" until {line['expires'][:10]}" if line["expires"] else ""
        click.echo(
            f"{line['token_id']}  {line['role']:8}  {line['state']:7}  {line['label']}{until}"
        )
    if not lines:
        click.echo("There is no token. `kiosk serve token add` makes one.", err=True)


@token.command()
@click.argument("token_id")
@_as_json
@click.pass_obj
def revoke(settings: Settings, /, token_id: str, as_json: bool) -> None:
    """Let a token count no more, at once, in every service that runs.

    \b
    Example:
      kiosk serve token revoke 1f0c22ab
    """
    gone = _tokens(settings).revoke(token_id)
    _note(settings, gone.token_id, "revoked", gone.role.value)
    if as_json:
        click.echo(json.dumps({"token_id": gone.token_id, "state": "revoked"}))
    else:
        click.echo(f"{gone.token_id} ({gone.label}) counts no more.")


@serve.command()
@click.option(
    "--host",
    "hosts",
    multiple=True,
    help="A name or address clients use; repeatable. Left out: this machine's name.",
)
@click.option("--days", type=click.IntRange(1, 3650), default=825, show_default=True)
@click.option("--force", is_flag=True, help="Replace the one that is there.")
@_as_json
@click.pass_obj
def certificate(
    settings: Settings, /, hosts: tuple[str, ...], days: int, force: bool, as_json: bool
) -> None:
    """Make a self-signed certificate and its key, where the settings say.

    Clients have to be told to trust it: give them the certificate, or compare the fingerprint.

    \b
    Example:
      kiosk serve certificate --host kiosk.example --host 192.0.2.7
    """
    from kiosk.server.certificate import certificate_files, make_certificate

    names = hosts or (socket.gethostname(), "localhost", "127.0.0.1")
    file, key = certificate_files(settings)
    fingerprint = make_certificate(file, key, names, days, force=force)
    if as_json:
        facts = {"certificate": str(file), "key": str(key), "sha256": fingerprint}
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    click.echo(f"{file} is for {', '.join(names)}; its key is {key}.")
    click.echo(f"SHA-256: {fingerprint}")


def _tokens(settings: Settings) -> TokenFile:
    from kiosk.server.access import FILE_NAME, TokenFile

    return TokenFile(settings.key_file.parent / FILE_NAME)


def _note(settings: Settings, token_id: str, change: str, role: str) -> None:
    """On the record of what was done, where there is a gallery already."""
    from kiosk.core.ports.audit import Act
    from kiosk.runtime.composition import open_gallery

    if settings.database.exists():
        with open_gallery(settings) as gallery:
            gallery.note(Act.ACCESS_CHANGED, token=token_id, change=change, role=role)
