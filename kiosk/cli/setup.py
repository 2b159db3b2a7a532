"""`kiosk setup`: from an installed kiosk to one that meets visitors, question by question."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from kiosk.capture.microphone import MicrophoneInfo, SoundDevice, list_microphones
from kiosk.capture.webcam import CameraInfo, Webcam, list_cameras
from kiosk.cli.passphrases import ask_passphrase, passphrase_file
from kiosk.core.brand_pictures import PICTURES, read_brand_picture
from kiosk.core.declaration import as_text
from kiosk.core.errors import CaptureError, InputError, SettingsError
from kiosk.core.settings import Settings, all_settings
from kiosk.core.settings_file import SettingsFile
from kiosk.core.shown_text import shown
from kiosk.runtime.device_trial import CameraTrial, SoundTrial, try_camera, try_microphone
from kiosk.runtime.installed import SESSION, by_package
from kiosk.runtime.passphrase import FIRST_NAME, Passphrase, Role
from kiosk.runtime.privacy_texts import Controller, Law, consent_text
from kiosk.storage.keys.private import put_private

pass_file = click.make_pass_decorator(SettingsFile)
ASKED = (
    *("language", "profile", "start", "screen_inches", "self_enrolment"),
    *("logo", "accent_colour", "attract_title"),
)
"""Settings that are asked for as they are declared, in this order, before the devices."""
DEVICES = ("camera", "microphone")
NONE = "none"
AUTO = "auto"
NEXT = """
Next: kiosk doctor            what works here, what does not
      kiosk enrol NAME CLIP   the first subject, or do it on the staff pages
      kiosk                   open the walk-up screen"""
NEXT_BY_PACKAGE = f"""
Next: sudo -u kiosk kiosk doctor              what works here, what does not
      sudo systemctl enable --now {SESSION}   give the kiosk the screen
Then enrol people on the staff pages: a long touch on the welcome sign, and the passphrase."""


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: take what the options and settings say.")
@click.option(
    "--trial/--no-trial", default=True, help="Look through the camera, listen for speech."
)
@click.option(
    "--consent-law",
    type=click.Choice([law.value for law in Law]),
    help="Also write the text of consent by this law, beside kiosk.toml.",
)
@click.option("--controller", default=Controller.name, help="Who answers for the kiosk, in it.")
@click.option("--contact", default=Controller.contact, help="How to reach them, in it.")
@passphrase_file
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end; needs --yes.")
@pass_file
def setup(
    file: SettingsFile,
    yes: bool,
    trial: bool,
    consent_law: str | None,
    controller: str,
    contact: str,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Set the kiosk up: language, place, logo, colours, devices, consent, passphrase of staff.

    Each question shows the value that holds now; Enter keeps it. The camera and the microphone are
    tried, so that a dark picture or a dead microphone is seen now and not by the first visitor.
    Everything is written into kiosk.toml at the end, at once; until then nothing is changed. What
    is set can be set again with `kiosk settings set` and on the staff pages of the screen.

    \b
    Examples:
      kiosk setup
      kiosk --set language=en --set profile=workplace setup --yes --passphrase-file pass.txt
      kiosk --set logo=logo.png setup --yes --consent-law gdpr --controller "Acme, Seoul"
    """
    if as_json and not yes:
        raise click.UsageError("--json needs --yes: questions and JSON do not go together.")
    now = file.load()
    chosen = {key: as_text(getattr(now, key)) for key in (*ASKED, *DEVICES)}
    if not yes:
        _ask(file, chosen)
    if chosen["logo"]:
        read_brand_picture("logo", chosen["logo"])
    told = _tried(chosen) if trial else {}
    if not as_json:
        _show(chosen, told)
    if not yes:
        click.confirm("Write this into kiosk.toml?", default=True, abort=True, err=True)
    changes = {key: value for key, value in chosen.items() if _differs(file, key, value)}
    file.save(changes)
    if not yes and consent_law is None:
        consent_law = _ask_law(chosen["language"])
    paper = _write_consent(file, consent_law, Controller(controller, contact))
    if as_json:
        _passphrase(now, passphrase_file, yes, quiet=True)
        found = {"file": str(file.path), "written": changes, "tried": told}
        found |= {"consent_text": str(paper)} if paper else {}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"Written: {file.path}")
    if paper is not None:
        click.echo(f"Text of consent, to be completed and read by somebody of law: {paper}")
    _passphrase(now, passphrase_file, yes)
    click.echo(NEXT_BY_PACKAGE if by_package() else NEXT)


def _ask(file: SettingsFile, chosen: dict[str, str]) -> None:
    """Every question, answered or left as it is."""
    for key in ASKED:
        _tell_choices(key)
        chosen[key] = _answer(file, key, chosen)
    for key in DEVICES:
        _tell_devices(key)
        chosen[key] = _answer(file, key, chosen)


