"""`kiosk settings`: what can be chosen, what is chosen and where, and changing it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from kiosk.core.declaration import Setting, Text, as_text
from kiosk.core.errors import SettingsError, StorageError
from kiosk.core.ports.audit import Act
from kiosk.core.settings import Settings, all_settings, find_setting, old_names
from kiosk.core.settings_file import SettingsFile
from kiosk.core.settings_layers import Origin, assignments
from kiosk.core.status import ErrorEstimate, Odds

pass_file = click.make_pass_decorator(SettingsFile)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def settings() -> None:
    """See, explain and change the settings.

    A value is looked for on the command line (--set KEY=VALUE), in the environment
    (KIOSK_KEY), in kiosk.toml, and is else the default. docs/settings.md explains every one.

    \b
    Examples:
      kiosk settings list --changed
      kiosk settings explain min_probability
      kiosk settings set language=en prompts=false
      kiosk settings unset language
      kiosk --config other.toml settings get threads
    """


@settings.command("list")
@click.option("--changed", is_flag=True, help="Only those that are not at their default.")
@as_json_option
@pass_file
def list_settings(file: SettingsFile, changed: bool, as_json: bool) -> None:
    """Every setting with its value and where that comes from.

    \b
    Examples:
      kiosk settings list
      kiosk settings list --changed --json | jq -r '.[].key'
    """
    layers, now = file.layers(), file.load()
    shown = [
        {"key": key, "value": plain(getattr(now, key)), "origin": layers.origin(key).value}
        for key in all_settings()
        if not changed or layers.origin(key) is not Origin.DEFAULT
    ]
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table("setting", "value", "from", "what it is", box=None, pad_edge=False)
    for line in shown:
        key = str(line["key"])
        label = all_settings()[key].declared.label.english
        table.add_row(key, Line(as_text(line["value"])), _where(layers.origin(key), key), label)
    Console().print(table)
    click.echo(f"\nFile: {file.path}{'' if file.path.is_file() else ' (not there)'}")


@settings.command()
@click.argument("key")
@as_json_option
@pass_file
def get(file: SettingsFile, key: str, as_json: bool) -> None:
    """The value of one setting that holds now.

    \b
    Example:
      kiosk settings get min_probability
    """
    value = getattr(file.load(), find_setting(key).key)
    click.echo(json.dumps(plain(value), ensure_ascii=False) if as_json else as_text(value))


@settings.command("set")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
@as_json_option
@pass_file
def set_values(file: SettingsFile, pairs: tuple[str, ...], as_json: bool) -> None:
    """Write values into kiosk.toml: all of them, or none.

    Comments and everything else in the file stay. A kiosk that runs takes them at its next start.

    \b
    Examples:
      kiosk settings set language=en
      kiosk settings set prompts=false result_seconds=40
    """
    changes = {find_setting(key).key: value for key, value in assignments(pairs).items()}
    file.save(changes)
    _record(file, changes)
    _tell_written(file, changes, as_json)


@settings.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@as_json_option
@pass_file
def unset(file: SettingsFile, keys: tuple[str, ...], as_json: bool) -> None:
    """Take settings out of kiosk.toml, so that their defaults hold.

    A key that the file holds goes as well if it is not a setting, but misspelt.

    \b
    Example:
      kiosk settings unset language prompts
    """
    file.unset(keys)
    _record(file, keys)
    _tell_written(file, keys, as_json)


@settings.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
@pass_file
def reset(file: SettingsFile, yes: bool, as_json: bool) -> None:
    """Take every setting out of kiosk.toml; comments stay.

    \b
    Example:
      kiosk settings reset --yes
    """
    if not yes:
        click.confirm("Take every setting out of the file?", abort=True, err=True)
    written = list(file.layers().file)
    file.unset(written)
    _record(file, written)
    _tell_written(file, written, as_json)


@settings.command()
@click.argument("key")
@as_json_option
@pass_file
def explain(file: SettingsFile, key: str, as_json: bool) -> None:
    """All that is known of one setting, in English and Korean.

    \b
    Examples:
      kiosk settings explain self_enrolment
      kiosk settings explain min_llr --json | jq .range
    """
    setting = find_setting(key)
    layers, now = file.layers(), getattr(file.load(), setting.key)
    if as_json:
        told = described(setting) | {"value": plain(now), "origin": layers.origin(setting.key)}
        if setting.key in _PRICED:
            told["meaning"] = [asdict(each) for each in meaning(file.load())]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"{setting.key} = {as_text(now)}")
    click.echo(f"  from {_where(layers.origin(setting.key), setting.key)}\n")
    for line in explained(setting):
        click.echo(line)
    for line in meant(file.load(), setting):
        click.echo(line)


def meant(now: Settings, setting: Setting) -> Iterable[str]:
    """What the value means by what was measured, where it is a matter of measurement."""
    if setting.key in _PRICED:
        yield ""
        yield from meaning_lines(meaning(now))
    if setting.key != "photograph_passes_once_in":
        return
    from kiosk.runtime.policy import pad_development

    measured = pad_development()
    yield ""
    if measured is None:
        yield "Nothing was measured with these networks, so nothing can be promised."
        return
    found = measured.estimate(now.photograph_passes_once_in)
    yield f"It means, measured on presentations of {found.people} people by one webcam:"
    yield f"  photographs that get through     {_in_words(found.photographs)}"
    yield f"  films on screens that do         {_in_words(found.films)}"
    yield f"  living people who are asked again  {_in_words(found.asked_again)}"
    if found.asked > found.supported:
        yield f"  no less than 1 in {found.supported:.0f} photographs can be promised by these data"


def _in_words(odds: Odds) -> str:
    """Two figures at most, downwards."""
    return f"{'at most ' if odds.bounded else ''}about 1 in {math.floor(odds.one_in * 10) / 10:g}"


_PRICED = {"stranger_named_once_in", "min_llr", "min_probability", "known_share"}
"""Settings that say when somebody is named."""
_GALLERIES = (10, 100, 1000)


def meaning(now: Settings) -> list[ErrorEstimate]:
    """What the settings mean for galleries of several sizes, with the recognisers in use."""
    from kiosk.runtime.health import promises

    return [each for enrolled in _GALLERIES for each in promises(now, enrolled)]


def meaning_lines(found: Sequence[ErrorEstimate]) -> list[str]:
    """In sentences: what may happen, what that costs, and whether it can be promised at all."""
    if not found:
        return ["Nothing was measured with the recognisers in use: nothing can be promised."]
    lines = ["With the recognisers in use, from their development recordings:"]
    for each in found:
        who = " and ".join(each.modalities)
        lines.append(
            f"  {each.enrolled:,} enrolled, {who}: {_at_most(each.accepted)} 1 stranger in "
            f"{_rounded(each.accepted.one_in)} is named; for that {_at_most(each.refused)} 1 visit "
            f"in {_rounded(each.refused.one_in)} of enrolled people is asked again"
        )
        if each.unsupported and each.asked is not None:
            lines.append(
                f"    1 in {_rounded(each.asked)} was asked for, more than the recordings support: "
                f"1 in {_rounded(each.accepted.one_in)} is the most that can be promised"
            )
    return lines


def _at_most(odds: Odds) -> str:
    return "at most about" if odds.bounded else "about"


def _rounded(one_in: float) -> str:
    """To two figures, downwards, so that nothing looks rarer than it is."""
    if one_in < 10:
        return f"{one_in:.1f}".removesuffix(".0")
    step = 10 ** (len(str(int(one_in))) - 2)
    return f"{int(one_in) // step * step:,}"


def described(setting: Setting) -> dict[str, object]:
    """A setting as data."""
    declared = setting.declared
    return {
        "key": setting.key,
        "type": setting.kind.__name__,
        "default": plain(usual(setting)),
        "range": declared.range,
        "choices": {value: _both(text) for value, text in declared.choices.items()} or None,
        "unit": _both(declared.unit) if declared.unit else None,
        "variable": setting.variable,
        "old_names": declared.old_names,
        "at_once": declared.at_once,
        "group": _both(declared.group.title),
        "label": _both(declared.label),
        "help": _both(declared.help),
        "more": _both(declared.more) if declared.more else None,
    }


def explained(setting: Setting) -> Iterable[str]:
    """A setting in lines to read."""
    declared = setting.declared
    for text in (declared.label, declared.help, declared.more):
        if text is not None:
            yield text.english
            yield text.korean
    yield ""
    for value, text in declared.choices.items():
        yield f"  {value:<10} {text.english} · {text.korean}"
    unit = f" ({declared.unit.english})" if declared.unit else ""
    yield f"{setting.needs}{unit}"
    yield f"Default: {as_text(usual(setting))}"
    yield f"Environment: {setting.variable}"
    if declared.old_names:
        yield f"Was called: {', '.join(declared.old_names)}"
    follows = "at once where it is changed on the settings page" if declared.at_once else ""
    yield f"Counts {follows or 'after a restart'}."


def usual(setting: Setting) -> object:
    """The default as it is used: of an empty path, the place it stands for."""
    return getattr(Settings(), setting.key)


def plain(value: object) -> object:
    """As JSON has it."""
    return str(value) if isinstance(value, Path) else value


def _both(text: Text) -> dict[str, str]:
    return {"en": text.english, "ko": text.korean}


def _where(origin: Origin, key: str) -> str:
    names = {
        Origin.DEFAULT: "default",
        Origin.FILE: "file",
        Origin.ENVIRONMENT: all_settings()[key].variable,
        Origin.COMMAND_LINE: "--set",
    }
    return names[origin]


def _tell_written(file: SettingsFile, keys: Iterable[str], as_json: bool) -> None:
    """What holds now, and where a layer above the file hides what was written. Of a misspelt key
    that is gone there is nothing to tell."""
    now = file.load()
    names = [name for key in keys if (name := old_names().get(key, key)) in all_settings()]
    if as_json:
        values = {key: plain(getattr(now, key)) for key in names}
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
    for key in names:
        if not as_json:
            click.echo(f"{key} = {as_text(getattr(now, key))}")
        covered = file.covered(key)
        if covered is not None:
            click.echo(
                f"kiosk: {_where(covered, key)} stands above the file and decides {key} here.",
                err=True,
            )


def _record(file: SettingsFile, keys: Iterable[str]) -> None:
    """Into the gallery's record, if there is one: which settings, not what they are now."""
    from kiosk.runtime.composition import open_gallery

    try:
        settings = file.load()
        if not settings.database.exists():
            return
        with open_gallery(settings) as gallery:
            for key in keys:
                gallery.note(Act.SETTING, key=key)
    except (SettingsError, StorageError) as error:
        click.echo(f"kiosk: The change is not on record: {error}", err=True)
