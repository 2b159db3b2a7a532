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
from kiosk.core.declaration import as_text
from kiosk.core.errors import CaptureError, SettingsError
from kiosk.core.settings import Settings, all_settings
from kiosk.core.settings_file import SettingsFile
from kiosk.core.shown_text import shown
from kiosk.runtime.device_trial import CameraTrial, SoundTrial, try_camera, try_microphone
from kiosk.runtime.passphrase import FIRST_NAME, Passphrase, Role

pass_file = click.make_pass_decorator(SettingsFile)
ASKED = ("language", "profile", "start", "screen_inches", "self_enrolment")
"""Settings that are asked for as they are declared, in this order, before the devices."""
DEVICES = ("camera", "microphone")
NONE = "none"
AUTO = "auto"
NEXT = """
Next: kiosk doctor            what works here, what does not
      kiosk enrol NAME CLIP   the first subject, or do it on the staff pages
      kiosk                   open the walk-up screen"""


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: take what the options and settings say.")
@click.option(
    "--trial/--no-trial", default=True, help="Look through the camera, listen for speech."
)
@passphrase_file
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end; needs --yes.")
@pass_file
def setup(
    file: SettingsFile, yes: bool, trial: bool, passphrase_file: Path | None, as_json: bool
) -> None:
    """Set the kiosk up: language, place, camera, microphone, passphrase of the staff.

    Each question shows the value that holds now; Enter keeps it. The camera and the microphone are
    tried, so that a dark picture or a dead microphone is seen now and not by the first visitor.
    Everything is written into kiosk.toml at the end, at once; until then nothing is changed. What
    is set can be set again with `kiosk settings set` and on the staff pages of the screen.

    \b
    Examples:
      kiosk setup
      kiosk --set language=en --set profile=work setup --yes --passphrase-file pass.txt
    """
    if as_json and not yes:
        raise click.UsageError("--json needs --yes: questions and JSON do not go together.")
    now = file.load()
    chosen = {key: as_text(getattr(now, key)) for key in (*ASKED, *DEVICES)}
    if not yes:
        for key in ASKED:
            _tell_choices(key)
            chosen[key] = _answer(file, key, chosen)
        for key in DEVICES:
            _tell_devices(key)
            chosen[key] = _answer(file, key, chosen)
    told = _tried(chosen) if trial else {}
    if not as_json:
        _show(chosen, told)
    if not yes:
        click.confirm("Write this into kiosk.toml?", default=True, abort=True, err=True)
    changes = {key: value for key, value in chosen.items() if _differs(file, key, value)}
    file.save(changes)
    if as_json:
        _passphrase(now, passphrase_file, yes, quiet=True)
        found = {"file": str(file.path), "written": changes, "tried": told}
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"Written: {file.path}")
    _passphrase(now, passphrase_file, yes)
    click.echo(NEXT)


def _differs(file: SettingsFile, key: str, value: str) -> bool:
    """Whether the file does not say it yet, and the default is something else."""
    return as_text(file.layers().file.get(key, all_settings()[key].default)) != value


def _answer(file: SettingsFile, key: str, chosen: dict[str, str]) -> str:
    """The value of one setting, asked for until it is valid beside those that were chosen."""
    while True:
        answer: str = click.prompt(key, default=chosen[key], err=True).strip()
        try:
            file.covered_by({**chosen, key: answer}).load()
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
