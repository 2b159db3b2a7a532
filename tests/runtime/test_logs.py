"""Nobody is named in the log, in what a crash leaves behind, or in the diagnostics bundle."""

from __future__ import annotations

import ast
import base64
import logging
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot

import kiosk
from kiosk.capture.live import LiveSource, Worker
from kiosk.cli.main import cli
from kiosk.core import errors
from kiosk.core.errors import KnownError
from kiosk.core.redaction import Public
from kiosk.core.settings import Settings
from kiosk.runtime.engine import Engine, VisitSetup
from kiosk.runtime.health import LocalHealthService
from kiosk.runtime.logs import RedactingFormatter, recording
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.storage import SqlGallery
from kiosk.ui.engine.clients import GalleryClient, PeopleDesk
from kiosk.ui.engine.requests import BackgroundTasks
from kiosk.ui.toolkit.qt_messages import qt_messages_logged
from tests.support.marked import (
    DEVICE,
    NAME,
    NOTE,
    PASSPHRASE,
    STEM,
    WRONG_PASSPHRASE,
    known_errors,
    leaks,
    marked_errors,
    raised,
)
from tests.support.paths import ROOT
from tests.support.storage_support import NEW, template

LOG = logging.getLogger("kiosk.runtime.test")
DEMO = ROOT / "assets" / "demo"


def written(folder: Path) -> bytes:
    """Everything in the state folder: the log, its older files and reports of crashes."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_leak_would_be_found() -> None:
    forms = [NAME.encode(), repr(NAME.encode()).encode(), ascii(NAME).encode()]
    forms += [NAME.encode().hex().encode(), base64.b64encode(NAME.encode())]
    assert all(leaks(b"before " + form + b" after") for form in forms)


# --- what other libraries say ---------------------------------------------------------------------


def test_of_other_libraries_neither_text_nor_values_are_kept(tmp_path: Path) -> None:
    with recording("debug", tmp_path):
        for name in ("PIL.Image", "libav.mp3", "matplotlib.font_manager", "a.library", NAME):
            logging.getLogger(name).warning("%s cannot be read", f"{STEM}.mp4")
            logging.getLogger(name).error(f"{NAME} in {STEM}", exc_info=raised(ValueError(NOTE)))
    content = written(tmp_path)
    assert not leaks(content)
    assert b"WARNING PIL.Image - " in content
    assert b"ERROR matplotlib.font_manager ValueError" in content


def test_no_entry_can_be_forged(tmp_path: Path) -> None:
    with recording("debug", tmp_path):
        LOG.info("%s", Public("one\n2026-01-01T00:00:00.000Z ERROR kiosk two"))
    assert len(written(tmp_path).splitlines()) == 1


def test_what_is_written_and_how() -> None:
    error = raised(errors.DeviceMissing(DEVICE, ""))
    record = LOG.makeRecord(LOG.name, 30, errors.__file__, 7, "Lost: %s.", (error,), None)
    record.created, record.process, record.threadName = 0.5, 12, "kiosk-camera"
    assert RedactingFormatter().format(record) == (
        "1970-01-01T00:00:00.500Z WARNING kiosk.runtime.test DeviceMissing 12 kiosk-camera "
        "kiosk/core/errors.py:7 Lost: DeviceMissing (exit code 4)."
    )


# --- every error, by every way -------------------------------------------------------------------


def through_engine(error: Exception) -> None:
    """Once while it opens, once as a command."""

    @contextmanager
    def prepare(_publish: object) -> Iterator[Callable[[], VisitSetup]]:
        raise error
        yield

    engine = Engine(prepare, lambda _event: None)
    done = threading.Event()

    def command() -> None:
        done.set()
        raise error

    engine.start()
    engine.send(command)
    assert done.wait(60)
    engine.stop()


def through_gallery_client(error: Exception) -> None:
    client = GalleryClient()

    def work(_gallery: PeopleDesk) -> None:
        raise error

    client._do(1, work)


def through_worker(error: Exception) -> None:
    class Broken(LiveSource):
        def workers(self) -> dict[str, Worker]:
            return {"kiosk-camera": fail}

    def fail() -> None:
        raise error

    with pytest.raises(type(error)), Broken() as source:
        list(source.events())


def through_thread(error: Exception) -> None:
    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail, name="kiosk-player")
    thread.start()
    thread.join()


def test_no_error_takes_a_name_along(tmp_path: Path, qtbot: QtBot) -> None:
    """On the engine, behind the screens, in capture and on any thread."""
    tasks = BackgroundTasks()
    marked = [each for each in marked_errors() if isinstance(each, Exception)]
    with recording("debug", tmp_path), qt_messages_logged():
        for error in marked:
            through_engine(error)
            through_worker(error)
            through_thread(error)
            if isinstance(error, KnownError):
                through_gallery_client(error)
            tasks.ask(partial(through_itself, error))
        tasks.wait()
        qWarning(f"QPixmap::load: {STEM}.png of {NAME}")
        qWarning(f"{NAME} QPixmap::load")
    content = written(tmp_path)
    assert not leaks(content)
    assert b"Qt (default): QPixmap::load." in content
    assert b"Qt (default): text withheld." in content
    for error in known_errors():
        assert content.count(f" {type(error).__name__} ".encode()) >= 5, type(error)


def through_itself(error: Exception) -> None:
    raise error


# --- the real kiosk ------------------------------------------------------------------------------


class RealKiosk:
    """The command, on a gallery of its own, at the level that tells most."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / NAME
        self.folder.mkdir()
        self.settings = Settings(
            database=self.folder / "gallery.db",
            key_file=self.folder / f"{STEM}.key",
            microphone=DEVICE,
        )

    def __call__(self, *arguments: str | Path) -> Result:
        keys = ("database", "key_file", "microphone")
        pairs = [f"--set={key}={getattr(self.settings, key)}" for key in keys]
        return CliRunner().invoke(cli, ["--log-level", "debug", *pairs, *map(str, arguments)])

    def clip(self, demo: str, name: str) -> Path:
        """A recording of the demo under a name of its own."""
        return Path(shutil.copy(DEMO / demo, self.folder / name))

    def people(self) -> Path:
        """One person, the same one again under another name, and one of whom nothing can be read;
        of all of them a broken file."""
        folder = self.folder / "people"
        for name, clips in ((NAME, ["bawi-1.mp4"]), (f"{NAME}2", ["bawi-1.mp4"]), (f"{NAME}3", [])):
            (folder / name).mkdir(parents=True)
            (folder / name / f"{STEM}-0.mp4").write_text(NAME, "utf-8")
            for clip in clips:
                shutil.copy(DEMO / clip, folder / name / f"{STEM}.mp4")
        return folder

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path


