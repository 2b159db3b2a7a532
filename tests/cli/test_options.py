"""Every command takes the options it offers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
import pytest

from kiosk.cli.main import cli


def commands(group: click.Group, path: str = "kiosk") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize(("name", "command"), list(commands(cli)), ids=lambda v: str(v)[:40])
def test_what_is_offered_is_taken(name: str, command: click.Command) -> None:
    assert command.callback is not None
    signature = inspect.signature(inspect.unwrap(command.callback)).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in signature):
        return
    taken = {each.name for each in signature}
    offered = {option.name for option in command.params}
    assert offered <= taken, f"{name} offers what it does not take"
    missing = {each.name for each in signature if each.default is each.empty} - offered
    assert len(missing) <= 1, f"{name} takes more than the settings beside its options"


@pytest.mark.parametrize(("name", "command"), list(commands(cli)), ids=lambda v: str(v)[:40])
def test_every_command_speaks_to_programs(name: str, command: click.Command) -> None:
    """But for training, whose result is files."""
    if name.startswith("kiosk train "):
        assert "out" in {option.name for option in command.params}
        return
    assert {"as_json", "form"} & {option.name for option in command.params}


@pytest.mark.parametrize(("name", "command"), list(commands(cli)), ids=lambda v: str(v)[:40])
def test_every_command_teaches_by_example(name: str, command: click.Command) -> None:
    assert command.help is not None
    assert re.search(rf"^ *{name}\b", command.help, re.MULTILINE)
