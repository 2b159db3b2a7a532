"""The examples of docs/ancestors.md print what stands below them, and its commands exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import pytest

from kiosk.cli.main import cli
from kiosk.server.service import Service
from tests.support.forked_kiosk import forked_kiosk
from tests.support.paths import DEMO, ROOT
from tests.support.servers import free_port, serve_stream, stop
from tests.support.service_room import room, settings_in

TEXT = (ROOT / "docs" / "ancestors.md").read_text("utf-8")
EXAMPLE = re.compile(r"```sh\n(.*?)```\n```output\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^kiosk .+$", re.MULTILINE)
PATIENCE = 600
FFMPEG = ("ffmpeg", "-nostdin", "-loglevel", "error")
SECONDS = "5"
"""Of each recording: enough to know somebody again. Who is enrolled from a folder has the whole."""
WHOLE = "amara-2"
"""Known by the voice alone as well, for which five seconds of it are not enough."""
ENROLLED = ("amara-1", "ravi-1", "danbi-1")

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not all(shutil.which(name) for name in ("curl", "jq", "ffmpeg")), reason="needs curl and jq"
    ),
]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Clips, the sounds of them by speaker, some people to enrol, and `kiosk` as a command."""
    folder = tmp_path_factory.mktemp("ancestors")
    for name in ("clips", "people", "bin"):
        (folder / name).mkdir()
    for recording in DEMO.glob("*-?.mp4"):
        clip = folder / "clips" / recording.name
        length = [] if clip.stem == WHOLE else ["-t", SECONDS]
        subprocess.run(
            [*FFMPEG, "-i", str(recording), *length, "-c", "copy", str(clip)], check=True
        )
        if clip.stem in ENROLLED:
            shutil.copy(recording, folder / "people")
        speaker, _, number = clip.stem.rpartition("-")
        sound = folder / "voices" / speaker / f"{number}.wav"
        sound.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*FFMPEG, "-i", str(clip), "-vn", "-ar", "16000", str(sound)], check=True)
    with forked_kiosk(folder / "bin" / "kiosk", environment_in(folder)):
        yield folder


def environment_in(folder: Path) -> dict[str, str]:
    """A home of its own, and the command."""
    homes = {f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "CONFIG", "CACHE")}
    path = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    return os.environ | homes | path | {"PYTHONPATH": str(ROOT)}


def printed(code: str, folder: Path, **variables: str) -> str:
    """What a shell prints that has a home of its own."""
    done = subprocess.run(
        ["sh", "-c", code],
        cwd=folder,
        env=environment_in(folder) | variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout


def examples(*, with_url: bool) -> list[tuple[str, str]]:
    found = [pair for pair in EXAMPLE.findall(TEXT) if ("$URL" in pair[0]) == with_url]
    assert len(found) > 3
    return found


@pytest.fixture
def sender(workshop: Path) -> Iterator[str]:
    """The address of a stream of Danbi, for the first who calls."""
    url = f"rtmp://127.0.0.1:{free_port()}/live/kiosk"
    process = serve_stream(workshop / "clips" / "danbi-2.mp4", url, "flv")
    yield url
    stop(process)


def test_every_command_prints_what_is_said(workshop: Path, sender: str) -> None:
    wrong = []
    for code, output in examples(with_url=False):
        told = printed(code, workshop, RTMP=sender)
        wrong += [(code, output, told)] if told != output else []
    assert wrong == []


def test_every_request_answers_what_is_said(workshop: Path) -> None:
    settings = settings_in(
        workshop / "service",
        ancestor_requests=True,
        ancestor_folder=workshop,
        ancestor_ground="people who do not exist",
    )
    wrong = []
    with room(Service(settings, upload_root=workshop / "uploads")) as opened:
        for code, output in examples(with_url=True):
            told = printed(code, workshop, URL=opened.url, no_proxy="*")
            wrong += [(code, output, told)] if told != output else []
    assert wrong == []


def commands() -> list[list[str]]:
    """Every line of the document that begins with kiosk, up to what a shell does with it."""
    lines = [re.split(r" [|>]| 2>", line)[0] for line in COMMAND.findall(TEXT)]
    return [shlex.split(line)[1:] for line in lines]


def test_every_command_and_option_exists() -> None:
    found = commands()
    assert len(found) > 10
    for words in found:
        with ExitStack() as opened:
            group: click.Command = cli
            context = opened.enter_context(click.Context(cli, info_name="kiosk"))
            if words[0].startswith("--"):
                context = cli.make_context("kiosk", list(words), parent=None)
                continue
            rest = list(words)
            while isinstance(group, click.Group):
                name, found_command, rest = group.resolve_command(context, rest)
                assert found_command is not None, words
                group = found_command
                context = click.Context(group, info_name=name, parent=context)
            parser = group.make_parser(context)
            parser.parse_args(args=list(rest))


def test_what_it_refers_to_is_there() -> None:
    for file in re.findall(r"`(tests/[\w/]+\.py)`", TEXT):
        assert (ROOT / file).is_file(), file