def refusals(real: RealKiosk) -> list[list[str | Path]]:
    """What goes wrong before any model is asked for, each with something that names somebody."""
    archive, other = real.folder / f"{STEM}.archive", real.file(f"{STEM}.archive2", NAME)
    right = real.file("right.txt", PASSPHRASE)
    wrong = real.file("wrong.txt", WRONG_PASSPHRASE)
    return [
        ["--headless", "--source", real.folder / f"{STEM}-none.mp4"],
        ["--headless", "--source", f"rtsp://{NAME}:{WRONG_PASSPHRASE.split()[0]}@127.0.0.1:1/x"],
        ["--headless", "--once", "--camera", NAME],
        ["--config", real.file(f"{STEM}.toml", f"language = '{NAME}'"), "gallery", "list"],
        ["--set", f"language={NAME}", "gallery", "list"],
        ["--set", f"{NAME}=1", "gallery", "list"],
        ["--set", f"face_model={NAME}", "--headless", "--source", DEMO / "bawi-2.mp4"],
        ["enrol", NAME, DEMO / "bawi-1.mp4", "--ground", NOTE],
        ["enrol", NAME, DEMO / "bawi-1.mp4"],
        ["gallery", "show", STEM],
        ["gallery", "rename", NAME, ""],
        ["gallery", "import", other, "--passphrase-file", right],
        ["gallery", "import", archive, "--passphrase-file", wrong],
        ["gallery", "import", archive, "--passphrase-file", right],
        ["gallery", "export", archive, "--passphrase-file", right],
        ["gallery", "list", f"--{NAME}"],
        ["models", "fetch", NAME],
    ]


