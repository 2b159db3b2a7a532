"""Whole visits through the kiosk's own enrolment, visit machine and decision."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import CaptureError, EnrolmentRefused, InputError, KnownError
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import Modality
from kiosk.core.ports.gallery import PeopleStore, TemplateSearch
from kiosk.core.samples import Probe
from kiosk.core.scoring import Evidence, Policy, decide
from kiosk.core.settings import Settings
from kiosk.datasets.collections import Kind
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import Enroller
from kiosk.evaluation.extraction.extract import SHORTEST_SPEECH
from kiosk.evaluation.metrics.intervals import Estimate, share
from kiosk.evaluation.metrics.probability import expected_calibration_error, reliability
from kiosk.evaluation.protocols.attempts import Attempt, Person, open_take
from kiosk.evaluation.reporting import plots
from kiosk.evaluation.reporting.report import Figure, Report, Table
from kiosk.recognition.identification import Identifier, Models, Searchable
from kiosk.recognition.visit import Visit, run_visits

FUSED = "fused"
WAYS = (Modality.FACE.value, Modality.VOICE.value, FUSED)


class VisitGallery(TemplateSearch, PeopleStore, Protocol):
    """What enrols people and identifies them."""


class _Twofold(Identifier):
    """Decides about a visit twice: with everyone enrolled, and as if the visitor were a stranger.

    The second decision is made from the same probes with the visitor's templates left out.
    """

    def __init__(self, models: Models, gallery: Searchable, policy: Policy) -> None:
        super().__init__(models, gallery, policy, limit=sys.maxsize)
        self.visitor = -1
        self.as_stranger: Decision | None = None

    def decide(self, probes: Sequence[Probe]) -> Decision:
        evidence = self.weighed(probes)
        others = [_without(item, self.visitor) for item in evidence]
        name_of = self._gallery.subject_name
        self.as_stranger = decide(others, self._policy, name_of)
        return decide(evidence, self._policy, name_of)


def _without(evidence: Evidence, subject_id: int) -> Evidence:
    kept = evidence.subject_ids != subject_id
    return replace(
        evidence,
        subject_ids=evidence.subject_ids[kept],
        scores=evidence.scores[kept],
        llrs=evidence.llrs[kept],
    )


@dataclass(frozen=True)
class VisitResult:
    """One visit of one enrolled person, by their number."""

    person: int
    decision: VisitDecision
    as_stranger: Decision


@dataclass
class Session:
    """A gallery being filled and visited; counts what was refused."""

    models: Models
    gallery: VisitGallery
    policy: Policy
    settings: Settings
    enrolled: dict[int, int] = field(default_factory=dict)
    """Subject id by the person's number."""
    refused: dict[str, int] = field(default_factory=dict)
    """How often, by a reason that names nobody; `tell` gets the whole message."""
    tell: Callable[[str], None] = lambda text: None

    def __post_init__(self) -> None:
        self._identifier = _Twofold(self.models, self.gallery, self.policy)

    def enrol(self, number: int, person: Person) -> bool:
        """From all enrolment takes, by one modality where the other does not suffice; a refusal is
        counted."""
        collector = Collector(self.models)
        try:
            for take in person.enrol:
                collector.read(open_take(take))
        except (InputError, CaptureError) as error:
            self._refuse("recording not usable", error)
            return False
        return any(self._enrol(number, person, collector, only) for only in (None, *Modality))

    def _enrol(
        self, number: int, person: Person, collector: Collector, only: Modality | None
    ) -> bool:
        settings = self._settings_for(person)
        enroller = Enroller(self.models, self._identifier, self.gallery, settings)
        try:
            result = enroller.enrol(
                f"person {number}",
                collector.collected,
                "evaluation",
                only=only,
                allow_duplicate=True,
            )
        except EnrolmentRefused as error:
            self._refuse(f"enrolment by {only or 'face and voice'} refused", error)
            return False
        self.enrolled[number] = result.record.subject_id
        return True

    def _refuse(self, reason: str, error: KnownError) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1
        self.tell(f"{reason}: {error.text}")

    def _settings_for(self, person: Person) -> Settings:
        """Pictures are few and half a clip is short: as much is asked for as there can be."""
        pictures = sum(item.kind == Kind.PICTURE for take in person.enrol for item in take.items)
        faces = min(pictures or self.settings.enrol_faces, self.settings.enrol_faces)
        cut = any(take.end < 1.0 for take in person.enrol)
        speech = SHORTEST_SPEECH if cut else self.settings.enrol_speech
        return replace(self.settings, enrol_faces=faces, enrol_speech=speech)

    def visit(self, number: int, take: Attempt) -> VisitResult | None:
        """The final decision about a take; None for one that cannot be read."""
        finals: list[VisitDecision] = []

        def publish(event: VisitEvent) -> None:
            if isinstance(event, VisitDecision) and event.final:
                finals.append(event)

        self._identifier.visitor = self.enrolled.get(number, -1)
        visit = Visit(self.models, self._identifier, self.settings, publish)
        try:
            run_visits(open_take(take), visit, lambda: not finals)
        except (InputError, CaptureError) as error:
            self._refuse("recording not usable", error)
            return None
        stranger = self._identifier.as_stranger
        if not finals or stranger is None:
            return None
        return VisitResult(number, finals[0], stranger)


