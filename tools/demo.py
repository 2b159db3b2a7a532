"""`make demo`: enrol the demo people, identify them and the strangers, print a table.

Everything happens in build/demo: gallery, key, decisions.jsonl and a report. Nobody in assets/demo
exists.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from kiosk.capture.images import read_picture
from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import Frame
from kiosk.core.settings import Settings
from kiosk.evaluation.pad.composed import hand_held
from kiosk.recognition import estimate_formats
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.recognition.formats import as_json, percent
from kiosk.recognition.visit import Visit, run_visits
from kiosk.runtime import composition

ROOT = Path(__file__).resolve().parents[1]
PHOTOGRAPH_SECONDS = 2.5
PHOTOGRAPH_SEED = 1
"""Of the hand that moves it."""


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who does not exist, with two recordings."""

    name: str
    enrol: Path | None
    probe: Path
    stranger: bool


def load_people(folder: Path) -> list[DemoPerson]:
    """The people that people.toml lists."""
    listed = tomllib.loads((folder / "people.toml").read_text(encoding="utf-8"))["person"]
    return [
        DemoPerson(
            entry["name"],
            folder / entry["enrol"][0] if entry["enrol"] else None,
            folder / entry["probe"][0],
            entry["stranger"],
        )
        for entry in listed
    ]


def expected_outcome(person: DemoPerson, decision: Decision) -> bool:
    """Whether the kiosk said what is true."""
    if person.stranger:
        return decision.outcome is DecisionOutcome.UNKNOWN
    identified = decision.outcome is DecisionOutcome.IDENTIFIED
    return identified and decision.top is not None and decision.top.name == person.name


def _said(decision: Decision | None) -> str:
    if decision is None:
        return "-"
    if decision.outcome is DecisionOutcome.IDENTIFIED and decision.top:
        return f"{decision.top.name} {percent(decision.probability)}"
    return decision.outcome.value


def main() -> int:
    """Run the demo; 0 when every answer is right."""
    console = Console(width=210)
    build = ROOT / "build" / "demo"
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    settings = replace(
        Settings(), database=build / "gallery.db", key_file=build / "key" / "gallery.key"
    )
    people = load_people(ROOT / "assets" / "demo")
    with composition.open_workbench(settings) as bench:
        for person in people:
            if person.enrol is not None and not person.stranger:
                collector = bench.new_collector()
                collector.read(composition.open_source(settings, str(person.enrol)))
                bench.enroller.enrol(person.name, collector.collected, "file")
                console.print(f"enrolled {person.name}", highlight=False)
        right = _identify(bench, people, console, build / "decisions.jsonl")
        refused = _show_photograph(bench, people, console)
    _report(ROOT / "assets" / "demo", build, console)
    return 0 if refused and right == len(people) else 1


def _show_photograph(
    bench: composition.EnrolmentTools, people: list[DemoPerson], console: Console
) -> bool:
    """A photograph of somebody enrolled, moved by a simulated hand, where a living person is
    required; whether nobody was named."""
    person = next(one for one in people if one.enrol is not None and not one.stranger)
    clip = person.probe.stem.rpartition("-")[0]
    file = ROOT / "assets" / "demo" / "stills" / f"{clip}.jpg"
    times = np.arange(0.0, PHOTOGRAPH_SECONDS, 0.1)
    pictures = hand_held(read_picture(file), times, PHOTOGRAPH_SEED)
    answers: list[VisitDecision] = []

    def publish(event: VisitEvent) -> None:
        if isinstance(event, VisitDecision):
            answers.append(event)

    settings = replace(bench.settings, liveness="require")
    check = composition.build_liveness(settings, live=True)
    visit = Visit(bench.models, bench.identifier, settings, publish, liveness=check)
    for number, (image, moment) in enumerate(zip(pictures, times, strict=True)):
        visit.feed(Frame(image, float(moment), number))
    visit.finish()
    said = answers[-1].decision.outcome.value.replace("_", " ")
    console.print(f"A photograph of {person.name}, held by hand: {said}", highlight=False)
    return answers[-1].decision.outcome is DecisionOutcome.NOT_LIVE


def _report(assets: Path, build: Path, console: Console) -> None:
    """The same people through `kiosk evaluate visit`, each also as a stranger to all others."""
    for clip in sorted(assets.glob("*.mp4")):
        folder = build / "people" / clip.stem.rpartition("-")[0]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(clip, folder)
    report = build / "report"
    command = ["evaluate", "visit", str(build / "people"), "--out", str(report), "--no-cache"]
    console.print("Evaluating whole visits, half a minute ...")
    subprocess.run(
        [sys.executable, "-m", "kiosk", *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    console.print(f"Report: {(report / 'report.html').relative_to(ROOT)}")


def _identify(
    bench: composition.EnrolmentTools, people: list[DemoPerson], console: Console, out: Path
) -> int:
    table = Table("who comes", "face", "voice", "together", "right", "estimates", "seconds")
    estimators = composition.build_estimators(bench.settings)
    lines = []
    right = 0
    for person in people:
        began = time.perf_counter()
        final = _visit(bench, estimators, person)
        correct = expected_outcome(person, final.decision)
        right += correct
        lines.append(as_json(final))
        who = f"{person.name}, a stranger" if person.stranger else person.name
        decision = final.decision
        table.add_row(
            who,
            _said(decision.face),
            _said(decision.voice),
            _said(decision),
            "yes" if correct else "NO",
            _estimated(final),
            f"{time.perf_counter() - began:.1f}",
        )
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    console.print(table)
    console.print("Estimates are of people who do not exist: composed faces, spoken by a machine.")
    console.print(f"{right} of {len(people)} right. Decisions: {out.relative_to(ROOT)}")
    return right


def _estimated(final: VisitDecision) -> str:
    """Emotion, age and gender by face and voice together."""
    made = estimate_formats.fused(final.attributes)
    return estimate_formats.as_text(made) if made is not None else "-"


def _visit(
    bench: composition.EnrolmentTools, estimators: Estimators, person: DemoPerson
) -> VisitDecision:
    events: list[VisitEvent] = []
    settings, publish = bench.settings, events.append
    visit = Visit(bench.models, bench.identifier, settings, publish, estimators=estimators)
    run_visits(composition.open_source(bench.settings, str(person.probe)), visit)
    return next(e for e in events if isinstance(e, VisitDecision) and e.final)


if __name__ == "__main__":
    sys.exit(main())
