"""Starting the screen: again with new settings, with recordings, with the devices that are set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.capture.live import DeviceSource
from kiosk.core.errors import SettingsError
from kiosk.core.settings import Settings
from kiosk.core.settings_file import SettingsFile
from kiosk.core.settings_layers import Origin
from kiosk.runtime import composition
from kiosk.ui import launch
from kiosk.ui.app import RESTART
from tests.support.paths import ROOT


def started(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], between: Callable[[], None] = lambda: None
) -> list[SettingsFile]:
    """Every start, with the file it was given; the screen itself is not shown."""
    seen: list[SettingsFile] = []

    def once(file: SettingsFile, *_rest: Any, windowed: bool, held: bool) -> int:
        seen.append(file)
        file.load()
        between()
        return codes[len(seen) - 1]

    monkeypatch.setattr(launch, "_run_screen_once", once)
    return seen


def test_it_begins_again_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = tmp_path / "kiosk.toml"
    toml.write_text("threads = 1\n", "utf-8")
    seen = started(monkeypatch, [RESTART, RESTART, 0])
    assert launch.run_screen(SettingsFile(toml, environment={}), None) == 0
    assert len(seen) == 3


def test_settings_that_became_invalid_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = tmp_path / "kiosk.toml"
    toml.write_text("threads = 1\n", "utf-8")
    seen = started(monkeypatch, [RESTART, 0], lambda: _spoil(toml))
    with pytest.raises(SettingsError):
        launch.run_screen(SettingsFile(toml, environment={}), None)
    assert len(seen) == 2


def _spoil(toml: Path) -> None:
    toml.write_text("threads = 0\n", "utf-8")


def test_a_recording_begins_by_itself_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = tmp_path / "kiosk.toml"
    toml.write_text('start = "touch"\n', "utf-8")
    seen = started(monkeypatch, [0])
    clip = str(ROOT / "assets" / "demo" / "noeul-2.mp4")
    launch.run_screen(SettingsFile(toml, environment={}), clip)
    settings = seen[0].load()
    assert (settings.start, settings.prompts) == ("walk_up", False)
    assert seen[0].covered("start") is Origin.COMMAND_LINE


@pytest.mark.parametrize(
    ("camera", "microphone", "threads"),
    [
        ("auto", "auto", {"kiosk-camera", "kiosk-microphone"}),
        ("none", "auto", {"kiosk-microphone"}),
        ("2", "none", {"kiosk-camera"}),
    ],
)
def test_devices_of_the_settings_are_opened(
    camera: str, microphone: str, threads: set[str]
) -> None:
    source = composition.open_source(Settings(camera=camera, microphone=microphone), None)
    assert isinstance(source, DeviceSource)
    assert set(source.workers()) == threads


def test_the_command_line_stands_above_the_settings() -> None:
    settings = Settings(camera="none", microphone="USB")
    source = composition.open_source(settings, None, camera="0")
    assert isinstance(source, DeviceSource)
    assert set(source.workers()) == {"kiosk-camera"}
