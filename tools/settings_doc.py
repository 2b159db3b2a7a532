"""Writes docs/settings.md from the declarations of the settings: `make settings-doc`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kiosk.core.declaration import Group, Setting, as_text
from kiosk.core.settings import GROUPS, all_settings

FILE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
HEAD = """\
# Settings

<!-- Written by `make settings-doc` from kiosk/core/declared; a change belongs there. -->

A value is looked for on the command line (`--set KEY=VALUE`), in the environment (`KIOSK_KEY`), in
`kiosk.toml`, and is else the default. `kiosk settings list` says what holds and where it comes
from, `kiosk settings explain KEY` what it means. `kiosk settings set KEY=VALUE` and the settings
page of the screen write the file: all of a change or nothing, and comments stay. Booleans are
`true` and `false`; `yes`, `no`, `on` and `off` are read as well. A key in the file that is no
setting is an error that names the nearest; a variable with our prefix that is none is said on
standard error and by `kiosk doctor`. `KIOSK_DEBUG` and `KIOSK_SHARED` are for whoever works on the
kiosk.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for group in GROUPS for line in _group(group))])


def _group(group: Group) -> Iterator[str]:
    yield f"## {group.title.english} · {group.title.korean}"
    yield ""
    if not group.on_page:
        yield "Not on the settings page: this is for whoever installs the kiosk."
        yield ""
    for setting in all_settings().values():
        if setting.declared.group == group:
            yield from _setting(setting)


def _setting(setting: Setting) -> Iterator[str]:
    declared = setting.declared
    unit = f" {declared.unit.english}" if declared.unit else ""
    usual = as_text(setting.default) if setting.kind is not Path else ""
    yield f"### `{setting.key}`"
    yield ""
    yield f"{declared.label.english} · {declared.label.korean}"
    yield ""
    for texts in (declared.help, declared.more):
        if texts is not None:
            yield f"{texts.english}  "
            yield f"{texts.korean}"
            yield ""
    yield f"- {_kind(setting)}{unit}" + (f"; default `{usual}`" if usual else "")
    for value, words in declared.choices.items():
        yield f"- `{value}`: {words.english} · {words.korean}"
    names = f", once called {', '.join(declared.old_names)}" if declared.old_names else ""
    yield f"- `{setting.variable}`{names}; counts {_when(setting)}"
    yield ""


def _kind(setting: Setting) -> str:
    """What its value is: "a number from 0.5 to 30"."""
    if setting.declared.choices:
        return " or ".join(f"`{value}`" for value in setting.declared.choices)
    return setting.needs.removeprefix("Give ").removesuffix(".")


def _when(setting: Setting) -> str:
    return "at once when saved on the page" if setting.declared.at_once else "after a restart"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