def _ask_law(language: str) -> str | None:
    """By which law people are asked, or that somebody else writes that."""
    click.echo("\nThe text people agree to before they are enrolled, by which law?", err=True)
    kinds = [*(law.value for law in Law), NONE]
    usual = Law.PIPA if language == "ko" else Law.GDPR
    answer: str = click.prompt(
        "consent text", type=click.Choice(kinds), default=usual.value, err=True
    )
    return None if answer == NONE else answer


def _write_consent(file: SettingsFile, law: str | None, who: Controller) -> Path | None:
    """The text of consent as the kiosk is set now, beside its settings; an older one stays.
    Raises InputError."""
    if law is None:
        return None
    settings = file.load()
    text = consent_text(settings, Law(law), settings.language, who)
    stem = f"consent-{law}-{settings.language}"
    number = 1
    try:
        while True:
            name = f"{stem}.txt" if number == 1 else f"{stem}-{number}.txt"
            paper = file.path.parent / name
            if put_private(paper, text, replace=False):
                return paper
            number += 1
    except OSError as error:
        raise InputError(f"{paper} cannot be written: {error.strerror}.", "Check it.") from error


def _differs(file: SettingsFile, key: str, value: str) -> bool:
    """Whether the file does not say it yet, and the default is something else."""
    return as_text(file.layers().file.get(key, all_settings()[key].default)) != value


def _answer(file: SettingsFile, key: str, chosen: dict[str, str]) -> str:
    """The value of one setting, asked for until it is valid beside those that were chosen."""
    while True:
        answer: str = click.prompt(key, default=chosen[key], err=True).strip()
        try:
            file.covered_by({**chosen, key: answer}).load()
            if key in PICTURES and answer:
                read_brand_picture(key, answer)
        except SettingsError as error:
            click.echo(f"{error.text} {error.remedy}", err=True)
        else:
            return answer


def _tell_choices(key: str) -> None:
    declared = all_settings()[key].declared
    click.echo(f"\n{declared.label.english}. {declared.help.english}", err=True)
    for name, words in declared.choices.items():
        click.echo(f"  {name:10} {words.english}", err=True)


def _tell_devices(key: str) -> None:
    """What is plugged in; a number or a part of the name chooses it."""
    found: Sequence[CameraInfo | MicrophoneInfo]
    found = list_cameras() if key == "camera" else list_microphones()
    click.echo(f"\n{all_settings()[key].declared.label.english}:", err=True)
    for each in found:
        click.echo(f"  {each.number:<4} {shown(each.name)}", err=True)
    if not found:
        click.echo("  none is found now; one plugged in later is found by its name", err=True)
    click.echo("  auto the first that works\n  none do without", err=True)


def _tried(chosen: dict[str, str]) -> dict[str, str]:
    """What camera and microphone gave, or why they gave nothing."""
    told = {}
    if chosen["camera"] != NONE:
        click.echo("Looking through the camera ...", err=True)
        told["camera"] = _told(lambda: _seen(try_camera(Webcam(chosen["camera"]))))
    if chosen["microphone"] != NONE:
        click.echo("Listening: please say something ...", err=True)
        name = _named(chosen["microphone"], "default")
        told["microphone"] = _told(lambda: _heard(try_microphone(SoundDevice(name))))
    return told


def _named(value: str, first: str) -> str:
    return first if value == AUTO else value


def _told(look: Callable[[], str]) -> str:
    try:
        return look()
    except CaptureError as error:
        return f"{error.text} {error.remedy}"


def _seen(trial: CameraTrial) -> str:
    width, height = trial.size
    return f"{width} x {height}, {trial.rate:.0f} pictures a second. {trial.advice}".strip()


def _heard(trial: SoundTrial) -> str:
    return f"{trial.rate} Hz, loudest at {trial.level:.0f} dB. {trial.advice}".strip()


def _show(chosen: dict[str, str], told: dict[str, str]) -> None:
    """Everything that was chosen, before it is written."""
    table = Table("setting", "value", box=None, pad_edge=False)
    for key, value in chosen.items():
        table.add_row(key, Line(value))
    click.echo()
    Console().print(table)
    for key, found in told.items():
        click.echo(f"{key}: {found}")


def _passphrase(settings: Settings, file: Path | None, yes: bool, *, quiet: bool = False) -> None:
    """The staff's passphrase, where nobody has one yet or a file gives another."""
    kept = Passphrase.of(settings)
    if file is None and (yes or kept.people()):
        if not kept.people():
            click.echo(
                "Nobody has a passphrase of the staff pages yet: run `kiosk admin passphrase`.",
                err=True,
            )
        return
    click.echo("\nA passphrase for the staff pages of the screen.", err=True)
    kept.choose(ask_passphrase(file, confirm=True), FIRST_NAME, Role.OPERATOR)
    if not quiet:
        click.echo(f"{FIRST_NAME} may open the staff pages as operator.")
