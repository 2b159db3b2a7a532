"""The words and buttons of each page. A panel shows a `View`; it decides nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.core.attribute_fusion import wanted
from kiosk.core.decisions import DecisionReason
from kiosk.core.declared.brand import LONGEST_TEXT, LONGEST_TITLE, in_both
from kiosk.core.declared.events import chosen_channels
from kiosk.core.media import Modality
from kiosk.core.samples import Hint
from kiosk.core.settings import Settings
from kiosk.ui.strings import estimates, self_enrolment
from kiosk.ui.strings import visitor as w
from kiosk.ui.toolkit.controls import (
    Bar,
    Button,
    ButtonRow,
    Card,
    FitLabel,
    Scaled,
    SignRow,
    VoiceMeter,
    set_property,
    words,
)
from kiosk.ui.toolkit.theme import Scale
from kiosk.ui.visitor.walkup import Page, View


class Panel(QWidget, Scaled):
    """Words above, buttons below; every panel has the same skeleton."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.compact = False
        self.portrait = True
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addStretch(0)

    def rescale(self, scale: Scale) -> None:
        """Space between the parts."""
        self.compact, self.portrait = scale.compact, scale.portrait
        self.box.setSpacing(scale.gap(1.3 if scale.compact else 2))
        # Under the picture words stand close to it, beside it in the middle of its height.
        self.box.setStretch(0, 0 if scale.portrait else 1)

    def show_view(self, view: View) -> None:
        """Put the view into words, in the language in use."""

    def first(self) -> QWidget | None:
        """Where the keyboard's focus begins."""
        return None

    def summary(self) -> str:
        """What a screen reader says when the page appears."""
        return ""


class AttractPanel(Panel):
    """What this is, what is on, what it does not do, and how to begin."""

    start = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.title = words("title")
        self.text = words("lead")
        self.facts = [
            SignRow(sign, role="body") for sign in ("camera", "home-only", "not-estimated")
        ]
        self.prompt = words("soft")
        self.button = Button("primary")
        self.button.clicked.connect(self.start)
        for part in (self.title, self.text):
            self.box.addWidget(part)
        self.box.addStretch(1)
        for fact in self.facts:
            self.box.addWidget(fact)
        self.box.addStretch(1)
        self.box.addWidget(self.prompt)
        self.box.addWidget(self.button)

    def show_view(self, view: View) -> None:
        """The same words for everybody."""
        title = in_both("attract_title", self.settings.attract_title, LONGEST_TITLE)
        text = in_both("attract_text", self.settings.attract_text, LONGEST_TEXT)
        usual = w.say(w.WELCOME_SHORT if self.compact else w.WELCOME)
        self.title.setText(usual if title is None else w.in_language(title))
        self.text.setText(w.say(w.WELCOME_TEXT) if text is None else w.in_language(text))
        self.text.setVisible(not self.compact)
        devices, offline, _ = self.facts
        devices.say(w.say(self._devices()), self._sign())
        offline.say(w.say(self._offline()))
        want = wanted(self.settings)
        sign = "estimated" if want.anything else "not-estimated"
        self.facts[-1].say(w.say(estimates.fact(want)), sign)
        walk_up = self.settings.start == "walk_up"
        loading = not view.ready and walk_up
        self.prompt.setText(w.say(w.PREPARING if loading else w.WALK_UP))
        self.prompt.setVisible(walk_up and (loading or not self.compact))
        self.button.say(w.say(w.START))

    def _devices(self) -> str:
        """What is on, as it is: by touch nothing is before Start is pressed."""
        if self.settings.start == "touch":
            return w.FACT_LATER_SHORT if self.compact else w.FACT_LATER
        if self.settings.microphone == "none":
            return w.FACT_CAMERA_SHORT if self.compact else w.FACT_CAMERA
        if self.settings.camera == "none":
            return w.FACT_MICROPHONE_SHORT if self.compact else w.FACT_MICROPHONE
        return w.FACT_DEVICES_SHORT if self.compact else w.FACT_DEVICES

    def _offline(self) -> str:
        """What leaves the machine: nothing, or what others are told of decisions."""
        if chosen_channels(self.settings):
            return w.FACT_EVENTS_SHORT if self.compact else w.FACT_EVENTS
        return w.FACT_OFFLINE_SHORT if self.compact else w.FACT_OFFLINE

    def _sign(self) -> str:
        return "microphone" if self.settings.camera == "none" else "camera"

    def first(self) -> QWidget:
        """The start button."""
        return self.button

    def summary(self) -> str:
        """Everything, for it is short."""
        facts = " ".join(row.label.text() for row in self.facts)
        return f"{self.title.text()} {facts} {self.prompt.text()}"


