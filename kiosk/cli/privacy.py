"""`kiosk privacy`: what an operator owes the people enrolled, and a regulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kiosk.cli.out_folder import OUT_FILE
from kiosk.core.errors import InputError
from kiosk.core.settings import Settings
from kiosk.runtime import composition, privacy_texts
from kiosk.runtime.privacy_texts import Controller, Law
from kiosk.storage.keys.private import put_private

_LANGUAGES = click.Choice(["en", "ko"])
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _who(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        _as_json,
        click.option("--officer", default=Controller.officer, help="Data protection officer."),
        click.option("--contact", default=Controller.contact, help="How to reach the controller."),
        click.option("--controller", default=Controller.name, help="Who answers for the kiosk."),
        click.option("--language", type=_LANGUAGES, help="Else that of the settings."),
    ):
        command = option(command)
    return command


@click.group()
def privacy() -> None:
    """Texts of consent, the record of processing, an impact assessment, one person's data.

    Drafts filled from the settings of this kiosk, not legal advice: whoever answers for the kiosk
    completes them.

    \b
    Examples:
      kiosk privacy consent-text --law pipa --language ko > consent.txt
      kiosk privacy record --controller "Acme, Seoul" > record.txt
      kiosk privacy export "Kim Minjun" minjun.json
    """


@privacy.command("consent-text")
@click.option("--law", type=click.Choice([law.value for law in Law]), required=True)
@_who
@click.pass_obj
def consent_text(
    settings: Settings, /, law: str, language: str | None, as_json: bool, **who: str
) -> None:
    """What people read and sign before they are enrolled.

    \b
    Example:
      kiosk privacy consent-text --law gdpr --language en > consent.txt
    """
    spoken = language or settings.language
    text = privacy_texts.consent_text(settings, Law(law), spoken, _controller(who))
    _print(text, spoken, as_json)


@privacy.command()
@_who
@click.pass_obj
def record(settings: Settings, /, language: str | None, as_json: bool, **who: str) -> None:
    """The record of processing activities (GDPR Article 30).

    \b
    Example:
      kiosk privacy record --controller "Acme, Seoul" --contact privacy@acme.example
    """
    spoken = language or settings.language
    text = privacy_texts.record_of_processing(settings, spoken, _controller(who))
    _print(text, spoken, as_json)


@privacy.command()
@_who
@click.pass_obj
def dpia(settings: Settings, /, language: str | None, as_json: bool, **who: str) -> None:
    """A template of an impact assessment (GDPR Article 35).

    \b
    Example:
      kiosk privacy dpia --language en > dpia.txt
    """
    spoken = language or settings.language
    text = privacy_texts.impact_assessment(settings, spoken, _controller(who))
    _print(text, spoken, as_json)


@privacy.command()
@click.argument("name")
@click.argument("file", type=OUT_FILE)
@_as_json
@click.pass_obj
def export(settings: Settings, name: str, file: Path, as_json: bool) -> None:
    """Everything kept of one person into FILE: .json (all of it) or .txt (to be read).

    \b
    Examples:
      kiosk privacy export "Kim Minjun" minjun.json
      kiosk privacy export "Kim Minjun" minjun.txt
    """
    from kiosk.runtime.subject_data import as_page, disclose

    if file.suffix not in (".json", ".txt"):
        raise InputError(f"{file} is neither .json nor .txt.", "Name the file so.")
    if file.exists():
        raise InputError(f"{file} exists already.", "Name another file.")
    with composition.open_gallery(settings) as gallery:
        found = disclose(gallery, name)
    whole = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    try:
        put_private(file, whole if file.suffix == ".json" else as_page(found), replace=False)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.", "Check it.") from error
    told = {"name": found["name"], "file": str(file)}
    said = f"Wrote what is kept of {found['name']} to {file}."
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else said)


def _print(text: str, language: str, as_json: bool) -> None:
    told = {"language": language, "text": text}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else text, nl=as_json)


def _controller(who: dict[str, str]) -> Controller:
    return Controller(who["controller"], who["contact"], who["officer"])