def run_people(
    session: Session, people: Sequence[Person], track: Iterable[int], enrolling: Iterable[int]
) -> list[VisitResult]:
    """Enrol everyone, then every visit of those enrolled. `track` and `enrolling` yield the
    numbers 0.. of the people and show progress."""
    for number in enrolling:
        session.enrol(number, people[number])
    results = []
    for number in track:
        if number in session.enrolled:
            found = [session.visit(number, take) for take in people[number].visits]
            results += [result for result in found if result is not None]
    return results


@contextmanager
def temporary_session(models: Models, policy: Policy, settings: Settings) -> Iterator[Session]:
    """A session with an encrypted gallery of its own that is gone afterwards, key and all."""
    from kiosk.storage import open_gallery

    with TemporaryDirectory(prefix="kiosk-evaluation-") as folder:
        gallery = open_gallery(Path(folder) / "gallery.db", Path(folder) / "gallery.key")
        try:
            yield Session(models, gallery, policy, settings)
        finally:
            gallery.close()


@dataclass(frozen=True)
class Answer:
    """Whom one modality alone, or both, take the visitor for. Names somebody: for the operator."""

    way: str
    outcome: str
    nearest: str | None = None
    probability: float | None = None

    def __str__(self) -> str:
        if self.nearest is None or self.probability is None:
            return f"{self.way}: nothing usable"
        return f"{self.way}: {self.outcome}, nearest {self.nearest} ({self.probability:.1%})"


def identify_one(session: Session, people: Sequence[Person], take: Attempt) -> list[Answer]:
    """Enrol everyone and say who is seen and heard in a take: by face, by voice, fused.

    Raises InputError for an unusable take.
    """
    names = {
        session.enrolled[number]: person.name
        for number, person in enumerate(people)
        if session.enrol(number, person)
    }
    result = session.visit(-1, take)
    if result is None:
        raise InputError("The sample cannot be read.", "Give a clip, a picture or a sound.")
    answers = []
    for way in WAYS:
        part = part_of(result.decision.decision, way)
        if part is None or part.top is None:
            answers.append(Answer(way, DecisionOutcome.UNUSABLE.value))
            continue
        name = names[part.top.subject_id]
        answers.append(Answer(way, part.outcome.value, name, part.probability))
    return answers


@dataclass(frozen=True)
class WayFigures:
    """How one modality alone, or both, did; shares of visits."""

    top_right: Estimate
    identified_right: Estimate
    identified_wrong: Estimate
    unknown: Estimate
    strangers_identified: Estimate
    calibration_error: float | None