class LookPanel(Panel):
    """One instruction at a time, and how many good pictures there are."""

    back = Signal()
    voice_only = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.hint = SignRow("eye", role="title")
        self.text = words("soft")
        self.bar = Bar()
        self.voice_button = Button()
        self.back_button = Button("quiet")
        self.voice_button.clicked.connect(self.voice_only)
        self.back_button.clicked.connect(self.back)
        self.row = ButtonRow(self.voice_button, self.back_button)
        for part in (self.hint, self.bar, self.text):
            self.box.addWidget(part)
        self.box.addStretch(2)
        self.box.addWidget(self.row)

    def show_view(self, view: View) -> None:
        """The hint if there is one; praise while pictures come in."""
        needed = self.settings.good_frames
        good = min(view.good_frames, needed)
        self.hint.say(*self._instruction(view))
        if view.ready:
            self.text.setText(w.say(w.LOOK_TEXT, good=good, needed=needed))
        else:
            self.text.setText(w.say(w.PREPARING_TEXT))
        self.text.setVisible(view.ready or not self.compact)
        self.bar.setVisible(view.ready)
        self.bar.fill(good / needed)
        self.voice_button.setVisible(view.ready)
        self.voice_button.say(w.say(w.VOICE_ONLY))
        self.back_button.say(w.say(w.BACK))
        self.row.arrange()

    def _instruction(self, view: View) -> tuple[str, str]:
        if not view.ready:
            short = w.PREPARING_TITLE_SHORT if self.compact else w.PREPARING_TITLE
            return w.say(short), "clock"
        if view.hint is not None:
            return w.say(w.HINTS[view.hint]), w.HINT_ICONS[view.hint]
        if view.good_frames:
            return w.say(w.LOOK_GOOD), "check"
        if view.face is None or view.face.box is None:
            return w.say(w.HINTS[Hint.STEP_UP]), w.HINT_ICONS[Hint.STEP_UP]
        return w.say(w.LOOK_TITLE), "eye"

    def first(self) -> QWidget:
        """Going another way is likelier than leaving."""
        return self.back_button if self.voice_button.isHidden() else self.voice_button

    def summary(self) -> str:
        """The instruction."""
        return self.hint.label.text()


class SpeakPanel(Panel):
    """A phrase to read, what is heard of it, and a way on without a voice."""

    back = Signal()
    skip = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.title = words("lead")
        self.card = Card("tint")
        self.phrase = words("phrase")
        self.card.box.addWidget(self.phrase)
        self.meter = VoiceMeter()
        self.left = words("strong")
        self.skip_button = Button()
        self.back_button = Button("quiet")
        self.skip_button.clicked.connect(self.skip)
        self.back_button.clicked.connect(self.back)
        self.row = ButtonRow(self.skip_button, self.back_button)
        for part in (self.title, self.card):
            self.box.addWidget(part)
        self.box.addStretch(1)
        self.box.addWidget(self.meter)
        self.box.addWidget(self.left)
        self.box.addStretch(1)
        self.box.addWidget(self.row)

    def show_view(self, view: View) -> None:
        """Phrase, loudness, what is still needed, and perhaps a hint in its place."""
        self.title.setText(w.say(w.SPEAK_TITLE))
        self.title.setVisible(not self.compact)
        digits = "  ".join(map(str, view.digits))
        self.phrase.setText(digits or w.say(w.PHRASES[view.phrase % len(w.PHRASES)]))
        self.meter.hear(view.voice)
        self.meter.setAccessibleName(w.say(w.LEVEL))
        needed = view.voice.needed_seconds if view.voice else self.settings.speech_seconds
        have = view.voice.speech_seconds if view.voice else 0.0
        self.left.setText(self._left(needed - have, view.hint))
        set_property(self.left, "tone", "caution" if view.hint else "")
        self.skip_button.setVisible(not view.voice_only and not digits)
        self.skip_button.say(w.say(w.SKIP_VOICE_SHORT if self.compact else w.SKIP_VOICE))
        self.back_button.say(w.say(w.BACK))
        self.row.arrange()

    def _left(self, seconds: float, hint: Hint | None) -> str:
        if hint is not None:
            return w.say(w.HINTS[hint])
        if seconds <= 0:
            return w.say(w.SPEAK_DONE)
        whole = max(1, round(seconds))
        if self.compact:
            begun = seconds < self.settings.speech_seconds
            return w.say(w.SPEAK_LEFT_SHORT, seconds=whole) if begun else w.say(w.SPEAK_TITLE)
        return w.say(w.SPEAK_LEFT_ONE) if whole == 1 else w.say(w.SPEAK_LEFT, seconds=whole)

    def first(self) -> QWidget:
        """Cancelling is the less likely wish."""
        return self.back_button if self.skip_button.isHidden() else self.skip_button

    def summary(self) -> str:
        """What to do and what to read."""
        return f"{self.title.text()}: {self.phrase.text()}"


