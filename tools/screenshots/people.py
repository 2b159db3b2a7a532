"""Pictures of the gate, of the page of people and of enrolment, with people who do not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kiosk.core.events import Fault
from kiosk.core.expiry import ExpiryRule
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.media import Frame, Modality
from kiosk.core.records import Consent, Incoming, Origin, PersonSummary
from kiosk.core.samples import Box, FaceOutcome, FaceReport, FaceSample, Hint, VoiceProgress
from kiosk.core.settings import Settings
from kiosk.core.settings_file import SettingsFile
from kiosk.core.signers import Signer, Trust
from kiosk.core.subjects import EnrolmentKind, EnrolmentRecord, Subject
from kiosk.enrolment.collector import Collected
from kiosk.enrolment.guided_capture import CaptureProgress, Goal, Kept, Step
from kiosk.enrolment.portrait import jpeg, portrait
from kiosk.enrolment.review import Compared, Review, Separation, Suspect
from kiosk.enrolment.session import EnrolmentRequest, FileProgress, TooFewSamples
from kiosk.runtime.passphrase import Passphrase
from kiosk.runtime.places import FilePlace
from kiosk.ui.engine.bridge import Mailbox
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.engine.services import Services
from kiosk.ui.staff.file_picker import Entry
from kiosk.ui.staff.people.actions import Receipt
from kiosk.ui.staff.window import AdminWindow
from kiosk.ui.strings import staff as w
from kiosk.ui.strings.visitor import say
from kiosk.ui.toolkit.language import Language
from tools.screenshots.album import SIZES, Album
from tools.screenshots.pages import FixedHealthService

PEOPLE = ("Anna Berg", "Mia Park", "강지우", "김하늘", "박산들", "윤도윤", "이바다", "정서윤")
CHOSEN = 3
ALONE = 2
"""Who enrolled themselves."""
NEW = {"ko": "한가람", "en": "Garam Han"}
WHEN = datetime(2026, 9, 1, tzinfo=UTC)
FACE_BOX = Box(800, 285, 320, 400)
FACE = Separation(Modality.FACE, (0.79, 0.72, 0.84, 0.68, 0.75), (0.11, 0.04, 0.19), 0.44, "강지우")
VOICE = Separation(Modality.VOICE, (0.78, 0.74), (0.31, 0.36), 0.55, "Mia Park")


def someone(number: int, name: str) -> PersonSummary:
    """Enrolled, mostly with consent, mostly seen."""
    agreed = WHEN + timedelta(days=3 * number)
    consent = Consent(agreed, "1", "ko", "", "") if number % 4 != 1 else None
    if number == 6 and consent is not None:
        consent = replace(consent, withdrawn=agreed + timedelta(days=20))
    seen = agreed + timedelta(days=17, hours=5 * number) if number != 5 else None
    subject = Subject(number, name, agreed)
    origin = Origin.SELF if number == ALONE else Origin.STAFF
    return PersonSummary(subject, 5 + number % 3, number % 4, seen, consent, origin)


def good_sample(frame: Frame) -> FaceSample:
    """Nothing is wrong with it."""
    return FaceSample(frame, FaceOutcome.USABLE, None, 0.9, FACE_BOX, track=1)


def refused_sample(frame: Frame) -> FaceReport:
    """It is too dark."""
    return FaceSample(frame, FaceOutcome.POOR_PICTURE, Hint.MORE_LIGHT, 0.3, FACE_BOX).report


def guided(frame: Frame, goal: Goal, turned: tuple[float, float]) -> CaptureProgress:
    """On the way to a pose after those that were taken before it."""
    done = list(Goal)[1 : list(Goal).index(goal)]
    kept = [Kept(Modality.FACE, 0.74 + 0.03 * k, Goal.STRAIGHT) for k in range(5)]
    kept += [Kept(Modality.FACE, 0.66 + 0.05 * k, each) for each in done for k in range(2)]
    return CaptureProgress(
        Step.POSES, goal, 0.0, turned, good_sample(frame).report, kept=tuple(kept)
    )


def spoken(frame: Frame) -> list[CaptureProgress]:
    """All poses but one are taken; somebody reads the second phrase."""
    heard = [VoiceProgress(step / 15, 3.0, -18 - step % 5, speaking=True) for step in range(30)]
    kept = tuple(Kept(Modality.FACE, 0.8 - 0.04 * k, goal) for k, goal in enumerate(Goal))
    return [
        CaptureProgress(
            Step.SPEECH,
            voice=voice,
            kept=(*kept[:4], Kept(Modality.VOICE, 0.74)),
            left_out=(Goal.DOWN,),
            speech_seconds=3 + voice.speech_seconds,
            needed_seconds=6.0,
            phrase=1,
            face=good_sample(frame).report,
        )
        for voice in heard
    ]


class PeopleStates:
    """The admin screens step by step."""

    def __init__(self, admin: AdminWindow, language: str, preview: Mailbox, frame: Frame) -> None:
        self.admin, self.language, self.preview, self.frame = admin, language, preview, frame
        self.people = [someone(number, name) for number, name in enumerate(PEOPLE)]
        self.history = [
            EnrolmentRecord(2, 1, EnrolmentKind.REPLACE, WHEN + timedelta(days=40), 5, 3, True),
            EnrolmentRecord(1, 1, EnrolmentKind.NEW, WHEN + timedelta(days=9), 5, 1, False),
        ]
        self.plan = EnrolmentRequest(NEW[language], EnrolmentKind.NEW)
        self.again = EnrolmentRequest(PEOPLE[CHOSEN], EnrolmentKind.REPLACE)

    def steps(self) -> dict[str, Callable[[], None]]:
        """By the name of the picture, in an order in which each follows from the one before."""
        return {
            "gate-none": self.no_passphrase,
            "gate": self.admin.begin,
            "gate-keyboard": self.keyboard,
            "people": self.table,
            "people-waiting": self.waiting,
            "people-queue": self.queue,
            "people-menu": self.menu,
            "delete": self.delete,
            "receipt": self.receipt,
            "merge-choose": self.choose,
            "merge": self.merge,
            "files": self.files_of_stick,
            "import-preview": self.incoming,
            "import": self.carrying,
            "people-expiring": self.expiring,
            "people-pictures": self.pictures,
            "out-of-order": self.out_of_order,
            "enrol-form": self.form,
            "enrol-pose": self.pose,
            "enrol-refused": self.refused,
            "enrol-speech": self.speech,
            "enrol-hand-back": self.hand_back,
            "enrol-idle": self.idle,
            "enrol-files": self.files,
            "enrol-review": self.review,
            "enrol-duplicate": self.duplicate,
            "enrol-doubt": self.doubt,
            "enrol-short": self.short,
            "re-register-form": self.again_form,
            "re-register-review": self.again_review,
        }

    def table(self) -> None:
        """Somebody is chosen."""
        self.admin.keyboard_button.setChecked(False)
        page = self.admin.people
        page.model.expire_by(ExpiryRule())
        self.admin.turn_to(page)
        page.check_button.setChecked(False)
        page.work.leave()
        page.show_people(self.people)
        page.table.selectRow(CHOSEN)
        page.show_history(self.history)

    def no_passphrase(self) -> None:
        """As long as nobody has set one in a shell."""
        there = self.admin.gate._passphrase
        self.admin.gate._passphrase = Passphrase(Path("nowhere") / "admin.json")
        self.admin.begin()
        self.admin.gate._passphrase = there

    def keyboard(self) -> None:
        """The passphrase is typed on the screen."""
        self.admin.keyboard_button.setChecked(True)
        QTest.mouseClick(self.admin.gate.field, Qt.MouseButton.LeftButton)

    def menu(self) -> None:
        """What can be done with somebody."""
        self.table()
        self.admin.people.offer_more()

    def waiting(self) -> None:
        """Somebody enrolled themselves, and staff are asked to look."""
        self.admin.people.table.selectRow(ALONE)
        self.admin.people.show_history(self.history[1:])

    def queue(self) -> None:
        """Whom staff have to look at, larger and with a picture."""
        page = self.admin.people
        drawn = jpeg(portrait(good_sample(self.frame)))
        page.model.put_pictures(dict.fromkeys(range(len(PEOPLE)), drawn))
        page.check_button.setChecked(True)
        page.open_card()

    def choose(self) -> None:
        """Who is the same person?"""
        self.table()
        self.admin.people.work.menu.hide()
        self.admin.people.work.merge_button.click()

    def files_of_stick(self) -> None:
        """What lies on a medium that is plugged in."""
        work = self.admin.people.work
        work.hide()
        place = FilePlace(Path("/media/HOLIDAY"), removable=True)
        names = (("Korea", True, 0), ("people.kiosk", False, 4_210_000), ("notes.txt", False, 812))
        entries = [Entry(place.folder / name, folder, size) for name, folder, size in names]
        picker = work.files
        picker.choose_files(say(w.IMPORT_FILE), lambda files: None, many=False)
        picker.tasks.wait()
        QApplication.processEvents()
        picker._take_places([place, FilePlace(Path("/var/lib/kiosk/import"), removable=False)])
        picker.tasks.wait()
        QApplication.processEvents()
        work.question.hide()  # there is no gallery behind these pages
        picker._tell("")
        picker._show(entries)
        picker.list.setCurrentRow(1)

    def hand_back(self) -> None:
        """The capture is over; staff prove who they are."""
        self.admin.enrolment.posing.emit(True)
        self.admin.enrolment.posing.emit(False)

    def idle(self) -> None:
        """Nobody has touched anything for long."""
        self.review()
        self._hold(posing=False)
        self.admin.pages.setCurrentWidget(self.admin.enrolment)
        self.admin._show_tabs()
        self.admin._idle.warning.tell(14, keeps=True)

    def pictures(self) -> None:
        """As it is where the operator keeps pictures of enrolment; one drawn person for all."""
        self.table()
        drawn = jpeg(portrait(good_sample(self.frame)))
        self.admin.people.model.put_pictures(dict.fromkeys(range(len(PEOPLE)), drawn))

    def delete(self) -> None:
        """The question before a deletion."""
        self.admin.people.work.delete_button.click()

    def receipt(self) -> None:
        """What was deleted."""
        self.admin.people.work.show_receipt(Receipt(4, 13, 41, 1, WHEN + timedelta(days=60)))

    def merge(self) -> None:
        """The question before two become one."""
        self.admin.people.work.confirm_merge("김하늘", "Haneul Kim")

    def incoming(self) -> None:
        """Who would come in with an archive."""
        work = self.admin.people.work
        work.hide()
        coming = (
            Incoming("Mira Okafor", 8, True, False, "김하늘", 0.31),
            Incoming("Haneul Kirn", 5, True, False, "김하늘", 0.74, alike="Haneul Kim"),
            Incoming("박서준", 6, False, False, "Haneul Kim", 0.22),
        )
        signer = Signer(Trust.TRUSTED, "5d0c4be1a09f7723", "front desk")
        work.incoming.show_people(coming, signer, lambda: None)

    def expiring(self) -> None:
        """Who is about to be deleted by the settings."""
        self.admin.people.work.incoming.hide()
        self.table()
        page = self.admin.people
        page.work.working.hide()
        page.model.expire_by(ExpiryRule(enrolled_days=30), lambda: WHEN + timedelta(days=25))
        page.show_people(self.people)
        page.table.selectRow(0)
        page.show_history(self.history)

    def carrying(self) -> None:
        """An import under way."""
        work = self.admin.people.work
        work.hide()
        work.incoming.hide()
        work.working.begin(say(w.IMPORTING))
        work.working.bar.fill(0.6)

    def out_of_order(self) -> None:
        """Weights are missing, and staff read why."""
        self.table()
        self.admin.take(Fault("", "", code="ModelError"))

    def form(self) -> None:
        """Somebody new."""
        self.admin.take(Fault("", "", restored=True))
        self.admin.turn_to(self.admin.enrolment)
        self.admin.enrolment.begin(None)
        self.admin.enrolment.form.name.setText(NEW[self.language])

    def pose(self) -> None:
        """Two poses are taken; the head is on its way to the right."""
        self._capture(guided(self.frame, Goal.RIGHT, (-0.55, 0.05)))

    def refused(self) -> None:
        """What is wrong with the newest sample."""
        progress = guided(self.frame, Goal.RIGHT, (-0.2, 0.05))
        self._capture(replace(progress, face=refused_sample(self.frame), refused=Hint.MORE_LIGHT))

    def speech(self) -> None:
        """All poses but one are taken; somebody speaks."""
        for progress in spoken(self.frame):
            self._capture(progress)

    def files(self) -> None:
        """Files are being read."""
        self.admin._idle.warning.hide()
        page = self.admin.enrolment
        page.reading.show_progress(FileProgress(3, 8, 1))
        page.steps.setCurrentWidget(page.reading)

    def review(self) -> None:
        """Everything is well."""
        self._review(self.plan, Review(8, 2, 0, (), (FACE, VOICE)))

    def duplicate(self) -> None:
        """Somebody is enrolled already."""
        both = (Modality.FACE, Modality.VOICE)
        near = replace(FACE, others=(0.69, 0.74, 0.61), nearest=PEOPLE[CHOSEN])
        voices = replace(VOICE, others=(0.71, 0.66), nearest=PEOPLE[CHOSEN])
        drawn = portrait(good_sample(self.frame))
        new, kept = jpeg(drawn), jpeg(drawn[:, ::-1].copy())
        suspects = (Suspect(PEOPLE[CHOSEN], both, 0.73, 0.69, kept),)
        self._review(self.plan, Review(8, 2, 1, suspects, (near, voices), picture=new))

    def doubt(self) -> None:
        """Nobody living seems to have been captured."""
        found = Liveness(LivenessOutcome.NOT_LIVE, -2.1, reason="face_picture")
        review = Review(8, 2, 1, (), (FACE, VOICE), liveness=found, must_say_why=True)
        self._review(self.plan, review)

    def short(self) -> None:
        """Too little was captured."""
        collected = Collected(speech_seconds=1.4)
        collected.hints[Hint.MORE_LIGHT] += 12
        page = self.admin.enrolment
        page.review.show_shortage(self.plan, TooFewSamples(collected, Settings()))

    def again_form(self) -> None:
        """A known person, who has agreed before."""
        page = self.admin.enrolment
        page.begin(self.people[CHOSEN])

    def again_review(self) -> None:
        """Old and new side by side."""
        compared = (
            Compared(Modality.FACE, 5, 8, 14, 0.62, 0.75, 0.63, 0.69),
            Compared(Modality.VOICE, 3, 2, 0, None, None, 0.61, 0.68),
        )
        self._review(self.again, Review(8, 2, 0, (), (FACE, VOICE), compared))

    def _capture(self, progress: CaptureProgress) -> None:
        page = self.admin.enrolment
        self._hold(posing=True)
        page.steps.setCurrentWidget(page.capture)
        page.capture.show_progress(progress)
        for _ in range(3):
            self.preview.put(self.frame)
            page.capture.camera_preview.advance()

    def _hold(self, *, posing: bool) -> None:
        """Whether the kiosk is in the hands of the person who is enrolled."""
        self.admin._posing = posing
        self.admin._show_tabs()

    def _review(self, plan: EnrolmentRequest, review: Review) -> None:
        page = self.admin.enrolment
        page.review.show_review(plan, review)
        page.steps.setCurrentWidget(page.review)


def take_people(album: Album, shape: str, language: str, frame: Frame) -> None:
    """All of it in one size and language."""
    size, inches = SIZES[shape]
    speech, preview = Language(language), Mailbox()
    settings = Settings(language=language, screen_inches=inches, motion="reduced")
    with TemporaryDirectory() as empty:
        services = Services(FixedHealthService(), SettingsFile(Path(empty) / "kiosk.toml", {}, {}))
        passphrase = Passphrase(Path(empty) / "admin.json")
        passphrase.choose("seven green boats")
        admin = AdminWindow(GalleryClient(), passphrase, settings, speech, services, preview)
        admin.resize(size)
        admin.show()
        admin.begin()
        steps = PeopleStates(admin, language, preview, frame).steps()
        named = {f"admin-{name}": step for name, step in steps.items()}
        album.take_steps(admin, shape, language, named)
        admin.close()
    speech.close()