def part_of(decision: Decision, way: str) -> Decision | None:
    """The decision one modality made alone, or the whole; None where it took no part."""
    if way == FUSED:
        return decision if decision.modalities else None
    if decision.modalities == (Modality(way),):
        return decision
    return decision.face if way == Modality.FACE else decision.voice


def figures_of(
    results: Sequence[VisitResult], enrolled: dict[int, int], way: str, seed: int
) -> WayFigures | None:
    """None where no visit had that modality."""
    parts = [(r, part_of(r.decision.decision, way), part_of(r.as_stranger, way)) for r in results]
    usable = [(r, known, other) for r, known, other in parts if known is not None and other]
    if not usable:
        return None
    person = np.array([r.person for r, _, _ in usable], dtype=np.int64)
    top = np.array([_is_top(known, enrolled[r.person]) for r, known, _ in usable])
    named = np.array([known.outcome is DecisionOutcome.IDENTIFIED for _, known, _ in usable])
    false = np.array([other.outcome is DecisionOutcome.IDENTIFIED for _, _, other in usable])
    people = int(person.max()) + 1

    def rate(hits: np.ndarray) -> Estimate:
        return share(hits, person, people, seed)

    said = np.array([known.probability for _, known, _ in usable])
    return WayFigures(
        rate(top),
        rate(top & named),
        rate(~top & named),
        rate(~named),
        rate(false),
        expected_calibration_error(said, top),
    )


def _is_top(decision: Decision, subject_id: int) -> bool:
    return decision.top is not None and decision.top.subject_id == subject_id


def visit_report(
    session: Session, results: Sequence[VisitResult], facts: dict[str, str], seed: int
) -> Report:
    """Table of face, voice and fused, reliability and cost. Raises InputError without a visit."""
    if not results:
        raise InputError("No visit could be made.", "See what was refused, above.")
    report = Report("Visits", facts)
    ways = {way: figures_of(results, session.enrolled, way, seed) for way in WAYS}
    found = {way: figures for way, figures in ways.items() if figures is not None}
    header = ("by", "visits", "top right", "identified", "wrong person", "unknown", "strangers")
    rows = [
        (
            way,
            str(figures.top_right.count),
            str(figures.top_right),
            str(figures.identified_right),
            str(figures.identified_wrong),
            str(figures.unknown),
            str(figures.strangers_identified),
        )
        for way, figures in found.items()
    ]
    note = (
        f"{len(session.enrolled)} people enrolled. Strangers: the same visits decided without the "
        "visitor's own templates; the share identified as somebody. Wrong person: identified as "
        "somebody else. 95 % intervals: people drawn again, rule of three where nothing occurred."
    )
    report.tables.append(Table("Visits", header, tuple(rows), note))
    if session.refused:
        refused = tuple((text, str(count)) for text, count in session.refused.items())
        report.tables.append(Table("Not used", ("why", "how often"), refused))
    report.figures.append(_reliability(results, session.enrolled, list(found)))
    latency = np.array([result.decision.latency for result in results])
    report.numbers = {
        "visits": found,
        "enrolled": len(session.enrolled),
        "refused": sum(session.refused.values()),
        "decision_cost_seconds": {
            "p50": float(np.median(latency)),
            "p95": float(np.quantile(latency, 0.95)),
        },
    }
    return report


def _reliability(
    results: Sequence[VisitResult], enrolled: dict[int, int], ways: list[str]
) -> Figure:
    diagrams = {}
    for way in ways:
        parts = [(r, part_of(r.decision.decision, way)) for r in results]
        said = [known.probability for _, known in parts if known]
        right = [_is_top(known, enrolled[r.person]) for r, known in parts if known]
        diagrams[way] = reliability(said, right)
    png = plots.reliability_diagram(diagrams)
    return Figure("reliability", "Probability said and share right, enrolled visitors", png)