class ThinkPanel(Panel):
    """The short wait."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.title = words("title")
        self.text = words("soft")
        self.box.addWidget(self.title)
        self.box.addWidget(self.text)
        self.box.addStretch(2)

    def show_view(self, view: View) -> None:
        """The same words for everybody."""
        self.title.setText(w.say(w.THINK_TITLE))
        self.text.setText(w.say(w.THINK_TEXT))

    def summary(self) -> str:
        """That there is a wait."""
        return self.title.text()


class ResultPanel(Panel):
    """A name and one plain word; percentages and what each modality says are for staff."""

    finish = Signal()
    not_me = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.greeting = words("lead")
        self.name = FitLabel()
        self.word = SignRow("check", role="strong")
        self.line = words("lead")
        """Of greeting, for this person alone."""
        self.finish_button = Button("primary")
        self.not_me_button = Button()
        self.finish_button.clicked.connect(self.finish)
        self.not_me_button.clicked.connect(self.not_me)
        self.buttons = ButtonRow(self.finish_button, self.not_me_button)
        for part in (self.greeting, self.name, self.word, self.line):
            self.box.addWidget(part)
        self.box.addStretch(2)
        self.box.addWidget(self.buttons)

    def forget(self) -> None:
        """Nothing of the person stays."""
        self.name.say("")
        self.line.setText("")

    def show_view(self, view: View) -> None:
        """An identified person."""
        event = view.decision
        if event is None or event.decision.top is None:
            return
        self.greeting.setText(w.say(w.GREETING))
        self.greeting.setVisible(not self.compact)
        self.name.say(w.say(w.NAME, name=event.decision.top.name))
        by_voice = event.decision.modalities == (Modality.VOICE,)
        alone = w.BY_VOICE_SHORT if self.compact else w.BY_VOICE_ALONE
        sign = "voice" if by_voice else "check"
        self.word.say(w.say(alone if by_voice else w.RECOGNISED), sign)
        self.line.setText(event.greeting)
        self.line.setVisible(bool(event.greeting))
        self.finish_button.say(w.say(w.FINISH))
        self.not_me_button.say(w.say(w.NOT_ME_SHORT if self.compact else w.NOT_ME))
        self.buttons.arrange()

    def first(self) -> QWidget:
        """Finish."""
        return self.finish_button

    def summary(self) -> str:
        """Name and word."""
        told = f"{self.greeting.text()} {self.name.accessibleName()}. {self.word.label.text()}."
        return f"{told} {self.line.text()}".rstrip()


class MessagePanel(Panel):
    """Not known, not usable, not me, fault: a sentence for the visitor, a card for staff."""

    again = Signal()
    finish = Signal()
    enrol = Signal()
    retry = Signal()
    """After a fault: begin anew with everything."""
    help = Signal()
    """Staff, from the page of a fault."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.title = words("title")
        self.text = words("lead")
        self.reason = SignRow("eye", role="strong", colour="caution")
        self.staff = Card("inset")
        self.staff_title = words("accent")
        self.staff_text = words("body")
        self.staff.box.addWidget(self.staff_title)
        self.staff.box.addWidget(self.staff_text)
        self.again_button = Button("primary", "again")
        self.enrol_button, self.finish_button = Button(sign="face"), Button()
        self._faulty = False
        self.again_button.clicked.connect(self._go_on)
        self.enrol_button.clicked.connect(self.enrol)
        self.finish_button.clicked.connect(self._leave)
        self.offer = ButtonRow(self.enrol_button)
        self.buttons = ButtonRow(self.again_button, self.finish_button)
        for part in (self.title, self.text, self.reason, self.staff):
            self.box.addWidget(part)
        self.box.addStretch(2)
        self.box.addWidget(self.offer)
        self.box.addWidget(self.buttons)

    def show_view(self, view: View) -> None:
        """The sentence of this page."""
        title, text = self._sentences(view)
        self.title.setText(w.say(title))
        self.text.setText(w.say(text))
        hint = view.hint if view.page is Page.UNUSABLE else None
        self.reason.setVisible(hint is not None)
        crowded = hint is not None or view.page is Page.FAULT
        self.text.setVisible(not (crowded and self.compact))
        if hint is not None:
            self.reason.say(w.say(w.HINTS[hint]), w.HINT_ICONS[hint])
        self._show_staff(view)
        self._faulty = view.page is Page.FAULT
        self.offer.setVisible(self._offers(view))
        self.again_button.say(w.say(w.AGAIN))
        self.enrol_button.say(w.say(self_enrolment.OFFER))
        self.finish_button.say(w.say(w.FAULT_STAFF if self._faulty else w.FINISH))
        self.buttons.arrange()

    @Slot()
    def _go_on(self) -> None:
        (self.retry if self._faulty else self.again).emit()

    @Slot()
    def _leave(self) -> None:
        (self.help if self._faulty else self.finish).emit()

    def _offers(self, view: View) -> bool:
        """Whether this visitor may enrol themselves."""
        return view.stranger and self.settings.self_enrolment

    def _sentences(self, view: View) -> tuple[str, str]:
        if self._offers(view):
            return w.UNKNOWN_TITLE, self_enrolment.UNKNOWN_TEXT
        reason = view.decision.decision.reason if view.decision is not None else None
        if view.page is Page.UNKNOWN and reason is DecisionReason.SMALL_MARGIN:
            return w.UNSURE_TITLE, w.SMALL_MARGIN_TEXT
        return {
            Page.CONTRADICTED: (w.CONFLICT_TITLE, w.CONFLICT_TEXT),
            Page.UNUSABLE: (w.UNUSABLE_TITLE, w.UNUSABLE_TEXT),
            Page.NOT_LIVE: (w.NOT_LIVE_TITLE, w.NOT_LIVE_TEXT),
            Page.NOT_ME: (w.NOT_ME_TITLE, w.NOT_ME_TEXT),
            Page.FAULT: (
                w.FAULT_TITLE_SHORT if self.compact else w.FAULT_TITLE,
                w.FAULT_ENDED_TEXT if view.ended else w.FAULT_TEXT,
            ),
        }.get(view.page, (w.UNKNOWN_TITLE, w.UNKNOWN_TEXT))

    def _show_staff(self, view: View) -> None:
        fault = view.fault if view.page is Page.FAULT else None
        self.staff.setVisible(fault is not None)
        if fault is not None:
            code, what, remedy = w.fault_words(fault.code)
            self.staff_title.setText(f"{w.say(w.FAULT_STAFF)} · {code}")
            self.staff_title.setVisible(not self.compact)
            short, full = f"{w.say(what)} ({code})", f"{w.say(what)} {w.say(remedy)}"
            self.staff_text.setText(short if self.compact else full)

    def first(self) -> QWidget | None:
        """Try again, where that is offered."""
        return None if self.buttons.isHidden() else self.again_button

    def summary(self) -> str:
        """The sentence."""
        return f"{self.title.text()}. {self.text.text()} {self.reason.label.text()}"
