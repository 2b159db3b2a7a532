"""The page of health: rates, times, machine, faults, errors, and a bundle for whoever mends the
kiosk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kiosk.core.errors import KnownError
from kiosk.core.outgoing import ChannelStatus
from kiosk.core.ports.system import HealthService, MachinePower
from kiosk.core.status import (
    FaultRecord,
    HostStatus,
    Light,
    LoggedError,
    LogStatus,
    ModelCoverage,
    RuntimeStatus,
    Verdict,
)
from kiosk.runtime.verdict import LIGHTS, TROUBLES, verdict
from kiosk.ui.engine.requests import BackgroundTasks, Requester, Work
from kiosk.ui.staff.power import PowerMenu
from kiosk.ui.strings import health as w
from kiosk.ui.strings import staff
from kiosk.ui.strings.settings import told as in_language
from kiosk.ui.strings.visitor import error_words, fault_words, say
from kiosk.ui.toolkit.controls import Button, Card, SignRow, words
from kiosk.ui.toolkit.page import AdminPage
from kiosk.ui.toolkit.question import Question
from kiosk.ui.toolkit.scrolling import scrolling
from kiosk.ui.toolkit.theme import Scale

PULSE_MS = 500
BODY_EVERY = 6
"""The machine changes slowly, and asking it costs more."""
FAULTS_SHOWN = 6
ERRORS_SHOWN = 3
TWO_COLUMNS = 60
"""In body sizes: from this width on, cards stand beside each other."""

Facts = Sequence[tuple[str, str]]


class FactCard(Card):
    """A heading, and facts with their values."""

    def __init__(self) -> None:
        super().__init__(steps=1)
        self.heading, self.help = words("accent"), words("soft")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._cells: list[tuple[QLabel, QLabel]] = []
        self.box.addWidget(self.heading)
        self.box.addLayout(self._grid)
        self.box.addWidget(self.help)
        self.box.addStretch(1)
        self.help.hide()

    def rescale(self, scale: Scale) -> None:
        """Lines close to each other."""
        super().rescale(scale)
        self._grid.setVerticalSpacing(scale.gap(0.9))
        self._grid.setHorizontalSpacing(scale.gap(2))

    def tell(self, heading: str, facts: Facts, help_text: str = "") -> None:
        """Show facts; the labels stay while their number does."""
        self.heading.setText(heading)
        self.help.setText(help_text)
        self.help.setVisible(bool(help_text))
        while len(self._cells) < len(facts):
            cell = words("soft"), words("body")
            for column, label in enumerate(cell):
                top = Qt.AlignmentFlag.AlignTop
                self._grid.addWidget(label, len(self._cells), column, top)
            self._cells.append(cell)
        for number, (name, value) in enumerate(self._cells):
            shown = number < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.setText(facts[number][0])
                value.setText(facts[number][1])


class VerdictCard(Card):
    """The light in words and colour, what is wrong, and what to do."""

    TONES: ClassVar[dict[Light, tuple[str, str]]] = {
        Light.GREEN: ("check", "accent"),
        Light.AMBER: ("fault", "caution"),
        Light.RED: ("fault", "alarm"),
    }

    def __init__(self) -> None:
        super().__init__(steps=1)
        self.row = SignRow("check", role="strong")
        self.text = words("body")
        self.box.addWidget(self.row)
        self.box.addWidget(self.text)

    def tell(self, found: Verdict) -> None:
        """Show a verdict."""
        sign, colour = self.TONES[found.light]
        self.row.say(in_language(LIGHTS[found.light]), sign, colour)
        told = [
            f"{in_language(what)} {in_language(remedy)}"
            for what, remedy in (TROUBLES[each] for each in found.troubles)
        ]
        self.text.setText("\n".join(told))
        self.text.setVisible(bool(told))


class HealthPage(AdminPage):
    """Looks at the pulse twice a second while it is shown."""

    title = w.HEALTH

    def __init__(self, health_service: HealthService, power: MachinePower | None = None) -> None:
        super().__init__()
        self.power = PowerMenu(self, power)
        self._backroom = health_service
        self.tasks = BackgroundTasks(self)
        self._asker: Requester[Work] = Requester(self.tasks, self)
        self._pulse, self._body, self._log = RuntimeStatus(), HostStatus(), LogStatus()
        self._ticks = 0
        self.picture, self.steps, self.machine = FactCard(), FactCard(), FactCard()
        self.errors = FactCard()
        self.known = FactCard()
        self.channels = FactCard()
        self.verdict = VerdictCard()
        self.faults = Card(steps=1)
        self.faults_heading, self.faults_text = words("accent"), words("body")
        self.bundle_help, self.bundle_button = words("soft"), Button()
        self.question = Question(self)
        self._timer = QTimer(self)
        self._timer.setInterval(PULSE_MS)
        self._timer.timeout.connect(self.look)
        self.bundle_button.clicked.connect(self.write_bundle)
        self._asker.failed.connect(self._tell_error)
        self._build()

    def _build(self) -> None:
        self.faults.box.addWidget(self.faults_heading)
        self.faults.box.addWidget(self.faults_text)
        self.faults.box.addStretch(1)
        content = QWidget()
        self.grid = QGridLayout(content)
        self.grid.setContentsMargins(0, 0, 0, 0)
        told = (self.faults, self.errors, self.known, self.channels)
        self.cards = (self.picture, self.steps, self.machine, *told)
        for card in self.cards:
            self.grid.addWidget(card)
        self.area = scrolling(content, by_keys=True)
        below = QHBoxLayout()
        below.addWidget(self.bundle_help, 1)
        below.addWidget(self.power.button)
        below.addWidget(self.bundle_button)
        self._below = below
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self.verdict)
        self.box.addWidget(self.area, 1)
        self.box.addLayout(below)

    def rescale(self, scale: Scale) -> None:
        """Cards beside each other, or above each other on a tall or small screen."""
        across = 2 if scale.width >= scale.body * TWO_COLUMNS else 1
        for number, card in enumerate(self.cards):
            self.grid.addWidget(card, number // across, number % across)
        self.grid.setRowStretch(len(self.cards), 1)
        for column in range(2):
            self.grid.setColumnStretch(column, 1 if column < across else 0)
        self.grid.setSpacing(scale.gap(3))
        self.box.setSpacing(scale.gap(2))
        self._below.setSpacing(scale.gap(3))

    def enter(self) -> None:
        """Look, and go on looking."""
        self._ticks = 0
        self.look()
        self._timer.start()

    def leave(self) -> None:
        """Rest."""
        self._timer.stop()
        self.question.hide()
        self.power.leave()

    def escape(self) -> bool:
        """Close what lies over the page."""
        shown = self.question.isVisible()
        self.question.hide()
        return self.power.hide() or shown

    @Slot()
    def look(self) -> None:
        """The newest pulse; the machine every few times."""
        if self._ticks % BODY_EVERY == 0:
            self._asker.ask(self._backroom.body, self._take_body)
            self._asker.ask(self._backroom.logged_errors, self._take_log)
        self._ticks += 1
        self.show_pulse(self._backroom.pulse())

    def _take_body(self, body: HostStatus) -> None:
        self._body = body
        self.retranslate()

    def _take_log(self, log: LogStatus) -> None:
        self._log = log
        self.retranslate()

    def show_pulse(self, pulse: RuntimeStatus) -> None:
        """Show how things are."""
        self._pulse = pulse
        self.retranslate()

    def retranslate(self) -> None:
        """Facts in the language in use."""
        self.verdict.tell(verdict(self._pulse, self._body))
        self.picture.tell(say(w.PICTURE), picture_facts(self._pulse))
        self.steps.tell(say(w.STEPS), step_facts(self._pulse), say(w.STEPS_HELP))
        self.machine.tell(say(w.MACHINE), machine_facts(self._pulse, self._body))
        coverage = self._pulse.coverage
        left = any(not each.complete for each in coverage)
        self.known.tell(say(w.KNOWN), known_facts(coverage), say(w.KNOWN_HELP) if left else "")
        self.known.setVisible(bool(coverage))
        channels = self._pulse.channels
        lost = any(each.given_up for each in channels)
        help_text = say(w.CHANNELS_HELP) if lost else ""
        self.channels.tell(say(w.CHANNELS), channel_facts(channels), help_text)
        self.channels.setVisible(bool(channels))
        self.faults_heading.setText(say(w.FAULTS_TITLE))
        lines = [_fault_line(each) for each in self._pulse.faults[:FAULTS_SHOWN]]
        self.faults_text.setText("\n".join(lines) or say(w.NO_FAULTS))
        self.errors.tell(say(w.LOG_TITLE), error_facts(self._log), error_counts(self._log))
        self.bundle_help.setText(say(w.BUNDLE_HELP))
        self.bundle_button.say(say(w.BUNDLE))
        self.power.retranslate()

    # --- the bundle ------------------------------------------------------------------------

    @Slot()
    def write_bundle(self) -> None:
        """Have it written, then tell where it is."""
        self.bundle_button.setEnabled(False)
        self._asker.ask(self._backroom.write_bundle, self._tell_bundle)

    def _tell_bundle(self, place: str) -> None:
        self.bundle_button.setEnabled(True)
        self.question.ask(say(w.BUNDLE_DONE), place, say(staff.DONE), "")

    @Slot(object)
    def _tell_error(self, error: KnownError) -> None:
        self.bundle_button.setEnabled(True)
        self.question.ask(say(staff.FAILED), error_words(error), say(staff.DONE), "")


def picture_facts(pulse: RuntimeStatus) -> Facts:
    """Rates, drops and loudness."""
    rates = [
        say(w.WAITING) if rate is None else say(w.RATE_VALUE, rate=f"{rate:.1f}")
        for rate in (pulse.source_rate, pulse.taken_rate)
    ]
    everything = pulse.frames + pulse.dropped
    level = pulse.level_dbfs
    return [
        (say(w.SOURCE_RATE), rates[0]),
        (say(w.TAKEN_RATE), rates[1]),
        (say(w.DROPPED), say(w.DROPPED_VALUE, dropped=f"{pulse.dropped:,}", all=f"{everything:,}")),
        (say(w.LOST_SOUND), _lost(pulse.lost_sound)),
        (say(w.LOUDNESS), say(w.WAITING) if level is None else f"{level:.0f} dBFS"),
        (say(w.SOUND_DELAY), _delay(pulse.sound_delay)),
    ]


def _delay(known: tuple[float, int] | None) -> str:
    if known is None:
        return say(w.WAITING)
    return say(w.SOUND_DELAY_VALUE, ms=f"{known[0] * 1000:.0f}", visits=known[1])


def _lost(seconds: float) -> str:
    return (
        say(w.LOST_SOUND_VALUE, seconds=f"{seconds:.0f}") if seconds >= 0.5 else say(w.NOTHING_LOST)
    )


def step_facts(pulse: RuntimeStatus) -> Facts:
    """Every step of a visit, run or not."""
    found = []
    for key, name in w.STEP_NAMES.items():
        times = pulse.stages.get(key)
        value = say(w.WAITING)
        if times is not None:
            usual, most = f"{times.p50 * 1000:.1f}", f"{times.p95 * 1000:.1f}"
            value = say(w.STEP_VALUE, usual=usual, most=most)
        found.append((say(name), value))
    return found


def machine_facts(pulse: RuntimeStatus, body: HostStatus) -> Facts:
    """Time, memory, processors, temperature, disk."""
    unknown = say(w.UNKNOWN_VALUE)
    minutes = int(pulse.running_seconds // 60)
    running = say(w.HOURS, hours=minutes // 60, minutes=minutes % 60)
    memory = partial(_of, unknown=unknown)
    processor = say(w.PROCESSOR_VALUE, name=body.processor or unknown, threads=body.threads)
    gpu = f"{body.gpu}, {memory(body.gpu_used, body.gpu_total)}" if body.gpu else say(w.NO_GPU)
    warm = unknown if body.temperature is None else f"{body.temperature:.0f} °C"
    return [
        (say(w.RUNNING), running),
        (say(w.VISITS_SEEN), str(pulse.visits)),
        (say(w.MEMORY), memory(body.memory, body.memory_total)),
        (say(w.PROCESSOR), processor),
        (say(w.GPU), gpu),
        (say(w.TEMPERATURE), warm),
        (say(w.DISK), unknown if body.disk_free is None else _size(body.disk_free)),
    ]


def known_facts(coverage: Sequence[ModelCoverage]) -> Facts:
    """For each modality, how many are recognised by which model."""
    return [(say(w.KNOWN_BY[each.modality]), _known_by(each)) for each in coverage]


def _known_by(coverage: ModelCoverage) -> str:
    if not coverage.enrolled:
        return say(w.KNOWN_NOBODY)
    if coverage.complete:
        return say(w.KNOWN_ALL, all=coverage.enrolled, model=coverage.model)
    parts = [
        say(w.KNOWN_SOME, count=coverage.covered, all=coverage.enrolled, model=coverage.model),
        *(say(w.KNOWN_OLDER, count=count, model=model) for model, count in coverage.older),
    ]
    parts += [say(w.KNOWN_LOST, count=coverage.lost)] if coverage.lost else []
    parts += [say(w.UPGRADES[coverage.upgrade])] if coverage.upgrade else []
    return "\n".join(parts)


def channel_facts(channels: Sequence[ChannelStatus]) -> Facts:
    """Of every way out: what was sent, waits and was given up, and why it fails if it does."""
    return [(say(w.CHANNEL_NAMES[each.channel]), _channel_value(each)) for each in channels]


def _channel_value(status: ChannelStatus) -> str:
    parts = [say(w.CHANNEL_VALUE, delivered=status.delivered, waiting=status.waiting)]
    parts += [say(w.CHANNEL_GIVEN_UP, count=status.given_up)] if status.given_up else []
    problem = status.problem
    if problem is not None:
        parts.append(say(w.DELIVERY_PROBLEMS[problem.failure], detail=problem.detail))
    return "\n".join(parts)


def _of(used: int | None, total: int | None, unknown: str) -> str:
    if used is None or total is None:
        return unknown
    return say(w.MEMORY_VALUE, used=_size(used), total=_size(total))


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def error_facts(log: LogStatus) -> Facts:
    """The newest errors: when, which, and what that means."""
    return [_error_fact(each) for each in log.newest[:ERRORS_SHOWN]]


def _error_fact(error: LoggedError) -> tuple[str, str]:
    code, what, _remedy = fault_words(error.code or "BugError")
    return f"{error.time.astimezone():%m-%d %H:%M} · {code}", say(what)


def error_counts(log: LogStatus) -> str:
    """How many errors there are by package."""
    if not log.counts:
        return say(w.NO_LOGGED)
    counts = ", ".join(f"{package} {count}" for package, count in log.counts.items())
    return say(w.LOG_COUNTS, counts=counts)


def _fault_line(record: FaultRecord) -> str:
    code, what, _remedy = fault_words(record.code)
    time = f"{record.time.astimezone():%m-%d %H:%M:%S}"
    return f"{time} · {code} · {say(w.FAULT_OVER if record.restored else what)}"