def numbers_of(gallery: SqlGallery) -> list[NDArray[np.float32]]:
    """Every embedding that is kept."""
    subjects = [subject.subject_id for subject in gallery.subjects()]
    return [each.vector for one in subjects for each in gallery.templates(one)]


def forms_of(vector: NDArray[np.float32]) -> list[bytes]:
    """How an embedding could show: raw, as half precision, hexadecimal, base64, or as text."""
    found = [vector.tobytes(), vector.astype(np.float16).tobytes()]
    found += [raw.hex().encode() for raw in found] + [base64.b64encode(raw) for raw in found]
    return [form[:24] for form in found] + [f"{abs(v):.5f}".encode() for v in vector[:24]]


def test_enrolment_visit_and_whatever_goes_wrong_name_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real models: somebody is enrolled and identified; then everything is refused."""
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    real = RealKiosk(tmp_path)
    gallery = SqlGallery.open(real.settings.database, real.settings.key_file)
    gallery.enrol(f"{NAME}0", [template(1)], NEW, note=NOTE)
    gallery.close()
    enrolled = real("enrol-folder", real.people(), "--ground", NOTE)
    assert enrolled.exit_code == 7
    assert "1 enrolled, " in enrolled.stderr, enrolled.output
    visit = real("--headless", "--source", real.clip("bawi-2.mp4", f"{STEM}-2.mp4"))
    assert NAME in visit.stdout
    right = real.file("right.txt", PASSPHRASE)
    kept = real("gallery", "export", real.folder / f"{STEM}.archive", "--passphrase-file", right)
    assert kept.exit_code == 0, kept.output
    allowed = [arguments for arguments in refusals(real) if real(*arguments).exit_code == 0]
    assert not allowed

    gallery = SqlGallery.open(real.settings.database, real.settings.key_file)
    vectors = numbers_of(gallery)
    gallery.close()
    bundle = LocalHealthService(real.settings, RuntimeMetrics()).write_bundle()
    with zipfile.ZipFile(bundle) as opened:
        parts = [opened.read(name) for name in opened.namelist()]
    log = written(state)
    content = b"\n".join([log, *parts])
    assert not leaks(content)
    assert len(vectors) > 5
    assert not [form for vector in vectors for form in forms_of(vector) if form in content]
    for told in (
        b"Models are loaded: face-mobile-2@",
        b"Enrolled (new): ",
        b"Visit 1 began.",
        b"Visit 1, final answer: identified",
        b"face_embed took ",
        b"Setting microphone is (chosen).",
        b"EnrolmentRefused",
        b"DuplicateSuspected",
        b"A file of an import cannot be read",
    ):
        assert told in log, told
    assert parts[-1] in log


# --- how the code logs ---------------------------------------------------------------------------

WRITERS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def faults_of_logging(tree: ast.AST) -> list[str]:
    """Loggers of another name than the module's, and entries whose words are no constant."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, method = ast.unparse(node.func.value), node.func.attr
        if method == "getLogger" and owner == "logging" and ast.unparse(node) not in LOGGERS:
            found.append(ast.unparse(node))
        if owner in ("_log", "logging") and method in WRITERS:
            words = node.args[1 if method == "log" else 0]
            if not isinstance(words, ast.Constant):
                found.append(ast.unparse(node))
    return found


LOGGERS = (
    "logging.getLogger(__name__)",
    "logging.getLogger('kiosk')",
    "logging.getLogger()",
    "logging.getLogger(package_of(error))",
)


def test_a_name_in_the_words_of_an_entry_would_be_found() -> None:
    wrong = ["_log.info(f'{name}')", "_log.error(str(error))", "logging.getLogger(name)"]
    assert all(faults_of_logging(ast.parse(line)) for line in wrong)


def test_the_words_of_every_entry_are_constants() -> None:
    root = Path(kiosk.__file__).parent
    found = {
        str(file.relative_to(root)): faults_of_logging(ast.parse(file.read_text("utf-8")))
        for file in root.rglob("*.py")
        if "log" in file.read_text("utf-8")
    }
    assert not {name: faults for name, faults in found.items() if faults}
