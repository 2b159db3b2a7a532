"""Green, amber or red: the same answer for the screens, `kiosk status` and the bundle."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from kiosk.cli.status import AMBER, NOT_RUNNING, RED, status
from kiosk.core.events import Fault
from kiosk.core.fleet import FleetState, FleetStatus
from kiosk.core.media import Modality
from kiosk.core.settings import Settings
from kiosk.core.status import (
    FaultRecord,
    HostStatus,
    Light,
    ModelCoverage,
    RuntimeStatus,
    Trouble,
    Verdict,
)
from kiosk.runtime.metrics import RECENT, RuntimeMetrics
from kiosk.runtime.status_file import FRESH, KioskStatus, StatusWriter, read_status, status_path
from kiosk.runtime.verdict import DEVICES, LIGHTS, TROUBLES, verdict
from tests.support.paths import ROOT
from tests.support.played_source import PlayedSource

SCHEMA = json.loads((ROOT / "docs" / "schema" / "status.json").read_text("utf-8"))
WELL = RuntimeStatus(900.0, 29.9, 14.0, 9000, 3000)
ROOM = HostStatus(disk_free=50_000_000_000, temperature=51.0)
NOW = datetime(2026, 11, 30, tzinfo=UTC)
LOST = ModelCoverage(Modality.FACE, "face-mobile", 9, 8, (), 1)


def fault(code: str, *, restored: bool = False) -> FaultRecord:
    return FaultRecord(NOW, code, restored)


@pytest.mark.parametrize(
    ("pulse", "body", "light", "trouble"),
    [
        (WELL, ROOM, Light.GREEN, None),
        (RuntimeStatus(), HostStatus(), Light.GREEN, None),
        (replace(WELL, dropped=400), ROOM, Light.GREEN, None),
        (replace(WELL, lost_sound=80.0), ROOM, Light.GREEN, None),
        (replace(WELL, lost_recently=2.0), ROOM, Light.AMBER, Trouble.SOUND_DROPPED),
        (replace(WELL, taken_rate=1.5), ROOM, Light.AMBER, Trouble.PICTURES_DROPPED),
        (replace(WELL, coverage=(LOST,)), ROOM, Light.AMBER, Trouble.PEOPLE_LOST),
        (WELL, replace(ROOM, disk_free=400_000_000), Light.AMBER, Trouble.DISK_LOW),
        (WELL, replace(ROOM, temperature=99.0), Light.AMBER, Trouble.HOT),
        (WELL, replace(ROOM, disk_free=1000), Light.RED, Trouble.DISK_FULL),
        (replace(WELL, faults=(fault("SourceLost"),)), ROOM, Light.RED, Trouble.DEVICE_LOST),
        (replace(WELL, faults=(fault("DeviceSilent"),)), ROOM, Light.RED, Trouble.DEVICE_SILENT),
        (replace(WELL, faults=(fault("ModelError"),)), ROOM, Light.RED, Trouble.OUT_OF_ORDER),
    ],
)
def test_each_trouble_has_its_light(
    pulse: RuntimeStatus, body: HostStatus, light: Light, trouble: Trouble | None
) -> None:
    found = verdict(pulse, body)
    assert (found.light, found.troubles) == (light, () if trouble is None else (trouble,))


def test_a_device_that_came_back_is_no_trouble() -> None:
    faults = (fault("SourceLost", restored=True), fault("DeviceMissing"))
    assert verdict(replace(WELL, faults=faults), ROOM) == Verdict()
    again = replace(WELL, faults=(fault("DeviceBusy"), *faults))
    assert verdict(again, ROOM) == Verdict(Light.RED, (Trouble.DEVICE_LOST,), ("DeviceBusy",))


def test_a_camera_that_came_back_says_nothing_of_the_microphone() -> None:
    microphone = FaultRecord(NOW, "DeviceSilent", modality=Modality.VOICE)
    camera = FaultRecord(NOW, "DeviceMissing", modality=Modality.FACE)
    back = replace(camera, code="SourceLost", restored=True)
    found = verdict(replace(WELL, faults=(back, camera, microphone)), ROOM)
    assert found == Verdict(Light.RED, (Trouble.DEVICE_SILENT,), ("DeviceSilent",))
    heard = replace(microphone, code="SourceLost", restored=True)
    assert verdict(replace(WELL, faults=(heard, back, camera, microphone)), ROOM) == Verdict()


def test_what_is_out_of_order_is_not_forgotten_for_what_comes_and_goes() -> None:
    metrics = RuntimeMetrics()
    metrics.fault(Fault("", "", Modality.VOICE, code="DeviceMissing"))
    for _ in range(30):
        metrics.fault(Fault("", "", Modality.FACE, code="DeviceMissing"))
        metrics.fault(Fault("", "", Modality.FACE, restored=True))
    found = verdict(replace(metrics.pulse(), taken_rate=None), ROOM)
    assert (found.light, found.codes) == (Light.RED, ("DeviceMissing",))
    assert len(metrics.pulse().faults) <= 20


def test_what_is_worst_comes_first() -> None:
    pulse = replace(WELL, lost_recently=9.0, faults=(fault("StreamLost"),))
    found = verdict(pulse, replace(ROOM, disk_free=10))
    expected = (Trouble.DEVICE_LOST, Trouble.DISK_FULL, Trouble.SOUND_DROPPED)
    assert (found.light, found.troubles) == (Light.RED, expected)


def test_every_light_and_trouble_has_words_in_both_languages_and_a_remedy() -> None:
    assert set(LIGHTS) == set(Light)
    assert set(TROUBLES) == set(Trouble)
    for texts in [*((each,) for each in LIGHTS.values()), *TROUBLES.values()]:
        for text in texts:
            assert text.english.endswith(".")
            assert text.korean.endswith(".")
    assert "SourceLost" in DEVICES
    listed = SCHEMA["properties"]["verdict"]["properties"]["troubles"]["items"]["enum"]
    assert listed == list(Trouble)


def test_sound_left_out_long_ago_is_forgiven() -> None:
    now = [0.0]
    metrics, source = RuntimeMetrics(lambda: now[0]), PlayedSource()
    metrics.watch(source)
    source.lost_sound = 3.0
    assert metrics.pulse().lost_recently == 3.0
    now[0] = RECENT - 1
    source.lost_sound = 4.0
    assert metrics.pulse().lost_recently == 4.0
    now[0] = RECENT + 1
    assert metrics.pulse().lost_recently == 1.0
    now[0] = 3 * RECENT
    assert metrics.pulse().lost_recently == 0.0
    assert metrics.pulse().lost_sound == 4.0


# --- kiosk status ---


class Health:
    """A machine in a given state."""

    def __init__(self, found: Verdict) -> None:
        self.found = found

    def pulse(self) -> RuntimeStatus:
        return replace(WELL, visits=12)

    def verdict(self) -> Verdict:
        return self.found


def asked(settings: Settings, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(status, [*words], obj=settings)
    return result.exit_code, result.output


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=tmp_path / "gallery.db")


BAD = Verdict(Light.RED, (Trouble.DEVICE_LOST,), ("DeviceMissing",))


@pytest.mark.parametrize(
    ("found", "code"),
    [(Verdict(), 0), (Verdict(Light.AMBER, (Trouble.SOUND_DROPPED,)), AMBER), (BAD, RED)],
)
def test_the_exit_code_is_the_light(settings: Settings, found: Verdict, code: int) -> None:
    StatusWriter(status_path(settings), Health(found)).write()
    assert status_path(settings).stat().st_mode & 0o777 == 0o600
    plain, told = asked(settings), asked(settings, "--json")
    assert (plain[0], told[0]) == (code, code)
    assert found.light.value in plain[1]
    assert all(TROUBLES[each][1].english in plain[1] for each in found.troubles)
    read = json.loads(told[1])
    jsonschema.validate(read, SCHEMA)
    assert (read["running"], read["verdict"]["light"], read["visits"]) == (True, found.light, 12)


def test_a_kiosk_that_hangs_or_never_ran_is_not_running(settings: Settings) -> None:
    assert asked(settings)[0] == NOT_RUNNING
    assert json.loads(asked(settings, "--json")[1]) == {"running": False}
    jsonschema.validate({"running": False}, SCHEMA)
    for wrong in ({"running": True}, {"running": False, "name": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)
    writer = StatusWriter(status_path(settings), Health(BAD), lambda: 1000.0)
    writer.write()
    assert asked(settings)[0] == NOT_RUNNING
    found = read_status(status_path(settings))
    assert found is not None
    assert found.is_fresh(1000.0 + FRESH)
    assert not found.is_fresh(1001.0 + FRESH)
    assert not found.is_fresh(999.0)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"verdict": {"light": "blue"}}', "\x00"])
def test_a_damaged_file_is_no_kiosk(settings: Settings, content: str) -> None:
    status_path(settings).write_text(content)
    assert asked(settings)[0] == NOT_RUNNING


def test_it_is_written_while_the_kiosk_runs_and_gone_after(settings: Settings) -> None:
    file = status_path(settings)
    with StatusWriter(file, Health(Verdict())) as writer:
        writer.write()
        assert read_status(file) is not None
    assert not file.exists()
    assert list(file.parent.iterdir()) == []


def test_a_folder_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    with StatusWriter(tmp_path / "nowhere" / "status.json", Health(Verdict())):
        pass


def test_nothing_of_anybody_is_written() -> None:
    names = set(asdict(KioskStatus(Verdict(), 1.0, 2, 3, 4.0, 5.0)))
    assert names == {
        "verdict",
        "running_seconds",
        "visits",
        "dropped",
        "lost_sound",
        "written",
        "fleet",
    }
    told = FleetStatus(FleetState.CURRENT, datetime(2026, 1, 1, tzinfo=UTC))
    assert set(asdict(told)) == {
        "state",
        "contact",
        "waiting",
        "behind",
        "skew",
        "problem",
        "remedy",
    }
